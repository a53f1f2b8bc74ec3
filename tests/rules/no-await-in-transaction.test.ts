import rule from '../../rules/no-await-in-transaction.ts';
import { testRule } from './tester.ts';

const request = { what: 'a network request', trace: '' };

testRule('no-await-in-transaction', rule, {
  valid: [
    {
      name: 'the request is made before the transaction begins',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export async function refresh(url: string): Promise<void> {
          const body = await (await fetch(url)).text();
          db.exec('BEGIN IMMEDIATE');
          try {
            db.prepare('UPDATE t SET body = ?').run(body);
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
        }
      `,
    },
    {
      name: 'the request is made after the commit',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export async function publish(url) {
          db.exec('BEGIN IMMEDIATE');
          try {
            db.exec('DELETE FROM t');
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
          await fetch(url);
        }
      `,
      file: 'main.mjs',
    },
    {
      name: 'statements of a driver with promises are what the transaction is for',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        const db = await open({ filename: 'app.db', driver: sqlite3.Database });
        export async function clear() {
          await db.run('BEGIN IMMEDIATE');
          try {
            await db.run('DELETE FROM a');
            await db.run('DELETE FROM b');
            await db.run('COMMIT');
          } catch (problem) {
            await db.run('ROLLBACK');
            throw problem;
          }
        }
      `,
    },
    {
      name: 'the methods of a transaction of @libsql/client',
      code: `
        import { createClient } from '@libsql/client';
        const client = createClient({ url: 'file:app.db' });
        export async function clear() {
          const work = await client.transaction('write');
          try {
            await work.execute('DELETE FROM a');
            await work.batch(['DELETE FROM b', 'DELETE FROM c']);
            await work.commit();
          } finally {
            work.close();
          }
        }
      `,
    },
    {
      name: 'an argument is awaited before the transaction begins',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        const store = db.transaction((body: string) => {
          db.prepare('UPDATE t SET body = ?').run(body);
        });
        export async function refresh(url: string): Promise<void> {
          store(await (await fetch(url)).text());
        }
      `,
    },
    {
      name: 'a call that is not known and receives the transaction works for the database',
      code: `
        import { createClient } from '@libsql/client';
        import { enqueue } from '@acme/outbox';
        const client = createClient({ url: 'file:app.db' });
        export async function confirm(order: number) {
          const work = await client.transaction('write');
          try {
            await enqueue(work, order);
            await work.commit();
          } finally {
            work.close();
          }
        }
      `,
    },
    {
      name: 'a package that is not known may wait for anything on a driver with promises',
      code: `
        import { createClient } from '@libsql/client';
        import { check } from '@acme/rules';
        const client = createClient({ url: 'file:app.db' });
        export async function confirm(order: number) {
          const work = await client.transaction('write');
          try {
            await check(order);
            await work.commit();
          } finally {
            work.close();
          }
        }
      `,
    },
    {
      name: 'hooks that run after the commit',
      code: `
        const Database = require('better-sqlite3');
        const db = new Database('app.db');
        exports.register = async (mail) => {
          const hooks = [];
          db.exec('BEGIN IMMEDIATE');
          try {
            hooks.push(() => fetch('https://mail.example/' + mail));
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
          for (const hook of hooks) await hook();
        };
      `,
      file: 'main.cjs',
    },
    {
      name: 'the request follows a rollback',
      code: `
        import { Database } from 'bun:sqlite';
        const db = new Database('app.db');
        export async function clear(): Promise<void> {
          db.run('BEGIN IMMEDIATE');
          try {
            db.run('DELETE FROM t');
            db.run('COMMIT');
          } catch (problem) {
            db.run('ROLLBACK');
            await fetch('https://log.example', { method: 'POST', body: String(problem) });
            throw problem;
          }
        }
      `,
    },
    {
      name: 'rows are read to the end before the request',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export async function notify(): Promise<void> {
          for (const row of db.prepare('SELECT url FROM t').all() as { url: string }[]) await fetch(row.url);
        }
      `,
    },
    {
      name: 'a connection without a transaction is a matter of another rule',
      code: `
        import Database from 'better-sqlite3';
        export async function refresh(url: string): Promise<void> {
          const db = new Database('app.db');
          try {
            await fetch(url);
          } finally {
            db.close();
          }
        }
      `,
    },
    {
      name: 'awaits inside an async callback are reported once, by no-async-transaction',
      code: `
        import Database from 'libsql';
        const db = new Database('app.db');
        export const refresh = db.transaction(async (url: string) => {
          await fetch(url);
          db.exec('DELETE FROM t');
        });
      `,
    },
    {
      name: 'a transaction of PostgreSQL',
      code: `
        import { Client } from 'pg';
        const client = new Client('postgres://sqlite');
        export async function clear(url: string) {
          await client.query('BEGIN');
          await fetch(url);
          await client.query('COMMIT');
        }
      `,
    },
    {
      name: 'a test may wait',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export async function hold() {
          db.exec('BEGIN IMMEDIATE');
          await fetch('https://slow.example');
          db.exec('ROLLBACK');
        }
      `,
      file: 'test/hold.ts',
    },
  ],
  invalid: [
    {
      name: 'a request between BEGIN and COMMIT',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export async function refresh(url: string): Promise<void> {
          db.exec('BEGIN IMMEDIATE');
          try {
            const answer = «await fetch(url)»;
            db.prepare('UPDATE t SET status = ?').run(answer.status);
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
        }
      `,
      errors: [{ messageId: 'transaction', data: { line: 'line 4', ...request } }],
    },
    {
      name: 'a mail in a transaction of the promise interface',
      code: `
        import nodemailer from 'nodemailer';
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        const mailer = nodemailer.createTransport({ host: 'mail.example' });
        const db = await open({ filename: 'app.db', driver: sqlite3.Database });
        export async function remind(to) {
          await db.run('BEGIN IMMEDIATE');
          try {
            await db.run('UPDATE people SET reminded = 1 WHERE mail = ?', to);
            «await mailer.sendMail({ to })»;
            await db.run('COMMIT');
          } catch (problem) {
            await db.run('ROLLBACK');
            throw problem;
          }
        }
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'transaction', data: { line: 'line 7', what: 'a mail server', trace: '' } }],
    },
    {
      name: 'a model call in a transaction of @libsql/client',
      code: `
        import OpenAI from 'openai';
        import { createClient } from '@libsql/client';
        const model = new OpenAI();
        const client = createClient({ url: 'file:app.db' });
        export async function embed(text: string) {
          const work = await client.transaction('write');
          try {
            const { data } = «await model.embeddings.create({ model: 'small', input: text })»;
            await work.execute({ sql: 'INSERT INTO t VALUES (?)', args: [JSON.stringify(data)] });
            await work.commit();
          } finally {
            work.close();
          }
        }
      `,
      errors: [{ messageId: 'transaction', data: { line: 'line 6', what: 'a model call', trace: '' } }],
    },
    {
      name: 'a pause made of a promise around a timer',
      code: `
        const { DatabaseSync } = require('node:sqlite');
        const db = new DatabaseSync('app.db');
        exports.clear = async () => {
          db.exec('BEGIN IMMEDIATE');
          try {
            «await new Promise((resolve) => setTimeout(resolve, 100))»;
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
        };
      `,
      file: 'main.cjs',
      errors: [{ messageId: 'transaction', data: { line: 'line 4', what: 'a timer', trace: '' } }],
    },
    {
      name: 'files and password hashing take their time as well',
      code: `
        import bcrypt from 'bcrypt';
        import { readFile } from 'node:fs/promises';
        import { Database } from 'bun:sqlite';
        const db = new Database('app.db');
        export async function load(path: string): Promise<void> {
          db.run('BEGIN IMMEDIATE');
          try {
            db.run('INSERT INTO t VALUES (?)', [«await readFile(path, 'utf8')»]);
            db.run('COMMIT');
          } catch (problem) {
            db.run('ROLLBACK');
            throw problem;
          }
        }
        export async function join(password: string): Promise<void> {
          db.run('BEGIN IMMEDIATE');
          try {
            db.run('INSERT INTO t VALUES (?)', [«await bcrypt.hash(password, 10)»]);
            db.run('COMMIT');
          } catch (problem) {
            db.run('ROLLBACK');
            throw problem;
          }
        }
      `,
      errors: [
        { messageId: 'transaction', data: { line: 'line 6', what: 'a file', trace: '' } },
        { messageId: 'transaction', data: { line: 'line 16', what: 'password hashing', trace: '' } },
      ],
    },
    {
      name: 'the work is done by a function of the module, and the message tells the way to it',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        async function look(url: string): Promise<string> {
          const answer = await fetch(url);
          return answer.text();
        }
        export async function refresh(url: string): Promise<void> {
          db.exec('BEGIN IMMEDIATE');
          try {
            db.prepare('UPDATE t SET body = ?').run(«await look(url)»);
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
        }
      `,
      errors: [
        {
          messageId: 'transaction',
          data: { line: 'line 8', what: 'a network request', trace: ' (by line 4)' },
        },
      ],
    },
    {
      name: 'other code on a synchronous driver runs inside the transaction meanwhile',
      code: `
        import Database from 'better-sqlite3';
        import { look } from '@acme/tax';
        const db = new Database('app.db');
        export async function refresh(sku: string): Promise<void> {
          db.exec('BEGIN IMMEDIATE');
          try {
            db.prepare('UPDATE t SET tax = ?').run(«await look(sku)»);
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
        }
      `,
      errors: [{ messageId: 'transaction', data: { line: 'line 5', what: 'other code', trace: '' } }],
    },
    {
      name: 'several awaits in one transaction are one cause',
      code: `
        import Database from 'libsql';
        const db = new Database('app.db');
        export async function refresh(urls) {
          db.exec('BEGIN IMMEDIATE');
          try {
            for (const url of urls) «await fetch(url)»;
            await fetch('https://done.example');
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
        }
      `,
      file: 'main.js',
      errors: [{ messageId: 'transaction', data: { line: 'line 4', ...request } }],
    },
    {
      name: 'Promise.all waits for each of its promises',
      code: `
        import { createClient } from '@libsql/client';
        const client = createClient({ url: 'file:app.db' });
        export async function refresh(urls: string[]) {
          const work = await client.transaction('write');
          try {
            «await Promise.all(urls.map((url) => fetch(url)))»;
            await work.commit();
          } finally {
            work.close();
          }
        }
      `,
      errors: [{ messageId: 'transaction', data: { line: 'line 4', ...request } }],
    },
    {
      name: 'drizzle with promises runs its callback inside the transaction',
      code: `
        import { drizzle } from 'drizzle-orm/libsql';
        const db = drizzle('file:app.db');
        export async function refresh(url: string) {
          await db.transaction(async (tx) => {
            const answer = «await fetch(url)»;
            await tx.insert(books).values({ status: answer.status });
          });
        }
      `,
      errors: [{ messageId: 'transaction', data: { line: 'line 4', ...request } }],
    },
    {
      name: 'kysely runs its callback inside the transaction',
      code: `
        import Database from 'better-sqlite3';
        import { Kysely, SqliteDialect } from 'kysely';
        const db = new Kysely({ dialect: new SqliteDialect({ database: new Database('app.db') }) });
        export async function refresh(url: string) {
          await db.transaction().execute(async (trx) => {
            const answer = «await fetch(url)»;
            await trx.insertInto('books').values({ status: answer.status }).execute();
          });
        }
      `,
      errors: [{ messageId: 'snapshot', data: { line: 'line 5', ...request } }],
    },
    {
      name: 'a deferred transaction takes no lock before its first statement, but a snapshot once it has read',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export async function notify(): Promise<void> {
          db.exec('BEGIN');
          try {
            const row = db.prepare('SELECT url FROM t').get();
            «await fetch(String(row?.url))»;
          } finally {
            db.exec('ROLLBACK');
          }
        }
      `,
      errors: [{ messageId: 'snapshot', data: { line: 'line 4', ...request } }],
    },
    {
      name: 'rows are read one by one across a request',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export async function notify(): Promise<void> {
          for (const row of db.prepare('SELECT url FROM t').iterate() as Iterable<{ url: string }>) {
            «await fetch(row.url)»;
          }
        }
      `,
      errors: [{ messageId: 'rows', data: { line: 'line 4', ...request } }],
    },
    {
      name: 'rows are handed to whoever takes the values of an async generator',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export async function* rows() {
          for (const row of db.prepare('SELECT * FROM t').iterate()) «yield row»;
        }
      `,
      errors: [{ messageId: 'rows', data: { line: 'line 4', what: 'whoever takes the values', trace: '' } }],
    },
    {
      name: 'tests are checked where the settings say so',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export async function hold() {
          db.exec('BEGIN IMMEDIATE');
          «await fetch('https://slow.example')»;
          db.exec('ROLLBACK');
        }
      `,
      file: 'test/hold.ts',
      settings: { tests: 'check' },
      errors: [{ messageId: 'transaction', data: { line: 'line 4', ...request } }],
    },
    {
      name: 'a method of the same object waits: the one that began the transaction calls it too early',
      code: `
        import type { DatabaseSync } from 'node:sqlite';
        export class Rates {
          constructor(private readonly db: DatabaseSync) {}
          async refresh(url: string): Promise<void> {
            this.db.exec('BEGIN IMMEDIATE');
            try {
              «await this.load(url)»;
              this.db.exec('COMMIT');
            } catch (problem) {
              this.db.exec('ROLLBACK');
              throw problem;
            }
          }
          async load(url: string): Promise<void> {
            const answer = await fetch(url);
            this.db.prepare('INSERT INTO rates VALUES (?)').run(await answer.text());
          }
        }
      `,
      errors: [
        {
          messageId: 'transaction',
          data: { line: 'line 5', what: 'a network request', trace: ' (by line 15)' },
        },
      ],
    },
    {
      name: 'a method that is given the connection waits itself',
      code: `
        import type { DatabaseSync } from 'node:sqlite';
        export class Rates {
          constructor(private readonly db: DatabaseSync) {}
          async refresh(url: string): Promise<void> {
            this.db.exec('BEGIN IMMEDIATE');
            try {
              await this.load(this.db, url);
              this.db.exec('COMMIT');
            } catch (problem) {
              this.db.exec('ROLLBACK');
              throw problem;
            }
          }
          private async load(db: DatabaseSync, url: string): Promise<void> {
            const answer = «await fetch(url)»;
            db.prepare('INSERT INTO rates VALUES (?)').run(answer.status);
          }
        }
      `,
      errors: [{ messageId: 'transaction', data: { line: 'line 5', ...request } }],
    },
  ],
});
