/**
 * The vocabulary of the driver catalogue. A driver is data: how it opens a database, what its handles can do and what
 * it does when nobody configures it. The analysis reads these facts and knows no driver by name; a new driver is one new
 * file beside this one.
 */

/** What a value handed out by a driver is. */
type HandleKind = 'connection' | 'statement' | 'transaction' | 'iterator';

/** How a transaction takes its locks: `deferred` takes none before its first statement, the others the write lock at once. */
export type TransactionMode = 'deferred' | 'immediate' | 'exclusive' | 'read';

/** How code asks for the write lock as it begins a transaction. */
export type ImmediateForm =
  /** `BEGIN IMMEDIATE` */
  | { readonly by: 'statement' }
  /** A property of the transaction function: `transaction.immediate()`. */
  | { readonly by: 'method'; readonly method: string }
  /** An argument of the method that begins it, as JavaScript: `transaction('write')`. */
  | { readonly by: 'argument'; readonly method: string; readonly argument: number; readonly code: string }
  /** An option in the first argument: `{ type: 'IMMEDIATE' }`, and in TypeScript a value of the library's enumeration. */
  | { readonly by: 'option'; readonly option: string; readonly value: string; readonly typed: EnumValue };

/** A member of an enumeration that a module exports: `Transaction`, `.TYPES.IMMEDIATE`. */
interface EnumValue {
  readonly module: string;
  readonly name: string;
  readonly member: string;
}

/**
 * How a driver answers a call: at once (`value`), by a promise, or by a callback in the last argument, node style.
 * `queued` is a callback driver's call whose order is kept, so that what is called behind it happens behind it.
 */
export type Answer = 'value' | 'promise' | 'callback';

/** What a method of a handle does. */
export type MethodFact =
  /** Runs the SQL text of an argument; the text may hold several statements. `rows` tells whether it hands out rows. */
  | { readonly does: 'execute'; readonly sql: number; readonly several?: boolean; readonly answers?: Answer }
  /** Runs a list of statements as one transaction of its own (`@libsql/client`'s `batch`). */
  | { readonly does: 'batch'; readonly answers?: Answer }
  /** Runs the handle's own SQL text (a prepared statement). */
  | { readonly does: 'run'; readonly answers?: Answer }
  /** Compiles SQL text to a statement handle, which runs later. */
  | { readonly does: 'prepare'; readonly sql: number; readonly answers?: Answer }
  /** Hands out rows one by one; until the last one is taken, a read lock or a snapshot is held. */
  | { readonly does: 'iterate'; readonly sql?: number }
  /** Runs a PRAGMA whose text is given without the keyword. */
  | { readonly does: 'pragma'; readonly sql: number }
  /** Sets a driver option by name, as `configure('busyTimeout', 5000)`. */
  | { readonly does: 'configure'; readonly name: number; readonly value: number }
  /** Wraps a function so that each call of the result is a transaction. `modes` are properties that choose the mode. */
  | {
      readonly does: 'transaction function';
      readonly callback: number;
      readonly modes: Readonly<Record<string, TransactionMode>>;
    }
  /** Runs a callback inside a transaction, which ends with it. Answers by promise where the callback may be asynchronous. */
  | { readonly does: 'transact'; readonly callback: number; readonly mode: TransactionMode; readonly answers?: Answer }
  /** Begins a transaction and hands out its handle; the mode is named by an argument. */
  | {
      readonly does: 'begin';
      readonly mode: number;
      readonly modes: Readonly<Record<string, TransactionMode>>;
      readonly otherwise: TransactionMode;
      readonly answers?: Answer;
    }
  /** Runs a statement that its name stands for, such as `startTransaction`. */
  | { readonly does: 'statement'; readonly sql: string; readonly answers?: Answer }
  /** Tells whether the transaction whose handle this is has ended. */
  | { readonly does: 'ask' }
  /** Ends the transaction whose handle this is. */
  | { readonly does: 'commit' | 'rollback'; readonly answers?: Answer }
  /** Closes the handle; a transaction still open is rolled back. */
  | { readonly does: 'close'; readonly answers?: Answer }
  /** Calls a synchronous callback at once; what an asynchronous one does after its first await is outside. */
  | { readonly does: 'scope'; readonly callback: number }
  /** Returns the handle itself and does nothing that matters here. */
  | { readonly does: 'self' }
  /** Touches the database in a way that takes no lock worth a report; may fail. `safe` ones cannot. */
  | { readonly does: 'other'; readonly safe?: boolean; readonly answers?: Answer };

