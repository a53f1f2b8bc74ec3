import Database from 'libsql';
import { busyCodeOf } from '../busy.ts';
import { refuseMissing } from '../opening/existing.ts';
import { batchWith, type InBatches } from '../verbs/batches.ts';
import { checkpointWith, type StartCheckpoints } from '../verbs/checkpoints.ts';
import { poolWith, type CreatePool } from '../verbs/pool.ts';
import {
  connectAsyncWith,
  connectWith,
  openAsyncWith,
  openWith,
  transactAsyncWith,
  transactWith,
} from '../verbs/sync.ts';
import type { Row, SyncDriver } from '../driver.ts';
import type {
  OpenDatabase,
  OpenDatabaseAsync,
  WithConnection,
  WithConnectionAsync,
  WithTransaction,
  WithTransactionAsync,
} from '../verbs/types.ts';

type Handle = Database.Database;

/**
 * libsql 0.4.7 and 0.5.29. A prepared statement that failed with SQLITE_BUSY is not reset: on that connection every
 * later write stays in a transaction that nobody sees, and is lost at the end. So statements are watched, all that we
 * run goes through `exec` (which is not concerned), and after a SQLITE_BUSY the connection is closed.
 */
export const driver: SyncDriver<Handle> = {
  name: 'libsql',
  synchronous: true,
  open: (filename, { readOnly, mustExist, busyTimeout, driver: own }) => {
    if (mustExist) refuseMissing(filename);
    const handle = new Database(filename, { ...own, timeout: busyTimeout });
    // It takes no option for this, in either spelling.
    if (readOnly) handle.exec('PRAGMA query_only=1');
    return handle;
  },
  close: (handle) => void Database.prototype.close.call(handle),
  execute: (handle, sql) => void handle.exec(sql),
  query: (handle, sql) => {
    if (sql.includes('=')) {
      handle.exec(sql);
      return [];
    }
    return handle.prepare(sql).all() as readonly Row[];
  },
  prepare: (handle, sql) => () => void handle.exec(sql),
  inTransaction: (handle) => handle.inTransaction,
  watch: (handle, poisoned) => {
    const prepare = handle.prepare.bind(handle);
    const watched = (sql: string): object => {
      const statement = prepare(sql);
      for (const name of ['run', 'get', 'all'] as const) {
        const run = statement[name].bind(statement);
        Object.defineProperty(statement, name, {
          value: (...args: unknown[]) => reporting(() => run(...args), poisoned),
        });
      }
      return statement;
    };
    Object.defineProperty(handle, 'prepare', { value: watched, configurable: true, writable: true });
  },
};

function reporting(run: () => unknown, poisoned: (error: unknown) => void): unknown {
  try {
    return run();
  } catch (error) {
    if (busyCodeOf(error) !== null) poisoned(error);
    throw error;
  }
}

export const openDatabase: OpenDatabase<Handle> = /* @__PURE__ */ openWith(driver);
export const openDatabaseAsync: OpenDatabaseAsync<Handle> = /* @__PURE__ */ openAsyncWith(driver);
export const withConnection: WithConnection<Handle> = /* @__PURE__ */ connectWith(driver);
export const withConnectionAsync: WithConnectionAsync<Handle> = /* @__PURE__ */ connectAsyncWith(driver);
export const withTransaction: WithTransaction<Handle> = /* @__PURE__ */ transactWith(driver);
export const withTransactionAsync: WithTransactionAsync<Handle> = /* @__PURE__ */ transactAsyncWith(driver);
export const inBatches: InBatches<Handle> = /* @__PURE__ */ batchWith(withTransactionAsync);
export const startCheckpoints: StartCheckpoints = /* @__PURE__ */ checkpointWith(driver);
export const createPool: CreatePool<Handle> = /* @__PURE__ */ poolWith(openDatabaseAsync, withTransactionAsync);

export { withTaskLimits } from '../tasks/limits.ts';
export { retryOnBusy } from '../tasks/retry.ts';
