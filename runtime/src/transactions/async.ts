import { busyCodeOf } from '../busy.ts';
import { channels, traceOf, type Wait } from '../channels.ts';
import { ClosedError, DeadlineError, TransactionError, UsageError } from '../errors.ts';
import { currentTask } from '../tasks/context.ts';
import { Patience } from '../waiting/patience.ts';
import { asyncHolder, fileKey, noteAsyncHold, turnFor } from '../waiting/write-queues.ts';
import { Gate } from './gate.ts';
import { gaveUp, lockNotFree } from './giving-up.ts';
import { released, took } from './holding.ts';
import type { AsyncDriver, DriverTransaction, TransactionMode } from '../driver.ts';
import type { Scheduler } from '../scheduler.ts';
import { waitingOf, type AsyncTransactionOptions } from './options.ts';

const OVER = (): UsageError =>
  new UsageError(
    'This handle belongs to a transaction that is over. Use it inside of the callback only, and await what the callback starts.',
  );

/** A connection of an asynchronous driver, and the transactions that take turns on it. */
export class AsyncConnection<Handle extends object, Inner extends object> {
  readonly handle: Handle;
  readonly database: string;
  readonly busyTimeout: number;
  readonly #driver: AsyncDriver<Handle, Inner>;
  readonly #scheduler: Scheduler;
  readonly #gate: Gate;
  readonly #key: string | undefined;
  #state: 'open' | 'closed' | 'discarded' = 'open';

