import rule from '../../rules/require-rollback.ts';
import { testRule } from './tester.ts';

testRule('require-rollback', rule, {
  valid: [
    {
      name: 'rolled back in catch',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function move(from: number, to: number): void {
          db.exec('BEGIN IMMEDIATE');
          try {
            db.prepare('UPDATE t SET a = ? WHERE a = ?').run(to, from);
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
        }
      `,
    },
    {
      name: 'END commits as well, in any case and with comments',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function clear() {
          db.exec('begin exclusive -- alone');
          try {
            db.exec('DELETE FROM t');
            db.exec('/* done */ end transaction;');
          } catch (problem) {
            db.exec('rollback transaction');
            throw problem;
          }
        }
      `,
      file: 'main.mjs',
    },
    {
      name: 'a flag tells in finally whether it was committed',
      code: `
        import { Database } from 'bun:sqlite';
        const db = new Database('app.db');
        export function clear(): void {
          let done = false;
          db.run('BEGIN IMMEDIATE');
          try {
            db.run('DELETE FROM t');
            db.run('COMMIT');
            done = true;
          } finally {
            if (!done) db.run('ROLLBACK');
          }
        }
      `,
    },
    {
      name: 'inTransaction tells whether there is anything to roll back',
      code: `
        const Database = require('libsql');
        const db = new Database('app.db');
        exports.clear = () => {
          db.exec('BEGIN IMMEDIATE');
          try {
            db.exec('DELETE FROM t');
            db.exec('COMMIT');
          } finally {
            if (db.inTransaction) db.exec('ROLLBACK');
          }
        };
      `,
      file: 'main.cjs',
    },
    {
      name: 'the callback rolls back on an error of sqlite3',
      code: `
        const sqlite3 = require('sqlite3');
        const db = new sqlite3.Database('app.db');
        exports.clear = (done) => {
          db.run('BEGIN IMMEDIATE', (begun) => {
            if (begun) return done(begun);
            db.run('DELETE FROM t', (problem) => {
              if (problem) return db.run('ROLLBACK', () => done(problem));
              db.run('COMMIT', done);
            });
          });
        };
      `,
      file: 'main.cjs',
    },
    {
      name: 'awaited statements of the promise interface',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        const db = await open({ filename: 'app.db', driver: sqlite3.Database });
        export async function clear() {
          await db.run('BEGIN IMMEDIATE');
          try {
            await db.run('DELETE FROM t');
            await db.run('COMMIT');
          } catch (problem) {
            await db.run('ROLLBACK');
            throw problem;
          }
        }
      `,
    },
    {
      name: 'close of a transaction of @libsql/client rolls back',
      code: `
        import { createClient } from '@libsql/client';
        const client = createClient({ url: 'file:app.db' });
        export async function clear() {
          const work = await client.transaction('write');
          try {
            await work.execute('DELETE FROM t');
            await work.commit();
          } finally {
            work.close();
          }
        }
      `,
    },
    {
      name: 'a transaction function of the driver ends by itself',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export const clear = db.transaction(() => {
          db.exec('DELETE FROM t');
        });
      `,
    },
    {
      name: 'helpers begin and end, and their caller rolls back',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        const begin = () => db.exec('BEGIN IMMEDIATE');
        const commit = () => db.exec('COMMIT');
        const rollback = () => db.exec('ROLLBACK');
        export function clear(): void {
          begin();
          try {
            db.exec('DELETE FROM t');
            commit();
          } catch (problem) {
            rollback();
            throw problem;
          }
        }
      `,
    },
    {
      name: 'a lock that is held for the life of the process',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const lock = new DatabaseSync('lock.db');
        export function acquire(): void {
          lock.exec('BEGIN EXCLUSIVE');
        }
      `,
    },
    {
      name: 'BEGIN and END of a trigger begin nothing',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function prepare(): void {
          db.exec('CREATE TRIGGER log AFTER INSERT ON t BEGIN UPDATE n SET n = CASE WHEN n THEN 1 ELSE 0 END; DELETE FROM o; END');
          db.exec('DELETE FROM t');
        }
      `,
    },
    {
      name: 'closing the connection rolls back',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export function clear(): void {
          const db = new DatabaseSync('app.db');
          try {
            db.exec('BEGIN IMMEDIATE');
            db.exec('DELETE FROM t');
            db.exec('COMMIT');
          } finally {
            db.close();
          }
        }
      `,
    },
    {
      name: 'an inner savepoint is no transaction of its own',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function clear(): void {
          db.exec('BEGIN IMMEDIATE');
          try {
            db.exec('SAVEPOINT step');
            db.exec('DELETE FROM t');
            db.exec('RELEASE step');
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
        }
      `,
    },
    {
      name: 'an outermost savepoint that is rolled back and released',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function clear(): void {
          db.exec('SAVEPOINT step');
          try {
            db.exec('DELETE FROM t');
            db.exec('RELEASE step');
          } catch (problem) {
            db.exec('ROLLBACK TO step');
            db.exec('RELEASE step');
            throw problem;
          }
        }
      `,
    },
    {
      name: 'BEGIN that fails begins nothing',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function tryLock(): boolean {
          try {
            db.exec('BEGIN IMMEDIATE');
          } catch {
            return false;
          }
          db.exec('ROLLBACK');
          return true;
        }
      `,
    },
    {
      name: 'begins in PostgreSQL',
      code: `
        import { Client } from 'pg';
        const client = new Client('postgres://sqlite');
        export async function clear() {
          await client.query('BEGIN');
          await client.query('DELETE FROM t');
          await client.query('COMMIT');
        }
      `,
    },
    {
      name: 'scripts of a list, each rolled back where it fails',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const migrations = ['BEGIN; CREATE TABLE a (n); COMMIT;', 'BEGIN; CREATE TABLE b (n); COMMIT;'];
        export function migrate(db: DatabaseSync): void {
          for (const [, script] of migrations.entries()) {
            try {
              db.exec(script);
            } catch (problem) {
              if (db.isTransaction) db.exec('ROLLBACK');
              throw problem;
            }
          }
        }
      `,
    },
  ],
  invalid: [
    {
      name: 'a statement between BEGIN and COMMIT fails',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function clear(): void {
          «db.exec('BEGIN IMMEDIATE')»;
          db.exec('DELETE FROM t');
          db.exec('COMMIT');
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 5' } }],
    },
    {
      name: 'an early return',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function clear(dry: boolean): void {
          «db.exec('BEGIN IMMEDIATE')»;
          if (dry) return;
          try {
            db.exec('DELETE FROM t');
            db.exec('COMMIT');
          } catch (problem) {
            db.exec('ROLLBACK');
            throw problem;
          }
        }
      `,
      errors: [{ messageId: 'normal', data: { line: 'line 5' } }],
    },
    {
      name: 'an explicit throw',
      code: `
        import { Database } from 'bun:sqlite';
        const db = new Database('app.db');
        export function check(rows: number): void {
          «db.run('BEGIN IMMEDIATE')»;
          if (rows === 0) throw new Error('nothing to do');
          db.run('COMMIT');
        }
      `,
      errors: [{ messageId: 'explicit', data: { line: 'line 5' } }],
    },
    {
      name: 'COMMIT in finally commits half of the work',
      code: `
        const Database = require('better-sqlite3');
        const db = new Database('app.db');
        exports.clear = () => {
          «db.exec('BEGIN IMMEDIATE')»;
          try {
            db.exec('DELETE FROM t');
          } finally {
            db.exec('COMMIT');
          }
        };
      `,
      file: 'main.cjs',
      errors: [{ messageId: 'committed' }],
    },
    {
      name: 'a prepared BEGIN',
      code: `
        import Database from 'libsql';
        const db = new Database('app.db');
        const begin = db.prepare('BEGIN IMMEDIATE');
        const commit = db.prepare('COMMIT');
        export function clear() {
          «begin.run()»;
          db.exec('DELETE FROM t');
          commit.run();
        }
      `,
      file: 'main.js',
      errors: [{ messageId: 'implicit', data: { line: 'line 7' } }],
    },
    {
      name: 'BEGIN and COMMIT inside one string: it stops at the first failure',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function clear(): void {
          db.exec(«'BEGIN; DELETE FROM t; COMMIT;'»);
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 4' } }],
    },
    {
      name: 'the catch only logs',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function clear(): void {
          «db.exec('BEGIN IMMEDIATE')»;
          try {
            db.exec('DELETE FROM t');
            db.exec('COMMIT');
          } catch (problem) {
            console.error(problem);
          }
        }
      `,
      errors: [{ messageId: 'normal', data: { line: 'line 11' } }],
    },
    {
      name: 'the await between BEGIN and try rejects',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        const db = await open({ filename: 'app.db', driver: sqlite3.Database });
        export async function clear() {
          await «db.run('BEGIN IMMEDIATE')»;
          const row = await db.get('SELECT count(*) FROM t');
          try {
            await db.run('DELETE FROM t');
            await db.run('COMMIT');
          } catch (problem) {
            await db.run('ROLLBACK');
            throw problem;
          }
          return row;
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 6' } }],
    },
    {
      name: 'the callback of sqlite3 forgets to roll back on an error',
      code: `
        const sqlite3 = require('sqlite3');
        const db = new sqlite3.Database('app.db');
        exports.clear = (done) => {
          «db.run('BEGIN IMMEDIATE', () => {
            db.run('DELETE FROM t', (problem) => {
              if (problem) return done(problem);
              db.run('COMMIT', done);
            });
          })»;
        };
      `,
      file: 'main.cjs',
      errors: [{ messageId: 'normal', data: { line: 'line 10' } }],
    },
    {
      name: 'a transaction of @libsql/client that is only committed',
      code: `
        import { createClient } from '@libsql/client';
        const client = createClient({ url: 'file:app.db' });
        export async function clear() {
          const work = await «client.transaction('write')»;
          await work.execute('DELETE FROM t');
          await work.commit();
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 5' } }],
    },
    {
      name: 'an outermost savepoint that is only rolled back to stays open',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function clear(): void {
          «db.exec('SAVEPOINT step')»;
          try {
            db.exec('DELETE FROM t');
            db.exec('RELEASE step');
          } catch (problem) {
            db.exec('ROLLBACK TO step');
            throw problem;
          }
        }
      `,
      errors: [{ messageId: 'explicit', data: { line: 'line 10' } }],
    },
    {
      name: 'begin and commit are helpers, and nothing in the module rolls back',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export const begin = () => «db.exec('BEGIN IMMEDIATE')»;
        export const commit = () => db.exec('COMMIT');
      `,
      errors: [{ messageId: 'committed' }],
    },
    {
      name: 'a helper begins, and its caller, which does not roll back, is reported at the call',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        function begin(): void {
          db.exec('BEGIN IMMEDIATE');
        }
        export function clear(): void {
          «begin()»;
          db.exec('DELETE FROM t');
          db.exec('COMMIT');
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 8' } }],
    },
    {
      name: 'the rollback stands behind an inverted test',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function clear(): void {
          «db.exec('BEGIN IMMEDIATE')»;
          try {
            db.exec('DELETE FROM t');
            db.exec('COMMIT');
          } catch (problem) {
            if (!db.inTransaction) db.exec('ROLLBACK');
            throw problem;
          }
        }
      `,
      errors: [{ messageId: 'explicit', data: { line: 'line 10' } }],
    },
    {
      name: 'each transaction is reported for itself',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function clear(): void {
          «db.exec('BEGIN IMMEDIATE')»;
          db.exec('DELETE FROM a');
          db.exec('COMMIT');
          «db.exec('BEGIN IMMEDIATE')»;
          db.exec('DELETE FROM b');
          db.exec('COMMIT');
        }
      `,
      errors: [
        { messageId: 'implicit', data: { line: 'line 5' } },
        { messageId: 'implicit', data: { line: 'line 8' } },
      ],
    },
    {
      name: 'a script that is put together in a loop stands where it begins',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function save(rows: readonly string[]): void {
          let script = «'BEGIN;'»;
          for (const row of rows) {
            if (row) script += \`INSERT INTO t VALUES (\${Number(row)});\`;
            else script += 'DELETE FROM t;';
          }
          script += 'END TRANSACTION;';
          db.exec(script);
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 10' } }],
    },
    {
      name: 'scripts of a list with their numbers',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const migrations = () => [«'BEGIN; CREATE TABLE a (n); COMMIT;'», «'BEGIN; CREATE TABLE b (n); COMMIT;'»];
        export function migrate(db: DatabaseSync, version: number): void {
          for (const [number, script] of migrations().entries()) if (number > version) db.exec(script);
        }
      `,
      errors: [
        { messageId: 'implicit', data: { line: 'line 4' } },
        { messageId: 'implicit', data: { line: 'line 4' } },
      ],
    },
    {
      name: 'scripts of an object',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const first = { create: «'BEGIN; CREATE TABLE a (n); COMMIT;'» };
        const second = { fill: «'BEGIN; INSERT INTO a VALUES (1); COMMIT;'» };
        export function migrate(db: DatabaseSync): void {
          for (const script of Object.values(first)) db.exec(script);
          for (const [, script] of Object.entries(second)) db.exec(script);
        }
      `,
      errors: [
        { messageId: 'implicit', data: { line: 'line 5' } },
        { messageId: 'implicit', data: { line: 'line 6' } },
      ],
    },
    {
      name: 'a script taken by its number',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const migrations = [«'BEGIN; CREATE TABLE a (n); COMMIT;'», 'BEGIN; CREATE TABLE b (n); COMMIT;'];
        export function migrate(db: DatabaseSync, version: number): void {
          for (let next = version; next < migrations.length; next += 1) db.exec(migrations[next] ?? '');
        }
      `,
      errors: [{ messageId: 'implicit', data: { line: 'line 4' } }],
    },
  ],
});
