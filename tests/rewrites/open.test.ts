import rule from '../../rules/require-pragmas.ts';
import { dedent } from '../source.ts';
import { testRewrites, type Rewritten } from './tester.ts';

const WRAPPER = { wrapper: { module: '@acme/database' } } as const;

/** What the wrapper makes of a program; that it may be done by PRAGMAs as well is another matter. */
const byWrapper = (program: Omit<Rewritten, 'settings'>): Rewritten => ({ settings: WRAPPER, ...program });

/** What becomes of a program that is to stay with its driver. */
const byPragmas = (program: Rewritten): Rewritten => ({
  ...program,
  options: { style: 'pragmas', ...program.options },
});

testRewrites('require-pragmas: the wrapper opens', rule, [
  byWrapper({
    name: 'and its import takes the place of one that nothing needs any longer',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      export const db = new DatabaseSync('app.db');`,
    fixed: `
      import { openDatabase } from '@acme/database';
      export const db = openDatabase('app.db');`,
    suggested: {
      setPragmas: `
      import { DatabaseSync } from 'node:sqlite';
      export const db = new DatabaseSync('app.db');
      db.exec('PRAGMA busy_timeout = 5000');
      db.exec('PRAGMA journal_mode = WAL');`,
    },
  }),
  byWrapper({
    name: 'and the driver stays imported where a type needs it; its options get the names of the wrapper',
    code: `
      import Database from 'better-sqlite3';
      export const db: Database.Database = new Database('app.db', {
        timeout: 100, // tests wait less
        fileMustExist,
      });`,
    fixed: `
      import Database from 'better-sqlite3';
      import { openDatabase } from '@acme/database';
      export const db: Database.Database = openDatabase('app.db', {
        busyTimeout: 100, // tests wait less
        mustExist: fileMustExist,
      });`,
    suggested: {
      setPragmas: `
      import Database from 'better-sqlite3';
      export const db: Database.Database = new Database('app.db', {
        timeout: 100, // tests wait less
        fileMustExist,
      });
      db.pragma('journal_mode = WAL');`,
    },
    options: { minBusyTimeout: 50 },
  }),
  byWrapper({
    name: 'in any expression',
    code: `
      import Database from 'libsql';
      export class Store {
        readonly db = new Database(this.path);
      }`,
    fixed: `
      import { openDatabase } from '@acme/database';
      export class Store {
        readonly db = openDatabase(this.path);
      }`,
  }),
  byWrapper({
    name: 'several connections with one import',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      import { join } from 'node:path';

      export const jobs = new DatabaseSync(join(folder, 'jobs.db'));
      export const users = new DatabaseSync(join(folder, 'users.db'));`,
    fixed: `
      import { join } from 'node:path';
      import { openDatabase } from '@acme/database';

      export const jobs = openDatabase(join(folder, 'jobs.db'));
      export const users = openDatabase(join(folder, 'users.db'));`,
    suggested: {
      setPragmas: `
      import { DatabaseSync } from 'node:sqlite';
      import { join } from 'node:path';

      export const jobs = new DatabaseSync(join(folder, 'jobs.db'));
      jobs.exec('PRAGMA busy_timeout = 5000');
      jobs.exec('PRAGMA journal_mode = WAL');
      export const users = new DatabaseSync(join(folder, 'users.db'));`,
    },
  }),
  byWrapper({
    name: 'with an import that is there, under the name that it has',
    code: `
      import { DatabaseSync as Sqlite } from 'node:sqlite';
      import { openDatabase as connect } from '@acme/database';
      export const jobs = connect('jobs.db');
      export const open = () => new Sqlite('users.db');`,
    fixed: `
      import { openDatabase as connect } from '@acme/database';
      export const jobs = connect('jobs.db');
      export const open = () => connect('users.db');`,
  }),
  byWrapper({
    name: 'with a name more in an import that is there',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      import { withConnection } from '@acme/database';
      export const open = () => new DatabaseSync('users.db');
      export const read = () => withConnection('jobs.db', (db) => db.prepare('SELECT 1').get());`,
    fixed: `
      import { withConnection, openDatabase } from '@acme/database';
      export const open = () => openDatabase('users.db');
      export const read = () => withConnection('jobs.db', (db) => db.prepare('SELECT 1').get());`,
  }),
  byWrapper({
    name: 'beside an import of types alone',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      import type { OpenOptions } from '@acme/database';
      export const open = (options: OpenOptions) => new DatabaseSync(options.file);`,
    fixed: `
      import { openDatabase } from '@acme/database';
      import type { OpenOptions } from '@acme/database';
      export const open = (options: OpenOptions) => openDatabase(options.file);`,
  }),
  byWrapper({
    name: 'under another name where the name is taken',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      export function openDatabase() {
        return new DatabaseSync('users.db');
      }`,
    fixed: `
      import { openDatabase as safeOpenDatabase } from '@acme/database';
      export function openDatabase() {
        return safeOpenDatabase('users.db');
      }`,
    suggested: {
      setPragmas: `
      import { DatabaseSync } from 'node:sqlite';
      export function openDatabase() {
        const db = new DatabaseSync('users.db');
        db.exec('PRAGMA busy_timeout = 5000');
        db.exec('PRAGMA journal_mode = WAL');
        return db;
      }`,
    },
  }),
  byWrapper({
    name: 'in CommonJS, without semicolons, in double quotes',
    code: `
      "use strict"
      const path = require("path")
      const { DatabaseSync } = require("node:sqlite")

      exports.open = () => new DatabaseSync(path.join("data", "app.db"))
      exports.other = () => new DatabaseSync(path.join("data", "other.db"))`,
    file: 'main.cjs',
    fixed: `
      "use strict"
      const path = require("path")
      const { openDatabase } = require("@acme/database")

      exports.open = () => openDatabase(path.join("data", "app.db"))
      exports.other = () => openDatabase(path.join("data", "other.db"))`,
  }),
  byWrapper({
    name: 'of a driver with promises, by its file name',
    code: `
      import sqlite3 from 'sqlite3';
      import { open } from 'sqlite';
      export const db = await open({ filename: './app.db', driver: sqlite3.Database });`,
    options: { minBusyTimeout: 5000 },
    fixed: `
      import { openDatabase } from '@acme/database';
      export const db = await openDatabase('./app.db');`,
    suggested: {
      setPragmas: `
      import sqlite3 from 'sqlite3';
      import { open } from 'sqlite';
      export const db = await open({ filename: './app.db', driver: sqlite3.Database });
      await db.exec('PRAGMA journal_mode = WAL');`,
    },
  }),
  byWrapper({
    name: 'with options in a variable, whose names it changes there',
    code: `
      import Database from 'better-sqlite3';
      const options = { fileMustExist: true };
      export const db = new Database('app.db', options);
      export type Path = string;`,
    fixed: `
      import { openDatabase } from '@acme/database';
      const options = { mustExist: true };
      export const db = openDatabase('app.db', options);
      export type Path = string;`,
    suggested: {
      setPragmas: `
      import Database from 'better-sqlite3';
      const options = { fileMustExist: true };
      export const db = new Database('app.db', options);
      db.pragma('journal_mode = WAL');
      export type Path = string;`,
    },
  }),
  byWrapper({
    name: 'and the name in an import that has others goes',
    code: `
      import { DatabaseSync, backup } from 'node:sqlite';
      const db = new DatabaseSync('app.db');
      export const copy = () => backup(db, 'copy.db');`,
    fixed: `
      import { backup } from 'node:sqlite';
      import { openDatabase } from '@acme/database';
      const db = openDatabase('app.db');
      export const copy = () => backup(db, 'copy.db');`,
    suggested: {
      setPragmas: `
      import { DatabaseSync, backup } from 'node:sqlite';
      const db = new DatabaseSync('app.db');
      db.exec('PRAGMA busy_timeout = 5000');
      db.exec('PRAGMA journal_mode = WAL');
      export const copy = () => backup(db, 'copy.db');`,
    },
  }),
  byWrapper({
    name: 'not where the driver is loaded only when it is needed',
    code: `
      export async function connect() {
        const { default: Database } = await import('better-sqlite3');
        const db = new Database('app.db');
        return db;
      }`,
    fixed: `
      export async function connect() {
        const { default: Database } = await import('better-sqlite3');
        const db = new Database('app.db');
        db.pragma('journal_mode = WAL');
        return db;
      }`,
  }),
  byWrapper({
    name: 'nor where nothing can be said in its place',
    code: `
      export const connections = {
        app: async () => new (await import('better-sqlite3')).default('app.db'),
      };`,
    reason: 'loaded-lazily',
  }),
  byWrapper({
    name: 'not where the options come from elsewhere',
    code: `
      import Database from 'better-sqlite3';
      export const open = (options: Database.Options) => new Database('app.db', options);`,
    reason: 'options-elsewhere',
  }),
  byWrapper({
    name: 'not where a comment would be lost',
    code: `
      import Database from 'better-sqlite3';
      export const open = () => new /* the fast one */ Database('app.db');`,
    reason: 'comment-inside',
  }),
  byWrapper({
    name: 'not where a class of the project opens it',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      export class Store extends DatabaseSync {
        constructor() {
          super('app.db');
        }
      }`,
    reason: 'by-a-library',
  }),
  {
    name: 'not where the wrapper is for another driver',
    settings: { wrapper: { module: '@acme/database', driver: 'libsql' } },
    code: `
      import Database from 'better-sqlite3';
      export const open = () => new Database('app.db');`,
    reason: 'no-wrapper',
  },
  {
    name: 'as a suggestion where it is not installed',
    code: `
      const { Database } = require("bun:sqlite")

      exports.open = (file) => {
        const db = new Database(file) // the jobs
        db.query("SELECT 1").get()
        return db
      }`,
    file: 'main.cjs',
    fixed: `
      const { Database } = require("bun:sqlite")

      exports.open = (file) => {
        const db = new Database(file) // the jobs
        db.exec("PRAGMA busy_timeout = 5000")
        db.exec("PRAGMA journal_mode = WAL")
        db.query("SELECT 1").get()
        return db
      }`,
    suggested: {
      openSafely: `
      const { openDatabase } = require("unbusy/bun-sqlite")

      exports.open = (file) => {
        const db = openDatabase(file) // the jobs
        db.query("SELECT 1").get()
        return db
      }`,
    },
  },
]);

