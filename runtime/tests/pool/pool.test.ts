import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as betterSqlite3 from '../../src/drivers/better-sqlite3.ts';
import * as libsql from '../../src/drivers/libsql.ts';
import * as libsqlClient from '../../src/drivers/libsql-client.ts';
import * as sqlite from '../../src/drivers/sqlite.ts';
import * as sqlite3 from '../../src/drivers/sqlite3.ts';
import { BusyError, ClosedError, DeadlineError, OptionError, QueueFullError, UsageError } from '../../src/errors.ts';
import { listen, wantTraces } from '../../src/channels.ts';
import { withTaskLimits } from '../../src/tasks/limits.ts';
import { freshFile } from '../files.ts';
import { otherProcess } from '../other-process.ts';
import type { BlockOptions, PoolOptions } from '../../src/pool/options.ts';
import type { PoolCloseOptions, PoolStats } from '../../src/pool/pool.ts';

/** A pool of any driver, as far as the tests use it. */
interface AnyPool extends AsyncDisposable {
  read(fn: (db: object) => unknown, options?: BlockOptions): Promise<unknown>;
  write(fn: (db: object) => unknown, options?: BlockOptions): Promise<unknown>;
  stats(): PoolStats;
  close(options?: PoolCloseOptions): Promise<void>;
}

type CreateAnyPool = (file: string, options?: PoolOptions) => Promise<AnyPool>;

interface Style {
  readonly createPool: CreateAnyPool;
  readonly blocks: boolean;
  readonly run: (db: object, sql: string) => unknown;
  readonly value: (db: object, sql: string) => unknown;
}

type Callbacks = Record<string, (sql: string, done: (error: Error | null, row?: object) => void) => void>;

const byCallback = (db: object, method: 'run' | 'get', sql: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    (db as Callbacks)[method]?.(sql, (error, row) => {
      if (error === null) resolve(row && Object.values(row)[0]);
      else reject(error);
    });
  });

interface Prepares {
  prepare(sql: string): { run(): unknown; get(): object };
}

const blocking = {
  blocks: true,
  run: (db: object, sql: string): unknown => (db as Prepares).prepare(sql).run(),
  value: (db: object, sql: string): unknown => Object.values((db as Prepares).prepare(sql).get())[0],
};

const STYLES: readonly (Style & { readonly name: string })[] = [
  { name: 'better-sqlite3', createPool: betterSqlite3.createPool, ...blocking },
  { name: 'libsql', createPool: libsql.createPool, ...blocking },
  {
    name: 'sqlite3',
    createPool: sqlite3.createPool,
    blocks: false,
    run: (db, sql) => byCallback(db, 'run', sql),
    value: (db, sql) => byCallback(db, 'get', sql),
  },
  {
    name: 'sqlite',
    createPool: sqlite.createPool,
    blocks: false,
    run: (db, sql) => (db as { run(sql: string): Promise<unknown> }).run(sql),
    value: async (db, sql) => Object.values(await (db as { get(sql: string): Promise<object> }).get(sql))[0] as unknown,
  },
  {
    name: '@libsql/client',
    createPool: libsqlClient.createPool,
    blocks: false,
    run: (db, sql) => (db as { execute(sql: string): Promise<unknown> }).execute(sql),
    value: async (db, sql) =>
      (await (db as { execute(sql: string): Promise<{ rows: ArrayLike<unknown>[] }> }).execute(sql)).rows[0]?.[0],
  },
];

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The name that each driver wants. */
function fileFor(name: string, file: string): string {
  return name === '@libsql/client' ? `file:${file}` : file;
}

