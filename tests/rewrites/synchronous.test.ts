import noAsyncTransaction from '../../rules/no-async-transaction.ts';
import { testRewrites } from './tester.ts';

testRewrites('no-async-transaction: a synchronous function', noAsyncTransaction, [
  {
    name: 'runs queries of Drizzle at once',
    code: `
      import Database from 'better-sqlite3';
      import { eq } from 'drizzle-orm';
      import { drizzle } from 'drizzle-orm/better-sqlite3';
      import { jobs, users } from './schema.ts';

      const client = new Database('app.db');
      client.pragma('journal_mode = WAL');
      const db = drizzle(client);

      export async function finish(id: number): Promise<number> {
        return await db.transaction(async (tx): Promise<number> => {
          const [job] = await tx.update(jobs).set({ done: true }).where(eq(jobs.id, id)).returning();
          const user = await tx.query.users.findFirst({ where: eq(users.id, job.user) });
          const all = await tx.select().from(jobs);
          await tx.insert(users).values(user); // again
          return all.length;
        });
      }`,
    suggested: {
      makeSynchronous: `
      import Database from 'better-sqlite3';
      import { eq } from 'drizzle-orm';
      import { drizzle } from 'drizzle-orm/better-sqlite3';
      import { jobs, users } from './schema.ts';

      const client = new Database('app.db');
      client.pragma('journal_mode = WAL');
      const db = drizzle(client);

      export async function finish(id: number): Promise<number> {
        return await db.transaction((tx): number => {
          const [job] = tx.update(jobs).set({ done: true }).where(eq(jobs.id, id)).returning().all();
          const user = tx.query.users.findFirst({ where: eq(users.id, job.user) }).sync();
          const all = tx.select().from(jobs).all();
          tx.insert(users).values(user).run(); // again
          return all.length;
        });
      }`,
    },
  },
  {
    name: 'awaits nothing that the driver answers at once',
    file: 'main.cjs',
    code: `
      const Database = require('better-sqlite3');

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      const purge = db.transaction(async function () {
        const rows = await db.prepare('SELECT id FROM jobs').all();
        for (const row of rows) await db.prepare('DELETE FROM jobs WHERE id = ?').run(row.id);
      });

      exports.purge = async () => {
        await purge();
      };`,
    suggested: {
      makeSynchronous: `
      const Database = require('better-sqlite3');

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      const purge = db.transaction(function () {
        const rows = db.prepare('SELECT id FROM jobs').all();
        for (const row of rows) db.prepare('DELETE FROM jobs WHERE id = ?').run(row.id);
      });

      exports.purge = async () => {
        await purge();
      };`,
    },
  },
  {
    name: 'has its other work in front of the transaction, or behind',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function store(url: string): Promise<void> {
        db.transaction(async () => {
          const answer = await fetch(url);
          // The whole of it.
          const body = await answer.text();
          db.prepare('INSERT INTO pages VALUES (?, ?)').run(url, body);
          db.prepare('UPDATE counts SET n = n + 1').run();
          await fetch('https://example.org/stored');
        })();
      }`,
    suggested: {
      moveWorkOut: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function store(url: string): Promise<void> {
        const answer = await fetch(url);
        // The whole of it.
        const body = await answer.text();
        db.transaction(() => {
          db.prepare('INSERT INTO pages VALUES (?, ?)').run(url, body);
          db.prepare('UPDATE counts SET n = n + 1').run();
        })();
        await fetch('https://example.org/stored');
      }`,
    },
  },
  {
    name: 'is not needed where calls are put in order',
    code: `
      import sqlite3 from 'sqlite3';

      const db = new sqlite3.Database('app.db');

      export async function create() {
        await db.serialize(async () => {
          const names = await read();
          // One by one.
          for (const name of names) await insert(name);
        });
      }

      declare function read(): Promise<string[]>;
      declare function insert(name: string): Promise<void>;`,
    suggested: {
      awaitInOrder: `
      import sqlite3 from 'sqlite3';

      const db = new sqlite3.Database('app.db');

      export async function create() {
        const names = await read();
        // One by one.
        for (const name of names) await insert(name);
      }

      declare function read(): Promise<string[]>;
      declare function insert(name: string): Promise<void>;`,
    },
  },
]);

testRewrites('no-async-transaction: left alone', noAsyncTransaction, [
  {
    name: 'other work between statements',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export async function store(urls: string[]): Promise<void> {
        db.transaction(async () => {
          for (const url of urls) {
            const answer = await fetch(url);
            db.prepare('INSERT INTO pages VALUES (?, ?)').run(url, answer.status);
          }
        })();
      }`,
    reason: 'await-inside',
  },
  {
    name: 'a function that is written elsewhere',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      async function purge(): Promise<void> {
        await fetch('https://example.org');
        db.exec('DELETE FROM jobs');
      }

      export const run = db.transaction(purge);`,
    reason: 'function-elsewhere',
  },
  {
    name: 'a promise that is used',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export function purge(): Promise<void> {
        return db
          .transaction(async () => {
            await db.prepare('DELETE FROM jobs').run();
          })()
          .then(() => console.log('purged'));
      }`,
    reason: 'promise-used',
  },
]);
