import rule from '../../rules/prefer-immediate-transaction.ts';
import { testRule } from './tester.ts';

testRule('prefer-immediate-transaction', rule, {
  valid: [
    {
      name: 'BEGIN IMMEDIATE takes the lock at once',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function next(): void {
          db.exec('BEGIN IMMEDIATE');
          const row = db.prepare('SELECT n FROM t').get();
          db.prepare('UPDATE t SET n = ?').run(Number(row?.n) + 1);
          db.exec('COMMIT');
        }
      `,
    },
    {
      name: 'BEGIN EXCLUSIVE as well, with a comment between the words',
      code: `
        const Database = require('better-sqlite3');
        const db = new Database('app.db');
        exports.next = () => {
          db.exec('begin /* alone */ exclusive');
          const n = db.prepare('SELECT n FROM t').pluck().get();
          db.prepare('UPDATE t SET n = ?').run(n + 1);
          db.exec('COMMIT');
        };
      `,
      file: 'main.cjs',
    },
    {
      name: 'a transaction that only reads',
      code: `
        import Database from 'libsql';
        const db = new Database('app.db');
        export const pair = db.transaction(() => [
          db.prepare('SELECT a FROM t').get(),
          db.prepare('SELECT b FROM t').get(),
        ]);
        export const now = () => pair();
      `,
    },
    {
      name: 'a transaction that writes first has the lock',
      code: `
        import { Database } from 'bun:sqlite';
        const db = new Database('app.db');
        const add = db.transaction((name) => {
          db.run('INSERT INTO t VALUES (?)', [name]);
          return db.query('SELECT count(*) FROM t').get();
        });
        export const join = (name) => add(name);
      `,
      file: 'main.mjs',
    },
    {
      name: 'the immediate form of a transaction function',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        const next = db.transaction(() => {
          const n = db.prepare('SELECT n FROM t').pluck().get() as number;
          db.prepare('UPDATE t SET n = ?').run(n + 1);
        });
        export const handle = () => next.immediate();
      `,
    },
    {
      name: 'a database in memory has no other connection',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database(':memory:');
        const next = db.transaction(() => {
          const n = db.prepare('SELECT n FROM t').pluck().get() as number;
          db.prepare('UPDATE t SET n = ?').run(n + 1);
        });
        export const handle = () => next();
      `,
    },
    {
      name: 'the read comes before BEGIN',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function next(): void {
          const row = db.prepare('SELECT n FROM t').get();
          db.exec('BEGIN');
          db.prepare('UPDATE t SET n = ?').run(Number(row?.n) + 1);
          db.exec('COMMIT');
        }
      `,
    },
    {
      name: 'the write comes after COMMIT',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function next(): void {
          db.exec('BEGIN');
          const row = db.prepare('SELECT n FROM t').get();
          db.exec('COMMIT');
          db.prepare('UPDATE t SET n = ?').run(Number(row?.n) + 1);
        }
      `,
    },
    {
      name: 'a mode that is put together is not known',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function next(mode: string): void {
          db.exec(\`BEGIN \${mode}\`);
          const row = db.prepare('SELECT n FROM t').get();
          db.prepare('UPDATE t SET n = ?').run(Number(row?.n) + 1);
          db.exec('COMMIT');
        }
      `,
    },
    {
      name: 'write transactions of @libsql/client are immediate',
      code: `
        import { createClient } from '@libsql/client';
        const client = createClient({ url: 'file:app.db' });
        export async function next() {
          const work = await client.transaction('write');
          try {
            await work.execute('SELECT n FROM t');
            await work.execute('UPDATE t SET n = n + 1');
            await work.commit();
          } finally {
            work.close();
          }
        }
      `,
    },
    {
      name: 'a text that only mentions a write',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function find(): void {
          db.exec('BEGIN');
          db.prepare("SELECT 'UPDATE t' FROM t -- INSERT").get();
          db.prepare('WITH x AS (SELECT 1) SELECT * FROM x').get();
          db.exec('COMMIT');
        }
      `,
    },
    {
      name: 'a test may fail',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function next(): void {
          db.exec('BEGIN');
          db.prepare('SELECT n FROM t').get();
          db.exec('UPDATE t SET n = n + 1');
          db.exec('COMMIT');
        }
      `,
      file: 'e2e/next.ts',
    },
    {
      name: 'a layer is asked for an immediate transaction',
      code: `
        import { drizzle } from 'drizzle-orm/better-sqlite3';
        import { stock } from './schema.ts';
        const db = drizzle('app.db');
        export function take(): void {
          db.transaction((tx) => {
            const row = tx.select().from(stock).get();
            tx.update(stock).set({ free: row.free - 1 }).run();
          }, { behavior: 'immediate' });
        }
      `,
    },
    {
      name: 'a layer writes first',
      code: `
        import { drizzle } from 'drizzle-orm/better-sqlite3';
        import { stock } from './schema.ts';
        const db = drizzle('app.db');
        export function take(): void {
          db.transaction((tx) => {
            tx.update(stock).set({ free: 0 }).run();
            const row = tx.select().from(stock).get();
            tx.insert(stock).values(row).run();
          });
        }
      `,
    },
    {
      name: 'a query that is part of another one does not run by itself',
      code: `
        import { drizzle } from 'drizzle-orm/better-sqlite3';
        import { stock } from './schema.ts';
        const db = drizzle('app.db');
        export function clear(): void {
          db.transaction((tx) => {
            const empty = tx.select({ id: stock.id }).from(stock);
            tx.delete(stock).where(empty).run();
          });
        }
      `,
    },
    {
      name: 'code that is not seen may have written first',
      code: `
        import { drizzle } from 'drizzle-orm/better-sqlite3';
        import { begin, stock } from 'elsewhere';
        const db = drizzle('app.db');
        export function take(): void {
          db.transaction((tx) => {
            begin(tx);
            const row = tx.select().from(stock).get();
            tx.insert(stock).values(row).run();
          });
        }
      `,
    },
    {
      name: 'a layer over libSQL takes the write lock at once',
      code: `
        import { drizzle } from 'drizzle-orm/libsql';
        import { stock } from './schema.ts';
        const db = drizzle('file:app.db');
        export async function take(): Promise<void> {
          await db.transaction(async (tx) => {
            const row = await tx.select().from(stock).get();
            await tx.insert(stock).values(row).run();
          });
        }
      `,
    },
    {
      name: 'a transaction with a handle that is for writing',
      code: `
        import { createClient } from '@libsql/client';
        const client = createClient({ url: 'file:app.db' });
        export async function take(): Promise<void> {
          const transaction = await client.transaction('write');
          try {
            await transaction.execute('SELECT free FROM stock');
            await transaction.execute('UPDATE stock SET free = free - 1');
            await transaction.commit();
          } finally {
            transaction.close();
          }
        }
      `,
    },
  ],
  invalid: [
    {
      name: 'BEGIN, a read, a write',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function next(): void {
          «db.exec('BEGIN')»;
          const row = db.prepare('SELECT n FROM t').get();
          db.prepare('UPDATE t SET n = ?').run(Number(row?.n) + 1);
          db.exec('COMMIT');
        }
      `,
      errors: [{ messageId: 'immediate', data: { read: 'line 5', write: 'line 6', immediate: '`BEGIN IMMEDIATE`' } }],
    },
    {
      name: 'BEGIN DEFERRED TRANSACTION says the same',
      code: `
        import { Database } from 'bun:sqlite';
        const db = new Database('app.db');
        export function next() {
          «db.run('BEGIN DEFERRED TRANSACTION')»;
          const { n } = db.query('SELECT n FROM t').get();
          db.run('UPDATE t SET n = ?', [n + 1]);
          db.run('END');
        }
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'immediate', data: { read: 'line 5', write: 'line 6', immediate: '`BEGIN IMMEDIATE`' } }],
    },
    {
      name: 'a transaction function of better-sqlite3, reported where it is made',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        const next = «db.transaction(() => {
          const n = db.prepare('SELECT n FROM t').pluck().get() as number;
          db.prepare('UPDATE t SET n = ?').run(n + 1);
        })»;
        export const handle = () => next();
      `,
      errors: [{ messageId: 'immediate', data: { read: 'line 4', write: 'line 5', immediate: '`.immediate()`' } }],
    },
    {
      name: 'a transaction function of libsql that is called at once, in CommonJS',
      code: `
        const Database = require('libsql');
        const db = new Database('app.db');
        exports.next = () => {
          «db.transaction(() => {
            const { n } = db.prepare('SELECT n FROM t').get();
            db.prepare('UPDATE t SET n = ?').run(n + 1);
          })»();
        };
      `,
      file: 'main.cjs',
      errors: [{ messageId: 'immediate', data: { read: 'line 5', write: 'line 6', immediate: '`.immediate()`' } }],
    },
    {
      name: 'the deferred form by name',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        const next = «db.transaction(() => {
          const n = db.prepare('SELECT n FROM t').pluck().get() as number;
          db.prepare('UPDATE t SET n = ?').run(n + 1);
        })»;
        export const handle = () => next.deferred();
      `,
      errors: [{ messageId: 'immediate', data: { read: 'line 4', write: 'line 5', immediate: '`.immediate()`' } }],
    },
    {
      name: 'awaited statements of the promise interface',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        const db = await open({ filename: 'app.db', driver: sqlite3.Database });
        export async function next() {
          await «db.run('BEGIN')»;
          const row = await db.get('SELECT n FROM t');
          await db.run('UPDATE t SET n = ?', row.n + 1);
          await db.run('COMMIT');
        }
      `,
      errors: [{ messageId: 'immediate', data: { read: 'line 6', write: 'line 7', immediate: '`BEGIN IMMEDIATE`' } }],
    },
    {
      name: 'callbacks of sqlite3',
      code: `
        const sqlite3 = require('sqlite3');
        const db = new sqlite3.Database('app.db');
        exports.next = (done) => {
          «db.run('BEGIN', () => {
            db.get('SELECT n FROM t', (problem, row) => {
              db.run('UPDATE t SET n = ?', row.n + 1, () => {
                db.run('COMMIT', done);
              });
            });
          })»;
        };
      `,
      file: 'main.cjs',
      errors: [{ messageId: 'immediate', data: { read: 'line 5', write: 'line 6', immediate: '`BEGIN IMMEDIATE`' } }],
    },
    {
      name: 'the write is done by a helper',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        function store(n: number): void {
          db.prepare('UPDATE t SET n = ?').run(n);
        }
        export function next(): void {
          «db.exec('BEGIN')»;
          const row = db.prepare('SELECT n FROM t').get();
          store(Number(row?.n) + 1);
          db.exec('COMMIT');
        }
      `,
      errors: [{ messageId: 'immediate', data: { read: 'line 8', write: 'line 4', immediate: '`BEGIN IMMEDIATE`' } }],
    },
    {
      name: 'it writes on one way only',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function next(dry: boolean): void {
          «db.exec('BEGIN')»;
          db.prepare('WITH x AS (SELECT n FROM t) SELECT n FROM x').get();
          if (!dry) db.exec('WITH x AS (SELECT 1 AS n) UPDATE t SET n = (SELECT n FROM x)');
          db.exec('COMMIT');
        }
      `,
      errors: [{ messageId: 'immediate', data: { read: 'line 5', write: 'line 6', immediate: '`BEGIN IMMEDIATE`' } }],
    },
    {
      name: 'an outermost savepoint is deferred',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function next(): void {
          «db.exec('SAVEPOINT step')»;
          db.prepare('SELECT n FROM t').get();
          db.exec('UPDATE t SET n = n + 1');
          db.exec('RELEASE step');
        }
      `,
      errors: [{ messageId: 'immediate', data: { read: 'line 5', write: 'line 6', immediate: '`BEGIN IMMEDIATE`' } }],
    },
    {
      name: 'a PRAGMA that reads the schema takes the snapshot',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function migrate(): void {
          «db.exec('BEGIN')»;
          if (db.pragma('user_version', { simple: true }) === 0) db.exec('CREATE TABLE t (n)');
          db.exec('COMMIT');
        }
      `,
      errors: [{ messageId: 'immediate', data: { read: 'line 5', write: 'line 5', immediate: '`BEGIN IMMEDIATE`' } }],
    },
    {
      name: 'tests are checked where the settings say so',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function next(): void {
          «db.exec('BEGIN')»;
          db.prepare('SELECT n FROM t').get();
          db.exec('UPDATE t SET n = n + 1');
          db.exec('COMMIT');
        }
      `,
      file: 'e2e/next.ts',
      settings: { tests: 'check' },
      errors: [{ messageId: 'immediate', data: { read: 'line 5', write: 'line 6', immediate: '`BEGIN IMMEDIATE`' } }],
    },
    {
      name: 'a query builder reads and then writes, also through a helper',
      code: `
        import Database from 'better-sqlite3';
        import { drizzle } from 'drizzle-orm/better-sqlite3';
        import { stock } from './schema.ts';
        const db = drizzle(new Database('app.db'));
        function free(tx, sku) {
          return tx.query.stock.findFirst({ where: { sku } }).sync();
        }
        export function take(sku) {
          «db.transaction((tx) => {
            const row = free(tx, sku);
            tx.update(stock).set({ free: row.free - 1 }).run();
          })»;
        }
      `,
      file: 'main.mjs',
      errors: [
        {
          messageId: 'immediate',
          data: { read: 'line 6', write: 'line 11', immediate: "`{ behavior: 'immediate' }` as its second argument" },
        },
      ],
    },
    {
      name: 'a query builder runs SQL text, and asks for what is the default',
      code: `
        import { Database } from 'bun:sqlite';
        import { sql } from 'drizzle-orm';
        import { drizzle } from 'drizzle-orm/bun-sqlite';
        const db = drizzle({ client: new Database('app.db') });
        export function take(sku: string): void {
          «db.transaction((tx) => {
            const row = tx.get(sql\`SELECT free FROM stock WHERE sku = \${sku}\`);
            if (row) tx.run(sql\`UPDATE stock SET free = free - 1 WHERE sku = \${sku}\`);
          }, { behavior: 'deferred' })»;
        }
      `,
      errors: [
        {
          messageId: 'immediate',
          data: { read: 'line 7', write: 'line 8', immediate: "`{ behavior: 'immediate' }` as its second argument" },
        },
      ],
    },
    {
      name: 'a query builder whose transactions are all deferred',
      code: `
        import Database from 'better-sqlite3';
        import { Kysely, SqliteDialect } from 'kysely';
        const db = new Kysely({ dialect: new SqliteDialect({ database: new Database('app.db') }) });
        export async function take(): Promise<void> {
          await «db.transaction().execute(async (trx) => {
            const row = await trx.selectFrom('stock').selectAll().executeTakeFirst();
            await trx.updateTable('stock').set({ free: row.free - 1 }).execute();
          })»;
        }
      `,
      errors: [{ messageId: 'deferred', data: { read: 'line 6', write: 'line 7' } }],
    },
    {
      name: 'a transaction with a handle that is asked to be deferred',
      code: `
        import { createClient } from '@libsql/client';
        const client = createClient({ url: 'file:app.db' });
        export async function take(): Promise<void> {
          const transaction = await «client.transaction('deferred')»;
          try {
            const rows = await transaction.execute('SELECT free FROM stock');
            await transaction.execute({ sql: 'UPDATE stock SET free = ?', args: [rows.length] });
            await transaction.commit();
          } finally {
            transaction.close();
          }
        }
      `,
      errors: [
        { messageId: 'immediate', data: { read: 'line 6', write: 'line 7', immediate: "`transaction('write')`" } },
      ],
    },
  ],
});