describe.each(STYLES)('a pool of $name', ({ name, createPool, blocks, run, value }) => {
  const poolWithTable = async (options?: PoolOptions): Promise<{ pool: AnyPool; file: string }> => {
    const file = freshFile();
    const pool = await createPool(fileFor(name, file), options);
    ends.push(() => pool.close().catch(() => undefined));
    await pool.write((db) => run(db, 'CREATE TABLE t (n INTEGER)'));
    return { pool, file };
  };

  test('writes, reads, and says what it returns', async () => {
    const { pool } = await poolWithTable();
    await pool.write((db) => run(db, 'INSERT INTO t VALUES (7)'));
    expect(await pool.read((db) => value(db, 'SELECT n FROM t'))).toBe(7);
    expect(pool.stats()).toEqual({
      writer: { open: 1, inUse: 0, waiting: 0 },
      readers: { open: 1, inUse: 0, waiting: 0 },
    });
  });

  test('rolls back what throws, and goes on', async () => {
    const { pool } = await poolWithTable();
    const failing = pool.write(async (db) => {
      await run(db, 'INSERT INTO t VALUES (1)');
      throw new Error('no');
    });
    // A callback that is asynchronous is refused before anything has begun, where the driver blocks.
    await expect(failing).rejects.toThrow(blocks ? UsageError : 'no');
    await pool.write((db) => run(db, 'INSERT INTO t VALUES (2)'));
    expect(await pool.read((db) => value(db, 'SELECT group_concat(n) FROM t'))).toBe('2');
  });

  test('a reader cannot write', async () => {
    const { pool } = await poolWithTable();
    await expect(pool.read((db) => run(db, 'INSERT INTO t VALUES (1)'))).rejects.toThrow(/readonly|read-only/i);
  });

  test('many flows at once lose nothing, and no connection is too many', async () => {
    const { pool } = await poolWithTable({ readers: 2 });
    await pool.write((db) => run(db, 'INSERT INTO t VALUES (0)'));
    const flows = Array.from({ length: 30 }, async (_, index) => {
      await pool.write((db) => run(db, 'UPDATE t SET n = n + 1'));
      if (index % 3 === 0) await pool.read((db) => value(db, 'SELECT n FROM t'));
    });
    await Promise.all(flows);
    expect(await pool.read((db) => value(db, 'SELECT n FROM t'))).toBe(30);
    expect(pool.stats().readers.open).toBeLessThanOrEqual(2);
  });

  test('closes its connections, and takes nothing any more', async () => {
    const { pool, file } = await poolWithTable();
    await pool.read((db) => value(db, 'SELECT count(*) FROM t'));
    await pool.close();
    await expect(pool.write((db) => run(db, 'INSERT INTO t VALUES (1)'))).rejects.toThrow(ClosedError);
    // The last connection to close takes the WAL away, but for libsql (0.5), which leaves it to the next one.
    expect(existsSync(`${file}-wal`)).toBe(name.includes('libsql'));
  });

  test('another process that writes is waited for', async () => {
    const { pool, file } = await poolWithTable();
    const other = await otherProcess(file);
    ends.push(() => other.end());
    await other.ask('BEGIN IMMEDIATE');
    const writing = pool.write((db) => run(db, 'INSERT INTO t VALUES (3)'));
    await other.ask('INSERT INTO t VALUES (1)');
    await other.ask('COMMIT');
    await writing;
    expect(await pool.read((db) => value(db, 'SELECT count(*) FROM t'))).toBe(2);
  });

  test('a lock that does not come in time is an error that says so', async () => {
    const { pool, file } = await poolWithTable();
    const other = await otherProcess(file);
    ends.push(() => other.end());
    await other.ask('BEGIN IMMEDIATE');
    await expect(pool.write((db) => run(db, 'DELETE FROM t'), { timeout: 50 })).rejects.toThrow(BusyError);
    await other.ask('ROLLBACK');
    await pool.write((db) => run(db, 'DELETE FROM t'));
  });
});

/** A pool whose blocks may take their time. */
async function later(options?: PoolOptions): Promise<{ pool: AnyPool; file: string }> {
  const file = freshFile();
  const pool = (await sqlite.createPool(file, options)) as unknown as AnyPool;
  ends.push(() => pool.close({ timeout: 0 }).catch(() => undefined));
  return { pool, file };
}

/** A block that goes on until it is told to end. */
function longBlock(): { readonly fn: () => Promise<void>; readonly begun: Promise<void>; readonly end: () => void } {
  const signals = new EventEmitter();
  const begun = new Promise<void>((resolve) => void signals.once('begun', resolve));
  return {
    begun,
    end: () => void signals.emit('end'),
    fn: () =>
      new Promise((resolve) => {
        signals.once('end', resolve);
        signals.emit('begun');
      }),
  };
}

