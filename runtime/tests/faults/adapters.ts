import * as betterSqlite3 from '../../src/drivers/better-sqlite3.ts';
import * as libsqlClient from '../../src/drivers/libsql-client.ts';
import * as libsql from '../../src/drivers/libsql.ts';
import * as sqlite from '../../src/drivers/sqlite.ts';
import * as sqlite3 from '../../src/drivers/sqlite3.ts';

/** A connection of the wrapper, whatever its driver. */
interface Connection {
  readonly exec: (sql: string) => Promise<void>;
  /** The first value of the first row. */
  readonly value: (sql: string) => Promise<unknown>;
  /** Runs statements in one transaction. */
  readonly transact: (statements: readonly string[], options?: { timeout?: number }) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What the fault tests do with a driver: in this process, and in the text of a program. */
export interface Adapter {
  /** The entry of the package. */
  readonly name: string;
  readonly open: (file: string, options?: { readOnly?: boolean; mustExist?: boolean }) => Promise<Connection>;
  /** `exec(handle, sql)` and `get(handle, sql)` in a program. */
  readonly functions: string;
  /** The driver blocks: the callback of a transaction is synchronous. */
  readonly blocking: boolean;
}

type Later = (error: Error | null, row?: unknown) => void;

const first = (row: unknown): unknown => Object.values(row ?? {})[0];

/** What the drivers that block have in common. */
interface Handle {
  exec(sql: string): unknown;
  prepare(sql: string): { get(): unknown };
  close(): unknown;
}

interface Blocking {
  readonly openDatabaseAsync: (file: string, options?: object) => Promise<Handle>;
  readonly withTransactionAsync: (db: Handle, fn: (tx: Handle) => void, options?: object) => Promise<void>;
}

const blocking = (name: string, unbusy: Blocking): Adapter => ({
  name,
  blocking: true,
  functions: 'const exec = (h, sql) => h.exec(sql); const get = (h, sql) => h.prepare(sql).get();',
  open: async (file, options) => {
    const db = await unbusy.openDatabaseAsync(file, options);
    return {
      exec: async (sql) => Promise.resolve(void db.exec(sql)),
      value: async (sql) => Promise.resolve(first(db.prepare(sql).get())),
      transact: (statements, limits) =>
        unbusy.withTransactionAsync(db, (tx) => statements.forEach((sql) => void tx.exec(sql)), limits),
      close: async () => Promise.resolve(void db.close()),
    };
  },
});

export const ADAPTERS: readonly Adapter[] = [
  blocking('better-sqlite3', betterSqlite3 as unknown as Blocking),
  blocking('libsql', libsql as unknown as Blocking),
  {
    name: 'sqlite3',
    blocking: false,
    functions: `const later = (call) => new Promise((done, fail) => call((error, row) => (error ? fail(error) : done(row))));
      const exec = (h, sql) => later((cb) => h.exec(sql, cb)); const get = (h, sql) => later((cb) => h.get(sql, cb));`,
    open: async (file, options) => {
      const db = await sqlite3.openDatabase(file, options);
      const later = (call: (done: Later) => unknown): Promise<unknown> =>
        new Promise((resolve, reject) => call((error, row) => (error ? reject(error) : resolve(row))));
      return {
        exec: async (sql) => {
          await later((done) => db.exec(sql, done));
        },
        value: async (sql) => first(await later((done) => db.get(sql, done))),
        transact: (statements, limits) =>
          sqlite3.withTransaction(
            db,
            async (tx) => {
              for (const sql of statements) await later((done) => tx.exec(sql, done));
            },
            limits,
          ),
        close: async () => {
          await later((done) => {
            db.close(done);
          });
        },
      };
    },
  },
  {
    name: 'sqlite',
    blocking: false,
    functions: 'const exec = (h, sql) => h.exec(sql); const get = (h, sql) => h.get(sql);',
    open: async (file, options) => {
      const db = await sqlite.openDatabase(file, options);
      return {
        exec: (sql) => db.exec(sql),
        value: async (sql) => first(await db.get(sql)),
        transact: (statements, limits) =>
          sqlite.withTransaction(
            db,
            async (tx) => {
              for (const sql of statements) await tx.exec(sql);
            },
            limits,
          ),
        close: () => db.close(),
      };
    },
  },
  {
    name: 'libsql-client',
    blocking: false,
    functions:
      'const exec = (h, sql) => h.execute(sql); const get = async (h, sql) => ({ ...(await h.execute(sql)).rows[0] });',
    open: async (file, options) => {
      const db = await libsqlClient.openDatabase(file, options);
      return {
        exec: (sql) => db.executeMultiple(sql),
        value: async (sql) => (await db.execute(sql)).rows[0]?.[0],
        transact: (statements, limits) =>
          libsqlClient.withTransaction(
            db,
            async (tx) => {
              for (const sql of statements) await tx.execute(sql);
            },
            limits,
          ),
        close: () => {
          db.close();
          return Promise.resolve();
        },
      };
    },
  },
];

/** A program on the built package that runs code within a transaction which has written. */
export function within({ functions, blocking: isBlocking }: Adapter, code: string, after = ''): string {
  return isBlocking
    ? `${functions}
      const db = unbusy.openDatabase(file);
      unbusy.withTransaction(db, (tx) => { exec(tx, 'UPDATE t SET n = 1'); ${code} });
      ${after}`
    : `${functions}
      const db = await unbusy.openDatabase(file);
      await unbusy.withTransaction(db, async (tx) => { await exec(tx, 'UPDATE t SET n = 1'); ${code} });
      ${after}`;
}
