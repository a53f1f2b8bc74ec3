import requireClose from '../../rules/require-close.ts';
import { testRewrites } from './tester.ts';

testRewrites('require-close: in a finally block', requireClose, [
  {
    name: 'what uses the connection, and a close that is there already moves',
    code: `
      import Database from 'better-sqlite3';

      export function count(file: string): number {
        const db = new Database(file);
        db.pragma('journal_mode = WAL');

        // All of them.
        const row = db.prepare('SELECT count(*) AS n FROM jobs').get() as { n: number };
        console.log(row.n);

        db.close();
        return row.n;
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function count(file: string): number {
        const db = new Database(file);
        try {
          db.pragma('journal_mode = WAL');

          // All of them.
          const row = db.prepare('SELECT count(*) AS n FROM jobs').get() as { n: number };
          console.log(row.n);

          return row.n;
        } finally {
          db.close();
        }
      }`,
    suggested: {
      runWithConnection: `
      import { withConnection } from 'unbusy/better-sqlite3';

      export function count(file: string): number {
        return withConnection(file, (db) => {
          db.pragma('journal_mode = WAL');

          // All of them.
          const row = db.prepare('SELECT count(*) AS n FROM jobs').get() as { n: number };
          console.log(row.n);

          return row.n;
        });
      }`,
    },
  },
  {
    name: 'a connection that is never closed, in CommonJS, with the quotes, tabs and missing semicolons of the file',
    file: 'main.cjs',
    code: `
      const Database = require("libsql")

      function purge(file) {
      	const db = new Database(file)
      	db.exec("DELETE FROM jobs")
      }

      module.exports = { purge }`,
    fixed: `
      const Database = require("libsql")

      function purge(file) {
      	const db = new Database(file)
      	try {
      		db.exec("DELETE FROM jobs")
      	} finally {
      		db.close()
      	}
      }

      module.exports = { purge }`,
    suggested: {
      runWithConnection: `
      const { withConnection } = require("unbusy/libsql")

      function purge(file) {
      	withConnection(file, (db) => {
      		db.exec("DELETE FROM jobs")
      	})
      }

      module.exports = { purge }`,
    },
  },
  {
    name: 'code behind the last use stays behind',
    file: 'main.js',
    code: `
      import { DatabaseSync } from 'node:sqlite';

      export async function publish(file) {
        const db = new DatabaseSync(file);
        db.exec('UPDATE jobs SET published = 1');
        db.close();
        await fetch('https://example.org/published');
      }`,
    fixed: `
      import { DatabaseSync } from 'node:sqlite';

      export async function publish(file) {
        const db = new DatabaseSync(file);
        try {
          db.exec('UPDATE jobs SET published = 1');
        } finally {
          db.close();
        }
        await fetch('https://example.org/published');
      }`,
    suggested: {
      runWithConnection: `
      import { withConnection } from 'unbusy/node-sqlite';

      export async function publish(file) {
        withConnection(file, (db) => {
          db.exec('UPDATE jobs SET published = 1');
        });
        await fetch('https://example.org/published');
      }`,
    },
  },
  {
    name: 'values that are read behind it are declared in front of it',
    code: `
      import { open } from 'sqlite';
      import sqlite3 from 'sqlite3';

      export async function names(filename: string): Promise<string[]> {
        const db = await open({ filename, driver: sqlite3.Database });
        const rows = await db.all('SELECT name FROM jobs');
        await db.close();
        await fetch('https://example.org/' + rows.length);
        return rows.map(({ name }) => name);
      }`,
    fixed: `
      import { open } from 'sqlite';
      import sqlite3 from 'sqlite3';

      export async function names(filename: string): Promise<string[]> {
        const db = await open({ filename, driver: sqlite3.Database });
        let rows;
        try {
          rows = await db.all('SELECT name FROM jobs');
        } finally {
          await db.close();
        }
        await fetch('https://example.org/' + rows.length);
        return rows.map(({ name }) => name);
      }`,
  },
  {
    name: 'and a promise that needs the connection is awaited before',
    code: `
      import { open } from 'sqlite';
      import sqlite3 from 'sqlite3';

      export async function jobs(filename: string): Promise<unknown[]> {
        const db = await open({ filename, driver: sqlite3.Database });
        return db.all('SELECT * FROM jobs');
      }`,
    fixed: `
      import { open } from 'sqlite';
      import sqlite3 from 'sqlite3';

      export async function jobs(filename: string): Promise<unknown[]> {
        const db = await open({ filename, driver: sqlite3.Database });
        try {
          return await db.all('SELECT * FROM jobs');
        } finally {
          await db.close();
        }
      }`,
  },
  {
    name: 'of a try that is there already, whatever it catches',
    code: `
      import Database from 'better-sqlite3';

      export function tryPurge(file: string): boolean {
        const db = new Database(file);
        try {
          db.exec('DELETE FROM jobs');
          db.close();
          return true;
        } catch (error) {
          console.error(error);
          return false;
        }
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function tryPurge(file: string): boolean {
        const db = new Database(file);
        try {
          db.exec('DELETE FROM jobs');
          return true;
        } catch (error) {
          console.error(error);
          return false;
        } finally {
          db.close();
        }
      }`,
    suggested: {
      runWithConnection: `
      import { withConnection } from 'unbusy/better-sqlite3';

      export function tryPurge(file: string): boolean {
        return withConnection(file, (db) => {
          try {
            db.exec('DELETE FROM jobs');
            return true;
          } catch (error) {
            console.error(error);
            return false;
          }
        });
      }`,
    },
  },
  {
    name: 'of a try that begins too late',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      import { check } from './check.ts';

      export function purge(file: string): void {
        const db = new DatabaseSync(file);
        check(file);
        try {
          db.exec('DELETE FROM jobs');
        } finally {
          db.close();
        }
      }`,
    fixed: `
      import { DatabaseSync } from 'node:sqlite';
      import { check } from './check.ts';

      export function purge(file: string): void {
        const db = new DatabaseSync(file);
        try {
          check(file);
          db.exec('DELETE FROM jobs');
        } finally {
          db.close();
        }
      }`,
  },
  {
    name: 'where the variable is declared before, and may have nothing',
    code: `
      import Database from 'better-sqlite3';

      export function log(file: string, text: string, persist: boolean): void {
        let db: Database.Database | undefined;
        if (persist) {
          db = new Database(file);
          db.pragma('journal_mode = WAL');
        }
        db?.prepare('INSERT INTO log VALUES (?)').run(text);
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function log(file: string, text: string, persist: boolean): void {
        let db: Database.Database | undefined;
        try {
          if (persist) {
            db = new Database(file);
            db.pragma('journal_mode = WAL');
          }
          db?.prepare('INSERT INTO log VALUES (?)').run(text);
        } finally {
          db?.close();
        }
      }`,
  },
  {
    name: 'and a close with a comment moves as it stands',
    code: `
      import Database from 'better-sqlite3';

      export function last(file: string): unknown {
        const db = new Database(file);
        const row = db.prepare('SELECT max(id) AS id FROM a').get();
        if (db) {
          // The next step reads the file itself.
          db.close();
        }
        return row;
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function last(file: string): unknown {
        const db = new Database(file);
        let row;
        try {
          row = db.prepare('SELECT max(id) AS id FROM a').get();
        } finally {
          if (db) {
            // The next step reads the file itself.
            db.close();
          }
        }
        return row;
      }`,
  },
  {
    name: 'of the block that opens, where nothing outside of it uses the connection',
    code: `
      import Database from 'better-sqlite3';

      export function touch(file: string): void {
        let db: Database.Database | null = null;
        try {
          db = new Database(file);
          db.exec('UPDATE jobs SET seen = 1');
          db.close();
        } catch {
          console.error('not touched');
        }
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function touch(file: string): void {
        let db: Database.Database | null = null;
        try {
          db = new Database(file);
          try {
            db.exec('UPDATE jobs SET seen = 1');
          } finally {
            db.close();
          }
        } catch {
          console.error('not touched');
        }
      }`,
  },
  {
    name: 'a connection that is closed on one way stays closed there',
    code: `
      import { DatabaseSync } from 'node:sqlite';

      export function first(file: string): unknown {
        const db = new DatabaseSync(file);
        const job = db.prepare('SELECT * FROM jobs').get();
        if (!job) {
          db.close();
          throw new Error(read(file));
        }
        return job;
      }

      declare function read(file: string): string;`,
    fixed: `
      import { DatabaseSync } from 'node:sqlite';

      export function first(file: string): unknown {
        const db = new DatabaseSync(file);
        try {
          const job = db.prepare('SELECT * FROM jobs').get();
          if (!job) {
            db.close();
            throw new Error(read(file));
          }
          return job;
        } finally {
          if (db.isOpen) db.close();
        }
      }

      declare function read(file: string): string;`,
  },
  {
    name: 'a connection without a name gets one',
    code: `
      import Database from 'better-sqlite3';

      export function count(file: string): unknown {
        return new Database(file).prepare('SELECT count(*) FROM jobs').pluck().get();
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function count(file: string): unknown {
        const db = new Database(file);
        try {
          return db.prepare('SELECT count(*) FROM jobs').pluck().get();
        } finally {
          db.close();
        }
      }`,
  },
  {
    name: 'and keeps texts of several lines as they are',
    code: `
      import Database from 'better-sqlite3';

      export function create(file: string): void {
        const db = new Database(file);
        db.exec(\`
          CREATE TABLE jobs (
            id INTEGER
          )\`);
        db.close();
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function create(file: string): void {
        const db = new Database(file);
        try {
          db.exec(\`
          CREATE TABLE jobs (
            id INTEGER
          )\`);
        } finally {
          db.close();
        }
      }`,
    suggested: {
      runWithConnection: `
      import { withConnection } from 'unbusy/better-sqlite3';

      export function create(file: string): void {
        withConnection(file, (db) => {
          db.exec(\`
          CREATE TABLE jobs (
            id INTEGER
          )\`);
        });
      }`,
    },
  },
  {
    name: 'callbacks of a driver that queues its calls',
    file: 'main.js',
    code: `
      import sqlite3 from 'sqlite3';

      export function touch(id, done) {
        const db = new sqlite3.Database('app.db');
        if (!id) return done(new Error('which one?'));
        db.run('UPDATE jobs SET seen = 1 WHERE id = ?', id, done);
        db.close();
      }`,
    fixed: `
      import sqlite3 from 'sqlite3';

      export function touch(id, done) {
        const db = new sqlite3.Database('app.db');
        try {
          if (!id) return done(new Error('which one?'));
          db.run('UPDATE jobs SET seen = 1 WHERE id = ?', id, done);
        } finally {
          db.close();
        }
      }`,
  },
  {
    name: 'a connection that is opened where none is given, on the same condition',
    code: `
      import Database from 'better-sqlite3';

      export function count(given?: Database.Database): unknown {
        const db = given ?? new Database('app.db');
        const n = db.prepare('SELECT count(*) FROM jobs').pluck().get();
        if (!given) db.close();
        return n;
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function count(given?: Database.Database): unknown {
        const db = given ?? new Database('app.db');
        try {
          const n = db.prepare('SELECT count(*) FROM jobs').pluck().get();
          return n;
        } finally {
          if (!given) db.close();
        }
      }`,
  },
  {
    name: 'an object that has the connection and that nothing closes, by the method that does so: that is only suggested',
    code: `
      import Database from 'better-sqlite3';

      async function store(file: string) {
        const db = new Database(file);
        const end = () => db.close();
        return {
          count: () => db.prepare('SELECT count(*) FROM jobs').get(),
          close: () => undefined,
          async dispose() {
            await Promise.resolve();
            end();
          },
        };
      }

      export async function count(file: string): Promise<unknown> {
        const jobs = await store(file);
        return jobs.count();
      }`,
    suggested: {
      closeInFinally: `
      import Database from 'better-sqlite3';

      async function store(file: string) {
        const db = new Database(file);
        const end = () => db.close();
        return {
          count: () => db.prepare('SELECT count(*) FROM jobs').get(),
          close: () => undefined,
          async dispose() {
            await Promise.resolve();
            end();
          },
        };
      }

      export async function count(file: string): Promise<unknown> {
        const jobs = await store(file);
        try {
          return await jobs.count();
        } finally {
          await jobs.dispose();
        }
      }`,
    },
  },
  {
    name: 'an object that has the connection, as a statement in the middle closes it already',
    file: 'main.js',
    code: `
      import Database from 'better-sqlite3';

      const store = (file) => {
        const db = new Database(file);
        return { names: () => db.prepare('SELECT name FROM jobs').pluck().all(), close: () => db.close() };
      };

      export function names(file) {
        try {
          const jobs = store(file);
          const rows = jobs.names();
          jobs.close();
          print(rows.map((row) => format(row)).join());
        } catch {}
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      const store = (file) => {
        const db = new Database(file);
        return { names: () => db.prepare('SELECT name FROM jobs').pluck().all(), close: () => db.close() };
      };

      export function names(file) {
        try {
          const jobs = store(file);
          let rows;
          try {
            rows = jobs.names();
          } finally {
            jobs.close();
          }
          print(rows.map((row) => format(row)).join());
        } catch {}
      }`,
  },
  {
    name: 'an object that has the connection, as it closes already',
    code: `
      import Database from 'better-sqlite3';

      class Store {
        readonly #db: Database.Database;
        constructor(file: string) {
          this.#db = new Database(file);
        }
        count(): unknown {
          return this.#db.prepare('SELECT count(*) FROM jobs').get();
        }
        end(): void {
          this.#db.close();
        }
      }

      export function count(file: string): unknown {
        const store = new Store(file);
        const n = store.count();
        store.end();
        return n;
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      class Store {
        readonly #db: Database.Database;
        constructor(file: string) {
          this.#db = new Database(file);
        }
        count(): unknown {
          return this.#db.prepare('SELECT count(*) FROM jobs').get();
        }
        end(): void {
          this.#db.close();
        }
      }

      export function count(file: string): unknown {
        const store = new Store(file);
        try {
          const n = store.count();
          return n;
        } finally {
          store.end();
        }
      }`,
  },
]);

testRewrites('require-close: by the style that is asked for', requireClose, [
  {
    name: 'using, where the driver has it',
    options: { style: 'using' },
    code: `
      import { DatabaseSync } from 'node:sqlite';

      export function purge(file: string): void {
        const db = new DatabaseSync(file);
        db.exec('DELETE FROM jobs');
        db.close();
      }`,
    fixed: `
      import { DatabaseSync } from 'node:sqlite';

      export function purge(file: string): void {
        using db = new DatabaseSync(file);
        db.exec('DELETE FROM jobs');
      }`,
    suggested: {
      closeInFinally: `
      import { DatabaseSync } from 'node:sqlite';

      export function purge(file: string): void {
        const db = new DatabaseSync(file);
        try {
          db.exec('DELETE FROM jobs');
        } finally {
          db.close();
        }
      }`,
      runWithConnection: `
      import { withConnection } from 'unbusy/node-sqlite';

      export function purge(file: string): void {
        withConnection(file, (db) => {
          db.exec('DELETE FROM jobs');
        });
      }`,
    },
  },
  {
    name: 'finally, where the driver has no dispose method',
    options: { style: 'using' },
    code: `
      import Database from 'better-sqlite3';

      export function purge(file: string): void {
        const db = new Database(file);
        db.exec('DELETE FROM jobs');
        db.close();
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function purge(file: string): void {
        const db = new Database(file);
        try {
          db.exec('DELETE FROM jobs');
        } finally {
          db.close();
        }
      }`,
    suggested: {
      runWithConnection: `
      import { withConnection } from 'unbusy/better-sqlite3';

      export function purge(file: string): void {
        withConnection(file, (db) => {
          db.exec('DELETE FROM jobs');
        });
      }`,
    },
  },
  {
    name: 'withConnection, with the options of the wrapper, and returns what was returned',
    options: { style: 'wrapper' },
    settings: { wrapper: { module: '@acme/database' } },
    code: `
      import Database from 'better-sqlite3';

      export function count(file: string): number {
        const db = new Database(file, { readonly: true, timeout: 9000 });
        const row = db.prepare('SELECT count(*) AS n FROM jobs').get() as { n: number };
        db.close();
        return row.n;
      }`,
    fixed: `
      import { withConnection } from '@acme/database';

      export function count(file: string): number {
        return withConnection(file, (db) => {
          const row = db.prepare('SELECT count(*) AS n FROM jobs').get() as { n: number };
          return row.n;
        }, { readOnly: true, busyTimeout: 9000 });
      }`,
    suggested: {
      closeInFinally: `
      import Database from 'better-sqlite3';

      export function count(file: string): number {
        const db = new Database(file, { readonly: true, timeout: 9000 });
        try {
          const row = db.prepare('SELECT count(*) AS n FROM jobs').get() as { n: number };
          return row.n;
        } finally {
          db.close();
        }
      }`,
    },
  },
  {
    name: 'withConnection, awaited where the code awaits',
    file: 'main.cjs',
    options: { style: 'wrapper' },
    settings: { wrapper: { module: '@acme/database', names: { withConnection: 'connect' } } },
    code: `
      const { DatabaseSync } = require('node:sqlite');

      async function store(file) {
        const db = new DatabaseSync(file);
        db.prepare('INSERT INTO jobs VALUES (?)').run(await answer());
        db.close();
        console.log('stored');
      }

      async function answer() {
        return 42;
      }

      module.exports = store;`,
    fixed: `
      const { connect } = require('@acme/database');

      async function store(file) {
        await connect(file, async (db) => {
          db.prepare('INSERT INTO jobs VALUES (?)').run(await answer());
        });
        console.log('stored');
      }

      async function answer() {
        return 42;
      }

      module.exports = store;`,
    suggested: {
      closeInFinally: `
      const { DatabaseSync } = require('node:sqlite');

      async function store(file) {
        const db = new DatabaseSync(file);
        try {
          db.prepare('INSERT INTO jobs VALUES (?)').run(await answer());
        } finally {
          db.close();
        }
        console.log('stored');
      }

      async function answer() {
        return 42;
      }

      module.exports = store;`,
      declareUsing: `
      const { DatabaseSync } = require('node:sqlite');

      async function store(file) {
        using db = new DatabaseSync(file);
        db.prepare('INSERT INTO jobs VALUES (?)').run(await answer());
        console.log('stored');
      }

      async function answer() {
        return 42;
      }

      module.exports = store;`,
    },
  },
  {
    name: 'withConnection of a driver with promises',
    options: { style: 'wrapper' },
    settings: { wrapper: { module: '@acme/database' } },
    code: `
      import { open } from 'sqlite';
      import sqlite3 from 'sqlite3';

      export async function purge(): Promise<void> {
        const db = await open({ filename: 'app.db', driver: sqlite3.Database });
        await db.exec('DELETE FROM jobs');
        await db.close();
      }`,
    fixed: `
      import { withConnection } from '@acme/database';

      export async function purge(): Promise<void> {
        await withConnection('app.db', async (db) => {
          await db.exec('DELETE FROM jobs');
        });
      }`,
    suggested: {
      closeInFinally: `
      import { open } from 'sqlite';
      import sqlite3 from 'sqlite3';

      export async function purge(): Promise<void> {
        const db = await open({ filename: 'app.db', driver: sqlite3.Database });
        try {
          await db.exec('DELETE FROM jobs');
        } finally {
          await db.close();
        }
      }`,
    },
  },
  {
    name: 'finally, where the code leaves a loop around',
    options: { style: 'wrapper' },
    settings: { wrapper: { module: '@acme/database' } },
    code: `
      import Database from 'better-sqlite3';

      export function firstOf(files: readonly string[]): unknown {
        for (const file of files) {
          const db = new Database(file);
          const job = db.prepare('SELECT * FROM jobs').get();
          if (job) return job;
          if (file === 'last.db') break;
          db.close();
        }
        return null;
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function firstOf(files: readonly string[]): unknown {
        for (const file of files) {
          const db = new Database(file);
          try {
            const job = db.prepare('SELECT * FROM jobs').get();
            if (job) return job;
            if (file === 'last.db') break;
          } finally {
            db.close();
          }
        }
        return null;
      }`,
  },
  {
    name: 'finally in generators',
    options: { style: 'wrapper' },
    settings: { wrapper: { module: '@acme/database' } },
    code: `
      import Database from 'better-sqlite3';

      export function* jobs(file: string): Generator<unknown> {
        const db = new Database(file);
        yield db.prepare('SELECT * FROM jobs').get();
        db.close();
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function* jobs(file: string): Generator<unknown> {
        const db = new Database(file);
        try {
          yield db.prepare('SELECT * FROM jobs').get();
        } finally {
          db.close();
        }
      }`,
  },
]);

testRewrites('require-close: somebody else has it on other ways', requireClose, [
  {
    name: 'it is closed when something throws before',
    code: `
      import Database from 'better-sqlite3';

      export function connect(file: string): Database.Database {
        const db = new Database(file);
        if (db.pragma('user_version', { simple: true }) !== 3) throw new Error('an old file');
        return db;
      }`,
    suggested: {
      closeOnError: `
      import Database from 'better-sqlite3';

      export function connect(file: string): Database.Database {
        const db = new Database(file);
        try {
          if (db.pragma('user_version', { simple: true }) !== 3) throw new Error('an old file');
          return db;
        } catch (error) {
          db.close();
          throw error;
        }
      }`,
      closeBeforeLeaving: `
      import Database from 'better-sqlite3';

      export function connect(file: string): Database.Database {
        const db = new Database(file);
        if (db.pragma('user_version', { simple: true }) !== 3) {
          db.close();
          throw new Error('an old file');
        }
        return db;
      }`,
    },
  },
  {
    name: 'or before the function is left without it',
    code: `
      import Database from 'better-sqlite3';

      export function connect(file: string): Database.Database | null {
        const db = new Database(file);
        const version = db.pragma('user_version', { simple: true });
        if (version !== 3) return null;
        return db;
      }`,
    suggested: {
      closeBeforeLeaving: `
      import Database from 'better-sqlite3';

      export function connect(file: string): Database.Database | null {
        const db = new Database(file);
        const version = db.pragma('user_version', { simple: true });
        if (version !== 3) {
          db.close();
          return null;
        }
        return db;
      }`,
    },
  },
]);

testRewrites('require-close: left alone', requireClose, [
  {
    name: 'a variable that gets a second connection',
    code: `
      import Database from 'better-sqlite3';

      export function compare(one: string, other: string): boolean {
        let db = new Database(one);
        const first = db.prepare('SELECT digest FROM builds').pluck().get();
        db = new Database(other);
        const second = db.prepare('SELECT digest FROM builds').pluck().get();
        return first === second;
      }`,
    reason: 'assigned-again',
  },
  {
    name: 'a connection in a field of an object',
    code: `
      import Database from 'better-sqlite3';

      export function record(file: string): void {
        const box: { db?: Database.Database } = {};
        box.db = new Database(file);
        box.db.exec('DELETE FROM jobs');
      }`,
    reason: 'no-statement',
  },
  {
    name: 'statements that nobody finalizes, which keep the driver from closing',
    code: `
      import { open } from 'sqlite';
      import sqlite3 from 'sqlite3';

      export async function jobs(filename: string): Promise<unknown[]> {
        const db = await open({ filename, driver: sqlite3.Database });
        const statement = await db.prepare('SELECT * FROM jobs');
        return statement.all();
      }`,
    reason: 'statements-open',
  },
  {
    name: 'callbacks that use the connection later',
    file: 'main.js',
    code: `
      import sqlite3 from 'sqlite3';

      export function promote(id, done) {
        const db = new sqlite3.Database('app.db');
        db.get('SELECT rank FROM jobs WHERE id = ?', id, (error, row) => {
          db.run('UPDATE jobs SET rank = ?', row.rank + 1, done);
        });
      }`,
    reason: 'used-by-callbacks',
  },
  {
    name: 'an expression of its own',
    code: `
      import Database from 'better-sqlite3';

      export const count = (file: string): unknown => new Database(file).prepare('SELECT count(*) FROM jobs').get();`,
    reason: 'no-statement',
  },
  {
    name: 'an object that has the connection, and no method to close it',
    code: `
      import Database from 'better-sqlite3';

      function store(file: string) {
        const db = new Database(file);
        return { count: () => db.prepare('SELECT count(*) FROM jobs').get(), close: (now: boolean) => now && db.close() };
      }

      export function count(file: string): unknown {
        const jobs = store(file);
        return jobs.count();
      }`,
    reason: 'within-an-object',
  },
  {
    name: 'an object whose method to close it makes a promise that nobody can await',
    code: `
      import Database from 'better-sqlite3';

      function store(file: string) {
        const db = new Database(file);
        return { count: () => db.prepare('SELECT count(*) FROM jobs').get(), close: async () => db.close() };
      }

      export function count(file: string): unknown {
        const jobs = store(file);
        return jobs.count();
      }`,
    reason: 'not-asynchronous',
  },
]);

testRewrites('require-close: in code of any layout', requireClose, [
  {
    name: 'several statements of one line stay on it',
    code: `
      import Database from 'better-sqlite3';

      export function purge(file: string) { const db = new Database(file); db.exec('DELETE FROM jobs'); db.close(); return 1; }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function purge(file: string) { const db = new Database(file); try { db.exec('DELETE FROM jobs');  } finally { db.close(); } return 1; }`,
  },
  {
    name: 'a statement behind the opening gets a line of its own, where others follow',
    code: `
      import Database from 'better-sqlite3';

      export function purge(file: string): void {
        const db = new Database(file); db.exec('DELETE FROM jobs');
        db.exec('DELETE FROM users'); /* all */ // really
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function purge(file: string): void {
        const db = new Database(file);
        try {
          db.exec('DELETE FROM jobs');
          db.exec('DELETE FROM users'); /* all */ // really
        } finally {
          db.close();
        }
      }`,
  },
  {
    name: 'functions that are called before stay outside',
    code: `
      import Database from 'better-sqlite3';

      export function purge(file: string): void {
        log();
        const db = new Database(file);
        db.exec('DELETE FROM jobs');
        function log(): void {
          console.log('purge');
        }
        log();
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function purge(file: string): void {
        log();
        const db = new Database(file);
        try {
          db.exec('DELETE FROM jobs');
        } finally {
          db.close();
        }
        function log(): void {
          console.log('purge');
        }
        log();
      }`,
    suggested: {
      runWithConnection: `
      import { withConnection } from 'unbusy/better-sqlite3';

      export function purge(file: string): void {
        log();
        withConnection(file, (db) => {
          db.exec('DELETE FROM jobs');
        });
        function log(): void {
          console.log('purge');
        }
        log();
      }`,
    },
  },
  {
    name: 'the statements of a case',
    code: `
      import Database from 'better-sqlite3';

      export function run(kind: string, file: string): number {
        switch (kind) {
          case 'purge':
            const db = new Database(file);
            db.exec('DELETE FROM jobs');
            break;
          default:
            return 2;
        }
        return 1;
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export function run(kind: string, file: string): number {
        switch (kind) {
          case 'purge':
            const db = new Database(file);
            try {
              db.exec('DELETE FROM jobs');
            } finally {
              db.close();
            }
            break;
          default:
            return 2;
        }
        return 1;
      }`,
    suggested: {
      runWithConnection: `
      import { withConnection } from 'unbusy/better-sqlite3';

      export function run(kind: string, file: string): number {
        switch (kind) {
          case 'purge':
            withConnection(file, (db) => {
              db.exec('DELETE FROM jobs');
            });
            break;
          default:
            return 2;
        }
        return 1;
      }`,
    },
  },
  {
    name: 'a connection with another name, which that may close',
    code: `
      import { DatabaseSync } from 'node:sqlite';

      export function purge(file: string): void {
        const db = new DatabaseSync(file);
        const same = db;
        same.exec('DELETE FROM jobs');
        same.close();
      }`,
    fixed: `
      import { DatabaseSync } from 'node:sqlite';

      export function purge(file: string): void {
        const db = new DatabaseSync(file);
        try {
          const same = db;
          same.exec('DELETE FROM jobs');
          same.close();
        } finally {
          if (db.isOpen) db.close();
        }
      }`,
    suggested: {
      runWithConnection: `
      import { withConnection } from 'unbusy/node-sqlite';

      export function purge(file: string): void {
        withConnection(file, (db) => {
          const same = db;
          same.exec('DELETE FROM jobs');
          same.close();
        });
      }`,
    },
  },
  {
    name: 'not where a block would hide what is used outside of it',
    code: `
      import Database from 'better-sqlite3';

      export function purge(file: string): void {
        log();
        const db = new Database(file);
        db.exec('DELETE FROM jobs');
        function log(): void {
          console.log('purge');
        }
        log();
        db.exec('DELETE FROM users');
      }`,
    reason: 'used-outside',
  },
]);
