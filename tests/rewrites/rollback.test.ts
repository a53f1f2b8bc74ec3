import requireRollback from '../../rules/require-rollback.ts';
import { testRewrites } from './tester.ts';

testRewrites('require-rollback: ROLLBACK', requireRollback, [
  {
    name: 'where BEGIN and COMMIT stand in one list; the driver tells whether there is a transaction',
    code: `
      import Database from 'better-sqlite3';

      const db = new Database('bank.db');
      db.pragma('journal_mode = WAL');

      export function move(from: string, to: string): void {
        db.exec('BEGIN');
        db.prepare('UPDATE a SET x = x - 1 WHERE id = ?').run(from);
        db.prepare('UPDATE a SET x = x + 1 WHERE id = ?').run(to);
        db.exec('COMMIT');
        console.log('moved');
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      const db = new Database('bank.db');
      db.pragma('journal_mode = WAL');

      export function move(from: string, to: string): void {
        db.exec('BEGIN');
        try {
          db.prepare('UPDATE a SET x = x - 1 WHERE id = ?').run(from);
          db.prepare('UPDATE a SET x = x + 1 WHERE id = ?').run(to);
          db.exec('COMMIT');
        } catch (error) {
          if (db.inTransaction) db.exec('ROLLBACK');
          throw error;
        }
        console.log('moved');
      }`,
    suggested: {
      runInTransaction: `
      import Database from 'better-sqlite3';
      import { withTransaction } from 'unbusy/better-sqlite3';

      const db = new Database('bank.db');
      db.pragma('journal_mode = WAL');

      export function move(from: string, to: string): void {
        withTransaction(db, (db) => {
          db.prepare('UPDATE a SET x = x - 1 WHERE id = ?').run(from);
          db.prepare('UPDATE a SET x = x + 1 WHERE id = ?').run(to);
        });
        console.log('moved');
      }`,
    },
  },
  {
    name: 'where it does not tell, what SQLite has rolled back already is no error',
    file: 'main.cjs',
    code: `
      const { DatabaseSync } = require('node:sqlite')

      const db = new DatabaseSync('bank.db', { timeout: 5000 })
      db.exec('PRAGMA journal_mode = WAL')

      exports.reset = () => {
      	db.exec('begin immediate')
      	db.exec('UPDATE a SET x = 0')
      	db.exec('commit')
      }`,
    fixed: `
      const { DatabaseSync } = require('node:sqlite')

      const db = new DatabaseSync('bank.db', { timeout: 5000 })
      db.exec('PRAGMA journal_mode = WAL')

      exports.reset = () => {
      	db.exec('begin immediate')
      	try {
      		db.exec('UPDATE a SET x = 0')
      		db.exec('commit')
      	} catch (error) {
      		try {
      			db.exec('rollback')
      		} catch {
      			// SQLite has rolled back already.
      		}
      		throw error
      	}
      }`,
    suggested: {
      runInTransaction: `
      const { DatabaseSync } = require('node:sqlite')
      const { withTransaction } = require('unbusy/node-sqlite')

      const db = new DatabaseSync('bank.db', { timeout: 5000 })
      db.exec('PRAGMA journal_mode = WAL')

      exports.reset = () => {
      	withTransaction(db, (db) => {
      		db.exec('UPDATE a SET x = 0')
      	})
      }`,
    },
  },
  {
    name: 'by the function of the project that runs the others, and what is read is there behind it',
    file: 'main.js',
    code: `
      import sqlite3 from 'sqlite3';

      const db = new sqlite3.Database('bank.db');
      const run = (sql) =>
        new Promise((resolve, reject) => {
          db.run(sql, (error) => (error ? reject(error) : resolve()));
        });

      export async function take(name) {
        await run('BEGIN IMMEDIATE');
        await run("UPDATE jobs SET state = 'taken'");
        await run('COMMIT');
        return name;
      }`,
    fixed: `
      import sqlite3 from 'sqlite3';

      const db = new sqlite3.Database('bank.db');
      const run = (sql) =>
        new Promise((resolve, reject) => {
          db.run(sql, (error) => (error ? reject(error) : resolve()));
        });

      export async function take(name) {
        await run('BEGIN IMMEDIATE');
        try {
          await run("UPDATE jobs SET state = 'taken'");
          await run('COMMIT');
        } catch (error) {
          try {
            await run('ROLLBACK');
          } catch {
            // SQLite has rolled back already.
          }
          throw error;
        }
        return name;
      }`,
  },
  {
    name: 'in a catch that is there already',
    code: `
      import Database from 'better-sqlite3';

      export class Bank {
        readonly #db: Database.Database;
        constructor(file: string) {
          this.#db = new Database(file);
          this.#db.pragma('journal_mode = WAL');
        }
        reset(): void {
          this.#db.exec('BEGIN');
          try {
            this.#db.exec('UPDATE a SET x = 0');
            this.#db.exec('COMMIT');
          } catch (error) {
            // Somebody reads it.
            console.error(error);
          }
        }
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export class Bank {
        readonly #db: Database.Database;
        constructor(file: string) {
          this.#db = new Database(file);
          this.#db.pragma('journal_mode = WAL');
        }
        reset(): void {
          this.#db.exec('BEGIN');
          try {
            this.#db.exec('UPDATE a SET x = 0');
            this.#db.exec('COMMIT');
          } catch (error) {
            if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
            // Somebody reads it.
            console.error(error);
          }
        }
      }`,
  },
  {
    name: 'in front of a finally',
    code: `
      import type Database from 'better-sqlite3';

      export function reset(db: Database.Database): void {
        db.exec('BEGIN');
        try {
          db.exec('UPDATE a SET x = 0');
          db.exec('COMMIT');
        } finally {
          console.log('reset');
        }
      }`,
    fixed: `
      import type Database from 'better-sqlite3';

      export function reset(db: Database.Database): void {
        db.exec('BEGIN');
        try {
          db.exec('UPDATE a SET x = 0');
          db.exec('COMMIT');
        } catch (error) {
          if (db.inTransaction) db.exec('ROLLBACK');
          throw error;
        } finally {
          console.log('reset');
        }
      }`,
  },
  {
    name: 'not in a catch around BEGIN, which may fail in a transaction of somebody else',
    code: `
      import type { DatabaseSync } from 'node:sqlite';

      export function reset(db: DatabaseSync): void {
        try {
          db.exec('BEGIN');
          db.exec('UPDATE a SET x = 0');
          db.exec('COMMIT');
        } catch (error) {
          console.error(error);
        }
      }`,
    fixed: `
      import type { DatabaseSync } from 'node:sqlite';

      export function reset(db: DatabaseSync): void {
        try {
          db.exec('BEGIN');
          try {
            db.exec('UPDATE a SET x = 0');
            db.exec('COMMIT');
          } catch (error) {
            try {
              db.exec('ROLLBACK');
            } catch {
              // SQLite has rolled back already.
            }
            throw error;
          }
        } catch (error) {
          console.error(error);
        }
      }`,
    suggested: {
      runInTransaction: `
      import type { DatabaseSync } from 'node:sqlite';
      import { withTransaction } from 'unbusy/node-sqlite';

      export function reset(db: DatabaseSync): void {
        try {
          withTransaction(db, (db) => {
            db.exec('UPDATE a SET x = 0');
          });
        } catch (error) {
          console.error(error);
        }
      }`,
    },
  },
  {
    name: 'around a script that begins and ends the transaction',
    code: `
      import type { DatabaseSync } from 'node:sqlite';

      export function reset(db: DatabaseSync): void {
        db.exec('BEGIN; UPDATE a SET x = 0; COMMIT');
      }`,
    suggested: {
      rollBack: `
      import type { DatabaseSync } from 'node:sqlite';

      export function reset(db: DatabaseSync): void {
        try {
          db.exec('BEGIN; UPDATE a SET x = 0; COMMIT');
        } catch (error) {
          try {
            db.exec('ROLLBACK');
          } catch {
            // SQLite has rolled back already.
          }
          throw error;
        }
      }`,
    },
  },
  {
    name: 'in front of a return that forgets it',
    code: `
      import type Database from 'better-sqlite3';

      export function assign(db: Database.Database, plate: string): boolean {
        db.exec('BEGIN IMMEDIATE');
        try {
          const spot = db.prepare('SELECT id FROM spots WHERE plate IS NULL').pluck().get();
          if (spot === undefined) return false;
          db.prepare('UPDATE spots SET plate = ? WHERE id = ?').run(plate, spot);
          db.exec('COMMIT');
          return true;
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      }`,
    suggested: {
      rollBackBeforeLeaving: `
      import type Database from 'better-sqlite3';

      export function assign(db: Database.Database, plate: string): boolean {
        db.exec('BEGIN IMMEDIATE');
        try {
          const spot = db.prepare('SELECT id FROM spots WHERE plate IS NULL').pluck().get();
          if (spot === undefined) {
            db.exec('ROLLBACK');
            return false;
          }
          db.prepare('UPDATE spots SET plate = ? WHERE id = ?').run(plate, spot);
          db.exec('COMMIT');
          return true;
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      }`,
    },
  },
  {
    name: 'both',
    code: `
      import type Database from 'better-sqlite3';

      export function assign(db: Database.Database, plate: string): boolean {
        db.exec('BEGIN IMMEDIATE');
        const spot = db.prepare('SELECT id FROM spots WHERE plate IS NULL').pluck().get();
        if (spot === undefined) return false;
        db.prepare('UPDATE spots SET plate = ? WHERE id = ?').run(plate, spot);
        db.exec('COMMIT');
        return true;
      }`,
    suggested: {
      rollBack: `
      import type Database from 'better-sqlite3';

      export function assign(db: Database.Database, plate: string): boolean {
        db.exec('BEGIN IMMEDIATE');
        try {
          const spot = db.prepare('SELECT id FROM spots WHERE plate IS NULL').pluck().get();
          if (spot === undefined) {
            db.exec('ROLLBACK');
            return false;
          }
          db.prepare('UPDATE spots SET plate = ? WHERE id = ?').run(plate, spot);
          db.exec('COMMIT');
        } catch (error) {
          if (db.inTransaction) db.exec('ROLLBACK');
          throw error;
        }
        return true;
      }`,
    },
  },
  {
    name: 'a COMMIT that runs after errors as well',
    code: `
      import type Database from 'better-sqlite3';

      export function reset(db: Database.Database): void {
        db.exec('BEGIN');
        try {
          db.exec('UPDATE a SET x = 0');
        } finally {
          db.exec('COMMIT');
        }
      }`,
    suggested: {
      commitInTry: `
      import type Database from 'better-sqlite3';

      export function reset(db: Database.Database): void {
        db.exec('BEGIN');
        try {
          db.exec('UPDATE a SET x = 0');
          db.exec('COMMIT');
        } catch (error) {
          try {
            db.exec('ROLLBACK');
          } catch {
            // SQLite has rolled back already.
          }
          throw error;
        }
      }`,
    },
  },
  {
    name: 'and a promise that needs the transaction is awaited before it is closed',
    code: `
      import { createClient } from '@libsql/client';

      const client = createClient({ url: 'file:bank.db', timeout: 5000 });

      export async function total(): Promise<unknown> {
        const tx = await client.transaction('write');
        await tx.execute('UPDATE a SET x = x + 1');
        return tx.commit();
      }`,
    fixed: `
      import { createClient } from '@libsql/client';

      const client = createClient({ url: 'file:bank.db', timeout: 5000 });

      export async function total(): Promise<unknown> {
        const tx = await client.transaction('write');
        try {
          await tx.execute('UPDATE a SET x = x + 1');
          return await tx.commit();
        } finally {
          tx.close();
        }
      }`,
  },
  {
    name: 'of a transaction that has a handle',
    code: `
      import { createClient } from '@libsql/client';

      const client = createClient({ url: 'file:bank.db', timeout: 5000 });

      export async function reset(): Promise<void> {
        const tx = await client.transaction('write');
        await tx.execute('UPDATE a SET x = 0');
        await tx.commit();
      }`,
    fixed: `
      import { createClient } from '@libsql/client';

      const client = createClient({ url: 'file:bank.db', timeout: 5000 });

      export async function reset(): Promise<void> {
        const tx = await client.transaction('write');
        try {
          await tx.execute('UPDATE a SET x = 0');
          await tx.commit();
        } finally {
          tx.close();
        }
      }`,
  },
]);

