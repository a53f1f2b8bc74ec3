import { basename, join } from 'node:path';
import { createClient, type Config } from '@libsql/client';
import BetterSqlite3 from 'better-sqlite3';
import Libsql from 'libsql';
import { open as openSqlite, type ISqlite } from 'sqlite';
import { extendSchema, withSchema, type Faults } from './faults.ts';

type Native = BetterSqlite3.Database;

/** node:sqlite, where this Node has it. */
const nodeSqlite = process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined;

interface NodeSqlite {
  readonly DatabaseSync: new (file: string, options?: object) => object;
}

/** Drivers that run here, by the name that a program imports. */
export const RUNNING = ['better-sqlite3', 'libsql', 'sqlite', '@libsql/client', ...(nodeSqlite ? ['node:sqlite'] : [])];

/** The drivers as a program gets them: real ones on files of a folder, whose calls are counted and may fail. */
export function driversIn(folder: string, faults: Faults): Readonly<Record<string, unknown>> {
  const better = blocking((file, options) => new BetterSqlite3(file, options as object), folder, faults);
  const libsql = blocking((file, options) => new Libsql(file, options as object) as unknown as Native, folder, faults);
  const promises = { open: promising(folder, faults) };
  return {
    'better-sqlite3': Object.assign(better, {
      default: better,
      SqliteError: BetterSqlite3.SqliteError,
      __esModule: true,
    }),
    libsql: Object.assign(libsql, { default: libsql, __esModule: true }),
    sqlite: promises,
    sqlite3: { default: { Database: 'sqlite3', verbose: () => ({ Database: 'sqlite3' }) }, __esModule: true },
    ...(nodeSqlite && {
      'node:sqlite': {
        DatabaseSync: blocking(
          (file, options) => new nodeSqlite.DatabaseSync(file, options as object) as unknown as Native,
          folder,
          faults,
        ),
      },
    }),
    '@libsql/client': { createClient: client(folder, faults) },
  };
}

function pathIn(folder: string, file: unknown): string {
  const name = typeof file === 'string' && file !== '' ? basename(file.replace(/^file:/, '')) : 'default.db';
  return name.includes(':memory:') ? ':memory:' : join(folder, name);
}

const COUNTED = new Set(['exec', 'run', 'get', 'all', 'prepare', 'iterate', 'execute', 'batch', 'executeMultiple']);

/** better-sqlite3 and drivers with its interface. */
function blocking(open: (file: string, options: unknown) => Native, folder: string, faults: Faults): object {
  return function Database(this: unknown, file: unknown, options?: unknown): Native {
    faults.count(null);
    const path = pathIn(folder, file);
    // A file that is to be read only, or has to be there, is made before.
    if (path !== ':memory:') new BetterSqlite3(path).close();
    const native = open(path, options);
    faults.opened.push({
      isOpen: () => isOpen(native),
      inTransaction: () => isOpen(native) && isInTransaction(native),
      close: () => {
        native.close();
      },
    });
    const schema = path === ':memory:' ? native : null;
    return counted(native, faults, (run) => withOwnSchema(schema, path, native, faults.seeded, run));
  };
}

/** The schema is made by a connection of its own where nothing is in the way, and by the program's own otherwise. */
function withOwnSchema<Result>(
  memory: Native | null,
  path: string,
  native: Native,
  seeded: boolean,
  run: () => Result,
): Result {
  if (memory || isInTransaction(native)) return withSchema(native, seeded, run);
  const schema = new BetterSqlite3(path, { timeout: 0 });
  try {
    return withSchema(schema, seeded, run);
  } finally {
    schema.close();
  }
}

/** A handle, or a statement of it, whose calls are counted. */
function counted<Handle extends object>(
  handle: Handle,
  faults: Faults,
  around: <Result>(run: () => Result) => Result,
): Handle {
  return new Proxy(handle, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const call = (): unknown => (value as (...args: unknown[]) => unknown).apply(target, args);
        if (typeof key !== 'string' || !COUNTED.has(key)) {
          const result = call();
          return result === target ? counted(target, faults, around) : result;
        }
        faults.count(args[0]);
        const result = around(call);
        if (result === target) return counted(target, faults, around);
        return key === 'prepare' ? counted(result as object, faults, around) : result;
      };
    },
  });
}

