import { OptionError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import { isInMemory } from './in-memory.ts';

export type JournalMode = 'wal' | 'delete' | 'truncate' | 'persist' | 'memory' | 'off';
export type Synchronous = 'off' | 'normal' | 'full' | 'extra';
export type PragmaValue = string | number | boolean;

/** How `openDatabase` and `withConnection` open a file. */
export interface OpenOptions {
  /** The connection only reads: the file must exist, and its journal mode is left alone. Default: false. */
  readonly readOnly?: boolean;
  /** A file that does not exist is an error and is not made. Default: false, and true with `readOnly`. */
  readonly mustExist?: boolean;
  /** How long statements and transactions wait for a lock, in milliseconds. Default: 5000. */
  readonly busyTimeout?: number;
  /**
   * The journal mode asked for, or 'keep' for what the file has. Default: 'wal', and 'keep' with `readOnly` and for a
   * database in memory, which cannot have another.
   */
  readonly journalMode?: JournalMode | 'keep';
  /** Default: 'normal' in WAL mode, which loses no transaction when the program crashes; else what the driver has. */
  readonly synchronous?: Synchronous;
  /** Whether foreign keys are enforced. Default: what the driver has (drivers differ: see docs/runtime.md). */
  readonly foreignKeys?: boolean;
  /** More settings by PRAGMA name. They are made in this order, and read back. */
  readonly pragmas?: Readonly<Record<string, PragmaValue>>;
  /**
   * What to do where WAL can corrupt the database: on a network file system, and with an SQLite that has the WAL-reset
   * bug (3.7.0 to 3.51.2, but for 3.50.7 and 3.44.6). Default: `{ fileSystem: 'refuse', version: 'warn' }`.
   */
  readonly unsafe?: { readonly fileSystem?: Unsafe; readonly version?: Unsafe };
  /** The driver's own further options, as its constructor takes them. */
  readonly driver?: Readonly<Record<string, unknown>>;
}

export type Unsafe = 'refuse' | 'warn' | 'allow';

/** The options with their defaults. */
export interface Opening {
  readonly filename: string;
  readonly inMemory: boolean;
  readonly readOnly: boolean;
  readonly mustExist: boolean;
  readonly busyTimeout: number;
  readonly journalMode: JournalMode | 'keep';
  readonly synchronous: Synchronous | undefined;
  readonly foreignKeys: boolean | undefined;
  readonly pragmas: Readonly<Record<string, PragmaValue>>;
  readonly unsafe: { readonly fileSystem: Unsafe; readonly version: Unsafe };
  readonly driver: Readonly<Record<string, unknown>>;
}

const NAMES: Record<keyof OpenOptions, true> = {
  readOnly: true,
  mustExist: true,
  busyTimeout: true,
  journalMode: true,
  synchronous: true,
  foreignKeys: true,
  pragmas: true,
  unsafe: true,
  driver: true,
};
const JOURNAL_MODES: readonly string[] = ['wal', 'delete', 'truncate', 'persist', 'memory', 'off', 'keep'];
const SYNCHRONOUS: readonly string[] = ['off', 'normal', 'full', 'extra'];
const UNSAFE: readonly string[] = ['refuse', 'warn', 'allow'];

const DEFAULT_BUSY_TIMEOUT = 5000;

/** @throws {OptionError} an option that does not exist, or a value that it cannot have */
export function openingOf(filename: string, options: OpenOptions = {}): Opening {
  if (typeof filename !== 'string') {
    throw new OptionError(
      `The file name is a ${typeof filename}; it has to be a string, ':memory:' for a database in memory.`,
    );
  }
  checkOptions(options, Object.keys(NAMES), 'openDatabase');
  const inMemory = isInMemory(filename);
  const readOnly = flag('readOnly', options.readOnly) ?? false;
  const busyTimeout = options.busyTimeout ?? DEFAULT_BUSY_TIMEOUT;
  if (!Number.isInteger(busyTimeout) || busyTimeout < 0 || busyTimeout > 0x7fffffff) {
    throw new OptionError(
      `busyTimeout is ${String(busyTimeout)}; it has to be a whole number of milliseconds from 0 to 2147483647.`,
    );
  }
  checkOptions(options.unsafe, ['fileSystem', 'version'], 'The option unsafe');
  const journalMode =
    oneOf('journalMode', options.journalMode, JOURNAL_MODES) ?? (readOnly || inMemory ? 'keep' : 'wal');
  if (readOnly && journalMode !== 'keep') {
    throw new OptionError(
      `A read-only connection cannot set the journal mode: leave out journalMode: '${journalMode}'.`,
    );
  }
  return {
    filename,
    inMemory,
    readOnly,
    mustExist: flag('mustExist', options.mustExist) ?? readOnly,
    busyTimeout,
    journalMode,
    synchronous:
      oneOf('synchronous', options.synchronous, SYNCHRONOUS) ?? (journalMode === 'wal' ? 'normal' : undefined),
    foreignKeys: flag('foreignKeys', options.foreignKeys),
    pragmas: pragmasOf(options.pragmas),
    unsafe: {
      fileSystem: oneOf('unsafe.fileSystem', options.unsafe?.fileSystem, UNSAFE) ?? 'refuse',
      version: oneOf('unsafe.version', options.unsafe?.version, UNSAFE) ?? 'warn',
    },
    driver: options.driver ?? {},
  };
}

function flag(name: string, value: boolean | undefined): boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new OptionError(`${name} is ${JSON.stringify(value)}; it has to be true or false.`);
  }
  return value;
}

function oneOf<T extends string>(name: string, value: T | undefined, values: readonly string[]): T | undefined {
  if (value !== undefined && !values.includes(value)) {
    throw new OptionError(`${name} is ${JSON.stringify(value)}; it has to be one of ${values.join(', ')}.`);
  }
  return value;
}

/** The options that are PRAGMAs of their own: given twice, they could contradict each other. */
const OWN: Readonly<Record<string, string>> = {
  journal_mode: 'journalMode',
  busy_timeout: 'busyTimeout',
  synchronous: 'synchronous',
  foreign_keys: 'foreignKeys',
};

function pragmasOf(pragmas: Readonly<Record<string, PragmaValue>> = {}): Readonly<Record<string, PragmaValue>> {
  for (const [name, value] of Object.entries(pragmas)) {
    const own = OWN[name.toLowerCase()];
    if (own !== undefined) throw new OptionError(`Give ${own} and not pragmas.${name}.`);
    if (!/^[a-z_][a-z0-9_]*$/i.test(name)) throw new OptionError(`'${name}' is not the name of a PRAGMA.`);
    if (!/^-?[\w.]+$/.test(String(value))) {
      throw new OptionError(
        `The value of pragmas.${name} is ${JSON.stringify(value)}; it has to be a word or a number.`,
      );
    }
  }
  return pragmas;
}