/** What a property of a handle tells. */
type PropertyFact =
  | 'open'
  | 'in transaction'
  | 'memory'
  /** Whether the transaction whose handle this is has ended. */
  | 'ended'
  /** The handle itself, under another name. */
  | 'self';

/** One option of an opening call. */
interface OptionFact {
  /** What the option means to SQLite; `other` for what has nothing to do with locks. */
  readonly sets: 'busy timeout' | 'read-only' | 'must exist' | 'memory' | 'other';
}

/** How an exported function or class opens a database. */
export interface OpeningFact {
  readonly kind: 'connection';
  /** `call` where the class may also be called without `new`. */
  readonly by: 'construct' | 'call' | 'construct or call';
  /** Where the file is named: an argument by position, or a property of the first argument. */
  readonly file: { readonly argument: number } | { readonly option: string };
  /** Position of the options object. */
  readonly options?: number;
  /** Position of a number of SQLITE_OPEN_* flags, and the flags' names that tell what is opened. */
  readonly flags?: number;
  readonly answers?: Answer;
  /** Handles of this opening are kept and shared by the driver itself (`sqlite3.cached`). */
  readonly shared?: boolean;
  /** The handle is a client over a pool of its own rather than one connection; it has no PRAGMA worth setting by hand. */
  readonly client?: boolean;
  /** It sets the busy timeout, WAL and synchronous itself. */
  readonly configured?: boolean;
}

/** What a driver exports under a name; the empty name is the module or its default export. */
export type ExportFact =
  | OpeningFact
  /** A function that runs a callback on a connection which it opens, sets up and closes. */
  | {
      readonly kind: 'with connection';
      readonly file: { readonly argument: number };
      readonly callback: number;
      readonly answers?: Answer;
    }
  /** A function that runs a callback in a transaction on a connection that it is given. */
  | {
      readonly kind: 'with transaction';
      readonly connection: number;
      readonly callback: number;
      readonly mode: TransactionMode;
      readonly answers?: Answer;
    }
  /** A class that only serves as a type here: statements, transactions. */
  | { readonly kind: 'type'; readonly of: HandleKind }
  /** A constant that tells how a file is opened. */
  | { readonly kind: 'flag'; readonly means: 'read-only' | 'create' | 'other' }
  /** A function that returns the module itself (`sqlite3.verbose()`). */
  | { readonly kind: 'module' };

export interface Driver {
  readonly id: string;
  /** Module specifiers that hand out this driver; drop-in replacements with the same interface included. */
  readonly modules: readonly string[];
  /** Statements run on the calling thread and return their result. */
  readonly synchronous: boolean;
  /** Exports by name; `''` is the module itself or its default export. */
  readonly exports: Readonly<Record<string, ExportFact>>;
  /** Busy timeout in milliseconds of a connection that nobody configured. */
  readonly defaultBusyTimeout: number;
  /** Options of the opening call that the driver reads. */
  readonly options: Readonly<Record<string, OptionFact>>;
  /** Options that the driver ignores without a word, each with the one that was meant, or `null` where it has none. */
  readonly ignoredOptions: Readonly<Record<string, string | { readonly opposite: string } | null>>;
  /** Options that the driver refuses with an exception, so that nobody has to be told. */
  readonly refusedOptions?: readonly string[];
  /** A connection that is closed already can be closed again; others throw. */
  readonly closesAgain?: boolean;
  /** A connection with prepared statements that are not finalized stays open, and closing it fails. */
  readonly closesAfterStatements?: boolean;
  /** `Symbol.dispose` or, where closing answers later, `Symbol.asyncDispose` closes a connection. */
  readonly disposable?: boolean;
  readonly connection: Readonly<Record<string, MethodFact>>;
  readonly statement: Readonly<Record<string, MethodFact>>;
  readonly transaction?: Readonly<Record<string, MethodFact>>;
  /**
   * Methods of any object take the handle of a transaction among their options, use it and leave it to whoever begins and
   * ends it; what those do whose names tell.
   */
  readonly transactionInOptions?: Readonly<Record<string, 'read' | 'write'>>;
  readonly properties?: Readonly<Record<string, PropertyFact>>;
}