testRewrites('require-rollback: withTransaction', requireRollback, [
  {
    name: 'of the wrapper that the settings name, for a field',
    settings: {
      wrapper: {
        module: '@acme/database',
        names: { withTransaction: 'transact' },
      },
    },
    code: `
      import Database from 'better-sqlite3';

      export class Bank {
        readonly #db: Database.Database;
        constructor(file: string) {
          this.#db = new Database(file);
          this.#db.pragma('journal_mode = WAL');
        }
        reset(): void {
          this.#db.exec('BEGIN');
          const now = Date.now();
          this.#db.prepare('UPDATE a SET x = ?').run(now);
          this.#db.exec('COMMIT');
        }
      }`,
    fixed: `
      import Database from 'better-sqlite3';

      export class Bank {
        readonly #db: Database.Database;
        constructor(file: string) {
          this.#db = new Database(file);
          this.#db.pragma('journal_mode = WAL');
        }
        reset(): void {
          this.#db.exec('BEGIN');
          try {
            const now = Date.now();
            this.#db.prepare('UPDATE a SET x = ?').run(now);
            this.#db.exec('COMMIT');
          } catch (error) {
            if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
            throw error;
          }
        }
      }`,
    suggested: {
      runInTransaction: `
      import Database from 'better-sqlite3';
      import { transact } from '@acme/database';

      export class Bank {
        readonly #db: Database.Database;
        constructor(file: string) {
          this.#db = new Database(file);
          this.#db.pragma('journal_mode = WAL');
        }
        reset(): void {
          transact(this.#db, (tx) => {
            const now = Date.now();
            tx.prepare('UPDATE a SET x = ?').run(now);
          });
        }
      }`,
    },
  },
]);

