import rule from '../../rules/require-pragmas.ts';
import { testRule } from './tester.ts';

const WAITS_5000 = 'readers and the writer lock each other out';

function noTimeout(driver: string): Record<string, string> {
  return {
    lacks: 'has no busy timeout',
    why: `${driver} waits 0 ms for a lock and then fails with SQLITE_BUSY`,
    pragmas: '`busy_timeout = 5000`',
  };
}

/** A timeout that is set, and the one to set instead. */
function tooShort(milliseconds: number, instead: number): Record<string, string> {
  return {
    lacks: `has a busy timeout of only ${milliseconds} ms`,
    why: `it waits ${milliseconds} ms for a lock and then fails with SQLITE_BUSY`,
    pragmas: `\`busy_timeout = ${instead}\``,
  };
}

const noWal = { lacks: 'is not in WAL mode', why: WAITS_5000, pragmas: '`journal_mode = WAL`' };

function neither(driver: string): Record<string, string> {
  return {
    lacks: 'has no busy timeout and is not in WAL mode',
    why: `${driver} waits 0 ms for a lock and then fails with SQLITE_BUSY; ${WAITS_5000}`,
    pragmas: '`busy_timeout = 5000` and `journal_mode = WAL`',
  };
}

testRule('require-pragmas', rule, {
  valid: [
    {
      name: 'better-sqlite3 waits 5000 ms by itself, so WAL is enough',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db');
        db.pragma('journal_mode = WAL');
        db.exec('CREATE TABLE IF NOT EXISTS t (a)');
      `,
    },
    {
      name: 'both are set on node:sqlite, the timeout as an option',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = new DatabaseSync('app.db', { timeout: 5000 });
        db.exec('PRAGMA journal_mode = WAL');
      `,
    },
    {
      name: 'both are set on bun:sqlite in one string, in any case and with comments',
      code: `
        import { Database } from 'bun:sqlite';
        export const db = new Database('app.db');
        db.run(\`-- set-up
          pragma BUSY_TIMEOUT(5000); /* then */ Pragma main.Journal_Mode='wal';
        \`);
      `,
    },
    {
      name: 'both are set on libsql through a prepared statement',
      code: `
        import Database from 'libsql';
        export const db = new Database('app.db', { timeout: 5000 });
        db.prepare('PRAGMA journal_mode = WAL').run();
      `,
    },
    {
      name: 'configure sets the timeout of sqlite3',
      code: `
        const sqlite3 = require('sqlite3').verbose();
        const db = new sqlite3.Database('app.db');
        db.configure('busyTimeout', 3000);
        db.run('PRAGMA journal_mode = WAL');
        module.exports = db;
      `,
      file: 'main.cjs',
    },
    {
      name: 'PRAGMAs of the promise interface',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        export async function connect() {
          const db = await open({ filename: 'app.db', driver: sqlite3.Database });
          await db.exec('PRAGMA journal_mode = WAL');
          return db;
        }
      `,
    },
    {
      name: 'a database in memory has no lock to wait for',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = new DatabaseSync(':memory:');
        db.exec('CREATE TABLE t (a)');
      `,
    },
    {
      name: 'a temporary database has no name that another process could open',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database();
        db.exec('CREATE TABLE t (a)');
      `,
    },
    {
      name: 'a remote server keeps its own journal',
      code: `
        import { createClient } from '@libsql/client';
        export const client = createClient({ url: 'libsql://books.example.org' });
        await client.execute('DELETE FROM books');
      `,
    },
    {
      name: 'a connection that only reads cannot switch to WAL',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db', { readonly: true });
        db.prepare('SELECT 1').get();
      `,
    },
    {
      name: 'another journal mode is a decision',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db');
        db.pragma('journal_mode = TRUNCATE');
        db.exec('CREATE TABLE t (a)');
      `,
    },
    {
      name: 'a timeout of 0 is a decision',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db', { timeout: 0 });
        db.pragma('journal_mode = WAL');
      `,
    },
    {
      name: 'a helper sets them on the handle it is given',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        function prepare(db: DatabaseSync): void {
          db.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
        }
        export const db = new DatabaseSync('app.db');
        prepare(db);
        db.exec('CREATE TABLE t (a)');
      `,
    },
    {
      name: 'a loop over a list of PRAGMAs',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db');
        for (const pragma of ['busy_timeout = 5000', 'journal_mode = WAL']) db.pragma(pragma);
        db.exec('CREATE TABLE t (a)');
      `,
    },
    {
      name: 'a value that is put together is not known and taken as set',
      code: `
        import Database from 'better-sqlite3';
        export function connect(mode: string) {
          const db = new Database('app.db');
          db.pragma(\`journal_mode = \${mode}\`);
          return db;
        }
      `,
    },
    {
      name: 'a connection that outlives its function is set up by whoever does so, on whatever condition',
      code: `
        import Database from 'better-sqlite3';
        export function connect(tuned: boolean) {
          const db = new Database('app.db');
          if (tuned) db.pragma('journal_mode = WAL');
          db.exec('CREATE TABLE t (a)');
          return db;
        }
      `,
    },
    {
      name: 'options that the caller gives may hold a timeout',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export function connect(options: { timeout: number }) {
          const db = new DatabaseSync('app.db', options);
          db.exec('PRAGMA journal_mode = WAL');
          return db;
        }
      `,
    },
    {
      name: 'an option under a wrong name is reported as that and not as missing',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = new DatabaseSync('app.db', { busyTimeout: 5000 });
        db.exec('PRAGMA journal_mode = WAL');
      `,
    },
    {
      name: 'a method of the same class sets them later',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export class Store {
          #db = new DatabaseSync('app.db');
          start(): void {
            this.#db.exec('PRAGMA busy_timeout = 5000');
            this.#db.exec('PRAGMA journal_mode = WAL');
          }
          count(): unknown {
            return this.#db.prepare('SELECT count(*) FROM t').get();
          }
        }
      `,
    },
    {
      name: 'an own class of that name is another one',
      code: `
        import { Database } from './database';
        export const db = new Database('app.db');
        db.run('DELETE FROM t');
      `,
    },
    {
      name: 'a test file may open what it likes',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        db.exec('CREATE TABLE t (a)');
      `,
      file: 'store.test.ts',
    },
    {
      name: 'a file that imports a test runner is a test',
      code: `
        import { test } from 'vitest';
        import Database from 'better-sqlite3';
        test('writes', () => {
          new Database('app.db').exec('CREATE TABLE t (a)');
        });
      `,
    },
    {
      name: 'settings name the paths of tests',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db');
        db.exec('CREATE TABLE t (a)');
      `,
      file: 'playground/main.ts',
      settings: { tests: ['playground'] },
    },
    {
      name: 'a shorter timeout is enough where the option says so',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = new DatabaseSync('app.db', { timeout: 200 });
        db.exec('PRAGMA journal_mode = WAL');
      `,
      options: { minBusyTimeout: 200 },
    },
    {
      name: 'the shared setting overrides the option',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = new DatabaseSync('app.db', { timeout: 200 });
        db.exec('PRAGMA journal_mode = WAL');
      `,
      options: { minBusyTimeout: 5000 },
      settings: { minBusyTimeout: 200 },
    },
    {
      name: 'synchronous is set where the option asks for it',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db');
        db.pragma('journal_mode = WAL');
        db.pragma('synchronous = NORMAL');
      `,
      options: { synchronous: true },
    },
    {
      name: 'a pool of another database',
      code: `
        import knex from 'knex';
        export const db = knex({ client: 'pg', connection: { filename: 'app.db' } });
      `,
    },
    {
      name: 'a pool in memory',
      code: `
        import { Sequelize } from 'sequelize';
        export const db = new Sequelize({ dialect: 'sqlite', storage: ':memory:' });
      `,
    },
    {
      name: 'a pool whose module sets WAL by a query of its own',
      code: `
        import { Sequelize } from 'sequelize';
        export const db = new Sequelize({ dialect: 'sqlite', storage: 'app.db' });
        export const ready = db.query('PRAGMA journal_mode = WAL');
      `,
    },
  ],
  invalid: [
    {
      name: 'a pool of Sequelize',
      code: `
        import { Sequelize } from 'sequelize';
        export const db = «new Sequelize({ dialect: 'sqlite', storage: 'app.db' })»;
      `,
      errors: [{ messageId: 'missing', data: noWal }],
    },
    {
      name: 'a pool of knex, in CommonJS',
      code: `
        const knex = require('knex');
        module.exports = «knex({ client: 'sqlite3', connection: { filename: 'app.db' } })»;
      `,
      errors: [{ messageId: 'missing', data: noWal }],
    },
    {
      name: 'better-sqlite3 without WAL',
      code: `
        import Database from 'better-sqlite3';
        export const db = «new Database('app.db')»;
        db.exec('CREATE TABLE t (a)');
      `,
      errors: [{ messageId: 'missing', data: noWal }],
    },
    {
      name: 'better-sqlite3 called without new, in CommonJS',
      code: `
        const db = «require('better-sqlite3')('app.db')»;
        db.exec('CREATE TABLE t (a)');
        module.exports = { db };
      `,
      file: 'main.cjs',
      errors: [{ messageId: 'missing', data: noWal }],
    },
    {
      name: 'node:sqlite waits 0 ms by itself',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = «new DatabaseSync('app.db')»;
        db.exec('CREATE TABLE t (a)');
      `,
      errors: [{ messageId: 'missing', data: neither('node:sqlite') }],
    },
    {
      name: 'bun:sqlite has no option for the timeout',
      code: `
        import { Database } from 'bun:sqlite';
        export const db = «new Database('app.db', { create: true })»;
        db.run('PRAGMA journal_mode = DELETE');
        db.run('CREATE TABLE t (a)');
      `,
      errors: [{ messageId: 'missing', data: noTimeout('bun:sqlite') }],
    },
    {
      name: 'libsql in JavaScript',
      code: `
        import Database from 'libsql';
        export const db = «new Database('app.db')»;
        db.exec('CREATE TABLE t (a)');
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'missing', data: neither('libsql') }],
    },
    {
      name: 'sqlite3 waits 1000 ms by itself, and WAL is missing',
      code: `
        import sqlite3 from 'sqlite3';
        export const db = «new sqlite3.Database('app.db')»;
        db.run('CREATE TABLE t (a)');
      `,
      errors: [{ messageId: 'missing', data: noWal }],
    },
    {
      name: 'the promise interface without WAL',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        export async function connect() {
          const db = await «open({ filename: 'app.db', driver: sqlite3.Database })»;
          await db.exec('CREATE TABLE t (a)');
          return db;
        }
      `,
      errors: [{ messageId: 'missing', data: noWal }],
    },
    {
      name: 'a local file behind @libsql/client',
      code: `
        import { createClient } from '@libsql/client';
        export const client = «createClient({ url: 'file:app.db' })»;
        await client.execute('DELETE FROM books');
      `,
      errors: [{ messageId: 'missing', data: neither('@libsql/client') }],
    },
    {
      name: 'one of two ways sets nothing',
      code: `
        import Database from 'better-sqlite3';
        export function create(tuned: boolean): void {
          const db = «new Database('app.db')»;
          if (tuned) db.pragma('journal_mode = WAL');
          db.exec('CREATE TABLE t (a)');
          db.close();
        }
      `,
      errors: [{ messageId: 'missing', data: noWal }],
    },
    {
      name: 'asking for a PRAGMA sets nothing',
      code: `
        import Database from 'better-sqlite3';
        export const db = «new Database('app.db')»;
        console.log(db.pragma('journal_mode', { simple: true }));
        db.exec('CREATE TABLE t (a)');
      `,
      errors: [{ messageId: 'missing', data: noWal }],
    },
    {
      name: 'a PRAGMA in a comment or a string of the SQL sets nothing',
      code: `
        import Database from 'better-sqlite3';
        export const db = «new Database('app.db')»;
        db.exec("-- PRAGMA journal_mode = WAL;\\nINSERT INTO notes VALUES ('; PRAGMA journal_mode = WAL;')");
      `,
      errors: [{ messageId: 'missing', data: noWal }],
    },
    {
      name: 'another connection of the same call to a helper stays as it was',
      code: `
        import Database from 'better-sqlite3';
        function tune(db: Database.Database): void {
          db.pragma('journal_mode = WAL');
        }
        export const tuned = new Database('a.db');
        tune(tuned);
        export const plain = «new Database('b.db')»;
        plain.exec('CREATE TABLE t (a)');
      `,
      errors: [{ messageId: 'missing', data: noWal }],
    },
    {
      name: 'each opening is reported for itself',
      code: `
        import Database from 'better-sqlite3';
        export const a = «new Database('a.db')»;
        export const b = «new Database('b.db')»;
        a.exec('CREATE TABLE t (a)');
        b.exec('CREATE TABLE t (a)');
      `,
      errors: [
        { messageId: 'missing', data: noWal },
        { messageId: 'missing', data: noWal },
      ],
    },
    {
      name: 'a timeout that is too short',
      code: `
        import Database from 'better-sqlite3';
        export const db = «new Database('app.db', { timeout: 100 })»;
        db.pragma('journal_mode = WAL');
      `,
      errors: [{ messageId: 'missing', data: tooShort(100, 5000) }],
    },
    {
      name: 'the option raises the least timeout, and the message asks for it',
      code: `
        import Database from 'better-sqlite3';
        export const db = «new Database('app.db', { timeout: 5000 })»;
        db.pragma('journal_mode = WAL');
      `,
      options: { minBusyTimeout: 8000 },
      errors: [{ messageId: 'missing', data: tooShort(5000, 8000) }],
    },
    {
      name: 'synchronous is asked for by an option',
      code: `
        import Database from 'better-sqlite3';
        export const db = «new Database('app.db')»;
        db.pragma('journal_mode = WAL');
      `,
      options: { synchronous: true },
      errors: [
        {
          messageId: 'missing',
          data: {
            lacks: 'does not set synchronous',
            why: 'every commit waits for the disk while it holds the lock',
            pragmas: '`synchronous = NORMAL`',
          },
        },
      ],
    },
    {
      name: 'all three are missing',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = «new DatabaseSync('app.db')»;
        db.exec('CREATE TABLE t (a)');
      `,
      options: { synchronous: true },
      errors: [
        {
          messageId: 'missing',
          data: {
            lacks: 'has no busy timeout, is not in WAL mode and does not set synchronous',
            why: 'node:sqlite waits 0 ms for a lock and then fails with SQLITE_BUSY; readers and the writer lock each other out; every commit waits for the disk while it holds the lock',
            pragmas: '`busy_timeout = 5000`, `journal_mode = WAL` and `synchronous = NORMAL`',
          },
        },
      ],
    },
    {
      name: 'WAL before the timeout on a driver that waits 0 ms',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = «new DatabaseSync('app.db')»;
        db.exec('PRAGMA journal_mode = WAL');
        db.exec('PRAGMA busy_timeout = 5000');
      `,
      errors: [{ messageId: 'walFirst', data: { line: 'line 3', driver: 'node:sqlite' } }],
    },
    {
      name: 'WAL before the timeout inside one string',
      code: `
        import { Database } from 'bun:sqlite';
        export const db = «new Database('app.db')»;
        db.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000');
      `,
      file: 'main.js',
      errors: [{ messageId: 'walFirst', data: { line: 'line 3', driver: 'bun:sqlite' } }],
    },
    {
      name: 'tests are checked where the settings say so',
      code: `
        import Database from 'better-sqlite3';
        export const db = «new Database('app.db')»;
        db.exec('CREATE TABLE t (a)');
      `,
      file: 'store.test.ts',
      settings: { tests: 'check' },
      errors: [{ messageId: 'missing', data: noWal }],
    },
  ],
});
