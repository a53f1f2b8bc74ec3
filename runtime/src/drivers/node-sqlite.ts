import { DatabaseSync } from 'node:sqlite';
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
import type { SyncDriver } from '../driver.ts';
import type {
  OpenDatabase,
  OpenDatabaseAsync,
  WithConnection,
  WithConnectionAsync,
  WithTransaction,
  WithTransactionAsync,
} from '../verbs/types.ts';

/** node:sqlite of Node 22.13, 24 and 26. */
export const driver: SyncDriver<DatabaseSync> = {
  name: 'node:sqlite',
  synchronous: true,
  open: (filename, { readOnly, mustExist, busyTimeout, driver: own }) => {
    if (mustExist) refuseMissing(filename);
    return new DatabaseSync(filename, { ...own, readOnly, timeout: busyTimeout });
  },
  close: (handle) => DatabaseSync.prototype.close.call(handle),
  execute: (handle, sql) => handle.exec(sql),
  query: (handle, sql) => handle.prepare(sql).all(),
  prepare: (handle, sql) => {
    const statement = handle.prepare(sql);
    return () => void statement.run();
  },
  inTransaction,
};

/** `isTransaction` came with Node 22.16 and 24.0; before, BEGIN is the only way to ask. */
function inTransaction(handle: DatabaseSync): boolean {
  const known = (handle as { readonly isTransaction?: boolean }).isTransaction;
  if (known !== undefined) return known;
  try {
    handle.exec('BEGIN');
  } catch (error) {
    if (String(error).includes('within a transaction')) return true;
    throw error;
  }
  handle.exec('ROLLBACK');
  return false;
}

export const openDatabase: OpenDatabase<DatabaseSync> = /* @__PURE__ */ openWith(driver);
export const openDatabaseAsync: OpenDatabaseAsync<DatabaseSync> = /* @__PURE__ */ openAsyncWith(driver);
export const withConnection: WithConnection<DatabaseSync> = /* @__PURE__ */ connectWith(driver);
export const withConnectionAsync: WithConnectionAsync<DatabaseSync> = /* @__PURE__ */ connectAsyncWith(driver);
export const withTransaction: WithTransaction<DatabaseSync> = /* @__PURE__ */ transactWith(driver);
export const withTransactionAsync: WithTransactionAsync<DatabaseSync> = /* @__PURE__ */ transactAsyncWith(driver);
export const inBatches: InBatches<DatabaseSync> = /* @__PURE__ */ batchWith(withTransactionAsync);
export const startCheckpoints: StartCheckpoints = /* @__PURE__ */ checkpointWith(driver);
export const createPool: CreatePool<DatabaseSync> = /* @__PURE__ */ poolWith(openDatabaseAsync, withTransactionAsync);

export { withTaskLimits } from '../tasks/limits.ts';
export { retryOnBusy } from '../tasks/retry.ts';
