import Database from 'better-sqlite3';
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
import type { SyncDriver } from '../driver.ts';
import type {
  OpenDatabase,
  OpenDatabaseAsync,
  WithConnection,
  WithConnectionAsync,
  WithTransaction,
  WithTransactionAsync,
} from '../verbs/types.ts';

type Handle = Database.Database;

/** better-sqlite3 11, 12 and 13 behave alike in all that is used here. */
export const driver: SyncDriver<Handle> = {
  name: 'better-sqlite3',
  synchronous: true,
  open: (filename, { readOnly, mustExist, busyTimeout, driver: own }) =>
    new Database(filename, { ...own, readonly: readOnly, fileMustExist: mustExist, timeout: busyTimeout }),
  close: (handle) => void Database.prototype.close.call(handle),
  execute: (handle, sql) => void handle.exec(sql),
  query: (handle, sql) => {
    const statement = handle.prepare<[], Record<string, unknown>>(sql);
    // `all` throws for a PRAGMA that answers nothing.
    if (statement.reader) return statement.all();
    statement.run();
    return [];
  },
  prepare: (handle, sql) => {
    const statement = handle.prepare(sql);
    return () => void statement.run();
  },
  inTransaction: (handle) => handle.inTransaction,
};

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
