import noAsyncTransaction from '../../rules/no-async-transaction.ts';
import { testRewrites } from './tester.ts';

const DRIZZLE = `
      import Database from 'better-sqlite3';
      import { eq } from 'drizzle-orm';
      import { drizzle } from 'drizzle-orm/better-sqlite3';
      import { jobs, users } from './schema.ts';

      const client = new Database('app.db');
      client.pragma('journal_mode = WAL');
      const db = drizzle(client);
`;

testRewrites('no-async-transaction: functions of the file that a transaction calls', noAsyncTransaction, [
  {
    name: 'become synchronous with it',
    code: `${DRIZZLE}
      async function purge(tx: Transaction, id: number): Promise<number> {
        const { changes } = await tx.delete(jobs).where(eq(jobs.id, id));
        return changes;
      }

      const finish = async (tx: Transaction, id: number) => {
        await tx.update(users).set({ done: true });
        return purge(tx, id);
      };

      export async function all(id: number): Promise<number> {
        return await db.transaction(async (tx) => {
          const count = await finish(tx, id);
          return count + (await purge(tx, 1));
        });
      }`,
    suggested: {
      makeSynchronous: `${DRIZZLE}
      function purge(tx: Transaction, id: number): number {
        const { changes } = tx.delete(jobs).where(eq(jobs.id, id)).run();
        return changes;
      }

      const finish = (tx: Transaction, id: number) => {
        tx.update(users).set({ done: true }).run();
        return purge(tx, id);
      };

      export async function all(id: number): Promise<number> {
        return await db.transaction((tx) => {
          const count = finish(tx, id);
          return count + (purge(tx, 1));
        });
      }`,
    },
  },
  {
    name: 'become synchronous where they are methods, also of a class that another one extends',
    code: `${DRIZZLE}
      class List {
        protected async clean(tx: Transaction): Promise<void> {
          await tx.delete(jobs);
        }
      }

      export class OwnList extends List {
        async delete(): Promise<void> {
          await db.transaction(async (tx) => {
            await tx.delete(users);
            await this.clean(tx);
          });
        }
      }`,
    suggested: {
      makeSynchronous: `${DRIZZLE}
      class List {
        protected clean(tx: Transaction): void {
          tx.delete(jobs).run();
        }
      }

      export class OwnList extends List {
        async delete(): Promise<void> {
          await db.transaction((tx) => {
            tx.delete(users).run();
            this.clean(tx);
          });
        }
      }`,
    },
  },
  {
    name: 'become synchronous in JavaScript where no other file sees them',
    file: 'main.js',
    code: `${DRIZZLE}
      class Jobs {
        async #purge(tx) {
          await tx.delete(jobs);
        }

        async purge(tx) {
          await this.#purge(tx);
        }

        async finish() {
          await db.transaction(async (tx) => {
            await this.purge(tx);
          });
        }
      }

      export const finish = () => new Jobs().finish();`,
    suggested: {
      makeSynchronous: `${DRIZZLE}
      class Jobs {
        #purge(tx) {
          tx.delete(jobs).run();
        }

        purge(tx) {
          this.#purge(tx);
        }

        async finish() {
          await db.transaction((tx) => {
            this.purge(tx);
          });
        }
      }

      export const finish = () => new Jobs().finish();`,
    },
  },
  {
    name: 'that run at once, or once for each value, lose their promises',
    code: `${DRIZZLE}
      export async function finish(ids: number[]): Promise<void> {
        await db.transaction(async (tx) => {
          const found = await (async () => {
            return tx.select().from(users);
          })();
          await Promise.all(
            ids.map((id) =>
              tx
                .delete(jobs)
                .where(eq(jobs.id, id)),
            ),
          );
          const names = await Promise.all(found.map(async ({ id }) => {
            const [user] = await tx.select().from(users).where(eq(users.id, id));
            return user.name;
          }));
          return tx.insert(users).values(names);
        });
      }`,
    suggested: {
      makeSynchronous: `${DRIZZLE}
      export async function finish(ids: number[]): Promise<void> {
        await db.transaction((tx) => {
          const found = (() => {
            return tx.select().from(users).all();
          })();
          ids.forEach((id) =>
            tx
              .delete(jobs)
              .where(eq(jobs.id, id))
              .run(),
          );
          const names = found.map(({ id }) => {
            const [user] = tx.select().from(users).where(eq(users.id, id)).all();
            return user.name;
          });
          return tx.insert(users).values(names).run();
        });
      }`,
    },
  },
  ...Object.entries({
    'awaits something else': `
      async function purge(tx: Transaction): Promise<void> {
        await tx.delete(jobs);
        await fetch('https://example.org');
      }`,
    'has a promise that is used': `
      async function purge(tx: Transaction): Promise<void> {
        await tx.delete(jobs);
      }
      purge(db).catch(report);`,
    'goes somewhere as a value': `
      async function purge(tx: Transaction): Promise<void> {
        await tx.delete(jobs);
      }
      setInterval(purge, 1000);`,
    'calls one that awaits something else': `
      async function send(tx: Transaction): Promise<void> {
        await fetch('https://example.org');
        await purge(tx);
      }
      async function purge(tx: Transaction): Promise<void> {
        await tx.delete(jobs);
        await send(tx);
      }`,
    'comes from elsewhere': `
      import { purge } from './purge.ts';`,
  }).map(([name, code]) => ({
    name: `stay where one ${name}`,
    code: `${DRIZZLE}${code}

      export async function finish(): Promise<void> {
        await db.transaction(async (tx) => {
          await tx.delete(users);
          await purge(tx);
          await tx.delete(users);
        });
      }`,
    reason: 'await-inside' as const,
  })),
]);

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
    name: 'keeps queries that its own functions make and hand on',
    code: `${DRIZZLE}
      export async function finish(id: number): Promise<void> {
        await db.transaction(async (tx) => {
          const done = () => {
            return tx.select({ id: jobs.id }).from(jobs);
          };
          await Promise.all([1, 2].map((one) => {
            return tx.delete(users).where(inArray(users.id, done(one)));
          }));
        });
      }`,
    suggested: {
      makeSynchronous: `${DRIZZLE}
      export async function finish(id: number): Promise<void> {
        await db.transaction((tx) => {
          const done = () => {
            return tx.select({ id: jobs.id }).from(jobs);
          };
          [1, 2].forEach((one) => {
            return tx.delete(users).where(inArray(users.id, done(one))).run();
          });
        });
      }`,
    },
  },
  {
    name: 'runs a statement of a variable',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export function fill(names: string[]) {
        const insert = db.prepare('INSERT INTO people VALUES (?)');
        db.transaction(async () => {
          for (const name of names) await insert.run(name);
        })();
      }`,
    suggested: {
      makeSynchronous: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export function fill(names: string[]) {
        const insert = db.prepare('INSERT INTO people VALUES (?)');
        db.transaction(() => {
          for (const name of names) insert.run(name);
        })();
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
    name: 'other work behind a function that runs at once and uses the transaction',
    code: `${DRIZZLE}
      export async function finish(): Promise<void> {
        await db.transaction(async (tx) => {
          const found = await (async () => {
            return tx.select().from(users);
          })();
          await fetch('https://example.org');
          await tx.delete(jobs);
        });
      }`,
    reason: 'await-inside',
  },
  {
    name: 'a function of a JavaScript module that others may call otherwise',
    file: 'main.js',
    code: `${DRIZZLE}
      export async function purge(tx) {
        await tx.delete(jobs);
      }

      export async function finish() {
        await db.transaction(async (tx) => {
          await purge(tx);
        });
      }`,
    reason: 'await-inside',
  },
  {
    name: 'a method of a class that a JavaScript module exports',
    file: 'main.cjs',
    code: `
      const Database = require('better-sqlite3');
      const { drizzle } = require('drizzle-orm/better-sqlite3');

      const client = new Database('app.db');
      client.pragma('journal_mode = WAL');
      const db = drizzle(client);

      class Jobs {
        async purge(tx) {
          await tx.delete(jobs);
        }

        async finish() {
          await db.transaction(async (tx) => {
            await this.purge(tx);
          });
        }
      }
      module.exports = Jobs;`,
    reason: 'await-inside',
  },
  {
    name: 'a method of something else that is called like one of the driver',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('app.db');
      db.pragma('journal_mode = WAL');

      export const remember = db.transaction(async (id: number) => {
        const row = await db.prepare('SELECT * FROM jobs WHERE id = ?').get(id);
        const seen = await cache.get(id);
        await db.prepare('UPDATE jobs SET seen = ?').run(seen);
      });`,
    reason: 'await-inside',
  },
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
