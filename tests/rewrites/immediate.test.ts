import rule from '../../rules/prefer-immediate-transaction.ts';
import { testRewrites } from './tester.ts';

const READ_AND_WRITE = `const row = db.prepare('SELECT n FROM t').get();
          db.prepare('UPDATE t SET n = ?').run(row.n + 1);`;

/** A function that begins a transaction by hand. */
const byHand = (begin: string): string => `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        export function next() {
          ${begin}
          ${READ_AND_WRITE}
          db.exec('COMMIT');
        }`;

/** A module that makes a transaction function. */
const made = (rest: string, declaration = 'const next ='): string => `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        ${declaration} db.transaction(() => {
          ${READ_AND_WRITE}
        });
        ${rest}`;

/** A transaction of Sequelize that reads and then writes, begun by a call. */
const managed = (begin: string, imports = 'Sequelize, DataTypes'): string => `
        import { ${imports} } from 'sequelize';
        const db = new Sequelize({ dialect: 'sqlite', storage: 'app.db' });
        const Stock = db.define('stock', { free: DataTypes.INTEGER });
        export async function take(id) {
          await db.${begin}async (transaction) => {
            const row = await Stock.findByPk(id, { transaction });
            await row.update({ free: row.free - 1 }, { transaction });
          });
        }`;

