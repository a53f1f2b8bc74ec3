import rule from '../../rules/require-pragmas.ts';
import { testRewrites } from './tester.ts';

testRewrites('require-pragmas: the options of a pool', rule, [
  {
    name: 'TypeORM has one for WAL mode',
    code: `
      import { DataSource } from 'typeorm';
      export const source = new DataSource({ type: 'sqlite', database: 'app.db' });`,
    fixed: `
      import { DataSource } from 'typeorm';
      export const source = new DataSource({ type: 'sqlite', database: 'app.db', enableWAL: true });`,
  },
  {
    name: 'are left alone where one of them sets a busy timeout that is too short',
    code: `
      import { DataSource } from 'typeorm';
      export const source = new DataSource({ type: 'sqlite', database: 'app.db', enableWAL: true, busyTimeout: 10 });`,
    reason: 'by-a-library',
  },
  {
    name: 'stand on lines of their own, with a comma at the end or without one',
    code: `
      import { DataSource } from 'typeorm';
      export const source = new DataSource({
        type: 'better-sqlite3',
        // where the data are
        database: 'app.db', // a file
      });`,
    fixed: `
      import { DataSource } from 'typeorm';
      export const source = new DataSource({
        type: 'better-sqlite3',
        // where the data are
        database: 'app.db', // a file
        enableWAL: true,
      });`,
  },
  {
    name: 'are only suggested in a variable, which others may use as well',
    code: `
      import { DataSource } from 'typeorm';
      const options = { type: 'better-sqlite3', database: 'app.db' };
      export const source = new DataSource(options);
      export const archive = { ...options, database: 'archive.db' };`,
    suggested: {
      setPoolOptions: `
      import { DataSource } from 'typeorm';
      const options = { type: 'better-sqlite3', database: 'app.db', enableWAL: true };
      export const source = new DataSource(options);
      export const archive = { ...options, database: 'archive.db' };`,
    },
    file: 'main.js',
  },
  {
    name: 'knex calls a function with each new connection',
    code: `
      const knex = require('knex');
      exports.db = knex({
        client: 'sqlite3',
        connection: { filename: 'app.db' } // a file
      });`,
    suggested: {
      setPoolOptions: `
      const knex = require('knex');
      exports.db = knex({
        client: 'sqlite3',
        connection: { filename: 'app.db' }, // a file
        pool: { afterCreate: (connection, done) => connection.exec('PRAGMA journal_mode = WAL', done) }
      });`,
    },
    file: 'main.cjs',
  },
  {
    name: 'knex calls it with a connection of better-sqlite3; its parameters have types in TypeScript',
    code: `
      import knex from "knex";
      export const db = knex({ client: "better-sqlite3", connection: { filename: "app.db" }, pool: { min: 1 } });`,
    suggested: {
      setPoolOptions: `
      import knex from "knex";
      export const db = knex({ client: "better-sqlite3", connection: { filename: "app.db" }, pool: { min: 1, afterCreate: (connection: { pragma(sql: string): unknown }, done: (problem: Error | null) => void) => { connection.pragma("journal_mode = WAL"); done(null); } } });`,
    },
  },
  {
    name: 'are left alone where there is such a function already',
    code: `
      import knex from 'knex';
      export const db = knex({
        client: 'sqlite3',
        connection: { filename: 'app.db' },
        pool: { afterCreate: (connection: unknown, done: () => void) => done() },
      });`,
    reason: 'by-a-library',
  },
  {
    name: 'are left alone where others may be spread into them',
    code: `
      import { DataSource } from 'typeorm';
      const shared = { logging: false };
      export const source = new DataSource({ type: 'sqlite', database: 'app.db', ...shared });`,
    reason: 'by-a-library',
  },
  {
    name: 'get one more where the program chooses among several',
    code: `
      import { DataSource } from 'typeorm';
      const here = { type: 'sqlite', database: 'here.db' };
      const there = { type: 'sqlite', database: 'there.db' };
      export const source = new DataSource(process.env.THERE ? there : here);`,
    suggested: {
      setPoolOptions: `
      import { DataSource } from 'typeorm';
      const here = { type: 'sqlite', database: 'here.db' };
      const there = { type: 'sqlite', database: 'there.db' };
      export const source = new DataSource({ ...(process.env.THERE ? there : here), enableWAL: true });`,
    },
    file: 'main.js',
  },
  {
    name: 'get one more where another module makes them, which TypeScript allows by a call alone',
    others: {
      'options.ts': `
        import type { DataSourceOptions } from 'typeorm';
        export function options(): DataSourceOptions {
          return process.env.HOST ? { type: 'mysql', host: process.env.HOST } : { type: 'sqlite', database: 'app.db' };
        }`,
    },
    code: `
      import { DataSource } from 'typeorm';
      import { options } from './options.ts';
      export const source = new DataSource(options());`,
    suggested: {
      setPoolOptions: `
      import { DataSource } from 'typeorm';
      import { options } from './options.ts';
      export const source = new DataSource(Object.assign({}, options(), { enableWAL: true }));`,
    },
  },
  {
    name: 'are found in a decorator of an exported class',
    others: { 'options.ts': `export const options = { type: 'sqlite', database: 'app.db' } as const;` },
    code: `
      import { DataSource } from 'typeorm';
      import { options } from './options.ts';
      @Module({ imports: [Orm.by(() => new DataSource(options))] })
      export class Application {}`,
    suggested: {
      setPoolOptions: `
      import { DataSource } from 'typeorm';
      import { options } from './options.ts';
      @Module({ imports: [Orm.by(() => new DataSource(Object.assign({}, options, { enableWAL: true })))] })
      export class Application {}`,
    },
  },
  {
    name: 'are left alone where another module gives those of knex, which lie deeper',
    others: { 'options.js': `export const options = { client: 'sqlite3', connection: { filename: 'app.db' } };` },
    code: `
      import knex from 'knex';
      import { options } from './options.js';
      export const db = knex(options);`,
    reason: 'by-a-library',
    file: 'main.js',
  },
  {
    name: 'Sequelize has none',
    code: `
      import { Sequelize } from 'sequelize';
      export const db = new Sequelize({ dialect: 'sqlite', storage: 'app.db' });`,
    reason: 'by-a-library',
  },
]);
