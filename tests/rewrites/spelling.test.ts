import rule from '../../rules/valid-open-options.ts';
import { testRewrites } from './tester.ts';

const nodeSqlite = (options: string): string => `
        import { DatabaseSync } from 'node:sqlite';
        export const db = new DatabaseSync('app.db', ${options});`;

const statement = (text: string): string => `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        db.exec(${text});`;

testRewrites('valid-open-options', rule, [
  {
    name: 'an option that changes what may be done is only suggested',
    code: nodeSqlite('{ readonly: true, allowExtension: true }'),
    suggested: { renameOption: nodeSqlite('{ readOnly: true, allowExtension: true }') },
  },
  {
    name: 'an option by a short form keeps its value',
    code: nodeSqlite('{ readonly }').replace('export', 'const readonly = true;\n        export'),
    suggested: {
      renameOption: nodeSqlite('{ readOnly: readonly }').replace('export', 'const readonly = true;\n        export'),
    },
  },
  {
    name: 'a timeout takes effect by itself, also in quotes',
    code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db', { "busyTimeout": 5000 });`,
    fixed: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db', { "timeout": 5000 });`,
  },
  {
    name: 'an option that is nearly right',
    code: `
        const Database = require('better-sqlite3');
        exports.db = new Database('app.db', { timeOut: 5000 });`,
    file: 'main.cjs',
    fixed: `
        const Database = require('better-sqlite3');
        exports.db = new Database('app.db', { timeout: 5000 });`,
  },
  {
    name: 'an option that the driver has nothing for gets its meaning from the wrapper',
    code: `
        import { Database } from 'bun:sqlite';
        export const db = new Database('app.db', { timeout: 30_000 });`,
    suggested: {
      openSafely: `
        import { openDatabase } from 'unbusy/bun-sqlite';
        export const db = openDatabase('app.db', { busyTimeout: 30_000 });`,
    },
  },
  {
    name: 'also where it stands in a variable right in front, which nothing else uses',
    code: `
        import { open, type Database } from 'sqlite';
        import sqlite3 from 'sqlite3';

        export async function connect(filename: string): Promise<Database> {
          const options = { filename, driver: sqlite3.Database, busyTimeout: 30_000 };
          const db = await open(options);
          await db.exec('PRAGMA journal_mode = WAL');
          return db;
        }`,
    suggested: {
      openSafely: `
        import type { Database } from 'sqlite';
        import { openDatabase } from 'unbusy/sqlite';

        export async function connect(filename: string): Promise<Database> {
          const db = await openDatabase(filename, { busyTimeout: 30_000 });
          return db;
        }`,
    },
  },
  {
    name: 'not where the variable is used elsewhere',
    code: `
        import { open } from 'sqlite';
        import sqlite3 from 'sqlite3';

        export async function connect(filename: string): Promise<unknown> {
          const options = { filename, driver: sqlite3.Database, busyTimeout: 30_000 };
          const db = await open(options);
          console.log(options.busyTimeout);
          return db;
        }`,
    reason: 'no-such-option',
  },
  {
    name: 'an option that neither the driver nor the wrapper has anything for',
    code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db', { readWrite: true });`,
    reason: 'no-such-option',
  },
  {
    name: 'an option whose counterpart says the opposite',
    code: `
        import { Database } from 'bun:sqlite';
        export const db = new Database('app.db', { fileMustExist: true });`,
    reason: 'opposite-option',
  },
  {
    name: 'a PRAGMA for waiting and the journal takes effect by itself',
    code: statement(`"PRAGMA busy_timeuot = 5000; PRAGMA synchronous = NORMAL"`),
    fixed: statement(`"PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL"`),
  },
  {
    name: 'a PRAGMA in capitals stays in capitals',
    code: statement('`PRAGMA JOURNAL_MOD=WAL`'),
    fixed: statement('`PRAGMA JOURNAL_MODE=WAL`'),
  },
  {
    name: 'a PRAGMA that changes what is allowed is only suggested',
    code: statement(`'PRAGMA foreign_key = ON'`),
    suggested: { renamePragma: statement(`'PRAGMA foreign_keys = ON'`) },
  },
  {
    name: 'a value that is nearly right',
    code: statement(`'PRAGMA journal_mode = WAL2'`),
    fixed: statement(`'PRAGMA journal_mode = WAL'`),
  },
  {
    name: 'a value that may mean anything',
    code: statement(`'PRAGMA synchronous = sometimes'`),
    reason: 'several-values',
  },
  {
    name: 'a word that stands there twice',
    code: statement(`'PRAGMA journal_mod; PRAGMA journal_mod = WAL'`),
    reason: 'sql-elsewhere',
  },
]);