/** `open` of sqlite. */
function promising(folder: string, faults: Faults): (config: ISqlite.Config) => Promise<unknown> {
  return async ({ filename }) => {
    faults.count(null);
    const sqlite3 = (await import('sqlite3')).default;
    const path = pathIn(folder, filename);
    const database = await openSqlite({ filename: path, driver: sqlite3.Database });
    let isOpen = true;
    let inTransaction = false;
    faults.opened.push({
      isOpen: () => isOpen,
      inTransaction: () => isOpen && inTransaction,
      close: () => database.close(),
    });
    return new Proxy(database, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          if (typeof key === 'string' && COUNTED.has(key)) faults.count(args[0]);
          const call = (): Promise<unknown> => (value as (...args: unknown[]) => Promise<unknown>).apply(target, args);
          const result = await withSchemaLater(path, faults.seeded, call);
          if (key === 'close') isOpen = false;
          const sql = typeof args[0] === 'string' ? args[0] : '';
          if (/^\s*BEGIN/i.test(sql)) inTransaction = true;
          if (/(?:^|;)\s*(?:COMMIT|ROLLBACK|END)\b[^;]*;?\s*$/i.test(sql)) inTransaction = false;
          return result;
        };
      },
    });
  };
}

async function withSchemaLater(path: string, seeded: boolean, call: () => Promise<unknown>): Promise<unknown> {
  for (let attempts = 0; ; attempts += 1) {
    try {
      return await call();
    } catch (error) {
      const schema = new BetterSqlite3(path, { timeout: 0 });
      try {
        if (attempts > 30 || !extendSchema(schema, seeded, error)) throw error;
      } finally {
        schema.close();
      }
    }
  }
}

/** `createClient` of @libsql/client. */
function client(folder: string, faults: Faults): (config: Config) => unknown {
  return (config) => {
    const path = pathIn(folder, config.url);
    new BetterSqlite3(path).close();
    const opened = createClient({ url: `file:${path}` });
    faults.opened.push({ isOpen: () => !opened.closed, inTransaction: () => false, close: () => opened.close() });
    return later(opened, path, faults);
  };
}

/** A client, or a transaction of one, whose calls are counted; a transaction that is not over counts as open. */
function later<Handle extends object>(handle: Handle, path: string, faults: Faults): Handle {
  return new Proxy(handle, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const call = (): unknown => (value as (...args: unknown[]) => unknown).apply(target, args);
        if (key === 'close') return call();
        return (async () => {
          const [statement] = args;
          const sql =
            typeof statement === 'object' && statement !== null && 'sql' in statement ? statement.sql : statement;
          if (key !== 'rollback') faults.count(sql);
          const inTransaction = 'commit' in target;
          const result = inTransaction
            ? await Promise.resolve(call()).catch((error: unknown) => {
                if (/^no such|has no column/.test(messageOf(error)))
                  faults.lacked.push({ file: basename(path), error });
                throw error;
              })
            : await withSchemaLater(path, faults.seeded, () => Promise.resolve(call()));
          if (key !== 'transaction') return result;
          const transaction = result as { closed: boolean; close(): void };
          faults.opened.push({
            isOpen: () => !transaction.closed,
            inTransaction: () => !transaction.closed,
            close: () => transaction.close(),
          });
          return later(transaction, path, faults);
        })();
      };
    },
  });
}

/** The message of SQLite, without the code that the client puts in front. */
function messageOf(error: unknown): string {
  return (error as Error).message.replace(/^\w+: /, '');
}

/** node:sqlite has other names for both. */
function isOpen(native: Native): boolean {
  const { isOpen: named } = native as unknown as { isOpen?: boolean };
  return named ?? native.open;
}

function isInTransaction(native: Native): boolean {
  const { isTransaction } = native as unknown as { isTransaction?: boolean };
  return isTransaction ?? native.inTransaction;
}