testRewrites('require-pragmas: PRAGMAs behind the open', rule, [
  byPragmas({
    name: 'only those that are missing, the busy timeout first',
    code: `
      import Database from 'libsql';
      export const open = (file: string) => {
        const db = new Database(file) as Database.Database;
        db.pragma('foreign_keys = ON');
        return db;
      };`,
    options: { synchronous: true },
    fixed: `
      import Database from 'libsql';
      export const open = (file: string) => {
        const db = new Database(file) as Database.Database;
        db.pragma('busy_timeout = 5000');
        db.pragma('journal_mode = WAL');
        db.pragma('synchronous = NORMAL');
        db.pragma('foreign_keys = ON');
        return db;
      };`,
  }),
  byPragmas({
    name: 'the busy timeout where WAL is switched on before there is one',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      export const db = new DatabaseSync('app.db');
      db.exec('PRAGMA journal_mode = WAL');
      db.exec('PRAGMA busy_timeout = 3000');`,
    fixed: `
      import { DatabaseSync } from 'node:sqlite';
      export const db = new DatabaseSync('app.db');
      db.exec('PRAGMA busy_timeout = 5000');
      db.exec('PRAGMA journal_mode = WAL');
      db.exec('PRAGMA busy_timeout = 3000');`,
  }),
  byPragmas({
    name: 'the busy timeout as well, where it is set only behind the place of WAL',
    code: `
      import { Database } from 'bun:sqlite';
      export const db = new Database('app.db');
      db.exec('PRAGMA busy_timeout = 2000');`,
    fixed: `
      import { Database } from 'bun:sqlite';
      export const db = new Database('app.db');
      db.exec('PRAGMA busy_timeout = 5000');
      db.exec('PRAGMA journal_mode = WAL');
      db.exec('PRAGMA busy_timeout = 2000');`,
  }),
  byPragmas({
    name: 'WAL alone, where an option has the busy timeout',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      export const db = new DatabaseSync('app.db', { timeout: 9000 });`,
    fixed: `
      import { DatabaseSync } from 'node:sqlite';
      export const db = new DatabaseSync('app.db', { timeout: 9000 });
      db.exec('PRAGMA journal_mode = WAL');`,
  }),
  byPragmas({
    name: 'not on what a library opens',
    code: `
      import { Sequelize } from 'sequelize';
      export const db = new Sequelize({ dialect: 'sqlite', storage: 'app.db' });`,
    reason: 'by-a-library',
  }),
  byPragmas({
    name: 'on a field',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      export class Store {
        #db: DatabaseSync;
        constructor(file: string) {
          this.#db = new DatabaseSync(file);
        }
        count() {
          return this.#db.prepare('SELECT count(*) FROM t').get();
        }
      }`,
    fixed: `
      import { DatabaseSync } from 'node:sqlite';
      export class Store {
        #db: DatabaseSync;
        constructor(file: string) {
          this.#db = new DatabaseSync(file);
          this.#db.exec('PRAGMA busy_timeout = 5000');
          this.#db.exec('PRAGMA journal_mode = WAL');
        }
        count() {
          return this.#db.prepare('SELECT count(*) FROM t').get();
        }
      }`,
  }),
  byPragmas({
    name: 'with callbacks as a suggestion: the next statements do not wait for them',
    code: `
      const sqlite3 = require('sqlite3');
      const db = new sqlite3.Database('app.db');
      exports.db = db;`,
    file: 'main.cjs',
    options: { minBusyTimeout: 1000 },
    suggested: {
      setPragmas: `
      const sqlite3 = require('sqlite3');
      const db = new sqlite3.Database('app.db');
      db.run('PRAGMA journal_mode = WAL');
      exports.db = db;`,
    },
  }),
  {
    name: 'by a method of an object that has the connection and hands on what it is given: that is only suggested',
    others: {
      'store.ts': `
        import { DatabaseSync } from 'node:sqlite';
        export class Store {
          readonly #db: DatabaseSync;
          constructor(file: string) {
            this.#db = new DatabaseSync(file);
          }
          pragma(name: string): unknown {
            return this.#db.prepare('PRAGMA user_version').get();
          }
          exec(sql: string): void {
            this.#db.exec(sql);
          }
          close(): void {
            this.#db.close();
          }
        }
        const first = new Store('first.db');
        first.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL');`,
    },
    code: `
      import { Store } from './store.ts';
      export const store = new Store('app.db');
      store.exec('PRAGMA journal_mode = WAL');`,
    suggested: {
      setPragmas: `
      import { Store } from './store.ts';
      export const store = new Store('app.db');
      store.exec('PRAGMA busy_timeout = 5000');
      store.exec('PRAGMA journal_mode = WAL');`,
    },
  },
  {
    name: 'by such a method that is awaited, where the function can await it',
    others: {
      'store.ts': `
        import { DatabaseSync } from 'node:sqlite';
        export async function open(file: string) {
          const db = new DatabaseSync(file);
          return {
            async run(sql: string) {
              await Promise.resolve();
              db.exec(sql);
            },
            close: () => db.close(),
          };
        }
        const first = await open('first.db');
        await first.run('PRAGMA busy_timeout = 5000');
        await first.run('PRAGMA journal_mode = WAL');`,
    },
    code: `
      import { open } from './store.ts';
      export async function count() {
        const store = await open('app.db');
        try {
          await store.run('DELETE FROM t');
        } finally {
          store.close();
        }
      }`,
    suggested: {
      setPragmas: `
      import { open } from './store.ts';
      export async function count() {
        const store = await open('app.db');
        await store.run('PRAGMA busy_timeout = 5000');
        await store.run('PRAGMA journal_mode = WAL');
        try {
          await store.run('DELETE FROM t');
        } finally {
          store.close();
        }
      }`,
    },
  },
  {
    name: 'not where an object that has the connection has no method for it',
    others: {
      'store.ts': `
        import { DatabaseSync } from 'node:sqlite';
        export function open(file: string) {
          const db = new DatabaseSync(file);
          return { db, run: (sql: string) => db.prepare('SELECT 1').get() };
        }
        const { db } = open('first.db');
        db.exec('PRAGMA busy_timeout = 5000');
        db.exec('PRAGMA journal_mode = WAL');`,
    },
    code: `
      import { open } from './store.ts';
      export const store = open('app.db');`,
    reason: 'within-an-object',
  },
  byPragmas({
    name: 'not where the connection has no name',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      export const open = () => new DatabaseSync('app.db');`,
    reason: 'no-statement',
  }),
  byPragmas({
    name: 'in braces, where the statement is the only one of an if',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      let db: DatabaseSync | undefined;
      export function open() {
        if (!db) db = new DatabaseSync('app.db'); // once
        return db;
      }
      export function again() {
        if (!db)
          db = new DatabaseSync('app.db');
        return db;
      }`,
    fixed: `
      import { DatabaseSync } from 'node:sqlite';
      let db: DatabaseSync | undefined;
      export function open() {
        if (!db) {
          db = new DatabaseSync('app.db'); // once
          db.exec('PRAGMA busy_timeout = 5000');
          db.exec('PRAGMA journal_mode = WAL');
        }
        return db;
      }
      export function again() {
        if (!db) {
          db = new DatabaseSync('app.db');
          db.exec('PRAGMA busy_timeout = 5000');
          db.exec('PRAGMA journal_mode = WAL');
        }
        return db;
      }`,
  }),
  byPragmas({
    name: 'before it is returned, under a name that is free',
    code: `
      import Database from 'better-sqlite3';
      export function open(db: string) {
        // The jobs.
        return new Database(db); // made when it is missing
      }`,
    fixed: `
      import Database from 'better-sqlite3';
      export function open(db: string) {
        // The jobs.
        const database = new Database(db); // made when it is missing
        database.pragma('journal_mode = WAL');
        return database;
      }`,
  }),
  byPragmas({
    name: 'not where it is one of two branches',
    code: `
      import { DatabaseSync } from 'node:sqlite';
      let db: DatabaseSync | undefined;
      export function open() {
        if (!db) db = new DatabaseSync('app.db');
        else db.exec('ANALYZE');
        return db;
      }`,
    reason: 'no-statement',
  }),
  byPragmas({
    name: 'not where it is not awaited',
    code: `
      import sqlite3 from 'sqlite3';
      import { open } from 'sqlite';
      export async function read() {
        const opening = open({ filename: './app.db', driver: sqlite3.Database });
        const db = await opening;
        try {
          return await db.get('SELECT 1');
        } finally {
          await db.close();
        }
      }`,
    reason: 'not-awaited',
  }),
  byPragmas({
    name: 'not where a shorter timeout is set behind it',
    code: `
      import Database from 'better-sqlite3';
      export const db = new Database('app.db');
      db.pragma('journal_mode = WAL');
      db.pragma('busy_timeout = 10');`,
    reason: 'set-elsewhere',
  }),
]);

