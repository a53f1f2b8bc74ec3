/** What the tests use of a driver's own handle: the drivers agree in this much. */
export interface Handle {
  exec(sql: string): unknown;
  prepare(sql: string): { run(...values: unknown[]): unknown; get(...values: unknown[]): unknown };
  close(): unknown;
}

interface Pool {
  read<Result>(fn: (db: Handle) => Result): Promise<Result>;
  write<Result>(fn: (db: Handle) => Result): Promise<Result>;
  stats(): { writer: { open: number }; readers: { open: number } };
  close(): Promise<void>;
}

interface Verbs {
  readonly openDatabase: (file: string, options?: object) => Handle & Disposable;
  readonly openDatabaseAsync: (file: string, options?: object) => Promise<Handle & Disposable>;
  readonly withConnection: <Result>(file: string, fn: (db: Handle) => Result, options?: object) => Result;
  readonly withTransaction: <Result>(db: Handle, fn: (tx: Handle) => Result, options?: object) => Result;
  readonly withTransactionAsync: <Result>(db: Handle, fn: (tx: Handle) => Result, options?: object) => Promise<Result>;
  readonly createPool: (file: string, options?: object) => Promise<Pool>;
}

/** The drivers that block and that this runtime has: its own, and those that are installed for it. */
export const drivers: Readonly<Record<string, Verbs>> = await load();

async function load(): Promise<Record<string, Verbs>> {
  if (process.versions.bun !== undefined)
    return { 'bun:sqlite': (await import('../../src/drivers/bun-sqlite.ts')) as unknown as Verbs };
  const betterSqlite3 = (await import('../../src/drivers/better-sqlite3.ts')) as unknown as Verbs;
  if (Number(process.versions.node.split('.')[0]) >= 22)
    return {
      'node:sqlite': (await import('../../src/drivers/node-sqlite.ts')) as unknown as Verbs,
      // Version 13, which runs on Node 22 and later alone (vitest.config.ts).
      'better-sqlite3': betterSqlite3,
    };
  return {
    'better-sqlite3': betterSqlite3,
    libsql: (await import('../../src/drivers/libsql.ts')) as unknown as Verbs,
  };
}

/** node:sqlite has another name for it. */
export function isInTransaction(handle: Handle): boolean {
  const { inTransaction, isTransaction } = handle as { inTransaction?: boolean; isTransaction?: boolean };
  return inTransaction ?? isTransaction ?? false;
}
