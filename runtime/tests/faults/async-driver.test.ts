import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { driver as callbacks } from '../../src/drivers/sqlite3.ts';
import { driver as clients } from '../../src/drivers/libsql-client.ts';
import { driver as promises } from '../../src/drivers/sqlite.ts';
import { connectWith, transactWith, type CloseStyle } from '../../src/verbs/async.ts';
import { freshFile } from '../files.ts';
import type { AsyncDriver, DriverTransaction } from '../../src/driver.ts';

/** A real driver, of which one call fails: the n-th, before or after it has done its work. */
function faulty<Handle extends object, Inner extends object>(
  driver: AsyncDriver<Handle, Inner>,
  failing: number,
  when: 'before' | 'after',
): { readonly driver: AsyncDriver<Handle, Inner>; readonly calls: () => number } {
  let calls = 0;
  const call = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    calls += 1;
    if (calls !== failing) return work();
    if (when === 'after') await work();
    throw new Error('the disk is gone');
  };
  const faultyTransaction = (transaction: DriverTransaction<Inner>): DriverTransaction<Inner> => ({
    execute: (sql) => call(() => transaction.execute(sql)),
    commit: () => call(() => transaction.commit()),
    rollback: () => call(() => transaction.rollback()),
    isOpen: () => transaction.isOpen(),
    handle: (admit) => transaction.handle(admit),
  });
  return {
    calls: () => calls,
    driver: {
      ...driver,
      open: (filename, opening) => call(() => driver.open(filename, opening)),
      close: (handle) => call(() => driver.close(handle)),
      query: (handle, sql) => call(() => driver.query(handle, sql)),
      begin: (handle, mode, busyTimeout) =>
        call(async () => faultyTransaction(await driver.begin(handle, mode, busyTimeout))),
    },
  };
}

/** How the tests run a statement on a handle of each driver. */
type Run = (handle: object, sql: string) => Promise<unknown>;

const byCallback: Run = (handle, sql) =>
  new Promise((resolve, reject) => {
    (handle as { run(sql: string, done: (error: Error | null) => void): void }).run(sql, (error) => {
      if (error === null) resolve(undefined);
      else reject(error);
    });
  });
const byPromise: Run = (handle, sql) => (handle as { run(sql: string): Promise<unknown> }).run(sql);

const byClient: Run = (handle, sql) => (handle as { execute(sql: string): Promise<unknown> }).execute(sql);

const DRIVERS = [
  { name: 'sqlite3', driver: callbacks as unknown as AsyncDriver<object, object>, run: byCallback },
  { name: '@libsql/client', driver: clients as unknown as AsyncDriver<object, object>, run: byClient },
  { name: 'sqlite', driver: promises as unknown as AsyncDriver<object, object>, run: byPromise },
];

/** The handles are closed by their disposal alone here. */
const style: CloseStyle<object> = () => undefined;

interface Left {
  readonly outcome: unknown;
  readonly rows: number;
  readonly calls: number;
}

async function faulted(
  { driver, run }: (typeof DRIVERS)[number],
  throws: boolean,
  failing: number,
  when: 'before' | 'after',
): Promise<Left> {
  const file = freshFile();
  const raw = new Database(file);
  raw.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x)');
  raw.close();
  const fault = faulty(driver, failing, when);
  const outcome = await connectWith(fault.driver, style)(file, (db) =>
    transactWith(fault.driver)(db, async (tx) => {
      await run(tx, 'INSERT INTO t VALUES (1)');
      await transactWith(fault.driver)(tx, (inner) => run(inner, 'INSERT INTO t VALUES (2)'));
      if (throws) throw new Error('the callback failed');
    }),
  ).then(
    () => 'done',
    (error: unknown) => error,
  );
  const other = new Database(file, { timeout: 0 });
  // What could not be closed at once is closed a little later.
  await expect
    .poll(() => {
      try {
        other.exec('BEGIN IMMEDIATE; ROLLBACK');
        return 'free';
      } catch (error) {
        return String(error);
      }
    })
    .toBe('free');
  const { n } = other.prepare('SELECT count(*) AS n FROM t').get() as { n: number };
  other.close();
  return { outcome, rows: n, calls: fault.calls() };
}

describe.each(DRIVERS)('$name, whichever call of the driver fails', (each) => {
  describe.each([
    ['a transaction with a savepoint', false],
    ['one whose callback throws', true],
  ])('%s', (_, throws) => {
    test.each(['before', 'after'] as const)('%s its work: no lock, no half of the work, and an error', async (when) => {
      await faulted(each, throws, Infinity, when);
      const { calls } = await faulted(each, throws, Infinity, when);
      expect(calls).toBeGreaterThan(5);
      for (let failing = 1; failing <= calls; failing += 1) {
        const { outcome, rows } = await faulted(each, throws, failing, when);
        const place = `call ${String(failing)} of ${String(calls)}`;
        expect(outcome, place).toBeInstanceOf(Error);
        expect(throws ? [0] : [0, 2], place).toContain(rows);
      }
    });
  });
});