testRewrites('require-pragmas: the wrapper opens, with the driver in mind', rule, [
  {
    name: 'and hands on what only the driver knows',
    settings: WRAPPER,
    code: `
      import Database from 'better-sqlite3';
      export const open = () => new Database('app.db', { fileMustExist: true, verbose: console.log });`,
    fixed: `
      import { openDatabase } from '@acme/database';
      export const open = () => openDatabase('app.db', { mustExist: true, driver: { verbose: console.log } });`,
  },
  {
    name: 'but not where such options stand apart',
    settings: WRAPPER,
    code: `
      import Database from 'better-sqlite3';
      export const open = () => new Database('app.db', { verbose: console.log, timeout: 100, nativeBinding: 'x' });`,
    reason: 'options-of-the-driver',
  },
  {
    name: 'and the PRAGMAs go that it makes by itself',
    settings: WRAPPER,
    code: `
      import { DatabaseSync } from 'node:sqlite';
      export const db = new DatabaseSync('app.db');
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      db.exec('PRAGMA foreign_keys = ON');
      db.exec('PRAGMA synchronous = NORMAL'); // fast
      db.exec('CREATE TABLE IF NOT EXISTS jobs (id)');`,
    fixed: `
      import { openDatabase } from '@acme/database';
      export const db = openDatabase('app.db');
      db.exec('PRAGMA foreign_keys = ON');
      db.exec('PRAGMA synchronous = NORMAL'); // fast
      db.exec('CREATE TABLE IF NOT EXISTS jobs (id)');`,
    suggested: {
      setPragmas: `
      import { DatabaseSync } from 'node:sqlite';
      export const db = new DatabaseSync('app.db');
      db.exec('PRAGMA busy_timeout = 5000');
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      db.exec('PRAGMA foreign_keys = ON');
      db.exec('PRAGMA synchronous = NORMAL'); // fast
      db.exec('CREATE TABLE IF NOT EXISTS jobs (id)');`,
    },
  },
  {
    name: 'of a driver with callbacks, where it can be awaited',
    settings: WRAPPER,
    code: `
      import sqlite3 from 'sqlite3';

      export async function connect(): Promise<sqlite3.Database> {
        const db = new sqlite3.Database('app.db');
        return db;
      }`,
    suggested: {
      openSafely: `
      import sqlite3 from 'sqlite3';
      import { openDatabase } from '@acme/database';

      export async function connect(): Promise<sqlite3.Database> {
        const db = await openDatabase('app.db');
        return db;
      }`,
      setPragmas: `
      import sqlite3 from 'sqlite3';

      export async function connect(): Promise<sqlite3.Database> {
        const db = new sqlite3.Database('app.db');
        db.run('PRAGMA journal_mode = WAL');
        return db;
      }`,
    },
  },
  {
    name: 'but not where it cannot',
    file: 'main.cjs',
    settings: WRAPPER,
    code: `
      const sqlite3 = require('sqlite3');
      const db = new sqlite3.Database('app.db');
      module.exports = db;`,
    suggested: {
      setPragmas: `
      const sqlite3 = require('sqlite3');
      const db = new sqlite3.Database('app.db');
      db.run('PRAGMA journal_mode = WAL');
      module.exports = db;`,
    },
  },
  {
    name: 'of a client, by its URL',
    settings: WRAPPER,
    code: `
      import { createClient } from '@libsql/client';
      export const client = createClient({ url: 'file:app.db', authToken: process.env.TOKEN });`,
    suggested: {
      openSafely: `
      import { openDatabase } from '@acme/database';
      export const client = await openDatabase('file:app.db', { driver: { authToken: process.env.TOKEN } });`,
    },
  },
]);

