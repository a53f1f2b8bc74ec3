import { Database } from 'bun:sqlite';
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

/** Statements that are not finalized keep the -wal and -shm files after a close (bun 1.4.5). */
const prepared = new WeakMap<Database, { finalize(): void }[]>();

/** bun:sqlite of bun 1.4. It has no option for the busy timeout: the PRAGMA comes first of all settings. */
export const driver: SyncDriver<Database> = {
  name: 'bun:sqlite',
  synchronous: true,
  open: (filename, { readOnly, mustExist, driver: own }) =>
    new Database(filename, readOnly ? { ...own, readonly: true } : { ...own, readwrite: true, create: !mustExist }),
  close: (handle) => {
    for (const statement of prepared.get(handle) ?? []) statement.finalize();
    prepared.delete(handle);
    Database.prototype.close.call(handle);
  },
  execute: (handle, sql) => void handle.run(sql),
  query: (handle, sql) => {
    const statement = handle.prepare(sql);
    try {
      return statement.all() as readonly Row[];
    } finally {
      statement.finalize();
    }
  },
  prepare: (handle, sql) => {
    const statement = handle.prepare(sql);
    prepared.set(handle, [...(prepared.get(handle) ?? []), statement]);
    return () => void statement.run();
  },
  inTransaction: (handle) => handle.inTransaction,
};

export const openDatabase: OpenDatabase<Database> = /* @__PURE__ */ openWith(driver);
export const openDatabaseAsync: OpenDatabaseAsync<Database> = /* @__PURE__ */ openAsyncWith(driver);
export const withConnection: WithConnection<Database> = /* @__PURE__ */ connectWith(driver);
export const withConnectionAsync: WithConnectionAsync<Database> = /* @__PURE__ */ connectAsyncWith(driver);
export const withTransaction: WithTransaction<Database> = /* @__PURE__ */ transactWith(driver);
export const withTransactionAsync: WithTransactionAsync<Database> = /* @__PURE__ */ transactAsyncWith(driver);
export const inBatches: InBatches<Database> = /* @__PURE__ */ batchWith(withTransactionAsync);
export const startCheckpoints: StartCheckpoints = /* @__PURE__ */ checkpointWith(driver);
export const createPool: CreatePool<Database> = /* @__PURE__ */ poolWith(openDatabaseAsync, withTransactionAsync);

export { withTaskLimits } from '../tasks/limits.ts';
export { retryOnBusy } from '../tasks/retry.ts';
