import noAwaitInTransaction from '../../rules/no-await-in-transaction.ts';
import noAwaitWithOpenConnection from '../../rules/no-await-with-open-connection.ts';
import { testRewrites } from './tester.ts';

testRewrites('no-await-in-transaction: waiting', noAwaitInTransaction, [
  {
    name: 'goes behind, where nothing needs what comes of it',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function register(mail: string): Promise<void> {
        db.exec('BEGIN IMMEDIATE');
        try {
          db.prepare('INSERT INTO people VALUES (?)').run(mail);
          // Say hello.
          await fetch('https://example.org/welcome', { method: 'POST', body: mail });
          db.exec('COMMIT');
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      }`,
    suggested: {
      waitBehind: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function register(mail: string): Promise<void> {
        db.exec('BEGIN IMMEDIATE');
        try {
          db.prepare('INSERT INTO people VALUES (?)').run(mail);
          db.exec('COMMIT');
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
        // Say hello.
        await fetch('https://example.org/welcome', { method: 'POST', body: mail });
      }`,
    },
  },
  {
    name: 'goes in front, where it needs nothing of the transaction; or the transaction is split',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function store(url: string): Promise<void> {
        db.exec('BEGIN IMMEDIATE');
        try {
          db.prepare('UPDATE pages SET state = ? WHERE url = ?').run('loading', url);
          const answer = await fetch(url);
          const text = await answer.text();
          db.prepare('UPDATE pages SET body = ? WHERE url = ?').run(text, url);
          db.exec('COMMIT');
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      }`,
    suggested: {
      waitBefore: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function store(url: string): Promise<void> {
        const answer = await fetch(url);
        const text = await answer.text();
        db.exec('BEGIN IMMEDIATE');
        try {
          db.prepare('UPDATE pages SET state = ? WHERE url = ?').run('loading', url);
          db.prepare('UPDATE pages SET body = ? WHERE url = ?').run(text, url);
          db.exec('COMMIT');
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      }`,
      splitTransaction: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function store(url: string): Promise<void> {
        db.exec('BEGIN IMMEDIATE');
        try {
          db.prepare('UPDATE pages SET state = ? WHERE url = ?').run('loading', url);
          db.exec('COMMIT');
          const answer = await fetch(url);
          const text = await answer.text();
          db.exec('BEGIN IMMEDIATE');
          db.prepare('UPDATE pages SET body = ? WHERE url = ?').run(text, url);
          db.exec('COMMIT');
        } catch (error) {
          if (db.inTransaction) db.exec('ROLLBACK');
          throw error;
        }
      }`,
    },
  },
  {
    name: 'splits the transaction, where it lies between what is read and what is written',
    file: 'main.cjs',
    code: `
      const { DatabaseSync } = require('node:sqlite');

      const db = new DatabaseSync('app.db', { timeout: 5000 });
      db.exec('PRAGMA journal_mode = WAL');

      exports.summarize = async (id) => {
        db.exec('BEGIN IMMEDIATE');
        try {
          const task = db.prepare('SELECT * FROM tasks WHERE id = ?').get(id);
          const answer = await fetch('https://model.example.org/' + task.text);
          db.prepare('UPDATE tasks SET summary = ? WHERE id = ?').run(answer.statusText, id);
          db.exec('COMMIT');
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      };`,
    suggested: {
      splitTransaction: `
      const { DatabaseSync } = require('node:sqlite');

      const db = new DatabaseSync('app.db', { timeout: 5000 });
      db.exec('PRAGMA journal_mode = WAL');

      exports.summarize = async (id) => {
        db.exec('BEGIN IMMEDIATE');
        try {
          const task = db.prepare('SELECT * FROM tasks WHERE id = ?').get(id);
          db.exec('COMMIT');
          const answer = await fetch('https://model.example.org/' + task.text);
          db.exec('BEGIN IMMEDIATE');
          db.prepare('UPDATE tasks SET summary = ? WHERE id = ?').run(answer.statusText, id);
          db.exec('COMMIT');
        } catch (error) {
          try {
            db.exec('ROLLBACK');
          } catch {
            // There is no transaction while it waits.
          }
          throw error;
        }
      };`,
    },
  },
  {
    name: 'comes behind the COMMIT, where only that is left to be done',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function accept(path: string): Promise<void> {
        db.exec('BEGIN IMMEDIATE');
        try {
          const { lastInsertRowid } = db.prepare('INSERT INTO videos VALUES (?)').run(path);
          await fetch('https://example.org/' + lastInsertRowid);
          db.exec('COMMIT');
        } catch (error) {
          if (db.inTransaction) db.exec('ROLLBACK');
          throw error;
        }
      }`,
    suggested: {
      waitBehind: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function accept(path: string): Promise<void> {
        db.exec('BEGIN IMMEDIATE');
        try {
          const { lastInsertRowid } = db.prepare('INSERT INTO videos VALUES (?)').run(path);
          db.exec('COMMIT');
          await fetch('https://example.org/' + lastInsertRowid);
        } catch (error) {
          if (db.inTransaction) db.exec('ROLLBACK');
          throw error;
        }
      }`,
    },
  },
  {
    name: 'does not go in front, where the function may leave before',
    code: `
      import type Database from 'better-sqlite3';

      export async function save(db: Database.Database, url: string, skip: boolean): Promise<boolean> {
        db.exec('BEGIN IMMEDIATE');
        if (skip) {
          db.exec('ROLLBACK');
          return false;
        }
        const answer = await fetch(url);
        db.prepare('INSERT INTO a VALUES (?)').run(answer.status);
        db.exec('COMMIT');
        return true;
      }`,
    suggested: {
      splitTransaction: `
      import type Database from 'better-sqlite3';

      export async function save(db: Database.Database, url: string, skip: boolean): Promise<boolean> {
        db.exec('BEGIN IMMEDIATE');
        if (skip) {
          db.exec('ROLLBACK');
          return false;
        }
        db.exec('COMMIT');
        const answer = await fetch(url);
        db.exec('BEGIN IMMEDIATE');
        db.prepare('INSERT INTO a VALUES (?)').run(answer.status);
        db.exec('COMMIT');
        return true;
      }`,
    },
  },
  {
    name: 'goes in front of a transaction that has a handle',
    file: 'main.js',
    code: `
      import { createClient } from '@libsql/client';

      const client = createClient({ url: 'file:app.db', timeout: 5000 });

      export async function store(url) {
        const tx = await client.transaction('write');
        try {
          await tx.execute("UPDATE pages SET state = 'loading'");
          const answer = await fetch(url);
          await tx.execute({ sql: 'UPDATE pages SET status = ?', args: [answer.status] });
          await tx.commit();
        } finally {
          tx.close();
        }
      }`,
    suggested: {
      waitBefore: `
      import { createClient } from '@libsql/client';

      const client = createClient({ url: 'file:app.db', timeout: 5000 });

      export async function store(url) {
        const answer = await fetch(url);
        const tx = await client.transaction('write');
        try {
          await tx.execute("UPDATE pages SET state = 'loading'");
          await tx.execute({ sql: 'UPDATE pages SET status = ?', args: [answer.status] });
          await tx.commit();
        } finally {
          tx.close();
        }
      }`,
    },
  },
  {
    name: 'has all rows before',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function send(): Promise<void> {
        for (const row of db.prepare('SELECT * FROM mails').iterate()) {
          await fetch('https://example.org/', { method: 'POST', body: JSON.stringify(row) });
        }
      }`,
    suggested: {
      readAllFirst: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function send(): Promise<void> {
        for (const row of db.prepare('SELECT * FROM mails').all()) {
          await fetch('https://example.org/', { method: 'POST', body: JSON.stringify(row) });
        }
      }`,
    },
  },
]);

testRewrites('no-await-with-open-connection: waiting', noAwaitWithOpenConnection, [
  {
    name: 'goes behind, where nothing needs what comes of it',
    code: `
      import Database from 'better-sqlite3';

      export async function importPrices(lines: string[], hook: string): Promise<void> {
        const db = new Database('prices.db');
        try {
          db.pragma('journal_mode = WAL');
          for (const line of lines) db.prepare('INSERT INTO prices VALUES (?)').run(line);
          await fetch(hook, { method: 'POST', body: String(lines.length) });
        } finally {
          db.close();
        }
      }`,
    suggested: {
      waitBehind: `
      import Database from 'better-sqlite3';

      export async function importPrices(lines: string[], hook: string): Promise<void> {
        const db = new Database('prices.db');
        try {
          db.pragma('journal_mode = WAL');
          for (const line of lines) db.prepare('INSERT INTO prices VALUES (?)').run(line);
        } finally {
          db.close();
        }
        await fetch(hook, { method: 'POST', body: String(lines.length) });
      }`,
    },
  },
  {
    name: 'goes in front, where it needs nothing of the database; or the connection is opened twice',
    code: `
      import Database from 'better-sqlite3';

      export async function store(url: string): Promise<void> {
        const db = new Database('pages.db');
        try {
          db.pragma('journal_mode = WAL');
          const answer = await fetch(url);
          db.prepare('INSERT INTO pages VALUES (?)').run(answer.status);
        } finally {
          db.close();
        }
      }`,
    suggested: {
      waitBefore: `
      import Database from 'better-sqlite3';

      export async function store(url: string): Promise<void> {
        const answer = await fetch(url);
        const db = new Database('pages.db');
        try {
          db.pragma('journal_mode = WAL');
          db.prepare('INSERT INTO pages VALUES (?)').run(answer.status);
        } finally {
          db.close();
        }
      }`,
    },
  },
  {
    name: 'splits the time that it is open: read, close, wait, open, write',
    code: `
      import Database from 'better-sqlite3';

      interface Task {
        readonly text: string;
      }

      export async function summarize(id: number): Promise<string> {
        const db = new Database('tasks.db');
        try {
          db.pragma('journal_mode = WAL');
          const task = db.prepare('SELECT * FROM tasks WHERE id = ?').get(id) as Task;

          // Five minutes.
          const answer = await fetch('https://model.example.org/' + task.text);
          const summary = await answer.text();

          db.prepare('UPDATE tasks SET summary = ? WHERE id = ?').run(summary, id);
          return summary;
        } finally {
          db.close();
        }
      }`,
    suggested: {
      splitConnection: `
      import Database from 'better-sqlite3';

      interface Task {
        readonly text: string;
      }

      export async function summarize(id: number): Promise<string> {
        let db = new Database('tasks.db');
        let task: Task;
        try {
          db.pragma('journal_mode = WAL');
          task = db.prepare('SELECT * FROM tasks WHERE id = ?').get(id) as Task;
        } finally {
          db.close();
        }
        // Five minutes.
        const answer = await fetch('https://model.example.org/' + task.text);
        const summary = await answer.text();
        db = new Database('tasks.db');
        try {
          db.pragma('journal_mode = WAL');
          db.prepare('UPDATE tasks SET summary = ? WHERE id = ?').run(summary, id);
          return summary;
        } finally {
          db.close();
        }
      }`,
    },
  },
  {
    name: 'and without a try',
    file: 'main.cjs',
    code: `
      const Database = require('libsql');

      exports.summarize = async (id) => {
        const db = new Database('tasks.db', { timeout: 5000 });
        db.exec('PRAGMA journal_mode = WAL');
        const task = db.prepare('SELECT * FROM tasks WHERE id = ?').get(id);
        const answer = await fetch('https://model.example.org/' + task.text);
        db.prepare('UPDATE tasks SET status = ?').run(answer.status);
        db.close();
      };`,
    suggested: {
      splitConnection: `
      const Database = require('libsql');

      exports.summarize = async (id) => {
        let db = new Database('tasks.db', { timeout: 5000 });
        db.exec('PRAGMA journal_mode = WAL');
        const task = db.prepare('SELECT * FROM tasks WHERE id = ?').get(id);
        db.close();
        const answer = await fetch('https://model.example.org/' + task.text);
        db = new Database('tasks.db', { timeout: 5000 });
        db.exec('PRAGMA journal_mode = WAL');
        db.prepare('UPDATE tasks SET status = ?').run(answer.status);
        db.close();
      };`,
    },
  },
]);

testRewrites('no-await-with-open-connection: loops and blocks', noAwaitWithOpenConnection, [
  {
    name: 'a loop that waits goes in front as a whole, or the connection is closed for as long as it takes',
    code: `
      import Database from 'better-sqlite3';

      async function send(urls: string[], clear: boolean): Promise<void> {
        const db = new Database('app.db');
        if (clear) db.exec('DELETE FROM sent');
        let count = 0;
        for (const url of urls) {
          if (url === '') continue;
          await fetch(url);
          count += 1;
        }
        db.prepare('INSERT INTO sent VALUES (?)').run(count);
        db.close();
      }`,
    suggested: {
      splitConnection: `
      import Database from 'better-sqlite3';

      async function send(urls: string[], clear: boolean): Promise<void> {
        let db = new Database('app.db');
        if (clear) db.exec('DELETE FROM sent');
        let count = 0;
        db.close();
        for (const url of urls) {
          if (url === '') continue;
          await fetch(url);
          count += 1;
        }
        db = new Database('app.db');
        db.prepare('INSERT INTO sent VALUES (?)').run(count);
        db.close();
      }`,
    },
  },
  ...['[first, second]', '{ first, rest: second = 0 }'].map((pattern) => ({
    name: `is left out, and ${pattern} go over in variables`,
    code: `
      import Database from 'better-sqlite3';

      async function send(url: string): Promise<void> {
        const db = new Database('app.db');
        try {
          const ${pattern} = db.prepare('SELECT * FROM runs').get() as Row;
          const answer = await fetch(url + first);
          db.prepare('UPDATE runs SET state = ?').run(answer.status + second);
        } finally {
          db.close();
        }
      }`,
    suggested: {
      splitConnection: `
      import Database from 'better-sqlite3';

      async function send(url: string): Promise<void> {
        let db = new Database('app.db');
        let first;
        let second;
        try {
          ${pattern.startsWith('{') ? '(' : ''}${pattern} = db.prepare('SELECT * FROM runs').get() as Row${pattern.startsWith('{') ? ')' : ''};
        } finally {
          db.close();
        }
        const answer = await fetch(url + first);
        db = new Database('app.db');
        try {
          db.prepare('UPDATE runs SET state = ?').run(answer.status + second);
        } finally {
          db.close();
        }
      }`,
    },
  })),
  {
    name: 'stays between what is written of the time before it and after it',
    code: `
      import Database from 'better-sqlite3';

      async function send(url: string): Promise<void> {
        const db = new Database('app.db');
        db.prepare('INSERT INTO runs (started) VALUES (?)').run(new Date().toISOString());
        await fetch(url);
        db.exec("UPDATE runs SET finished = datetime('now')");
        db.close();
      }`,
    suggested: {
      splitConnection: `
      import Database from 'better-sqlite3';

      async function send(url: string): Promise<void> {
        let db = new Database('app.db');
        db.prepare('INSERT INTO runs (started) VALUES (?)').run(new Date().toISOString());
        db.close();
        await fetch(url);
        db = new Database('app.db');
        db.exec("UPDATE runs SET finished = datetime('now')");
        db.close();
      }`,
    },
  },
  {
    name: 'goes in front with what it declares in the same list',
    code: `
      import Database from 'better-sqlite3';

      async function send(urls: string[]): Promise<void> {
        const db = new Database('app.db');
        db.exec('DELETE FROM sent');
        const answers = await Promise.all(urls.map((url) => fetch(url)));
        if (answers.length > 1) await fetch('https://example.org/sent');
        db.prepare('INSERT INTO sent VALUES (?)').run(answers.length);
        db.close();
      }`,
    suggested: {
      waitBefore: `
      import Database from 'better-sqlite3';

      async function send(urls: string[]): Promise<void> {
        const answers = await Promise.all(urls.map((url) => fetch(url)));
        if (answers.length > 1) await fetch('https://example.org/sent');
        const db = new Database('app.db');
        db.exec('DELETE FROM sent');
        db.prepare('INSERT INTO sent VALUES (?)').run(answers.length);
        db.close();
      }`,
      splitConnection: `
      import Database from 'better-sqlite3';

      async function send(urls: string[]): Promise<void> {
        let db = new Database('app.db');
        db.exec('DELETE FROM sent');
        db.close();
        const answers = await Promise.all(urls.map((url) => fetch(url)));
        if (answers.length > 1) await fetch('https://example.org/sent');
        db = new Database('app.db');
        db.prepare('INSERT INTO sent VALUES (?)').run(answers.length);
        db.close();
      }`,
    },
  },
  {
    name: 'goes behind the `try` that closes, wherever it was opened in front of that',
    code: `
      import Database from 'better-sqlite3';

      export async function load(path: string): Promise<string[]> {
        let rows: string[] = [];
        let db;
        try {
          db = new Database(path, { fileMustExist: true });
        } catch {
          return rows;
        }
        try {
          if (db.inTransaction) return rows;
          const found = db.prepare('SELECT name FROM people').pluck().all();
          rows = found;
          await fetch('https://example.org/' + rows.join());
        } finally {
          db.close();
        }
        return rows;
      }`,
    suggested: {
      waitBehind: `
      import Database from 'better-sqlite3';

      export async function load(path: string): Promise<string[]> {
        let rows: string[] = [];
        let db;
        try {
          db = new Database(path, { fileMustExist: true });
        } catch {
          return rows;
        }
        try {
          if (db.inTransaction) return rows;
          const found = db.prepare('SELECT name FROM people').pluck().all();
          rows = found;
        } finally {
          db.close();
        }
        await fetch('https://example.org/' + rows.join());
        return rows;
      }`,
    },
  },
  {
    name: 'what waits stays where a function within uses the connection',
    code: `
      import Database from 'better-sqlite3';

      async function load(urls: string[]): Promise<void> {
        const db = new Database('app.db');
        const insert = db.prepare('INSERT INTO pages VALUES (?)');
        await Promise.all(urls.map(async (url) => insert.run((await fetch(url)).status)));
        db.close();
      }`,
    reason: 'waits-in-between',
  },
  {
    name: 'a loop that may return stays',
    code: `
      import Database from 'better-sqlite3';

      async function send(urls: string[]): Promise<void> {
        const db = new Database('app.db');
        db.exec('DELETE FROM sent');
        for (const url of urls) {
          if (url === '') return db.close();
          await fetch(url);
        }
        db.exec('INSERT INTO sent VALUES (1)');
        db.close();
      }`,
    reason: 'waits-in-between',
  },
]);

testRewrites('no-await-in-transaction: left alone', noAwaitInTransaction, [
  {
    name: 'a loop',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function fill(urls: string[]): Promise<void> {
        db.exec('BEGIN IMMEDIATE');
        try {
          for (const url of urls) {
            const answer = await fetch(url);
            db.prepare('INSERT INTO pages VALUES (?)').run(answer.status);
          }
          db.exec('COMMIT');
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      }`,
    reason: 'waits-in-between',
  },
]);

testRewrites('no-await-with-open-connection: left alone', noAwaitWithOpenConnection, [
  {
    name: 'a statement that belongs to the connection',
    code: `
      import Database from 'better-sqlite3';

      export async function fill(url: string): Promise<void> {
        const db = new Database('pages.db');
        try {
          db.pragma('journal_mode = WAL');
          const insert = db.prepare('INSERT INTO pages VALUES (?)');
          const known = db.prepare('SELECT url FROM pages').pluck().get();
          const answer = await fetch(url + known);
          insert.run(answer.status);
        } finally {
          db.close();
        }
      }`,
    reason: 'waits-in-between',
  },
]);

const KYSELY = `
      import Database from 'better-sqlite3';
      import { Kysely, SqliteDialect } from 'kysely';

      const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: new Database('app.db') }) });
      const inTransaction = (work) => db.transaction().execute((trx) => work(trx));
`;

testRewrites('no-await-in-transaction: waiting at the end of a callback', noAwaitInTransaction, [
  {
    name: 'goes behind the call, with what the callback returns',
    code: `${KYSELY}
      export async function add(name: string): Promise<void> {
        const row = await db.transaction().execute(async (trx) => {
          const row = await trx.insertInto('people').values({ name }).returningAll().executeTakeFirstOrThrow();
          // Say hello.
          await fetch('https://example.org/welcome', { method: 'POST', body: row.name });
          return row;
        });
        log(row);
      }`,
    suggested: {
      waitBehind: `${KYSELY}
      export async function add(name: string): Promise<void> {
        const row = await db.transaction().execute(async (trx) => {
          const row = await trx.insertInto('people').values({ name }).returningAll().executeTakeFirstOrThrow();
          return row;
        });
        // Say hello.
        await fetch('https://example.org/welcome', { method: 'POST', body: row.name });
        log(row);
      }`,
    },
  },
  {
    name: 'goes behind the call of a helper, with several values that it returns',
    code: `${KYSELY}
      export async function add(name: string): Promise<void> {
        const { id, group } = await inTransaction(async (trx) => {
          const { id, group } = await trx.insertInto('people').values({ name }).returningAll().executeTakeFirst();
          await fetch(id + group);
          return { id, group };
        });
      }`,
    suggested: {
      waitBehind: `${KYSELY}
      export async function add(name: string): Promise<void> {
        const { id, group } = await inTransaction(async (trx) => {
          const { id, group } = await trx.insertInto('people').values({ name }).returningAll().executeTakeFirst();
          return { id, group };
        });
        await fetch(id + group);
      }`,
    },
  },
  {
    name: 'goes in front of the call, where it is the first thing that is done',
    code: `${KYSELY}
      export async function add(name: string): Promise<void> {
        await db.transaction().execute(async (trx) => {
          const answer = await fetch(name);
          await trx.insertInto('people').values({ name, status: answer.status }).execute();
        });
      }`,
    suggested: {
      waitBefore: `${KYSELY}
      export async function add(name: string): Promise<void> {
        const answer = await fetch(name);
        await db.transaction().execute(async (trx) => {
          await trx.insertInto('people').values({ name, status: answer.status }).execute();
        });
      }`,
    },
  },
  {
    name: 'goes behind on the ways alone on which the callback came to it, where null tells them apart',
    code: `${KYSELY}
      export async function rename(id: number, name: string): Promise<void> {
        const { row, count } = await db.transaction().execute(async (trx) => {
          const known = await trx.selectFrom('people').where('id', '=', id).selectAll().executeTakeFirst();
          if (known.name === name) return { row: null, count: 0 };
          const row = await trx.updateTable('people').set({ name }).returningAll().executeTakeFirstOrThrow();
          const count = 1;
          await fetch('https://example.org/renamed', { body: row.name });
          return { row, count };
        });
        log(row, count);
      }`,
    suggested: {
      waitBehind: `${KYSELY}
      export async function rename(id: number, name: string): Promise<void> {
        const { row, count } = await db.transaction().execute(async (trx) => {
          const known = await trx.selectFrom('people').where('id', '=', id).selectAll().executeTakeFirst();
          if (known.name === name) return { row: null, count: 0 };
          const row = await trx.updateTable('people').set({ name }).returningAll().executeTakeFirstOrThrow();
          const count = 1;
          return { row, count };
        });
        if (row !== null) {
          await fetch('https://example.org/renamed', { body: row.name });
        }
        log(row, count);
      }`,
    },
  },
  {
    name: 'goes behind the call of a method of another module, which its type names',
    others: {
      'store.ts': `${KYSELY}
        export class Store {
          async transact<T>(work: (trx: Transaction) => Promise<T>): Promise<T> {
            return db.transaction().execute((trx) => work(trx));
          }
        }`,
    },
    code: `
      import type { Store } from './store.ts';

      export function routes(app: App, context: { store: Store }): void {
        app.post('/people', async ({ body }) => {
          await context.store.transact(async (trx) => {
            await trx.insertInto('people').values(body).execute();
            await fetch('https://example.org/welcome', { body });
          });
        });
      }`,
    suggested: {
      waitBehind: `
      import type { Store } from './store.ts';

      export function routes(app: App, context: { store: Store }): void {
        app.post('/people', async ({ body }) => {
          await context.store.transact(async (trx) => {
            await trx.insertInto('people').values(body).execute();
          });
          await fetch('https://example.org/welcome', { body });
        });
      }`,
    },
  },
  ...Object.entries({
    'is not told apart by what an early return gives': `
        const row = await db.transaction().execute(async (trx) => {
          const known = await trx.selectFrom('people').selectAll().executeTakeFirst();
          if (known) return known;
          const row = await trx.insertInto('people').values({ name }).returningAll().executeTakeFirstOrThrow();
          await fetch(row.id);
          return row;
        });`,
    'needs what the callback keeps to itself': `
        await db.transaction().execute(async (trx) => {
          const row = await trx.insertInto('people').values({ name }).returningAll().executeTakeFirstOrThrow();
          await fetch(row.id);
        });`,
    'needs what has another name outside': `
        const added = await db.transaction().execute(async (trx) => {
          const row = await trx.insertInto('people').values({ name }).returningAll().executeTakeFirstOrThrow();
          await fetch(row.id);
          return row;
        });`,
    'does not come to it on all ways': `
        await db.transaction().execute(async (trx) => {
          const row = await trx.selectFrom('people').selectAll().executeTakeFirst();
          if (row) return;
          await fetch(name);
        });`,
    'has something to do in front of it and behind it': `
        await db.transaction().execute(async (trx) => {
          await trx.deleteFrom('people').execute();
          await fetch(name);
          await trx.insertInto('people').values({ name }).execute();
        });`,
    'would take a name that is taken': `
        const answer = 1;
        await db.transaction().execute(async (trx) => {
          const answer = await fetch(name);
          await trx.insertInto('people').values({ name, status: answer.status }).execute();
        });`,
  }).map(([name, body]) => ({
    name: `stays where it ${name}`,
    code: `${KYSELY}
      export async function add(name: string): Promise<void> {${body}
      }`,
    reason: 'waits-in-between' as const,
  })),
  {
    name: 'stays where its call is returned',
    code: `${KYSELY}
      export async function add(name: string): Promise<void> {
        return db.transaction().execute(async (trx) => {
          await trx.insertInto('people').values({ name }).execute();
          await fetch(name);
        });
      }`,
    reason: 'end-elsewhere',
  },
]);
