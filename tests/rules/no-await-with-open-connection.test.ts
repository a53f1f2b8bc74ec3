import rule from '../../rules/no-await-with-open-connection.ts';
import { testRule } from './tester.ts';

const request = { what: 'a network request', trace: '' };

testRule('no-await-with-open-connection', rule, {
  valid: [
    {
      name: 'read and closed before the request, opened again after it',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export async function refresh(id: number): Promise<void> {
          let url: string;
          {
            using db = new DatabaseSync('app.db');
            url = String(db.prepare('SELECT url FROM t WHERE id = ?').get(id)?.url);
          }
          const answer = await fetch(url);
          using db = new DatabaseSync('app.db');
          db.prepare('UPDATE t SET status = ?').run(answer.status);
        }
      `,
    },
    {
      name: 'closed by hand before the request',
      code: `
        const Database = require('better-sqlite3');
        exports.notify = async (id) => {
          const db = new Database('app.db', { readonly: true });
          let url;
          try {
            url = db.prepare('SELECT url FROM t WHERE id = ?').pluck().get(id);
          } finally {
            db.close();
          }
          await fetch(url);
        };
      `,
      file: 'main.cjs',
    },
    {
      name: 'awaits of the database itself',
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
      file: 'main.mjs',
    },
    {
      name: 'the backup of better-sqlite3 is work of the database',
      code: `
        import Database from 'better-sqlite3';
        export async function copy(to: string): Promise<void> {
          const db = new Database('app.db');
          try {
            await db.backup(to);
          } finally {
            db.close();
          }
        }
      `,
    },
    {
      name: 'a connection of the module is open all the time',
      code: `
        import { Database } from 'bun:sqlite';
        const db = new Database('app.db');
        export async function refresh(url: string): Promise<void> {
          const answer = await fetch(url);
          db.run('UPDATE t SET status = ?', [answer.status]);
        }
      `,
    },
    {
      name: 'a connection that the caller gave is for the caller to close',
      code: `
        import type Database from 'better-sqlite3';
        export async function refresh(db: Database.Database, url: string): Promise<void> {
          const answer = await fetch(url);
          db.prepare('UPDATE t SET status = ?').run(answer.status);
        }
      `,
    },
    {
      name: 'a field of a class lives as long as its object',
      code: `
        import Database from 'libsql';
        export class Store {
          #db = new Database('app.db');
          async refresh(url: string): Promise<void> {
            const answer = await fetch(url);
            this.#db.prepare('UPDATE t SET status = ?').run(answer.status);
          }
        }
      `,
    },
    {
      name: 'what a package waits for that nobody knows',
      code: `
        import Database from 'better-sqlite3';
        import { look } from '@acme/tax';
        export async function refresh(sku: string): Promise<void> {
          const db = new Database('app.db');
          try {
            db.prepare('UPDATE t SET tax = ?').run(await look(sku));
          } finally {
            db.close();
          }
        }
      `,
    },
    {
      name: 'a transaction in it is the greater harm, reported by another rule',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export async function refresh(url: string): Promise<void> {
          using db = new DatabaseSync('app.db');
          db.exec('BEGIN IMMEDIATE');
          await fetch(url);
          db.exec('COMMIT');
        }
      `,
    },
    {
      name: 'a request that nobody awaits',
      code: `
        import Database from 'better-sqlite3';
        export function refresh(url: string): void {
          const db = new Database('app.db');
          void fetch(url);
          db.close();
        }
      `,
    },
    {
      name: 'a request before the open and one after the close',
      code: `
        import { createClient } from '@libsql/client';
        export async function refresh(url: string): Promise<void> {
          const answer = await fetch(url);
          const client = createClient({ url: 'file:app.db' });
          try {
            await client.execute({ sql: 'UPDATE t SET status = ?', args: [answer.status] });
          } finally {
            client.close();
          }
          await fetch('https://done.example');
        }
      `,
    },
    {
      name: 'a consumer of an async generator takes its time, the connection stays for it',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export async function* names() {
          using db = new DatabaseSync('app.db');
          for (const row of db.prepare('SELECT name FROM t').all()) yield row.name;
        }
      `,
    },
    {
      name: 'the top level of a script',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        const answer = await fetch('https://feed.example');
        db.prepare('UPDATE t SET status = ?').run(answer.status);
        db.close();
      `,
      file: 'main.mjs',
    },
    {
      name: 'a test may wait',
      code: `
        import Database from 'better-sqlite3';
        export async function hold(): Promise<void> {
          const db = new Database('app.db');
          await fetch('https://slow.example');
          db.close();
        }
      `,
      file: 'hold.spec.ts',
    },
    {
      name: 'held until the program is told to stop',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        import { serve } from './server.ts';
        export async function main(signal: AbortSignal): Promise<void> {
          const db = new DatabaseSync('app.db');
          try {
            serve(() => db.prepare('SELECT 1').get());
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
          } finally {
            db.close();
          }
        }
      `,
    },
    {
      name: 'an event of the database',
      code: `
        import sqlite3 from 'sqlite3';
        export async function load(): Promise<void> {
          const db = new sqlite3.Database('app.db');
          await new Promise((resolve) => db.once('open', resolve));
          db.close();
        }
      `,
    },
  ],
  invalid: [
    {
      name: 'a request while better-sqlite3 is open',
      code: `
        import Database from 'better-sqlite3';
        export async function refresh(url: string): Promise<void> {
          const db = new Database('app.db');
          try {
            const answer = «await fetch(url)»;
            db.prepare('UPDATE t SET status = ?').run(answer.status);
          } finally {
            db.close();
          }
        }
      `,
      errors: [{ messageId: 'connection', data: { line: 'line 3', ...request } }],
    },
    {
      name: 'a request while using keeps node:sqlite open to the end of the function',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export async function refresh(url: string): Promise<void> {
          using db = new DatabaseSync('app.db');
          db.exec('DELETE FROM t');
          «await fetch(url)»;
        }
      `,
      errors: [{ messageId: 'connection', data: { line: 'line 3', ...request } }],
    },
    {
      name: 'a pause while bun:sqlite is open',
      code: `
        import { Database } from 'bun:sqlite';
        export async function poll() {
          const db = new Database('app.db');
          try {
            while (db.query('SELECT 1 FROM t').get() === null) «await Bun.sleep(50)»;
          } finally {
            db.close();
          }
        }
      `,
      file: 'main.js',
      errors: [{ messageId: 'connection', data: { line: 'line 3', what: 'a timer', trace: '' } }],
    },
    {
      name: 'a model call while libsql is open, in CommonJS',
      code: `
        const Database = require('libsql');
        const { Ollama } = require('ollama');
        const model = new Ollama();
        exports.embed = async (text) => {
          const db = new Database('app.db');
          try {
            const { embedding } = «await model.embeddings({ model: 'small', prompt: text })»;
            db.prepare('INSERT INTO t VALUES (?)').run(JSON.stringify(embedding));
          } finally {
            db.close();
          }
        };
      `,
      file: 'main.cjs',
      errors: [{ messageId: 'connection', data: { line: 'line 5', what: 'a model call', trace: '' } }],
    },
    {
      name: 'a request while the promise interface is open',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        export async function refresh(url) {
          const db = await open({ filename: 'app.db', driver: sqlite3.Database });
          try {
            const answer = «await fetch(url)»;
            await db.run('UPDATE t SET status = ?', answer.status);
          } finally {
            await db.close();
          }
        }
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'connection', data: { line: 'line 4', ...request } }],
    },
    {
      name: 'a request while a client of libsql is open',
      code: `
        import axios from 'axios';
        import { createClient } from '@libsql/client';
        export async function refresh(url: string): Promise<void> {
          const client = createClient({ url: 'file:app.db' });
          try {
            const { data } = «await axios.get(url)»;
            await client.execute({ sql: 'UPDATE t SET body = ?', args: [data] });
          } finally {
            client.close();
          }
        }
      `,
      errors: [{ messageId: 'connection', data: { line: 'line 4', ...request } }],
    },
    {
      name: 'a request while sqlite3 is open',
      code: `
        import sqlite3 from 'sqlite3';
        export async function refresh(url: string): Promise<void> {
          const db = new sqlite3.Database('app.db');
          try {
            const answer = «await fetch(url)»;
            db.run('UPDATE t SET status = ?', answer.status);
          } finally {
            db.close();
          }
        }
      `,
      errors: [{ messageId: 'connection', data: { line: 'line 3', ...request } }],
    },
    {
      name: 'the connection comes from a helper, and is named by its call',
      code: `
        import Database from 'better-sqlite3';
        const connect = () => new Database('app.db');
        export async function refresh(url: string): Promise<void> {
          const db = connect();
          try {
            db.prepare('UPDATE t SET status = ?').run((«await fetch(url)»).status);
          } finally {
            db.close();
          }
        }
      `,
      errors: [{ messageId: 'connection', data: { line: 'line 4', ...request } }],
    },
    {
      name: 'the work is done by a function of the module, and the message tells the way to it',
      code: `
        import { execFile } from 'node:child_process';
        import { promisify } from 'node:util';
        import { readFile } from 'node:fs/promises';
        import Database from 'better-sqlite3';
        async function read(path: string): Promise<string> {
          return await readFile(path, 'utf8');
        }
        export async function load(path: string): Promise<void> {
          const db = new Database('app.db');
          try {
            db.prepare('INSERT INTO t VALUES (?)').run(«await read(path)»);
          } finally {
            db.close();
          }
        }
      `,
      errors: [{ messageId: 'connection', data: { line: 'line 9', what: 'a file', trace: ' (by line 6)' } }],
    },
    {
      name: 'several awaits with one connection are one cause',
      code: `
        import Database from 'better-sqlite3';
        export async function refresh(a: string, b: string): Promise<void> {
          const db = new Database('app.db');
          try {
            «await fetch(a)»;
            await fetch(b);
          } finally {
            db.close();
          }
        }
      `,
      errors: [{ messageId: 'connection', data: { line: 'line 3', ...request } }],
    },
    {
      name: 'each connection is a cause of its own',
      code: `
        import Database from 'better-sqlite3';
        export async function first(url: string): Promise<void> {
          const db = new Database('app.db');
          try {
            «await fetch(url)»;
          } finally {
            db.close();
          }
        }
        export async function second(url: string): Promise<void> {
          const db = new Database('app.db');
          try {
            «await fetch(url)»;
          } finally {
            db.close();
          }
        }
      `,
      errors: [
        { messageId: 'connection', data: { line: 'line 3', ...request } },
        { messageId: 'connection', data: { line: 'line 11', ...request } },
      ],
    },
    {
      name: 'the rows are read to the end and the transaction is over, but the connection is open',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export async function refresh(url: string): Promise<void> {
          using db = new DatabaseSync('app.db');
          db.exec('BEGIN IMMEDIATE');
          db.exec('DELETE FROM t');
          db.exec('COMMIT');
          «await fetch(url)»;
        }
      `,
      errors: [{ messageId: 'connection', data: { line: 'line 3', ...request } }],
    },
    {
      name: 'for await waits for each element',
      code: `
        import { createInterface } from 'node:readline';
        import { createReadStream } from 'node:fs';
        import Database from 'better-sqlite3';
        export async function load(path: string): Promise<void> {
          const db = new Database('app.db');
          try {
            «for await (const line of createInterface({ input: createReadStream(path) })) db.exec(line);»
          } finally {
            db.close();
          }
        }
      `,
      errors: [{ messageId: 'connection', data: { line: 'line 5', what: 'a person or a stream', trace: '' } }],
    },
    {
      name: 'tests are checked where the settings say so',
      code: `
        import Database from 'better-sqlite3';
        export async function hold(): Promise<void> {
          const db = new Database('app.db');
          «await fetch('https://slow.example')»;
          db.close();
        }
      `,
      file: 'hold.spec.ts',
      settings: { tests: 'check' },
      errors: [{ messageId: 'connection', data: { line: 'line 3', ...request } }],
    },
    {
      name: 'waits for an event of something else',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        import type { Printer } from './printer.ts';
        export async function print(printer: Printer): Promise<void> {
          const db = new DatabaseSync('app.db');
          try {
            printer.send(db.prepare('SELECT * FROM t').all());
            «await new Promise<void>((resolve, reject) => {
              printer.on('done', () => resolve());
              printer.on('error', reject);
            })»;
          } finally {
            db.close();
          }
        }
      `,
      errors: [{ messageId: 'connection', data: { line: 'line 4', what: 'an event', trace: '' } }],
    },
    {
      name: 'waits for an event of what a package returns',
      code: `
        import Database from 'better-sqlite3';
        import Document from 'pdfkit';
        export async function print(target) {
          const db = new Database('app.db');
          try {
            const document = new Document();
            document.text(db.prepare('SELECT name FROM t').pluck().get());
            «await new Promise((resolve) => document.pipe(target).on('close', resolve))»;
          } finally {
            db.close();
          }
        }
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'connection', data: { line: 'line 4', what: 'an event', trace: '' } }],
    },
  ],
});
