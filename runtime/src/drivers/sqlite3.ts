import sqlite3 from 'sqlite3';
import { batchLaterWith, type InBatchesLater } from '../verbs/batches.ts';
import { checkpointWith, type StartCheckpoints } from '../verbs/checkpoints.ts';
import { poolLaterWith, type CreatePoolLater } from '../verbs/pool.ts';
import { connectWith, openWith, transactWith, type CloseStyle } from '../verbs/async.ts';
import { viewOf } from './sqlite3-view.ts';
import type { AsyncDriver, DriverOpening, DriverTransaction, Row, TransactionMode } from '../driver.ts';
import type { OpenDatabaseAsync, TakeTurns, WithConnectionAsync } from '../verbs/types.ts';

type Handle = sqlite3.Database;

/** sqlite3 5.1.7 and 6.0.1: callbacks, statements in a pool of threads. */
export const driver: AsyncDriver<Handle> = {
  name: 'sqlite3',
  synchronous: false,
  open: (filename, { readOnly, mustExist, busyTimeout }) =>
    new Promise((resolve, reject) => {
      const handle = new sqlite3.Database(filename, flags({ readOnly, mustExist }), (error) => {
        if (error !== null) reject(error);
        else {
          handle.configure('busyTimeout', busyTimeout);
          resolve(handle);
        }
      });
    }),
  close: async (handle) => {
    try {
      await close(handle);
    } catch (error) {
      // Statements that nobody finalized keep a connection open (SQLITE_BUSY): those that are left are finalized.
      if (!(await viewOf.finalizeAll(handle))) throw error;
      await close(handle);
    }
  },
  query: (handle, sql) =>
    new Promise((resolve, reject) => {
      sqlite3.Database.prototype.all.call(handle, sql, (error: Error | null, rows: unknown) => {
        if (error === null) resolve(rows as readonly Row[]);
        else reject(error);
      });
    }),
  guard: (handle, admit) => viewOf.guard(handle, admit),
  begin: (handle, mode, busyTimeout) => begin(handle, mode, busyTimeout),
};

/** Begins on a handle of sqlite3, which `sqlite` has inside as well. */
export async function begin(
  handle: Handle,
  mode: TransactionMode,
  busyTimeout: number,
): Promise<DriverTransaction<Handle>> {
  handle.configure('busyTimeout', 0);
  try {
    if (mode === 'write') await execute(handle, 'BEGIN IMMEDIATE');
    // The snapshot is taken by the first read, so there is one.
    else await execute(handle, 'PRAGMA query_only=1; BEGIN; SELECT 1 FROM sqlite_master LIMIT 1');
  } catch (error) {
    if (mode === 'read') {
      await execute(handle, 'ROLLBACK').catch(() => undefined);
      await execute(handle, 'PRAGMA query_only=0');
    }
    throw error;
  } finally {
    handle.configure('busyTimeout', busyTimeout);
  }
  const after = mode === 'read' ? '; PRAGMA query_only=0' : '';
  return {
    execute: (sql) => execute(handle, sql),
    commit: () => execute(handle, `COMMIT${after}`),
    rollback: () => execute(handle, `ROLLBACK${after}`),
    // The driver has no function for this.
    isOpen: () => undefined,
    handle: (admit) => viewOf.transaction(handle, admit),
  };
}

/** The flags of the constructor (sqlite3 has no names for what they mean together). */
export function flags({ readOnly, mustExist }: Pick<DriverOpening, 'readOnly' | 'mustExist'>): number {
  if (readOnly) return sqlite3.OPEN_READONLY | sqlite3.OPEN_URI;
  return sqlite3.OPEN_READWRITE | sqlite3.OPEN_URI | (mustExist ? 0 : sqlite3.OPEN_CREATE);
}

function execute(handle: Handle, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    sqlite3.Database.prototype.exec.call(handle, sql, (error: Error | null) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

function close(handle: Handle): Promise<void> {
  return new Promise((resolve, reject) => {
    sqlite3.Database.prototype.close.call(handle, (error: Error | null) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** `db.close(callback)`, as the driver has it. */
const style: CloseStyle<Handle> = (handle, closeOnce) => {
  const value = (callback?: (error: Error | null) => void): void => {
    closeOnce().then(
      () => callback?.(null),
      (error: unknown) => {
        if (callback === undefined) handle.emit('error', error);
        else callback(error as Error);
      },
    );
  };
  Object.defineProperty(handle, 'close', { value, configurable: true, writable: true });
};

export const openDatabase: OpenDatabaseAsync<Handle, AsyncDisposable> = /* @__PURE__ */ openWith(driver, style);
export const withConnection: WithConnectionAsync<Handle, AsyncDisposable> = /* @__PURE__ */ connectWith(driver, style);
export const withTransaction: TakeTurns<Handle, Handle> = /* @__PURE__ */ transactWith(driver);
export const inBatches: InBatchesLater<Handle, Handle> = /* @__PURE__ */ batchLaterWith(withTransaction);
export const startCheckpoints: StartCheckpoints = /* @__PURE__ */ checkpointWith(driver);
export const createPool: CreatePoolLater<Handle> = /* @__PURE__ */ poolLaterWith(openDatabase, withTransaction);

export { withTaskLimits } from '../tasks/limits.ts';
export { retryOnBusy } from '../tasks/retry.ts';