testRewrites('require-rollback: left alone', requireRollback, [
  {
    name: 'text that is put together',
    code: `
      import type Database from 'better-sqlite3';

      export function reset(db: Database.Database, tables: string[]): void {
        const script = ['BEGIN;', ...tables.map((table) => 'DELETE FROM ' + table + ';'), 'COMMIT;'].join('\\n');
        db.exec('BEGIN' + (tables.length > 1 ? ' IMMEDIATE' : ''));
        db.exec('DELETE FROM a');
        db.exec('COMMIT');
        console.log(script);
      }`,
    reason: 'sql-elsewhere',
  },
  {
    name: 'a savepoint, which may stand within a transaction',
    code: `
      import type Database from 'better-sqlite3';

      export function reset(db: Database.Database): void {
        db.exec('SAVEPOINT reset');
        db.exec('UPDATE a SET x = 0');
        db.exec('RELEASE reset');
      }`,
    reason: 'savepoint',
  },
  {
    name: 'callbacks',
    file: 'main.js',
    code: `
      import sqlite3 from 'sqlite3';

      const db = new sqlite3.Database('bank.db');

      export function reset(done) {
        db.run('BEGIN', () => {
          db.run('UPDATE a SET x = 0', (error) => {
            if (error) return done(error);
            db.run('COMMIT', done);
          });
        });
      }`,
    reason: 'used-by-callbacks',
  },
]);

