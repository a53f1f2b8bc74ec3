/** How a driver is asked to open a file. */
export interface DriverOpening {
  readonly readOnly: boolean;
  /** A file that does not exist is an error and is not made. */
  readonly mustExist: boolean;
  /** Milliseconds that the driver's own busy handler waits. */
  readonly busyTimeout: number;
  /** The driver's own further options, as its constructor takes them. */
  readonly driver: Readonly<Record<string, unknown>>;
}

/** A row of a PRAGMA, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** `write` takes the write lock at once (BEGIN IMMEDIATE), `read` keeps one snapshot and cannot write. */
export type TransactionMode = 'read' | 'write';

/**
 * What has to be known of a driver whose calls block. Every function throws the driver's own errors. An application
 * that has another driver implements this and hands it to the verbs (`openWith`, `transactWith`, ...).
 */
export interface SyncDriver<Handle extends object> {
  readonly name: string;
  readonly synchronous: true;
  open(filename: string, opening: DriverOpening): Handle;
  /** Closes the handle. What the driver has of its own on it (cached statements) is finalized first. */
  close(handle: Handle): void;
  /** Runs one or several statements and drops their rows. */
  execute(handle: Handle, sql: string): void;
  /** The rows of one statement. */
  query(handle: Handle, sql: string): readonly Row[];
  /** One statement without parameters and rows that runs often. */
  prepare(handle: Handle, sql: string): () => void;
  /** Whether the connection is in a transaction (`sqlite3_get_autocommit`). */
  inTransaction(handle: Handle): boolean;
  /**
   * Called once for a new handle of `openDatabase`: a driver that cannot go on with a connection after SQLITE_BUSY
   * watches its statements and calls `poisoned`.
   */
  watch?(handle: Handle, poisoned: (error: unknown) => void): void;
}

/** Runs an operation now, or when the transaction that has the connection is over; `name` is for messages. */
export type Admit = <T>(name: string, operation: () => Promise<T>) => Promise<T>;

/**
 * What has to be known of a driver whose calls answer later. `Inner` is what a transaction's callback gets: the
 * driver's own kind of handle, or its own kind of transaction.
 */
export interface AsyncDriver<Handle extends object, Inner extends object = Handle> {
  readonly name: string;
  readonly synchronous: false;
  open(filename: string, opening: DriverOpening): Promise<Handle>;
  close(handle: Handle): Promise<void>;
  query(handle: Handle, sql: string): Promise<readonly Row[]>;
  /**
   * Sends all that is done with the handle through `admit` from now on. `open`, `close`, `query` and `begin` of the
   * driver go past it.
   */
  guard(handle: Handle, admit: Admit): void;
  /**
   * Asks once for a transaction, without waiting for a lock: the driver's own busy handler is off meanwhile, and waits
   * `busyTimeout` milliseconds again afterwards. When it throws, no transaction is open and the connection can be used.
   */
  begin(handle: Handle, mode: TransactionMode, busyTimeout: number): Promise<DriverTransaction<Inner>>;
  /** Whether the database is on this machine, so that its file can be looked at. Files are, unless this says no. */
  isLocal?(filename: string): boolean;
}

/** A transaction that has begun. */
export interface DriverTransaction<Inner extends object> {
  execute(sql: string): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Whether it is open still; undefined where the driver cannot tell. */
  isOpen(): boolean | undefined;
  /** A handle whose every use goes through `admit`. */
  handle(admit: Admit): Inner;
}
