import rule from '../../rules/require-close.ts';
import { testRule } from './tester.ts';

testRule('require-close', rule, {
  valid: [
    {
      name: 'closed in finally',
      code: `
        import Database from 'better-sqlite3';
        export function count(): unknown {
          const db = new Database('app.db');
          try {
            return db.prepare('SELECT count(*) FROM t').get();
          } finally {
            db.close();
          }
        }
      `,
    },
    {
      name: 'only PRAGMAs of the same handle stand between the open and the try',
      code: `
        import Database from 'better-sqlite3';
        export function count(): unknown {
          const db = new Database('app.db');
          db.pragma('journal_mode = WAL');
          db.pragma('busy_timeout = 5000');
          try {
            return db.prepare('SELECT count(*) FROM t').get();
          } finally {
            db.close();
          }
        }
      `,
    },
    {
      name: 'using closes node:sqlite',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export function count(): unknown {
          using db = new DatabaseSync('app.db');
          return db.prepare('SELECT count(*) FROM t').get();
        }
      `,
    },
    {
      name: 'closed by hand on each way, failing ones included',
      code: `
        import { Database } from 'bun:sqlite';
        export function count(): unknown {
          const db = new Database('app.db');
          let row: unknown;
          try {
            row = db.query('SELECT count(*) FROM t').get();
          } catch (problem) {
            db.close();
            throw problem;
          }
          if (row === null) {
            db.close();
            return 0;
          }
          db.close();
          return row;
        }
      `,
    },
    {
      name: 'closed by optional call after it was perhaps never opened',
      code: `
        import Database from 'libsql';
        export function count(path: string | null): unknown {
          let db: Database.Database | undefined;
          try {
            if (path === null) return 0;
            db = new Database(path);
            return db.prepare('SELECT count(*) FROM t').get();
          } finally {
            db?.close();
          }
        }
      `,
    },
    {
      name: 'closed by a local closure called in finally',
      code: `
        const Database = require('better-sqlite3');
        function count() {
          const db = new Database('app.db');
          const cleanUp = () => { if (db.open) db.close(); };
          try {
            return db.prepare('SELECT count(*) FROM t').get();
          } finally {
            cleanUp();
          }
        }
        module.exports = { count };
      `,
      file: 'main.cjs',
    },
    {
      name: 'closed by a helper that is given the handle',
      code: `
        import Database from 'better-sqlite3';
        function release(handle: Database.Database): void {
          handle.close();
        }
        export function count(): unknown {
          const db = new Database('app.db');
          try {
            return db.prepare('SELECT count(*) FROM t').get();
          } finally {
            release(db);
          }
        }
      `,
    },
    {
      name: 'awaited close in finally of the promise interface',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        export async function count() {
          const db = await open({ filename: 'app.db', driver: sqlite3.Database });
          try {
            return await db.get('SELECT count(*) FROM t');
          } finally {
            await db.close();
          }
        }
      `,
    },
    {
      name: 'a chain that closes in its finally',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        export function count() {
          return open({ filename: 'app.db', driver: sqlite3.Database }).then((db) =>
            db.get('SELECT count(*) FROM t').finally(() => db.close()),
          );
        }
      `,
      file: 'main.mjs',
    },
    {
      name: 'close of sqlite3 is queued behind the statements',
      code: `
        import sqlite3 from 'sqlite3';
        export function add(name: string): void {
          const db = new sqlite3.Database('app.db');
          db.run('INSERT INTO t VALUES (?)', name);
          db.close();
        }
      `,
    },
    {
      name: 'sqlite3 closes in the last callback',
      code: `
        const sqlite3 = require('sqlite3');
        exports.count = (done) => {
          const db = new sqlite3.Database('app.db');
          db.get('SELECT count(*) FROM t', (problem, row) => {
            db.close();
            done(problem, row);
          });
        };
      `,
      file: 'main.cjs',
    },
    {
      name: 'a client of libsql is closed in finally',
      code: `
        import { createClient } from '@libsql/client';
        export async function count() {
          const client = createClient({ url: 'file:app.db' });
          try {
            return await client.execute('SELECT count(*) FROM t');
          } finally {
            client.close();
          }
        }
      `,
    },
    {
      name: 'whoever gets the handle returned closes it',
      code: `
        import Database from 'better-sqlite3';
        export function connect(): Database.Database {
          const db = new Database('app.db');
          db.exec('CREATE TABLE IF NOT EXISTS t (a)');
          return db;
        }
      `,
    },
    {
      name: 'a caller closes what a helper opens',
      code: `
        import Database from 'better-sqlite3';
        const connect = () => new Database('app.db');
        export function count(): unknown {
          const db = connect();
          try {
            return db.prepare('SELECT count(*) FROM t').get();
          } finally {
            db.close();
          }
        }
      `,
    },
    {
      name: 'a connection of the module lives as long as the process',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export const count = () => db.prepare('SELECT count(*) FROM t').get();
      `,
    },
    {
      name: 'a singleton that is opened when it is first asked for',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        let db: DatabaseSync | null = null;
        export function connection(): DatabaseSync {
          if (db === null) {
            db = new DatabaseSync('app.db');
            db.exec('CREATE TABLE IF NOT EXISTS t (a)');
          }
          return db;
        }
      `,
    },
    {
      name: 'a field of a class that has a close method',
      code: `
        import Database from 'better-sqlite3';
        export class Store {
          private readonly db: Database.Database;
          constructor(path: string) {
            this.db = new Database(path);
          }
          close(): void {
            this.db.close();
          }
        }
      `,
    },
    {
      name: 'kept in a map',
      code: `
        import Database from 'better-sqlite3';
        const open = new Map<string, Database.Database>();
        export function connect(path: string): void {
          open.set(path, new Database(path));
        }
      `,
    },
    {
      name: 'captured by a closure that is returned',
      code: `
        import Database from 'better-sqlite3';
        export function counter() {
          const db = new Database('app.db');
          return () => db.prepare('SELECT count(*) FROM t').get();
        }
      `,
    },
    {
      name: 'given to a repository object that is returned',
      code: `
        import Database from 'better-sqlite3';
        class Books {
          constructor(readonly db: Database.Database) {}
        }
        export function books(): Books {
          const db = new Database('app.db');
          return new Books(db);
        }
      `,
    },
    {
      name: 'given to drizzle, which is returned',
      code: `
        import Database from 'better-sqlite3';
        import { drizzle } from 'drizzle-orm/better-sqlite3';
        export function connect() {
          const sqlite = new Database('app.db');
          return drizzle(sqlite);
        }
      `,
    },
    {
      name: 'given to code that nobody knows',
      code: `
        import Database from 'better-sqlite3';
        import { register } from '@acme/pool';
        export function connect(): void {
          const db = new Database('app.db');
          register(db);
        }
      `,
    },
    {
      name: 'opened only where none was given, and closed only then',
      code: `
        import Database from 'better-sqlite3';
        export function count(given?: Database.Database): unknown {
          const db = given ?? new Database('app.db');
          try {
            return db.prepare('SELECT count(*) FROM t').get();
          } finally {
            if (!given) db.close();
          }
        }
      `,
    },
    {
      name: 'the process ends in the catch',
      code: `
        import Database from 'better-sqlite3';
        export function count(): unknown {
          const db = new Database('app.db');
          let row: unknown;
          try {
            row = db.prepare('SELECT count(*) FROM t').get();
          } catch (problem) {
            console.error(problem);
            process.exit(1);
          }
          db.close();
          return row;
        }
      `,
    },
    {
      name: 'the top level of a script ends with the process',
      code: `
        const Database = require('better-sqlite3');
        const db = new Database('app.db');
        db.exec('DELETE FROM t');
        db.close();
      `,
      file: 'main.cjs',
    },
    {
      name: 'failing calls do not count where the option says so',
      code: `
        import Database from 'better-sqlite3';
        export function clear(): void {
          const db = new Database('app.db');
          db.exec('DELETE FROM t');
          db.close();
        }
      `,
      options: { implicitThrows: false },
    },
    {
      name: 'what cannot fail may stand between the open and the close',
      code: `
        import Database from 'better-sqlite3';
        export function touch(): void {
          const db = new Database('app.db');
          console.log('opened', Date.now(), [1, 2].join());
          db.close();
        }
      `,
    },
    {
      name: 'a test may leave it open',
      code: `
        import Database from 'better-sqlite3';
        export function setUp(): void {
          new Database('app.db').exec('CREATE TABLE t (a)');
        }
      `,
      file: '__tests__/set-up.ts',
    },
    {
      name: 'an own class that is called Database',
      code: `
        class Database {
          constructor(readonly path: string) {}
          exec(sql: string): void {}
        }
        export function clear(): void {
          new Database('sqlite').exec('DELETE FROM t');
        }
      `,
    },
  ],
  invalid: [
    {
      name: 'never closed',
      code: `
        import Database from 'better-sqlite3';
        export function clear(): void {
          const db = «new Database('app.db')»;
          db.exec('DELETE FROM t');
        }
      `,
      errors: [{ messageId: 'normal', data: { line: 'line 5', transaction: '' } }],
    },
    {
      name: 'an early return without a close',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export function rename(id: number): void {
          const db = «new DatabaseSync('app.db')»;
          try {
            if (id < 0) throw new RangeError('no such row');
            db.exec('DELETE FROM t');
          } catch {
            return;
          }
          db.close();
        }
      `,
      errors: [{ messageId: 'normal', data: { line: 'line 8', transaction: '' } }],
    },
    {
      name: 'an explicit throw',
      code: `
        import { Database } from 'bun:sqlite';
        export function check(ready: boolean): void {
          const db = «new Database('app.db')»;
          if (!ready) throw new Error('not ready');
          db.close();
        }
      `,
      errors: [{ messageId: 'explicit', data: { line: 'line 4', transaction: '' } }],
    },
    {
      name: 'a statement in between fails',
      code: `
        import Database from 'libsql';
        export function clear() {
          const db = «new Database('app.db')»;
          db.exec('DELETE FROM t');
          db.close();
        }
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'implicit', data: { line: 'line 4', transaction: '' } }],
    },
    {
      name: 'a function of the project in between fails',
      code: `
        import Database from 'better-sqlite3';
        function parse(text) {
          return JSON.parse(text);
        }
        export function load(text) {
          const db = «new Database('app.db')»;
          const value = parse(text);
          db.close();
          return value;
        }
      `,
      file: 'main.js',
      errors: [{ messageId: 'implicit', data: { line: 'line 7', transaction: '' } }],
    },
    {
      name: 'a return without a close counts more than a failing call',
      code: `
        import Database from 'better-sqlite3';
        export function count(fast: boolean): unknown {
          const db = «new Database('app.db')»;
          const row = db.prepare('SELECT count(*) FROM t').get();
          if (fast) return row;
          db.close();
          return row;
        }
      `,
      errors: [{ messageId: 'normal', data: { line: 'line 5', transaction: '' } }],
    },
    {
      name: 'the try starts after the first statement',
      code: `
        import Database from 'better-sqlite3';
        export function count(): unknown {
          const db = «new Database('app.db')»;
          const all = db.prepare('SELECT count(*) FROM t');
          try {
            return all.get();
          } finally {
            db.close();
          }
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 4', transaction: '' } }],
    },
    {
      name: 'the await before close rejects',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        export async function clear() {
          const db = await «open({ filename: 'app.db', driver: sqlite3.Database })»;
          await db.run('DELETE FROM t');
          await db.close();
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 5', transaction: '' } }],
    },
    {
      name: 'an awaited chain before the close rejects',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        export async function count() {
          const db = await «open({ filename: 'app.db', driver: sqlite3.Database })»;
          await db.get('SELECT count(*) FROM t').then((row) => console.log(row));
          await db.close();
        }
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'implicit', data: { line: 'line 5', transaction: '' } }],
    },
    {
      name: 'sqlite3 closes in its callback only on success',
      code: `
        const sqlite3 = require('sqlite3');
        exports.count = (done) => {
          const db = «new sqlite3.Database('app.db')»;
          db.get('SELECT count(*) FROM t', (problem, row) => {
            if (problem) return done(problem);
            db.close();
            done(null, row);
          });
        };
      `,
      file: 'main.cjs',
      errors: [{ messageId: 'normal', data: { line: 'line 9', transaction: '' } }],
    },
    {
      name: 'a client of libsql',
      code: `
        import { createClient } from '@libsql/client';
        export async function count() {
          const client = «createClient({ url: 'file:app.db' })»;
          const { rows } = await client.execute('SELECT count(*) FROM t');
          client.close();
          return rows;
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 4', transaction: '' } }],
    },
    {
      name: 'what a helper opens is reported where it is called',
      code: `
        import Database from 'better-sqlite3';
        function connect() {
          const db = new Database('app.db');
          db.pragma('journal_mode = WAL');
          return db;
        }
        export function clear(): void {
          const db = «connect()»;
          db.exec('DELETE FROM t');
        }
      `,
      errors: [{ messageId: 'normal', data: { line: 'line 10', transaction: '' } }],
    },
    {
      name: 'each caller of a helper is reported for itself',
      code: `
        import Database from 'better-sqlite3';
        const connect = () => new Database('app.db');
        export function clear(): void {
          const db = «connect()»;
          db.exec('DELETE FROM t');
        }
        export function drop(): void {
          const db = «connect()»;
          db.exec('DROP TABLE t');
          db.close();
        }
      `,
      errors: [
        { messageId: 'normal', data: { line: 'line 6', transaction: '' } },
        { messageId: 'implicit', data: { line: 'line 9', transaction: '' } },
      ],
    },
    {
      name: 'a box that only lives in the function is no owner',
      code: `
        import Database from 'better-sqlite3';
        export function clear(): void {
          const context = { db: «new Database('app.db')» };
          context.db.exec('DELETE FROM t');
        }
      `,
      errors: [{ messageId: 'normal', data: { line: 'line 5', transaction: '' } }],
    },
    {
      name: 'a second handle replaces the first one',
      code: `
        import Database from 'better-sqlite3';
        export function copy(): void {
          let db = «new Database('a.db')»;
          db = new Database('b.db');
          db.close();
        }
      `,
      errors: [{ messageId: 'normal', data: { line: 'line 6', transaction: '' } }],
    },
    {
      name: 'a process exit ends only its own way',
      code: `
        import Database from 'better-sqlite3';
        export function clear(force: boolean): void {
          const db = «new Database('app.db')»;
          if (force) process.exit(0);
          db.exec('DELETE FROM t');
          db.close();
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 5', transaction: '' } }],
    },
    {
      name: 'ways without a close are reported whatever the option says',
      code: `
        import Database from 'better-sqlite3';
        export function check(ready: boolean): void {
          const db = «new Database('app.db')»;
          db.exec('DELETE FROM t');
          if (!ready) throw new Error('not ready');
          db.close();
        }
      `,
      options: { implicitThrows: false },
      errors: [{ messageId: 'explicit', data: { line: 'line 5', transaction: '' } }],
    },
    {
      name: 'an explicit throw where a handle is handed over on the normal way',
      code: `
        import Database from 'better-sqlite3';
        export function connect(): Database.Database {
          const db = «new Database('app.db')»;
          const row = db.prepare('SELECT version FROM schema').get();
          if (!row) throw new Error('no schema');
          return db;
        }
      `,
      errors: [{ messageId: 'explicit', data: { line: 'line 5', transaction: '' } }],
    },
    {
      name: 'a transaction that stays open with it',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export function clear(flag: boolean): void {
          const db = «new DatabaseSync('app.db')»;
          db.exec('BEGIN IMMEDIATE');
          if (flag) throw new Error('no');
          db.exec('COMMIT');
          db.close();
        }
      `,
      errors: [
        {
          messageId: 'explicit',
          data: { line: 'line 5', transaction: ', with the transaction begun at line 4,' },
        },
      ],
    },
    {
      name: 'tests are checked where the settings say so',
      code: `
        import Database from 'better-sqlite3';
        export function setUp(): void {
          «new Database('app.db')».exec('CREATE TABLE t (a)');
        }
      `,
      file: '__tests__/set-up.ts',
      settings: { tests: 'check' },
      errors: [{ messageId: 'normal', data: { line: 'line 4', transaction: '' } }],
    },
  ],
});
