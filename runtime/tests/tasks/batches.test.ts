import { describe, expect, test } from 'vitest';
import { BatchError, OptionError, UsageError } from '../../src/errors.ts';
import { writeInBatches, type BatchOptions, type BatchProgress, type Transact } from '../../src/tasks/batches.ts';
import { withTaskLimits } from '../../src/tasks/limits.ts';
import { seeded, SimulatedTime } from '../simulated-time.ts';

/** A database in simulated time: what is committed, and how long each transaction held the lock. */
class Table {
  readonly rows: number[] = [];
  readonly holds: number[] = [];
  readonly ends: number[] = [];
  readonly time: SimulatedTime;
  /** Milliseconds. */
  readonly cost: { row: () => number; commit: number };
  commits = Infinity;
  #open: number[] | undefined;

  constructor(time: SimulatedTime, cost: { row: () => number; commit: number }) {
    this.time = time;
    this.cost = cost;
  }

  readonly transact: Transact<Table> = async (fn) => {
    const since = this.time.now();
    this.#open = [];
    await fn(this);
    this.time.block(this.cost.commit);
    if (this.holds.length >= this.commits) throw new Error('disk full');
    this.rows.push(...this.#open);
    this.#open = undefined;
    this.holds.push(this.time.now() - since);
    this.ends.push(this.time.now());
  };

  write(row: number): void {
    this.time.block(this.cost.row());
    this.#open?.push(row);
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

async function* stream<T>(rows: Iterable<T>): AsyncGenerator<T> {
  for (const row of rows) {
    await Promise.resolve();
    yield row;
  }
}

function simulate(options: BatchOptions & { row?: () => number; commit?: number } = {}) {
  const { row = () => 0.1, commit = 1, ...rest } = options;
  const time = new SimulatedTime();
  const table = new Table(time, { row, commit });
  const write = (
    rows: Iterable<number> | AsyncIterable<number>,
    fn: (tx: Table, value: number, index: number) => unknown = (tx, value) => tx.write(value),
    kind: 'sync' | 'async' = 'sync',
  ) => time.until(writeInBatches(table.transact, kind, rows, fn, rest, time));
  return { time, table, write };
}

async function failureOf(result: Promise<BatchProgress>): Promise<BatchError> {
  const error: unknown = await result.catch((thrown: unknown) => thrown);
  if (!(error instanceof BatchError)) throw new Error(`no BatchError: ${String(error)}`);
  return error;
}

describe('a write in batches', () => {
  test.each(['sync', 'async'] as const)('writes each row once and in order, %s', async (kind) => {
    for (const rows of [numbers(1000), new Set(numbers(1000)), stream(numbers(1000))]) {
      const { table, write } = simulate();
      const result = await write(rows, (tx, value) => tx.write(value), kind);
      expect(table.rows).toEqual(numbers(1000));
      expect(result).toMatchObject({ rows: 1000, committed: 1000, batches: table.holds.length });
    }
  });

  test('awaits what the function returns where the driver can wait', async () => {
    const { table, write } = simulate();
    await write(
      numbers(100),
      async (tx, value) => {
        await Promise.resolve();
        tx.write(value);
      },
      'async',
    );
    expect(table.rows).toEqual(numbers(100));
  });

  test('of no rows begins no transaction', async () => {
    const { table, write } = simulate();
    expect(await write([])).toMatchObject({ rows: 0, committed: 0, batches: 0 });
    expect(table.holds).toEqual([]);
  });

  test.each(numbers(100))('holds the lock for about the target, whatever rows cost (seed %i)', async (seed) => {
    const random = seeded(seed + 1);
    const target = 5 + random() * 20;
    const speed = 10 ** (random() * 3 - 3);
    const slowest = 2 * speed;
    const commit = random() * 2;
    const { table, write } = simulate({
      row: () => random() * slowest,
      commit,
      targetMilliseconds: target,
    });
    await write(numbers(2000));
    expect(table.rows).toHaveLength(2000);
    // One row may begin just before the target, and the commit comes after it.
    expect(Math.max(...table.holds)).toBeLessThanOrEqual(target + slowest + commit + 1e-6);
    // The size has settled by the second half: transactions are not shorter than they need to be.
    const settled = table.holds.slice(Math.ceil(table.holds.length / 2), -1);
    for (const hold of settled) expect(hold).toBeGreaterThan(Math.min(target, slowest) / 4);
  });

  test('leaves the rest of a transaction that turns out slow to the next', async () => {
    let calls = 0;
    const { table, write } = simulate({ row: () => (++calls < 500 ? 0.01 : 4) });
    await write(numbers(1000));
    expect(table.rows).toEqual(numbers(1000));
    expect(Math.max(...table.holds)).toBeLessThan(20);
  });

  test('keeps to minRows and maxRows', async () => {
    const sizes = (table: Table) => Math.ceil(1000 / table.holds.length);
    const few = simulate({ maxRows: 10 });
    await few.write(numbers(1000));
    expect(sizes(few.table)).toBe(10);
    const many = simulate({ minRows: 200, row: () => 10 });
    await many.write(numbers(1000));
    expect(sizes(many.table)).toBe(200);
  });

  test('pauses between two transactions, and not before the first or after the last', async () => {
    const { table, time, write } = simulate({ pause: 7 });
    await write(numbers(1000));
    table.holds.slice(1).forEach((hold, index) => {
      expect((table.ends[index + 1] ?? 0) - hold - (table.ends[index] ?? 0)).toBeCloseTo(7);
    });
    expect(table.ends[0]).toBeCloseTo(table.holds[0] ?? 0);
    expect(time.now()).toBeCloseTo(table.ends.at(-1) ?? 0);
  });

  test('reads no row while it holds the lock', async () => {
    const { table, write } = simulate();
    let open = false;
    const transact = table.transact;
    Object.assign(table, {
      transact: async (...given: Parameters<typeof transact>) => {
        open = true;
        await transact(...given);
        open = false;
      },
    });
    await write(
      (function* () {
        for (const number of numbers(500)) {
          expect(open).toBe(false);
          yield number;
        }
      })(),
    );
  });

  test('tells of its progress after each commit', async () => {
    const seen: BatchProgress[] = [];
    const { table, write } = simulate({
      startAt: 100,
      onProgress: (progress) => {
        expect(progress.rows).toBe(table.rows.length);
        seen.push(progress);
      },
    });
    const result = await write(numbers(1000));
    expect(seen.map(({ batches }) => batches)).toEqual(seen.map((_, index) => index + 1));
    expect(seen.at(-1)).toEqual(result);
    expect(result).toMatchObject({ rows: 900, committed: 1000 });
  });
});

describe('a write that ends early', () => {
  const failAt = (bad: number) => (tx: Table, value: number) => {
    tx.write(value);
    if (value === bad) throw new Error(`bad row ${value}`);
  };

  test.each(numbers(50))('says what is committed, and goes on from there (seed %i)', async (seed) => {
    const random = seeded(seed + 1);
    const bad = Math.floor(random() * 1000);
    const kind = random() < 0.5 ? 'sync' : 'async';
    const first = simulate({ targetMilliseconds: 1 + random() * 20 });
    const error = await failureOf(first.write(stream(numbers(1000)), failAt(bad), kind));
    expect(error).toMatchObject({
      index: bad,
      committed: first.table.rows.length,
      cause: { message: `bad row ${bad}` },
    });
    expect(first.table.rows).toEqual(numbers(error.committed));
    expect(error.committed).toBeLessThanOrEqual(bad);

    const second = simulate({ startAt: error.committed });
    const indexes: number[] = [];
    await second.write(numbers(1000), (tx, value, index) => {
      indexes.push(index);
      tx.write(value);
    });
    expect([...first.table.rows, ...second.table.rows]).toEqual(numbers(1000));
    expect(indexes).toEqual(second.table.rows);
  });

  test('because a commit failed names no row', async () => {
    const { table, write } = simulate();
    table.commits = 2;
    const error = await failureOf(write(numbers(1000)));
    expect(error).toMatchObject({ index: undefined, committed: table.rows.length, cause: { message: 'disk full' } });
  });

  test('because the source failed names no row', async () => {
    const { table, write } = simulate();
    const rows = (function* () {
      yield* numbers(300);
      throw new Error('no more');
    })();
    const error = await failureOf(write(rows));
    expect(error).toMatchObject({ index: undefined, committed: table.rows.length, cause: { message: 'no more' } });
  });

  test('closes its source', async () => {
    let closed = 0;
    const rows = async function* () {
      try {
        yield* stream(numbers(1000));
      } finally {
        closed += 1;
      }
    };
    await failureOf(simulate().write(rows(), failAt(10)));
    expect(closed).toBe(1);
    await simulate().write(rows());
    expect(closed).toBe(2);
  });

  test.each(['sync', 'async'] as const)('because its signal aborted has whole batches committed, %s', async (kind) => {
    const controller = new AbortController();
    const { table, write } = simulate({ signal: controller.signal });
    const error = await failureOf(
      write(
        numbers(1000),
        (tx, value) => {
          tx.write(value);
          if (value === 500) controller.abort(new Error('stopped'));
        },
        kind,
      ),
    );
    expect(error).toMatchObject({ index: undefined, committed: table.rows.length, cause: { message: 'stopped' } });
    // A synchronous transaction ends as if nothing had been, an asynchronous one is rolled back.
    expect(error.committed > 500).toBe(kind === 'sync');
  });

  test('because its task did, too', async () => {
    const { table, time } = simulate();
    const task = withTaskLimits(
      'import',
      () => writeInBatches(table.transact, 'sync', numbers(100_000), (tx, value) => tx.write(value), {}, time),
      { deadline: 100 },
      time,
    );
    await expect(time.until(task)).rejects.toMatchObject({ limit: 'deadline' });
    await time.pass(1000);
    expect(table.ends.at(-1)).toBeLessThan(130);
    expect(table.rows).toEqual(numbers(table.rows.length));
  });
});

describe('what cannot be right is refused', () => {
  test('an async function where the driver cannot wait, before anything begins', async () => {
    const { table, write } = simulate();
    await expect(write(numbers(10), async () => Promise.resolve())).rejects.toBeInstanceOf(UsageError);
    expect(table.holds).toEqual([]);
  });

  test('a promise where the driver cannot wait, with a rollback', async () => {
    const { table, write } = simulate();
    const error = await failureOf(write(numbers(10), () => Promise.reject(new Error('late'))));
    expect(error.cause).toBeInstanceOf(UsageError);
    expect(error.index).toBe(0);
    expect(table.rows).toEqual([]);
  });

  test.each([
    { minRows: 0 },
    { pause: -1 },
    { targetMilliseconds: Number.NaN },
    { startAt: -1 },
    { targetMillisecond: 5 },
  ])('the option %o', async (options) => {
    await expect(simulate(options).write([])).rejects.toBeInstanceOf(OptionError);
  });
});
