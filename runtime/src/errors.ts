import type { TaskLimit } from './channels.ts';
import type { Holder } from './holders.ts';

/** What every error of this package says besides its message. */
export interface ErrorFacts {
  /** The file of the database, or its URL. */
  readonly database?: string | undefined;
  /** The driver's error. */
  readonly cause?: unknown;
}

/** The base of the errors that this package throws. `name` is the class's name, `code` a text that does not change. */
export class UnbusyError extends Error {
  readonly code: string;
  readonly database: string | undefined;

  constructor(code: string, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = code;
    this.database = facts.database;
  }
}

export interface BusyFacts extends ErrorFacts {
  /** How long this waited for the lock, in milliseconds. */
  readonly waited: number;
  /** How often it asked for the lock. */
  readonly attempts: number;
  /** Who held the lock at the end, where that can be known. */
  readonly holder?: Holder | undefined;
}

/** The lock was not free before the deadline: SQLITE_BUSY (5) and its kinds but for SQLITE_BUSY_SNAPSHOT. */
export class BusyError extends UnbusyError {
  readonly waited: number;
  readonly attempts: number;
  readonly holder: Holder | undefined;

  constructor(message: string, facts: BusyFacts) {
    super('UNBUSY_BUSY', message, facts);
    this.waited = facts.waited;
    this.attempts = facts.attempts;
    this.holder = facts.holder;
  }
}

/**
 * A transaction that began by reading cannot write any more, because another connection has written since
 * (SQLITE_BUSY_SNAPSHOT, 517). Waiting does not help: the whole transaction has to run again.
 */
export class SnapshotError extends UnbusyError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('UNBUSY_SNAPSHOT', message, facts);
  }
}

/** A deadline passed: of a task, of a place in a queue, of a connection that a pool should hand out. */
export class DeadlineError extends UnbusyError {
  /** Which limit was hit. */
  readonly limit: string;
  /** The limit, in milliseconds. */
  readonly milliseconds: number;

  constructor(message: string, limit: string, milliseconds: number, facts: ErrorFacts = {}) {
    super('UNBUSY_DEADLINE', message, facts);
    this.limit = limit;
    this.milliseconds = milliseconds;
  }
}

/** A queue has as many waiting as it may have. */
export class QueueFullError extends UnbusyError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('UNBUSY_QUEUE_FULL', message, facts);
  }
}

/** A connection was collected as garbage, or was still out when its pool closed. `cause` holds the place that took it. */
export class LeakError extends UnbusyError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('UNBUSY_LEAK', message, facts);
  }
}

/** A call that cannot be right, and would do harm if it ran: the message says what to write instead. */
export class UsageError extends UnbusyError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('UNBUSY_USAGE', message, facts);
  }
}

/** An option that does not exist, or has a value that it cannot have. */
export class OptionError extends UnbusyError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('UNBUSY_OPTION', message, facts);
  }
}

/** The database did not take a setting that was asked for. */
export class SettingError extends UnbusyError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('UNBUSY_SETTING', message, facts);
  }
}

/** The place or the build of SQLite cannot carry what was asked for: WAL on a network file system, say. */
export class EnvironmentError extends UnbusyError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('UNBUSY_ENVIRONMENT', message, facts);
  }
}

/** The connection was closed: by its owner, or because it could not be proved to be out of its last transaction. */
export class ClosedError extends UnbusyError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('UNBUSY_CLOSED', message, facts);
  }
}

/** The transaction ended in another way than was asked for: `outcome` says how the database is left. */
export class TransactionError extends UnbusyError {
  readonly outcome: 'rolled back' | 'unknown';

  constructor(message: string, outcome: 'rolled back' | 'unknown', facts: ErrorFacts = {}) {
    super('UNBUSY_TRANSACTION', message, facts);
    this.outcome = outcome;
  }
}

export interface TaskLimitFacts extends ErrorFacts {
  readonly task: string;
  readonly limit: TaskLimit;
  /** Fulfils when the task's function has ended, however it ends. */
  readonly settled: Promise<void>;
  /** Whether it runs still. */
  readonly running: () => boolean;
}

/** A task hit one of its limits. */
export class TaskLimitError extends UnbusyError {
  /** The name that the task was given. */
  readonly task: string;
  /** Which limit was hit. */
  readonly limit: TaskLimit;
  /** Fulfils when the task's function has ended. */
  readonly settled: Promise<void>;
  readonly #running: () => boolean;

  constructor(message: string, facts: TaskLimitFacts) {
    super('UNBUSY_TASK_LIMIT', message, facts);
    this.task = facts.task;
    this.limit = facts.limit;
    this.settled = facts.settled;
    this.#running = facts.running;
  }

  /** Whether the task's function runs still: it has not listened to its signal yet. */
  get stillRunning(): boolean {
    return this.#running();
  }
}

export interface BatchFacts extends ErrorFacts {
  readonly committed: number;
  readonly index: number | undefined;
}

/** A write in batches ended before its last row. The batches before are committed, and nothing of the last one is. */
export class BatchError extends UnbusyError {
  /** How many rows are committed, from the first row of all on: the `startAt` of a second try. */
  readonly committed: number;
  /** The row that threw, counted from 0; undefined where something else ended the write. */
  readonly index: number | undefined;

  constructor(message: string, facts: BatchFacts) {
    super('UNBUSY_BATCH', message, facts);
    this.committed = facts.committed;
    this.index = facts.index;
  }
}