  constructor(
    driver: AsyncDriver<Handle, Inner>,
    handle: Handle,
    database: string,
    busyTimeout: number,
    scheduler: Scheduler,
  ) {
    this.handle = handle;
    this.database = database;
    this.busyTimeout = busyTimeout;
    this.#driver = driver;
    this.#scheduler = scheduler;
    this.#gate = new Gate(scheduler, "the transaction's handle");
    this.#key = driver.isLocal?.(database) === false ? undefined : fileKey(database);
    driver.guard(handle, this.#gate.admit);
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Runs `fn` in a transaction, after those that asked before. */
  async transact<Result>(
    fn: (handle: Inner) => Result | Promise<Result>,
    options: AsyncTransactionOptions,
  ): Promise<Result> {
    checkFunction(fn);
    this.#check();
    const { label, limit, signal } = waitingOf(options, this.busyTimeout);
    const mode: TransactionMode = options.readOnly === true ? 'read' : 'write';
    const trace = traceOf();
    const patience = new Patience(this.#scheduler, limit);
    const wait = this.#wait(mode, label, this.#gate.waiting);
    // Set by the callback of the queue, which the compiler does not see.
    let acquired = false as boolean;
    const begin = async (): Promise<Result> => {
      this.#check();
      const turn = turnFor(mode === 'write' ? this.#key : undefined, this.#scheduler);
      await turn.take({ limit: limit - patience.waited, signal });
      try {
        const transaction = await this.#begin(mode, wait, patience, signal);
        acquired = true;
        return await this.#run(fn, transaction, wait, patience, trace);
      } finally {
        turn.release();
      }
    };
    try {
      return await this.#gate.exclusive({ limit, signal }, 'withTransaction', begin);
    } catch (error) {
      // What the callback throws is thrown as it is.
      throw acquired ? error : this.#gaveUp(wait, error, patience, signal);
    }
  }

  /** Closes the connection when the transactions that have asked before are over; a second call does nothing. */
  async close(): Promise<void> {
    if (this.#state !== 'open') return;
    await this.#gate.exclusive({ limit: Infinity }, 'close', async () => {
      if (this.#state !== 'open') return;
      await this.#driver.close(this.handle);
      this.#state = 'closed';
      this.#gate.close(() => new ClosedError('The connection is closed.', { database: this.database }));
      const channel = channels['unbusy:close'];
      if (channel.hasSubscribers) channel.publish({ database: this.database, driver: this.#driver.name });
    });
  }

  /** Closes a connection of which it is not known what state it is in, so that nobody uses it any more. */
  async discard(reason: string, error: unknown): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'discarded';
    this.#gate.close(() => discarded(this.database));
    const channel = channels['unbusy:discard'];
    if (channel.hasSubscribers) channel.publish({ database: this.database, driver: this.#driver.name, reason, error });
    await this.#closeAtLast(1);
  }

  /** Something may be alive on the connection that forbids closing it: that ends when the caller lets go of it. */
  async #closeAtLast(delay: number): Promise<void> {
    try {
      await this.#driver.close(this.handle);
    } catch {
      setTimeout(() => void this.#closeAtLast(Math.min(delay * 2, 1000)), delay).unref();
    }
  }

  #check(): void {
    if (this.#state === 'closed') throw new ClosedError('The connection is closed.', { database: this.database });
    if (this.#state === 'discarded') throw discarded(this.database);
  }

  async #begin(
    mode: TransactionMode,
    wait: Wait,
    patience: Patience,
    signal?: AbortSignal,
  ): Promise<DriverTransaction<Inner>> {
    for (;;) {
      try {
        return await this.#driver.begin(this.handle, mode, this.busyTimeout);
      } catch (error) {
        this.#saysBusy(error, 'begin');
        if (!(await patience.sleep(signal))) throw this.#lockNotFree(wait, error, patience);
      }
    }
  }

  /** Notes that the database is busy. Other errors go on. */
  #saysBusy(error: unknown, phase: 'begin' | 'commit'): void {
    const code = busyCodeOf(error);
    if (code === null) throw error;
    const channel = channels['unbusy:busy'];
    if (channel.hasSubscribers) channel.publish({ database: this.database, code, phase });
  }

  #wait(mode: TransactionMode, label: string | undefined, queued = 0): Wait {
    const wait: Wait = { database: this.database, mode, label, since: this.#scheduler.now(), queued };
    const channel = channels['unbusy:wait'];
    if (channel.hasSubscribers) channel.publish({ wait });
    return wait;
  }

  #lockNotFree(wait: Wait, error: unknown, patience: Patience): Error {
    return lockNotFree(wait, error, patience.waited, patience.attempts, asyncHolder(this.#key, this.#scheduler.now()));
  }

  /** Ends a wait without the lock; returns the error for the caller. */
  #gaveUp(wait: Wait, error: unknown, patience: Patience, signal?: AbortSignal): unknown {
    const noTurn = error instanceof DeadlineError && error.limit === 'queue';
    const given = noTurn ? this.#lockNotFree(wait, error, patience) : error;
    gaveUp(wait, given, patience.waited, signal);
    return given;
  }

  async #run<Result>(
    fn: (handle: Inner) => Result | Promise<Result>,
    transaction: DriverTransaction<Inner>,
    wait: Wait,
    patience: Patience,
    trace: Error | undefined,
  ): Promise<Result> {
    const waited = patience.waited;
    const { mode, label } = wait;
    const hold = took(
      { database: this.database, mode, label, wait, waited, retries: patience.attempts - 1, trace },
      this.#scheduler,
    );
    const letGo = mode === 'write' ? noteAsyncHold(this.#key, label, this.#scheduler.now()) : undefined;
    const level = new Level(transaction, this.#scheduler);
    try {
      const result = await this.#gate.within(() => level.call(fn));
      // The task was stopped meanwhile, and nobody waits for its work any more.
      currentTask()?.signal.throwIfAborted();
      await this.#commit(transaction, wait);
      released(hold, this.#scheduler, 'commit');
      return result;
    } catch (error) {
      await this.#rollBack(transaction, error);
      released(hold, this.#scheduler, this.isOpen ? 'rollback' : 'discard');
      throw error;
    } finally {
      letGo?.();
    }
  }

  async #commit(transaction: DriverTransaction<Inner>, { mode, label }: Wait): Promise<void> {
    if (transaction.isOpen() === false) {
      throw new TransactionError(
        'The transaction was over before its callback returned: SQLite rolled it back after an error that the callback caught, or the callback ran COMMIT or ROLLBACK itself.',
        'unknown',
        { database: this.database },
      );
    }
    let patience: Patience | undefined;
    for (;;) {
      try {
        await transaction.commit();
        break;
      } catch (error) {
        // Outside of WAL mode a COMMIT waits for readers, with the transaction still open: it may simply be repeated.
        this.#saysBusy(error, 'commit');
        if (transaction.isOpen() === false) throw error;
        patience ??= new Patience(this.#scheduler, this.busyTimeout);
        if (await patience.sleep()) continue;
        const wait = this.#wait(mode, label);
        throw this.#gaveUp(wait, this.#lockNotFree(wait, error, patience), patience);
      }
    }
    if (transaction.isOpen() === true) {
      throw new TransactionError('COMMIT returned, and the connection is in the transaction still.', 'rolled back', {
        database: this.database,
      });
    }
  }

  /** Rolls back, and discards the connection if it cannot be proved to be out of the transaction. */
  async #rollBack(transaction: DriverTransaction<Inner>, reason: unknown): Promise<void> {
    if (transaction.isOpen() === false) return;
    try {
      await transaction.rollback();
    } catch (error) {
      // SQLite has rolled back by itself after some errors (https://sqlite.org/lang_transaction.html), and says so.
      if (!String(error).includes('no transaction is active')) await this.discard('ROLLBACK failed', error);
      return;
    }
    if (transaction.isOpen() === true) await this.discard('the connection was in a transaction after ROLLBACK', reason);
  }
}

/** A transaction or savepoint whose callback is running. */
interface Running {
  nest<Result>(fn: (handle: object) => Result | Promise<Result>): Promise<Result>;
}

const running = new WeakMap<object, Running>();

/** The running transaction that a handle belongs to, for transactions inside of it. */
export function runningOf(handle: object): Running | undefined {
  return running.get(handle);
}

class Level<Inner extends object> implements Running {
  readonly #transaction: DriverTransaction<Inner>;
  readonly #scheduler: Scheduler;
  readonly #gate: Gate;
  readonly #depth: number;
  /** A savepoint could not be undone: the transaction must not be committed. */
  #doomed: unknown;

  constructor(transaction: DriverTransaction<Inner>, scheduler: Scheduler, depth = 0) {
    this.#transaction = transaction;
    this.#scheduler = scheduler;
    this.#depth = depth;
    this.#gate = new Gate(scheduler, "the inner transaction's handle");
  }

  /** Runs the callback; its handle works until it ends, with all that the callback has started and not awaited. */
  async call<Result>(fn: (handle: Inner) => Result | Promise<Result>): Promise<Result> {
    const handle = this.#transaction.handle(this.#gate.admit);
    running.set(handle, this);
    let result: Result;
    try {
      result = await fn(handle);
    } finally {
      // Statements that were started before are let through, so that none of them runs outside of the transaction.
      await this.#gate.exclusive({ limit: Infinity }, 'withTransaction', () => {
        this.#gate.close(OVER);
        return Promise.resolve();
      });
    }
    if (this.#doomed !== undefined) throw this.#doomed as Error;
    return result;
  }

  /** A transaction inside of this one is a savepoint: its failure undoes its own work alone. */
  nest<Result>(fn: (handle: Inner) => Result | Promise<Result>): Promise<Result> {
    const savepoint = `unbusy_${String(this.#depth)}`;
    return this.#gate.exclusive({ limit: Infinity }, 'withTransaction', async () => {
      await this.#transaction.execute(`SAVEPOINT ${savepoint}`);
      const level = new Level(this.#transaction, this.#scheduler, this.#depth + 1);
      try {
        const result = await this.#gate.within(() => level.call(fn));
        await this.#transaction.execute(`RELEASE ${savepoint}`);
        return result;
      } catch (error) {
        try {
          await this.#transaction.execute(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
        } catch {
          this.#doomed = error;
        }
        throw error;
      }
    });
  }
}

function checkFunction(fn: unknown): void {
  if (typeof fn !== 'function') throw new UsageError(`withTransaction wants a function; this is ${typeof fn}.`);
}

function discarded(database: string): ClosedError {
  return new ClosedError(
    'The connection was closed, because it could not be proved to be out of an earlier transaction. Open another.',
    { database },
  );
}