const SOURCE = `
      import { DataSource } from 'typeorm';

      const source = new DataSource({ type: 'better-sqlite3', database: 'app.db', enableWAL: true });
`;

testRewrites('require-rollback: by the methods of a handle', requireRollback, [
  {
    name: 'where something throws',
    code: `${SOURCE}
      export async function move(): Promise<void> {
        const runner = source.createQueryRunner();
        await runner.startTransaction();
        await runner.query('UPDATE a SET x = 1');
        await runner.query('UPDATE b SET x = 1');
        await runner.commitTransaction();
      }`,
    fixed: `${SOURCE}
      export async function move(): Promise<void> {
        const runner = source.createQueryRunner();
        await runner.startTransaction();
        try {
          await runner.query('UPDATE a SET x = 1');
          await runner.query('UPDATE b SET x = 1');
          await runner.commitTransaction();
        } catch (error) {
          try {
            await runner.rollbackTransaction();
          } catch {
            // SQLite has rolled back already.
          }
          throw error;
        }
      }`,
  },
  {
    name: 'before an early return of a block whose errors roll back already',
    code: `${SOURCE}
      export async function move(ready: boolean): Promise<void> {
        const runner = source.createQueryRunner();
        await runner.startTransaction();
        try {
          if (!ready) {
            return;
          }
          await runner.query('UPDATE a SET x = 1');
          await runner.commitTransaction();
        } catch (error) {
          await runner.rollbackTransaction();
          throw error;
        } finally {
          await report();
        }
      }`,
    suggested: {
      rollBackBeforeLeaving: `${SOURCE}
      export async function move(ready: boolean): Promise<void> {
        const runner = source.createQueryRunner();
        await runner.startTransaction();
        try {
          if (!ready) {
            await runner.rollbackTransaction();
            return;
          }
          await runner.query('UPDATE a SET x = 1');
          await runner.commitTransaction();
        } catch (error) {
          await runner.rollbackTransaction();
          throw error;
        } finally {
          await report();
        }
      }`,
    },
  },
]);
