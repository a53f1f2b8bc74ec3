import { busyCodeOf } from '../busy.ts';
import { channels, traceOf, type Wait } from '../channels.ts';
import { ClosedError, TransactionError, UsageError } from '../errors.ts';
import { Patience } from '../waiting/patience.ts';
import { asyncHolder, fileKey, turnFor } from '../waiting/write-queues.ts';
import { lockNotFree } from './giving-up.ts';
import { released, took } from './holding.ts';
import { refuseSuspending, suspendingResult } from './refusal.ts';
import { revocable } from './revocable.ts';
import type { SyncDriver, TransactionMode } from '../driver.ts';
import type { Scheduler } from '../scheduler.ts';
import { waitingOf, type AsyncTransactionOptions, type TransactionOptions } from './options.ts';

/** What SQLite has to be told for a transaction of each mode. */
interface Script {
  /** Without the driver's busy handler: a wait is ours to make. The rest of the connection's life has it again. */
  readonly begin: string;
  /** Run after the end, whichever it was. */
  readonly after: string | undefined;
}

/** How a transaction has begun. */
interface Begun {
  readonly mode: TransactionMode;
  readonly label: string | undefined;
  readonly trace: Error | undefined;
  /** The wait before, if there was one. */
  readonly patience?: Patience;
}

/** A connection of a synchronous driver, and the transaction that it is in. */
export class SyncConnection<Handle extends object> {
  readonly handle: Handle;
  readonly database: string;
  readonly busyTimeout: number;
  readonly #driver: SyncDriver<Handle>;
  readonly #scheduler: Scheduler;
  readonly #readOnly: boolean;
  readonly #scripts: Readonly<Record<TransactionMode, Script>>;
  #commit: (() => void) | undefined;
  /** What identifies the file in this process; null until it is needed. */
  #key: string | undefined | null = null;
  /** A savepoint could not be undone: the transaction must not be committed. */
  #doomed: unknown;
  /** Transactions around the statement that runs now: ours, the outermost first. */
  #depth = 0;
  #state: 'open' | 'closed' | 'discarded' = 'open';