/** What the wrapper makes of code that opens by a driver with callbacks; the PRAGMAs are another matter. */
const waiting = (name: string, code: string, opened: string | null, more: Partial<Rewritten> = {}): Rewritten => ({
  name,
  code: `import { createClient } from '@libsql/client';\n${dedent(code)}`,
  settings: WRAPPER,
  ...(opened === null
    ? {}
    : { suggested: { openSafely: `import { openDatabase } from '@acme/database';\n${dedent(opened)}` } }),
  ...more,
});

testRewrites('require-pragmas: the wrapper is waited for', rule, [
  waiting(
    'where it is returned',
    `
      export async function connect() {
        return createClient({ url: 'file:app.db' });
      }`,
    `
      export async function connect() {
        return await openDatabase('file:app.db');
      }`,
  ),
  {
    name: 'in CommonJS, whatever is made of the driver where it is loaded',
    file: 'main.js',
    settings: WRAPPER,
    code: `
      const sqlite3 = require('sqlite3').verbose();
      exports.connect = async () => {
        return new sqlite3.Database('app.db');
      };`,
    suggested: {
      openSafely: `
      const sqlite3 = require('sqlite3').verbose();
      const { openDatabase } = require('@acme/database');
      exports.connect = async () => {
        return await openDatabase('app.db');
      };`,
      setPragmas: `
      const sqlite3 = require('sqlite3').verbose();
      exports.connect = async () => {
        const db = new sqlite3.Database('app.db');
        db.run('PRAGMA journal_mode = WAL');
        return db;
      };`,
    },
  },
  waiting(
    'in an argument',
    `
      const count = (client) => client.execute('SELECT 1');
      export const counted = async () => count(createClient({ url: 'file:other.db' }));`,
    `
      const count = (client) => client.execute('SELECT 1');
      export const counted = async () => count(await openDatabase('file:other.db'));`,
  ),
  waiting(
    'with parentheses where something else would come first, and without an accident of semicolons',
    `
      export async function run() {
        const before = 1
        createClient({ url: 'file:app.db' }).execute('DELETE FROM jobs')
        return before
      }`,
    `
      export async function run() {
        const before = 1
        ;(await openDatabase('file:app.db')).execute('DELETE FROM jobs')
        return before
      }`,
  ),
  waiting(
    'in an assignment to what nobody looks at before',
    `
      let client;
      export async function start() {
        client = createClient({ url: 'file:app.db' });
      }`,
    `
      let client;
      export async function start() {
        client = await openDatabase('file:app.db');
      }`,
  ),
  waiting(
    'by all that come while it opens: the variable keeps the promise',
    `
      import type { Client } from '@libsql/client';
      let client: Client | null = null;
      export async function getClient(): Promise<Client> {
        if (!client) {
          client = createClient({ url: 'file:app.db' });
        }
        return client;
      }
      export async function close() {
        if (client) {
          client.close();
          client = null;
        }
      }`,
    `
      import type { Client } from '@libsql/client';
      let client: Promise<Client> | null = null;
      export async function getClient(): Promise<Client> {
        if (!client) {
          client = openDatabase('file:app.db');
        }
        return client;
      }
      export async function close() {
        if (client) {
          (await client).close();
          client = null;
        }
      }`,
  ),
  waiting(
    'by all that come while it opens, in one expression',
    `
      let client;
      export const getClient = async () => (client ??= createClient({ url: 'file:app.db' }));`,
    `
      let client;
      export const getClient = async () => (client ??= openDatabase('file:app.db'));`,
  ),
  ...[
    [
      'where the variable is used by a function that cannot wait',
      `
        let client;
        export async function getClient() {
          if (!client) client = createClient({ url: 'file:app.db' });
          return client;
        }
        export const close = () => client.close();`,
    ],
    [
      'where others could open it as well while a field is empty',
      `
        export class Store {
          client = null;
          async get() {
            if (!this.client) this.client = createClient({ url: 'file:app.db' });
            return this.client;
          }
        }`,
    ],
    [
      'where others could open it as well while a collection lacks it',
      `
        const clients = new Map();
        export async function get(name) {
          let client = clients.get(name);
          if (!client) {
            client = createClient({ url: 'file:app.db' });
            await client.execute('SELECT 1');
            clients.set(name, client);
          }
          return client;
        }`,
    ],
    [
      'where nobody would wait for the promise that is kept',
      `
        let client;
        export async function start() {
          if (client) return;
          client = createClient({ url: 'file:app.db' });
        }
        export const query = async (sql) => client.execute(sql);`,
    ],
  ].map(([name = '', code = '']) => waiting(name, code, null, { reason: 'opened-twice' })),
  ...[
    ['in a function that is not asynchronous', `export const connect = () => createClient({ url: 'file:app.db' });`],
    [
      'in the default value of a parameter',
      `export async function run(client = createClient({ url: 'file:app.db' })) {
        return client.execute('SELECT 1');
      }`,
    ],
    [
      'in a field of a class',
      `export async function make() {
        class Store {
          client = createClient({ url: 'file:app.db' });
          read() {
            return this.client.execute('SELECT 1');
          }
        }
        return new Store();
      }`,
    ],
  ].map(([name = '', code = '']) => waiting(name, code, null, { reason: 'asynchronous-form' })),
]);
