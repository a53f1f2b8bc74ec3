import { Database, open } from 'sqlite';
import sqlite3 from 'sqlite3';
import { UsageError } from '../errors.ts';
import { batchLaterWith, type InBatchesLater } from '../verbs/batches.ts';
import { checkpointWith, type StartCheckpoints } from '../verbs/checkpoints.ts';
import { poolLaterWith, type CreatePoolLater } from '../verbs/pool.ts';
import { connectWith, openWith, transactWith, type CloseStyle } from '../verbs/async.ts';
import { begin, driver as callbacks, flags } from './sqlite3.ts';
import type { AsyncDriver } from '../driver.ts';
import type { OpenDatabaseAsync, TakeTurns, WithConnectionAsync } from '../verbs/types.ts';

type Handle = Database;

/** sqlite 5.1: promises around sqlite3, whose connection it has inside. */
export const driver: AsyncDriver<Handle> = {
  name: 'sqlite',
  synchronous: false,
  open: async (filename, { readOnly, mustExist, busyTimeout }) => {
    const handle = await open({ filename, mode: flags({ readOnly, mustExist }), driver: sqlite3.Database });
    handle.configure('busyTimeout', busyTimeout);
    return handle;
  },
  close: (handle) => callbacks.close(handle.getDatabaseInstance()),
  query: (handle, sql) => callbacks.query(handle.getDatabaseInstance(), sql),
  guard: (handle, admit) => callbacks.guard(handle.getDatabaseInstance(), admit),
  begin: async (handle, mode, busyTimeout) => {
    const transaction = await begin(handle.getDatabaseInstance(), mode, busyTimeout);
    return {
      ...transaction,
      handle: (admit) =>
        Object.create(handle, {
          db: { value: transaction.handle(admit) },
          close: { value: refuseClose },
          [Symbol.asyncDispose]: { value: refuseClose },
        }) as Handle,
    };
  },
};

function refuseClose(): Promise<never> {
  return Promise.reject(new UsageError('A transaction cannot close its connection: let the callback end first.'));
}

/** `await db.close()`, as the driver has it. */
const style: CloseStyle<Handle> = (handle, close) => {
  Object.defineProperty(handle, 'close', { value: close, configurable: true, writable: true });
};

export const openDatabase: OpenDatabaseAsync<Handle, AsyncDisposable> = /* @__PURE__ */ openWith(driver, style);
export const withConnection: WithConnectionAsync<Handle, AsyncDisposable> = /* @__PURE__ */ connectWith(driver, style);
export const withTransaction: TakeTurns<Handle, Handle> = /* @__PURE__ */ transactWith(driver);
export const inBatches: InBatchesLater<Handle, Handle> = /* @__PURE__ */ batchLaterWith(withTransaction);
export const startCheckpoints: StartCheckpoints = /* @__PURE__ */ checkpointWith(driver);
export const createPool: CreatePoolLater<Handle> = /* @__PURE__ */ poolLaterWith(openDatabase, withTransaction);

export { withTaskLimits } from '../tasks/limits.ts';
export { retryOnBusy } from '../tasks/retry.ts';