testRewrites('prefer-immediate-transaction', rule, [
  {
    name: 'BEGIN becomes BEGIN IMMEDIATE',
    code: byHand(`db.exec('BEGIN');`),
    fixed: byHand(`db.exec('BEGIN IMMEDIATE');`),
  },
  {
    name: 'a word in lower case gets another one',
    code: byHand('db.exec(`begin transaction;`);'),
    fixed: byHand('db.exec(`begin immediate transaction;`);'),
  },
  {
    name: 'DEFERRED becomes IMMEDIATE, behind other statements and comments',
    code: byHand(`db.exec("PRAGMA foreign_keys = ON; /* now */ BEGIN DEFERRED TRANSACTION");`),
    fixed: byHand(`db.exec("PRAGMA foreign_keys = ON; /* now */ BEGIN IMMEDIATE TRANSACTION");`),
  },
  {
    name: 'a statement that is prepared and run at once',
    code: byHand(`db.prepare('BEGIN').run();`),
    fixed: byHand(`db.prepare('BEGIN IMMEDIATE').run();`),
  },
  {
    name: 'an awaited statement',
    code: `
      const { open } = require('sqlite');
      exports.next = async () => {
        const db = await open({ filename: 'app.db', driver: require('sqlite3').Database });
        await db.exec('BEGIN');
        const row = await db.get('SELECT n FROM t');
        await db.run('UPDATE t SET n = ?', row.n + 1);
        await db.exec('COMMIT');
      };`,
    file: 'main.cjs',
    fixed: `
      const { open } = require('sqlite');
      exports.next = async () => {
        const db = await open({ filename: 'app.db', driver: require('sqlite3').Database });
        await db.exec('BEGIN IMMEDIATE');
        const row = await db.get('SELECT n FROM t');
        await db.run('UPDATE t SET n = ?', row.n + 1);
        await db.exec('COMMIT');
      };`,
  },
  {
    name: 'text that stands elsewhere is left alone: others may use it',
    code: byHand('db.exec(BEGIN);').replace('export', `const BEGIN = 'BEGIN';\n        export`),
    reason: 'sql-elsewhere',
  },
  {
    name: 'a savepoint has no such form',
    code: byHand(`db.exec('SAVEPOINT a');`).replace('COMMIT', 'RELEASE a'),
    reason: 'savepoint',
  },
  {
    name: 'each call of a transaction function is an immediate one',
    code: made(`export const once = () => next();
        export const twice = () => [next(), next()];`),
    fixed: made(`export const once = () => next.immediate();
        export const twice = () => [next.immediate(), next.immediate()];`),
  },
  {
    name: 'a transaction function that is called where it is made',
    code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function next() {
          return db.transaction(() => {
            ${READ_AND_WRITE}
          })();
        }`,
    fixed: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function next() {
          return db.transaction(() => {
            ${READ_AND_WRITE}
          }).immediate();
        }`,
  },
  {
    name: 'a transaction function that is passed on is called elsewhere too',
    code: made('next(); export const all = [next];'),
    reason: 'called-elsewhere',
  },
  {
    name: 'a transaction function that is exported is called elsewhere too',
    code: made('next();', 'export const next ='),
    reason: 'called-elsewhere',
  },
  {
    name: 'the deferred form that is asked for by name',
    code: made('export const once = () => next.deferred();'),
    reason: 'called-elsewhere',
  },
  {
    name: 'an option of a query builder, in the quotes of the file',
    code: `
        import { drizzle } from "drizzle-orm/better-sqlite3";
        import { stock } from "./schema";
        const db = drizzle("app.db");
        export const take = () =>
          db.transaction((tx) => {
            const row = tx.select().from(stock).get();
            tx.update(stock).set({ free: row.free - 1 }).run();
          });`,
    fixed: `
        import { drizzle } from "drizzle-orm/better-sqlite3";
        import { stock } from "./schema";
        const db = drizzle("app.db");
        export const take = () =>
          db.transaction((tx) => {
            const row = tx.select().from(stock).get();
            tx.update(stock).set({ free: row.free - 1 }).run();
          }, { behavior: "immediate" });`,
  },
  {
    name: 'a mode that is given by name',
    code: `
        import { createClient } from '@libsql/client';
        const client = createClient({ url: 'file:app.db' });
        export async function next() {
          const transaction = await client.transaction('deferred');
          const { rows } = await transaction.execute('SELECT n FROM t');
          await transaction.execute({ sql: 'UPDATE t SET n = ?', args: [rows[0].n + 1] });
          await transaction.commit();
        }`,
    fixed: `
        import { createClient } from '@libsql/client';
        const client = createClient({ url: 'file:app.db' });
        export async function next() {
          const transaction = await client.transaction('write');
          const { rows } = await transaction.execute('SELECT n FROM t');
          await transaction.execute({ sql: 'UPDATE t SET n = ?', args: [rows[0].n + 1] });
          await transaction.commit();
        }`,
  },
  {
    name: 'an option of an object mapper, which comes in front of the callback',
    file: 'main.js',
    code: managed('transaction('),
    fixed: managed("transaction({ type: 'IMMEDIATE' }, "),
  },
  {
    name: 'an option beside others',
    file: 'main.js',
    code: managed('transaction({ logging: false }, '),
    fixed: managed("transaction({ logging: false, type: 'IMMEDIATE' }, "),
  },
  {
    name: 'an option whose type is an enumeration',
    code: managed('transaction('),
    fixed: managed('transaction({ type: Transaction.TYPES.IMMEDIATE }, ', 'Sequelize, DataTypes, Transaction'),
  },
  {
    name: 'an option whose type is an enumeration of a package that is not there',
    code: managed('transaction(').replace("'sequelize'", "'@sequelize/core'"),
    reason: 'by-a-library',
  },
  {
    name: 'a query builder that has no such form',
    code: `
        import Database from 'better-sqlite3';
        import { Kysely, SqliteDialect } from 'kysely';
        const db = new Kysely({ dialect: new SqliteDialect({ database: new Database('app.db') }) });
        export const take = () =>
          db.transaction().execute(async (trx) => {
            const row = await trx.selectFrom('stock').select('free').executeTakeFirstOrThrow();
            await trx.updateTable('stock').set({ free: row.free - 1 }).execute();
          });`,
    reason: 'no-immediate-form',
  },
  {
    name: 'without automatic fixes it is suggested',
    code: byHand(`db.exec('BEGIN');`),
    options: { autofix: false },
    suggested: { beginImmediate: byHand(`db.exec('BEGIN IMMEDIATE');`) },
  },
]);
