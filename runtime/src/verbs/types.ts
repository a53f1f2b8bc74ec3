import type { OpenOptions } from '../opening/options.ts';
import type { AsyncTransactionOptions, TransactionOptions } from '../transactions/options.ts';

export interface AsyncOpenOptions extends OpenOptions {
  /** Ends the wait for a locked database. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a file with the settings of `OpenOptions`, each asked for until the database takes it and read back. The handle
 * is the driver's own, closes once and is disposable. Waiting for a locked database blocks the thread.
 *
 * @throws {OptionError} an option that does not exist, or a value that it cannot have
 * @throws {SettingError} the database did not take a setting
 * @throws {EnvironmentError} WAL would corrupt the database where it is
 * @throws {BusyError} another connection kept it locked for `busyTimeout` milliseconds
 */
export type OpenDatabase<Handle> = (filename: string, options?: OpenOptions) => Handle & Disposable;

/** As `OpenDatabase`; waiting leaves the event loop free. */
export type OpenDatabaseAsync<Handle, Disposing = Disposable> = (
  filename: string,
  options?: AsyncOpenOptions,
) => Promise<Handle & Disposing>;

/** Opens, runs the callback, and closes when it returns, throws, or the promise that it returned is settled. */
export type WithConnection<Handle> = <Result>(
  filename: string,
  fn: (db: Handle & Disposable) => Result,
  options?: OpenOptions,
) => Result;

/** As `WithConnection`; waiting for a locked database leaves the event loop free. */
export type WithConnectionAsync<Handle, Disposing = Disposable> = <Result>(
  filename: string,
  fn: (db: Handle & Disposing) => Result | Promise<Result>,
  options?: AsyncOpenOptions,
) => Promise<Result>;

/**
 * Runs the callback in a transaction that has the write lock from the start (BEGIN IMMEDIATE): commits when it returns,
 * rolls back when it throws. Inside another transaction it is a savepoint. The callback has to be synchronous; its
 * handle works until it returns. Waiting for the lock blocks the thread.
 *
 * @throws {UsageError} an asynchronous callback or a generator, before anything has begun
 * @throws {BusyError} the lock was not free in time
 * @throws {TransactionError} the transaction was over before the callback returned
 * @throws {ClosedError} the connection was closed
 * @throws what the callback throws
 */
export type WithTransaction<Handle> = <Result>(
  db: Handle,
  fn: (tx: Handle) => Result,
  options?: TransactionOptions,
) => Result;

/** As `WithTransaction`; waiting for the lock leaves the event loop free and follows the order of asking. */
export type WithTransactionAsync<Handle> = <Result>(
  db: Handle,
  fn: (tx: Handle) => Result,
  options?: AsyncTransactionOptions,
) => Promise<Result>;

/**
 * As `WithTransaction`, for drivers whose calls answer later: the callback may be asynchronous. Transactions of one
 * connection take turns, and statements of other flows wait for the end of the one that is running. The outer handle is
 * refused inside the callback, where it would wait for ever.
 */
export type TakeTurns<Handle, Inner> = <Result>(
  db: Handle | Inner,
  fn: (tx: Inner) => Result | Promise<Result>,
  options?: AsyncTransactionOptions,
) => Promise<Result>;
