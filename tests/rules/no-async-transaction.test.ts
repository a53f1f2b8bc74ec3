import rule from '../../rules/no-async-transaction.ts';
import { testRule } from './tester.ts';

testRule('no-async-transaction', rule, {
  valid: [
    {
      name: 'a synchronous callback',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export const clear = db.transaction(() => {
          db.exec('DELETE FROM t');
        });
      `,
    },
    {
      name: 'the asynchronous work is done first',
      code: `
        import { Database } from 'bun:sqlite';
        const db = new Database('app.db');
        const store = db.transaction((status) => {
          db.run('UPDATE t SET status = ?', [status]);
        });
        export async function refresh(url) {
          store((await fetch(url)).status);
        }
      `,
      file: 'main.mjs',
    },
    {
      name: 'the result of a synchronous callback is awaited',
      code: `
        import Database from 'libsql';
        const db = new Database('app.db');
        export async function clear() {
          await db.transaction(() => db.exec('DELETE FROM t'))();
        }
      `,
    },
    {
      name: 'node:sqlite has no transaction function',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db') as DatabaseSync & { transaction(run: () => unknown): void };
        db.transaction(async () => {});
      `,
    },
    {
      name: 'drizzle with promises takes an asynchronous callback',
      code: `
        import { drizzle } from 'drizzle-orm/libsql';
        const db = drizzle('file:app.db');
        export const clear = () =>
          db.transaction(async (tx) => {
            await tx.delete(books);
          });
      `,
    },
    {
      name: 'kysely over a synchronous driver takes an asynchronous callback',
      code: `
        import Database from 'better-sqlite3';
        import { Kysely, SqliteDialect } from 'kysely';
        const db = new Kysely({ dialect: new SqliteDialect({ database: new Database('app.db') }) });
        export const clear = () =>
          db.transaction().execute(async (trx) => {
            await trx.deleteFrom('t').execute();
          });
      `,
    },
    {
      name: 'sqlite-async takes an asynchronous callback',
      code: `
        const { Database } = require('sqlite-async');
        exports.clear = async () => {
          const db = await Database.open('app.db');
          try {
            await db.transaction(async (inner) => { await inner.run('DELETE FROM t'); });
          } finally {
            await db.close();
          }
        };
      `,
      file: 'main.cjs',
    },
    {
      name: 'an own method of that name which waits for its callback',
      code: `
        import Database from 'better-sqlite3';
        class Store {
          readonly db = new Database('app.db');
          async transaction(run: () => Promise<void>): Promise<void> {
            this.db.exec('BEGIN IMMEDIATE');
            try {
              await run();
              this.db.exec('COMMIT');
            } catch (problem) {
              this.db.exec('ROLLBACK');
              throw problem;
            }
          }
        }
        export const clear = (store: Store) => store.transaction(async () => {});
      `,
    },
    {
      name: 'a synchronous callback of serialize',
      code: `
        const sqlite3 = require('sqlite3');
        const db = new sqlite3.Database('app.db');
        db.serialize(() => {
          db.run('DELETE FROM a');
          db.run('DELETE FROM b');
        });
      `,
      file: 'main.cjs',
    },
    {
      name: 'a function that nobody knows',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export const wrap = (run: () => void) => db.transaction(run);
      `,
    },
    {
      name: 'an asynchronous function that runs after the transaction',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function clear(later: (run: () => Promise<void>) => void): void {
          db.transaction(() => {
            later(async () => {
              await fetch('https://done.example');
            });
          })();
        }
      `,
    },
    {
      name: 'an own class called Database',
      code: `
        import { Database } from './database';
        const db = new Database('sqlite');
        export const clear = db.transaction(async () => {});
      `,
    },
    {
      name: 'a test may try it',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export const clear = db.transaction(async () => {});
      `,
      file: 'tests/async.ts',
    },
  ],
  invalid: [
    {
      name: 'an async arrow on better-sqlite3',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export const refresh = «db.transaction(async (url: string) => {
          const answer = await fetch(url);
          db.prepare('UPDATE t SET status = ?').run(answer.status);
        })»;
      `,
      errors: [{ messageId: 'transaction', data: { of: 'better-sqlite3' } }],
    },
    {
      name: 'an async function on bun:sqlite, called through its immediate form',
      code: `
        import { Database } from 'bun:sqlite';
        const db = new Database('app.db');
        export function refresh(url) {
          return «db.transaction(async function () {
            await fetch(url);
          })».immediate();
        }
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'transaction', data: { of: 'bun:sqlite' } }],
    },
    {
      name: 'an async function on libsql, in CommonJS',
      code: `
        const Database = require('libsql');
        const db = new Database('app.db');
        async function work() {
          await fetch('https://feed.example');
        }
        exports.run = «db.transaction(work)»;
      `,
      file: 'main.cjs',
      errors: [{ messageId: 'transaction', data: { of: 'libsql' } }],
    },
    {
      name: 'drizzle over better-sqlite3',
      code: `
        import Database from 'better-sqlite3';
        import { drizzle } from 'drizzle-orm/better-sqlite3';
        const db = drizzle(new Database('app.db'));
        export function clear() {
          return «db.transaction(async (tx) => {
            await tx.delete(books);
          })»;
        }
      `,
      errors: [{ messageId: 'transaction', data: { of: 'drizzle' } }],
    },
    {
      name: 'drizzle opens the file itself',
      code: `
        import { drizzle } from 'drizzle-orm/bun-sqlite';
        const db = drizzle('app.db');
        export const clear = () => «db.transaction(async (tx) => {
          await tx.delete(books);
        })»;
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'transaction', data: { of: 'drizzle' } }],
    },
    {
      name: 'a handle that is known by its type',
      code: `
        import type { Database } from 'better-sqlite3';
        export function clear(db: Database): void {
          void «db.transaction(async () => {
            await fetch('https://feed.example');
          })»();
        }
      `,
      errors: [{ messageId: 'transaction', data: { of: 'better-sqlite3' } }],
    },
    {
      name: 'drizzle that is known by its type',
      code: `
        import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
        export class Books {
          constructor(private readonly db: BetterSQLite3Database) {}
          clear() {
            return «this.db.transaction(async (tx) => {
              await tx.delete(books);
            })»;
          }
        }
      `,
      errors: [{ messageId: 'transaction', data: { of: 'drizzle' } }],
    },
    {
      name: 'a field of a class',
      code: `
        import Database from 'better-sqlite3';
        export class Store {
          #db = new Database('app.db');
          refresh = «this.#db.transaction(async () => {
            await fetch('https://feed.example');
          })»;
        }
      `,
      errors: [{ messageId: 'transaction', data: { of: 'better-sqlite3' } }],
    },
    {
      name: 'a callback that is given by a function of the module',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        const inTransaction = (run: () => void) => «db.transaction(run)»();
        export const refresh = () =>
          inTransaction(async () => {
            await fetch('https://feed.example');
          });
      `,
      errors: [{ messageId: 'transaction', data: { of: 'better-sqlite3' } }],
    },
    {
      name: 'each call is reported for itself',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export const a = «db.transaction(async () => {})»;
        export const b = «db.transaction(async () => {})»;
      `,
      errors: [
        { messageId: 'transaction', data: { of: 'better-sqlite3' } },
        { messageId: 'transaction', data: { of: 'better-sqlite3' } },
      ],
    },
    {
      name: 'serialize of sqlite3 does not wait',
      code: `
        const sqlite3 = require('sqlite3');
        const db = new sqlite3.Database('app.db');
        «db.serialize(async () => {
          await fetch('https://feed.example');
          db.run('DELETE FROM t');
        })»;
      `,
      file: 'main.cjs',
      errors: [{ messageId: 'serialize', data: { method: 'serialize' } }],
    },
    {
      name: 'serialize of the promise interface does not wait either',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        const db = await open({ filename: 'app.db', driver: sqlite3.Database });
        «db.serialize(async () => {
          await db.run('DELETE FROM t');
        })»;
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'serialize', data: { method: 'serialize' } }],
    },
    {
      name: 'tests are checked where the settings say so',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export const clear = «db.transaction(async () => {})»;
      `,
      file: 'tests/async.ts',
      settings: { tests: 'check' },
      errors: [{ messageId: 'transaction', data: { of: 'better-sqlite3' } }],
    },
  ],
});
