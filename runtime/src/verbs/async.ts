import { adoptAsync, asyncConnection, remember } from '../connections.ts';
import { UsageError } from '../errors.ts';
import { openAsync } from '../opening/open.ts';
import { openingOf } from '../opening/options.ts';
import { systemScheduler } from '../scheduler.ts';
import { runningOf } from '../transactions/async.ts';
import { checkTransactionOptions } from '../transactions/options.ts';
import type { AsyncDriver } from '../driver.ts';
import type { OpenDatabaseAsync, TakeTurns, WithConnectionAsync } from './types.ts';

/** How a driver closes its handle, in the driver's own form: by a callback or by a promise. */
export type CloseStyle<Handle> = (handle: Handle, close: () => Promise<void>) => void;

/** Makes `openDatabase` for a driver. */
export function openWith<Handle extends object, Inner extends object>(
  driver: AsyncDriver<Handle, Inner>,
  style: CloseStyle<Handle>,
): OpenDatabaseAsync<Handle, AsyncDisposable> {
  return async (filename, { signal, ...options } = {}) => {
    const opening = openingOf(filename, options);
    const handle = (await openAsync(driver, opening, systemScheduler, signal)) as Handle;
    const connection = adoptAsync(driver, handle, filename, opening.busyTimeout, systemScheduler);
    const forget = remember(handle, filename);
    const close = async (): Promise<void> => {
      await connection.close();
      forget();
    };
    style(handle, close);
    return Object.defineProperties(handle, {
      [Symbol.asyncDispose]: { value: close, configurable: true, writable: true },
    }) as Handle & AsyncDisposable;
  };
}

/** Makes `withConnection` for a driver. */
export function connectWith<Handle extends object, Inner extends object>(
  driver: AsyncDriver<Handle, Inner>,
  style: CloseStyle<Handle>,
): WithConnectionAsync<Handle, AsyncDisposable> {
  const open = openWith(driver, style);
  return async <Result>(
    filename: string,
    fn: (db: Handle & AsyncDisposable) => Result | Promise<Result>,
    options?: Parameters<typeof open>[1],
  ): Promise<Result> => {
    const db = await open(filename, options);
    let result: Result;
    try {
      result = await fn(db);
    } catch (error) {
      // The callback's error is the one to be seen: what keeps the connection from closing comes from it.
      await db[Symbol.asyncDispose]().then(undefined, () => undefined);
      throw error;
    }
    await db[Symbol.asyncDispose]();
    return result;
  };
}

/** Makes `withTransaction` for a driver. */
export function transactWith<Handle extends object, Inner extends object>(
  driver: AsyncDriver<Handle, Inner>,
): TakeTurns<Handle, Inner> {
  return async <Result>(
    db: Handle | Inner,
    fn: (tx: Inner) => Result | Promise<Result>,
    options = {},
  ): Promise<Result> => {
    checkTransactionOptions(options, 'withTransaction', 'async');
    const running = runningOf(db);
    if (running !== undefined) return running.nest(fn as (handle: object) => Result | Promise<Result>);
    const connection = asyncConnection<Handle, Inner>(db as Handle);
    if (connection === undefined) {
      throw new UsageError(
        `withTransaction wants a connection of openDatabase of unbusy: ${driver.name} cannot keep other statements out of a transaction otherwise.`,
      );
    }
    return connection.transact(fn, options);
  };
}
