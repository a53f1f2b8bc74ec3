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

/**
 * What has to be known of a driver whose calls block. Every function throws the driver's own errors. Adapters of the
 * application's own driver implement this and hand it to `syncVerbs`.
 */
export interface SyncDriver<Handle extends object> {
  readonly name: string;
  readonly synchronous: true;
  open(filename: string, opening: DriverOpening): Handle;
  /** Closes the handle; called once for each. */
  close(handle: Handle): void;
  /** Runs one or several statements and drops their rows. */
  execute(handle: Handle, sql: string): void;
  /** The rows of one statement. */
  query(handle: Handle, sql: string): readonly Row[];
  /** A statement without parameters and rows that will run often. */
  prepare(handle: Handle, sql: string): () => void;
  /** Whether the connection is in a transaction (`sqlite3_get_autocommit`). */
  inTransaction(handle: Handle): boolean;
}

/**
 * What has to be known of a driver whose calls answer later. Adapters of the application's own driver implement this
 * and hand it to `asyncVerbs`.
 */
export interface AsyncDriver<Handle extends object> {
  readonly name: string;
  readonly synchronous: false;
  open(filename: string, opening: DriverOpening): Promise<Handle>;
  close(handle: Handle): Promise<void>;
  execute(handle: Handle, sql: string): Promise<void>;
  query(handle: Handle, sql: string): Promise<readonly Row[]>;
  /** Whether the connection is in a transaction, where the driver can tell without changing it. */
  inTransaction?(handle: Handle): boolean;
  /** Sets how long the driver's own busy handler waits, in milliseconds, at once. */
  setBusyTimeout(handle: Handle, milliseconds: number): void;
  /**
   * Two views of one connection: the one for everyone, whose statements go through `admit`, and the one for the
   * transaction that is running. Statements of both stay the driver's own.
   */
  gate(handle: Handle, admit: Admit): Gated<Handle>;
}

/** Runs an operation now, or when the transaction that has the connection is over. */
export type Admit = <T>(operation: () => Promise<T>, name: string) => Promise<T>;

export interface Gated<Handle> {
  /** What `openDatabase` returns. */
  readonly outer: Handle;
  /** A handle for one transaction; `isOpen` turns false at its end, and the handle refuses from then on. */
  inner(check: (name: string) => void): Handle;
}
