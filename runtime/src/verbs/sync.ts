import { adoptSync, syncConnection } from '../connections.ts';
import { openAsync, openSync } from '../opening/open.ts';
import { openingOf } from '../opening/options.ts';
import { systemScheduler } from '../scheduler.ts';
import { checkTransactionOptions } from '../transactions/options.ts';
import { isThenable } from '../transactions/refusal.ts';
import type { SyncDriver } from '../driver.ts';
import type {
  OpenDatabase,
  OpenDatabaseAsync,
  WithConnection,
  WithConnectionAsync,
  WithTransaction,
  WithTransactionAsync,
} from './types.ts';

/** Makes `openDatabase` for a driver. */
export function openWith<Handle extends object>(driver: SyncDriver<Handle>): OpenDatabase<Handle> {
  return (filename, options) => {
    const opening = openingOf(filename, options);
    const handle = openSync(driver, opening, systemScheduler);
    return adoptSync(driver, handle, opening, systemScheduler);
  };
}

/** Makes `openDatabaseAsync` for a driver. */
export function openAsyncWith<Handle extends object>(driver: SyncDriver<Handle>): OpenDatabaseAsync<Handle> {
  return async (filename, { signal, ...options } = {}) => {
    const opening = openingOf(filename, options);
    const handle = await openAsync(driver, opening, systemScheduler, signal);
    return adoptSync(driver, handle, opening, systemScheduler);
  };
}

/** Makes `withConnection` for a driver. */
export function connectWith<Handle extends object>(driver: SyncDriver<Handle>): WithConnection<Handle> {
  const open = openWith(driver);
  return (filename, fn, options) => {
    const db = open(filename, options);
    return closeAfter(db, fn);
  };
}

/** Makes `withConnectionAsync` for a driver. */
export function connectAsyncWith<Handle extends object>(driver: SyncDriver<Handle>): WithConnectionAsync<Handle> {
  const open = openAsyncWith(driver);
  return async (filename, fn, options) => {
    const db = await open(filename, options);
    return closeAfter(db, fn);
  };
}

/** Makes `withTransaction` for a driver. */
export function transactWith<Handle extends object>(driver: SyncDriver<Handle>): WithTransaction<Handle> {
  return (db, fn, options = {}) => {
    checkTransactionOptions(options, 'withTransaction', 'sync');
    return syncConnection(driver, db, systemScheduler).transact(fn, options);
  };
}

/** Makes `withTransactionAsync` for a driver. */
export function transactAsyncWith<Handle extends object>(driver: SyncDriver<Handle>): WithTransactionAsync<Handle> {
  return async (db, fn, options = {}) => {
    checkTransactionOptions(options, 'withTransactionAsync', 'async');
    return syncConnection(driver, db, systemScheduler).transactAsync(fn, options);
  };
}

/** Closes whatever happens: when the callback returns, throws, or the promise that it returned is settled. */
function closeAfter<Handle extends Disposable, Result>(db: Handle, fn: (db: Handle) => Result): Result {
  let result: Result;
  try {
    result = fn(db);
  } catch (error) {
    closeQuietly(db);
    throw error;
  }
  if (!isThenable(result)) {
    db[Symbol.dispose]();
    return result;
  }
  return Promise.resolve(result).then(
    (value: unknown) => {
      db[Symbol.dispose]();
      return value;
    },
    (error: unknown) => {
      closeQuietly(db);
      throw error;
    },
  ) as Result;
}

/** The callback's error is the one to be seen. */
function closeQuietly(db: Disposable): void {
  try {
    db[Symbol.dispose]();
  } catch {
    // Whatever keeps the connection from closing comes from the error that is on its way.
  }
}