describe('waiting for a connection', () => {
  test('has a deadline, a bound, and a signal', async () => {
    const { pool } = await later({ bound: 2 });
    const block = longBlock();
    const holding = pool.write(block.fn, { label: 'report' });
    await block.begun;
    const nothing = (): void => undefined;
    const late = pool.write(nothing, { timeout: 20 });
    const controller = new AbortController();
    const aborted = pool.write(nothing, { signal: controller.signal });
    await expect(pool.write(nothing)).rejects.toThrow(QueueFullError);
    await expect(late).rejects.toThrow(/^No turn for the writer of .* in 20 ms\. Held by 'report' for \d+ ms\.$/);
    await expect(late).rejects.toBeInstanceOf(DeadlineError);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    block.end();
    await holding;
  });

  test('those of high priority come first', async () => {
    const { pool } = await later();
    const block = longBlock();
    const holding = pool.write(block.fn);
    await block.begun;
    const order: string[] = [];
    const waiting = [
      pool.write(() => void order.push('first')),
      pool.write(() => void order.push('urgent'), { priority: 'high' }),
      pool.write(() => void order.push('second')),
    ];
    block.end();
    await Promise.all([holding, ...waiting]);
    expect(order).toEqual(['urgent', 'first', 'second']);
  });

  test('many waits on one signal warn of nothing', async () => {
    const { pool } = await later();
    const warned = vi.fn();
    process.on('warning', warned);
    ends.push(() => process.off('warning', warned));
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 50 }, () => pool.write(() => undefined, { signal })));
    await new Promise((resolve) => setImmediate(resolve));
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('a block in a block', () => {
  test('of the same kind is refused, with the cure', async () => {
    const { pool } = await later();
    const nested = pool.write(() => pool.write(() => undefined));
    await expect(nested).rejects.toThrow(UsageError);
    await expect(nested).rejects.toThrow('use the handle that the block was given');
    await expect(pool.read(() => pool.read(() => undefined))).rejects.toThrow(UsageError);
  });

  test('of the other kind sees what is committed', async () => {
    const { pool } = await later();
    await pool.write((db) => (db as { exec(sql: string): Promise<void> }).exec('CREATE TABLE t (n)'));
    const counted = await pool.write(async (db) => {
      await (db as { run(sql: string): Promise<unknown> }).run('INSERT INTO t VALUES (1)');
      return pool.read((reader) =>
        (reader as { get(sql: string): Promise<object> }).get('SELECT count(*) AS n FROM t'),
      );
    });
    expect(counted).toEqual({ n: 0 });
  });

  test('that was started there and goes on behind its end is none', async () => {
    const { pool } = await later();
    let detached: Promise<unknown> = Promise.resolve();
    await pool.write(() => {
      detached = new Promise((resolve) => setTimeout(resolve, 5)).then(() => pool.write(() => 'written'));
    });
    expect(await detached).toBe('written');
  });
});

test('a task has no more connections than it may have', async () => {
  const { pool } = await later({ connectionsPerTask: 1 });
  await withTaskLimits('import', async () => {
    await pool.write(() => undefined);
    await expect(pool.write(() => pool.read(() => undefined))).rejects.toThrow(
      /The task 'import' has 1 connections of the pool/,
    );
    await pool.read(() => undefined);
  });
});

describe('closing', () => {
  test('waits for blocks that have begun, and refuses those that wait', async () => {
    const { pool } = await later();
    const block = longBlock();
    const holding = pool.write(block.fn);
    await block.begun;
    const waiting = pool.write(() => undefined);
    const closing = pool.close();
    await expect(waiting).rejects.toThrow(ClosedError);
    block.end();
    await Promise.all([holding, closing, pool.close()]);
  });

  test('says who keeps it from closing', async () => {
    const { pool } = await later();
    const block = longBlock();
    const holding = pool.write(block.fn, { label: 'report' });
    await block.begun;
    await expect(pool.close({ timeout: 10 })).rejects.toThrow(
      /could not close in 10 ms\. Held by 'report' for \d+ ms\.$/,
    );
    block.end();
    await holding;
  });

  test('is what `await using` does', async () => {
    const file = freshFile();
    let pool: AnyPool;
    {
      await using inner = (await sqlite.createPool(file)) as unknown as AnyPool;
      pool = inner;
      await pool.write(() => undefined);
    }
    await expect(pool.write(() => undefined)).rejects.toThrow(ClosedError);
  });
});

test('a block that keeps its connection is told of once, with where it began', async () => {
  const { pool, file } = await later({ leakAfter: 10 });
  const leaks: unknown[] = [];
  ends.push(listen({ 'unbusy:leak': (leak) => leaks.push(leak) }), wantTraces());
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  ends.push(() => warned.mockRestore());
  const block = longBlock();
  const holding = pool.write(block.fn, { label: 'report' });
  await vi.waitFor(() => expect(leaks).toHaveLength(1));
  expect(leaks).toEqual([{ database: file, label: 'report', trace: expect.any(Error) as unknown }]);
  expect(String(warned.mock.calls[0]?.[0])).toMatch(
    /^The block 'report' has had the writer of .* for 10 ms\. It began here:\n[^]*pool\.test/,
  );
  block.end();
  await holding;
  expect(warned).toHaveBeenCalledTimes(1);
});

test('a connection that could not be proved clean is replaced', async () => {
  const file = freshFile();
  const pool = await betterSqlite3.createPool(file);
  ends.push(() => pool.close());
  // A COMMIT of its own ends the transaction under the pool's feet.
  await expect(pool.write((db) => db.exec('COMMIT'))).rejects.toThrow();
  await pool.write((db) => db.exec('CREATE TABLE t (n)'));
  expect(await pool.read((db) => db.prepare('SELECT count(*) AS n FROM t').get())).toEqual({ n: 0 });
});

test.each([
  [':memory:', {}, 'belongs to one connection'],
  ['app.db', { reader: 2 }, "Did you mean 'readers'?"],
  ['app.db', { readers: 0 }, 'from 1 to 64'],
  ['app.db', { readOnly: true }, 'no option'],
  ['app.db', { connectionsPerTask: 0 }, '1 or more'],
])('refuses %s with %o', async (file, options, message) => {
  const creating = Promise.resolve().then(() => betterSqlite3.createPool(file, options as PoolOptions));
  await expect(creating).rejects.toThrow(OptionError);
  await expect(creating).rejects.toThrow(message);
});
