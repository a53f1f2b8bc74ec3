import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { driver as betterSqlite3 } from '../../src/drivers/better-sqlite3.ts';
import { driver as libsql } from '../../src/drivers/libsql.ts';
import { connectWith, openWith, transactAsyncWith, transactWith } from '../../src/verbs/sync.ts';
import { freshFile } from '../files.ts';
import type { SyncDriver } from '../../src/driver.ts';

type Handle = Database.Database;

/** The real driver, of which one call fails: the n-th, before or after it has done its work. */
class Faulty implements SyncDriver<Handle> {
  readonly name: string;
  readonly synchronous = true;
  readonly #driver: SyncDriver<Handle>;
  readonly handles: Handle[] = [];
  calls = 0;
  readonly #failing: number;
  readonly #when: 'before' | 'after';

  constructor(driver: SyncDriver<Handle>, failing: number, when: 'before' | 'after') {
    this.name = driver.name;
    this.#driver = driver;
    this.#failing = failing;
    this.#when = when;
  }

  readonly open: SyncDriver<Handle>['open'] = (filename, opening) =>
    this.#call(() => {
      const handle = this.#driver.open(filename, opening);
      this.handles.push(handle);
      return handle;
    });
  readonly close = (handle: Handle): void => this.#call(() => this.#driver.close(handle));
  readonly execute = (handle: Handle, sql: string): void => this.#call(() => this.#driver.execute(handle, sql));
  readonly query: SyncDriver<Handle>['query'] = (handle, sql) => this.#call(() => this.#driver.query(handle, sql));
  readonly prepare: SyncDriver<Handle>['prepare'] = (handle, sql) => {
    const run = this.#call(() => this.#driver.prepare(handle, sql));
    return () => this.#call(run);
  };
  // What it says of the connection is a number in memory, which cannot fail.
  readonly inTransaction = (handle: Handle): boolean => this.#driver.inTransaction(handle);

  #call<Result>(work: () => Result): Result {
    this.calls += 1;
    if (this.calls !== this.#failing) return work();
    if (this.#when === 'after') work();
    throw new Error('the disk is gone');
  }
}

/** What one program leaves behind when a call of its driver fails. */
interface Left {
  readonly outcome: unknown;
  readonly open: number;
  readonly rows: number;
  readonly lockIsFree: boolean;
  readonly calls: number;
}

async function faulted(
  driver: SyncDriver<Handle>,
  program: (faulty: Faulty, file: string) => unknown,
  failing: number,
  when: 'before' | 'after',
): Promise<Left> {
  const file = freshFile();
  const raw = new Database(file);
  raw.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x)');
  raw.close();
  const faulty = new Faulty(driver, failing, when);
  const outcome = await Promise.resolve()
    .then(() => program(faulty, file))
    .then(
      () => 'done',
      (error: unknown) => error,
    );
  // What is closed later, because it could not be closed at once.
  await expect.poll(() => faulty.handles.filter((handle) => handle.open && handle.inTransaction)).toEqual([]);
  const other = new Database(file, { timeout: 0 });
  let lockIsFree = true;
  try {
    other.exec('BEGIN IMMEDIATE; ROLLBACK');
  } catch {
    lockIsFree = false;
  }
  const { n } = other.prepare('SELECT count(*) AS n FROM t').get() as { n: number };
  other.close();
  return {
    outcome,
    open: faulty.handles.filter((handle) => handle.open).length,
    rows: n,
    lockIsFree,
    calls: faulty.calls,
  };
}

const insert = (tx: Handle): void => {
  tx.exec('INSERT INTO t VALUES (1)');
  tx.exec('INSERT INTO t VALUES (2)');
};

const PROGRAMS: Readonly<Record<string, (faulty: Faulty, file: string) => unknown>> = {
  'a transaction': (faulty, file) => {
    const db = openWith(faulty)(file);
    try {
      transactWith(faulty)(db, insert);
    } finally {
      db.close();
    }
  },
  'a transaction that waits without blocking': async (faulty, file) => {
    const db = openWith(faulty)(file);
    try {
      await transactAsyncWith(faulty)(db, insert);
    } finally {
      db.close();
    }
  },
  'a savepoint': (faulty, file) =>
    connectWith(faulty)(file, (db) =>
      transactWith(faulty)(db, (tx) => {
        transactWith(faulty)(tx, insert);
      }),
    ),
  'a transaction that only reads': (faulty, file) =>
    connectWith(faulty)(file, (db) =>
      transactWith(faulty)(db, (tx) => tx.prepare('SELECT * FROM t').all(), { readOnly: true }),
    ),
  'a callback that throws': (faulty, file) =>
    connectWith(faulty)(file, (db) =>
      transactWith(faulty)(db, (tx) => {
        insert(tx);
        throw new Error('the callback failed');
      }),
    ),
};

const DRIVERS = [
  { driver: betterSqlite3, called: 'better-sqlite3' },
  // The same functions, of which the tests use no others.
  { driver: libsql as unknown as SyncDriver<Handle>, called: 'libsql' },
];

const CASES = DRIVERS.flatMap(({ driver, called }) =>
  Object.entries(PROGRAMS).map(([name, program]) => ({ called, driver, name, program })),
);

describe.each(CASES)('$called: $name, whichever call of the driver fails', ({ driver, name, program }) => {
  test.each(['before', 'after'] as const)('%s its work: no lock, no half of the work, and an error', async (when) => {
    // The version is asked for once in a process.
    await faulted(driver, program, Infinity, when);
    const { calls } = await faulted(driver, program, Infinity, when);
    expect(calls).toBeGreaterThan(5);
    for (let failing = 1; failing <= calls; failing += 1) {
      const { outcome, open, rows, lockIsFree } = await faulted(driver, program, failing, when);
      const place = `call ${String(failing)} of ${String(calls)}`;
      expect(lockIsFree, place).toBe(true);
      expect([0, 2], place).toContain(rows);
      if (name !== 'a transaction that only reads') expect(outcome, place).toBeInstanceOf(Error);
      // Only where closing itself fails may a connection be open still; it is in no transaction then.
      expect(open, place).toBeLessThanOrEqual(1);
    }
  });
});