  constructor(
    driver: SyncDriver<Handle>,
    handle: Handle,
    database: string,
    busyTimeout: number,
    scheduler: Scheduler,
    readOnly = false,
  ) {
    this.handle = handle;
    this.database = database;
    this.busyTimeout = busyTimeout;
    this.#driver = driver;
    this.#scheduler = scheduler;
    this.#readOnly = readOnly;
    const [off, on] = ['PRAGMA busy_timeout=0', `PRAGMA busy_timeout=${String(busyTimeout)}`];
    this.#scripts = {
      // One call into the driver: three would cost a tenth of a small transaction.
      write: { begin: `${off};BEGIN IMMEDIATE;${on}`, after: undefined },
      // The snapshot is taken by the first read, so there is one.
      read: {
        begin: `${off};PRAGMA query_only=1;BEGIN;SELECT 1 FROM sqlite_master LIMIT 1;${on}`,
        after: readOnly ? undefined : 'PRAGMA query_only=0',
      },
    };
  }

  get #fileKey(): string | undefined {
    if (this.#key === null) this.#key = fileKey(this.database);
    return this.#key;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Runs `fn` in a transaction; waiting for the lock blocks the thread. */
  transact<Result>(fn: (handle: Handle) => Result, options: TransactionOptions): Result {
    this.#check(fn);
    if (this.#isInside()) return this.#nested(fn);
    const mode = this.#modeOf(options);
    const trace = traceOf();
    const { label, limit } = waitingOf(options, this.busyTimeout);
    let error = this.#tryBegin(mode);
    if (error === undefined) return this.#run(fn, { mode, label, trace });
    const wait = this.#wait(mode, label);
    this.#refuseDeadlock(error);
    const patience = new Patience(this.#scheduler, limit);
    while (error !== undefined) {
      if (!patience.block()) throw this.#giveUp(wait, error, patience);
      error = this.#tryBegin(mode);
    }
    return this.#run(fn, { mode, label, trace, patience });
  }

  /** As `transact`; waiting for the lock leaves the event loop free, and follows the order of asking. */
  async transactAsync<Result>(fn: (handle: Handle) => Result, options: AsyncTransactionOptions): Promise<Result> {
    this.#check(fn);
    const { label, limit, signal } = waitingOf(options, this.busyTimeout);
    signal?.throwIfAborted();
    if (this.#isInside()) return this.#nested(fn);
    const mode = this.#modeOf(options);
    const trace = traceOf();
    const turn = turnFor(mode === 'write' ? this.#fileKey : undefined, this.#scheduler);
    const wait = this.#wait(mode, label, turn.queued);
    const patience = new Patience(this.#scheduler, limit);
    try {
      await turn.take({ limit, signal });
    } catch (error) {
      throw this.#lostTurn(wait, error, patience);
    }
    try {
      for (;;) {
        this.#check(fn);
        const error = this.#tryBegin(mode);
        if (error === undefined) return this.#run(fn, { mode, label, trace, patience });
        if (!(await patience.sleep(signal))) throw this.#giveUp(wait, error, patience);
      }
    } finally {
      turn.release();
    }
  }

  /** Closes the connection; a second call does nothing. A transaction that is open is rolled back. */
  close(): void {
    if (this.#state !== 'open') return;
    if (this.#depth > 0) {
      throw new UsageError('A transaction cannot close its connection: let the callback return first.', {
        database: this.database,
      });
    }
    // The driver may refuse (a live iterator, say): then the connection is open still.
    this.#driver.close(this.handle);
    this.#state = 'closed';
    const channel = channels['unbusy:close'];
    if (channel.hasSubscribers) channel.publish({ database: this.database, driver: this.#driver.name });
  }

  /** Closes a connection of which it is not known what state it is in, so that nobody uses it any more. */
  discard(reason: string, error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'discarded';
    const channel = channels['unbusy:discard'];
    if (channel.hasSubscribers) channel.publish({ database: this.database, driver: this.#driver.name, reason, error });
    this.#closeAtLast(1);
  }

  /** Something may be alive on the connection that forbids closing it: that ends when the caller lets go of it. */
  #closeAtLast(delay: number): void {
    try {
      this.#driver.close(this.handle);
    } catch {
      setTimeout(() => this.#closeAtLast(Math.min(delay * 2, 1000)), delay).unref();
    }
  }

  #check(fn: (handle: Handle) => unknown): void {
    refuseSuspending(fn);
    if (this.#state === 'closed') throw new ClosedError('The connection is closed.', { database: this.database });
    if (this.#state === 'discarded') {
      throw new ClosedError(
        'The connection was closed, because it could not be proved to be out of an earlier transaction. Open another.',
        {
          database: this.database,
        },
      );
    }
  }

  /** A connection that only reads has no other transactions. */
  #modeOf({ readOnly = this.#readOnly }: TransactionOptions): TransactionMode {
    return readOnly ? 'read' : 'write';
  }

  /** In a transaction of ours, or in one that was begun by hand. */
  #isInside(): boolean {
    return this.#depth > 0 || this.#driver.inTransaction(this.handle);
  }

  #wait(mode: TransactionMode, label: string | undefined, queued = 0): Wait {
    const wait: Wait = { database: this.database, mode, label, since: this.#scheduler.now(), queued };
    const channel = channels['unbusy:wait'];
    if (channel.hasSubscribers) channel.publish({ wait });
    return wait;
  }

  /** Asks for the lock once. Returns the error if another connection has it. */
  #tryBegin(mode: TransactionMode): unknown {
    const script = this.#scripts[mode];
    try {
      this.#driver.execute(this.handle, script.begin);
      return undefined;
    } catch (error) {
      if (this.#driver.inTransaction(this.handle)) this.#driver.execute(this.handle, 'ROLLBACK');
      this.#driver.execute(this.handle, `PRAGMA busy_timeout=${String(this.busyTimeout)}`);
      if (script.after !== undefined) this.#driver.execute(this.handle, script.after);
      const code = busyCodeOf(error);
      if (code === null) throw error;
      const channel = channels['unbusy:busy'];
      if (channel.hasSubscribers) channel.publish({ database: this.database, code, phase: 'begin' });
      return error;
    }
  }

  /** An asynchronous transaction of this thread cannot end while this thread is blocked. */
  #refuseDeadlock(cause: unknown): void {
    const holder = asyncHolder(this.#fileKey, this.#scheduler.now());
    if (holder === undefined) return;
    const label = holder.label === undefined ? '' : ` '${holder.label}'`;
    throw new UsageError(
      `An asynchronous transaction${label} of this process holds the lock, and cannot end while this call blocks. Use withTransactionAsync here.`,
      { database: this.database, cause },
    );
  }

  #giveUp(wait: Wait, error: unknown, patience: Patience): Error {
    return lockNotFree(
      wait,
      error,
      patience.waited,
      patience.attempts,
      asyncHolder(this.#fileKey, this.#scheduler.now()),
    );
  }

  #lostTurn(wait: Wait, error: unknown, patience: Patience): unknown {
    if (error instanceof Error && error.name === 'DeadlineError') return this.#giveUp(wait, error, patience);
    const channel = channels['unbusy:giveup'];
    if (channel.hasSubscribers) {
      channel.publish({ wait, duration: patience.waited, reason: 'abort', holder: undefined });
    }
    return error;
  }

  /** Runs the callback in the transaction that has just begun, and ends it. */
  #run<Result>(fn: (handle: Handle) => Result, { mode, label, trace, patience }: Begun): Result {
    const { after } = this.#scripts[mode];
    const waited = patience?.waited ?? 0;
    const hold = took(
      { database: this.database, mode, label, waited, retries: (patience?.attempts ?? 1) - 1, trace },
      this.#scheduler,
    );
    const { handle, revoke } = revocable(this.handle);
    this.#depth = 1;
    this.#doomed = undefined;
    try {
      const result = this.#call(fn, handle);
      revoke();
      this.#end(mode);
      released(hold, this.#scheduler, 'commit');
      return result;
    } catch (error) {
      revoke();
      this.#rollBack(error);
      released(hold, this.#scheduler, this.isOpen ? 'rollback' : 'discard');
      throw error;
    } finally {
      this.#depth = 0;
      if (after !== undefined && this.isOpen) this.#driver.execute(this.handle, after);
    }
  }

  /** Calls back, and refuses what is not over yet. */
  #call<Result>(fn: (handle: Handle) => Result, handle: Handle): Result {
    const result = fn(handle);
    // `tx => tx.exec(...)` returns the handle, which must not leave the transaction.
    if ((result as unknown) === handle) return this.handle as unknown as Result;
    const refused = suspendingResult(result);
    if (refused !== undefined) throw refused;
    return result;
  }

  #end(mode: TransactionMode): void {
    if (this.#doomed !== undefined) throw this.#doomed as Error;
    if (!this.#driver.inTransaction(this.handle)) {
      throw new TransactionError(
        'The transaction was over before its callback returned: SQLite rolled it back after an error that the callback caught, or the callback ran COMMIT or ROLLBACK itself.',
        'unknown',
        { database: this.database },
      );
    }
    this.#commit ??= this.#driver.prepare(this.handle, 'COMMIT');
    let patience: Patience | undefined;
    for (;;) {
      try {
        this.#commit();
        break;
      } catch (error) {
        // Outside of WAL mode a COMMIT waits for readers, with the transaction still open: it may simply be repeated.
        const code = busyCodeOf(error);
        if (code === null || !this.#driver.inTransaction(this.handle)) throw error;
        const channel = channels['unbusy:busy'];
        if (channel.hasSubscribers) channel.publish({ database: this.database, code, phase: 'commit' });
        patience ??= new Patience(this.#scheduler, this.busyTimeout);
        if (!patience.block()) throw this.#giveUp(this.#wait(mode, undefined), error, patience);
      }
    }
    if (this.#driver.inTransaction(this.handle)) {
      throw new TransactionError('COMMIT returned, and the connection is in the transaction still.', 'rolled back', {
        database: this.database,
      });
    }
  }

  /** Rolls back, and discards the connection if it cannot be proved to be out of the transaction. */
  #rollBack(reason: unknown): void {
    try {
      if (this.#driver.inTransaction(this.handle)) this.#driver.execute(this.handle, 'ROLLBACK');
      if (!this.#driver.inTransaction(this.handle)) return;
    } catch (error) {
      this.discard('ROLLBACK failed', error);
      return;
    }
    this.discard('the connection was in a transaction after ROLLBACK', reason);
  }

  /** A transaction inside another is a savepoint: its failure undoes its own work alone. */
  #nested<Result>(fn: (handle: Handle) => Result): Result {
    const savepoint = `unbusy_${String(this.#depth)}`;
    this.#driver.execute(this.handle, `SAVEPOINT ${savepoint}`);
    const { handle, revoke } = revocable(this.handle);
    this.#depth += 1;
    try {
      const result = this.#call(fn, handle);
      revoke();
      this.#driver.execute(this.handle, `RELEASE ${savepoint}`);
      return result;
    } catch (error) {
      revoke();
      // Where SQLite has rolled back all of it, there is no savepoint any more, and the outermost will find out.
      if (this.#driver.inTransaction(this.handle)) {
        this.#undo(savepoint, error);
      }
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  #undo(savepoint: string, reason: unknown): void {
    try {
      this.#driver.execute(this.handle, `ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
    } catch {
      this.#doomed = reason;
    }
  }
}
