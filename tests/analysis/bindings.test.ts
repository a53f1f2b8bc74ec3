import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProjectFolder } from '../project-folder.ts';
import { leaksOf, opensOf, transactionLeaksOf } from './program.ts';

const COMMON_JS = resolve('program', 'main.cjs');

describe('ES modules', () => {
  test.each([
    ['default import', `import Database from 'better-sqlite3'; new Database('a.db');`, 'better-sqlite3'],
    ['default import by another name', `import Sqlite from 'better-sqlite3'; new Sqlite('a.db');`, 'better-sqlite3'],
    ['the default as a named import', `import { default as D } from 'libsql'; new D('a.db');`, 'libsql'],
    ['named import', `import { DatabaseSync } from 'node:sqlite'; new DatabaseSync('a.db');`, 'node:sqlite'],
    ['alias', `import { Database as Bun } from 'bun:sqlite'; new Bun('a.db');`, 'bun:sqlite'],
    ['namespace', `import * as sqlite from 'node:sqlite'; new sqlite.DatabaseSync('a.db');`, 'node:sqlite'],
    ['default of a namespace', `import * as b from 'better-sqlite3'; new b.default('a.db');`, 'better-sqlite3'],
    ['member of the default', `import sqlite3 from 'sqlite3'; new sqlite3.Database('a.db');`, 'sqlite3'],
    [
      'destructured default',
      `import sqlite3 from 'sqlite3'; const { Database } = sqlite3; new Database('a.db');`,
      'sqlite3',
    ],
    ['a function', `import { open } from 'sqlite'; await open({ filename: 'a.db', driver });`, 'sqlite'],
    ['a function of a namespace', `import * as s from 'sqlite'; await s.open({ filename: 'a.db', driver });`, 'sqlite'],
    [
      'createClient',
      `import { createClient } from '@libsql/client'; createClient({ url: 'file:a.db' });`,
      '@libsql/client',
    ],
    [
      'another entry of a package',
      `import { createClient } from '@libsql/client/node'; createClient({ url: 'file:a.db' });`,
      '@libsql/client',
    ],
    ['a static method', `import { Database } from 'sqlite-async'; await Database.open('a.db');`, 'sqlite-async'],
    [
      'a replacement with the same interface',
      `import D from 'better-sqlite3-multiple-ciphers'; new D('a.db');`,
      'better-sqlite3',
    ],
    [
      'import assignment of TypeScript',
      `import Database = require('better-sqlite3'); new Database('a.db');`,
      'better-sqlite3',
    ],
  ])('%s', (_, code, driver) => {
    expect(opensOf(code)).toEqual([`1: ${driver}`]);
  });
});

describe('CommonJS', () => {
  test.each([
    ['require', `const Database = require('better-sqlite3'); new Database('a.db');`, 'better-sqlite3'],
    ['destructured', `const { DatabaseSync } = require('node:sqlite'); new DatabaseSync('a.db');`, 'node:sqlite'],
    [
      'destructured by another name',
      `const { DatabaseSync: D } = require('node:sqlite'); new D('a.db');`,
      'node:sqlite',
    ],
    ['member of the call', `const D = require('node:sqlite').DatabaseSync; new D('a.db');`, 'node:sqlite'],
    ['called without new', `const sqlite3 = require('better-sqlite3'); sqlite3('a.db');`, 'better-sqlite3'],
    ['called at once', `require('better-sqlite3')('a.db', {});`, 'better-sqlite3'],
    ['verbose', `const sqlite3 = require('sqlite3').verbose(); new sqlite3.Database('a.db');`, 'sqlite3'],
    ['inside a function', `function f() { const D = require('libsql'); return new D('a.db'); }`, 'libsql'],
    [
      'a name put together of constants',
      `const D = require(['node', ':sqlite'].join('')).DatabaseSync; new D('a.db');`,
      'node:sqlite',
    ],
  ])('%s', (_, code, driver) => {
    expect(opensOf(code, COMMON_JS)).toEqual([`1: ${driver}`]);
  });
});

describe('at run time', () => {
  test.each([
    ['dynamic import, default', `const D = (await import('better-sqlite3')).default; new D('a.db');`, 'better-sqlite3'],
    [
      'dynamic import, destructured',
      `const { DatabaseSync } = await import('node:sqlite'); new DatabaseSync('a.db');`,
      'node:sqlite',
    ],
    [
      'getBuiltinModule',
      `const { DatabaseSync } = process.getBuiltinModule('node:sqlite'); new DatabaseSync('a.db');`,
      'node:sqlite',
    ],
    [
      'createRequire',
      `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const D = require('better-sqlite3'); new D('a.db');`,
      'better-sqlite3',
    ],
    [
      'createRequire, called at once',
      `import { createRequire } from 'module'; const { Database } = createRequire(import.meta.url)('bun:sqlite'); new Database('a.db');`,
      'bun:sqlite',
    ],
  ])('%s', (_, code, driver) => {
    expect(opensOf(code)).toEqual([`1: ${driver}`]);
  });
});

describe('what the program does with the class', () => {
  test.each([
    ['kept in a variable', `import D from 'better-sqlite3'; const Open = D; new Open('a.db');`],
    ['kept in an object', `import D from 'better-sqlite3'; const drivers = { sqlite: D }; new drivers.sqlite('a.db');`],
    ['kept in a field', `import D from 'better-sqlite3'; class S { D = D; open() { return new this.D('a.db'); } }`],
    ['assigned later', `import D from 'better-sqlite3'; let Open; Open = D; new Open('a.db');`],
    ['chosen by a condition', `import D from 'better-sqlite3'; import L from 'libsql'; new (x ? D : D)('a.db');`],
    ['extended', `import D from 'better-sqlite3'; class Own extends D {} new Own('a.db');`],
  ])('%s', (_, code) => {
    expect(opensOf(code)).toEqual(['1: better-sqlite3']);
  });
});

describe('what is no driver of SQLite', () => {
  test.each([
    ['an own class', `class Database { exec() {} } new Database('sqlite');`],
    [
      'an own class beside an import of types',
      `import type B from 'better-sqlite3'; class Database {} new Database('a.db');`,
    ],
    ['a class of another package', `import { Database } from '@acme/sqlite'; new Database('a.db');`],
    ['a class of a module that is not there', `import { Database } from './sqlite'; new Database('a.db');`],
    ['another export of the driver', `import { SqliteError } from 'better-sqlite3'; new SqliteError('a', 'b');`],
    ['a name that nobody declares', `new Database('sqlite');`],
    ['the name of a driver in a string', `export const drivers = ['better-sqlite3', 'node:sqlite'];`],
    ['node:sqlite called without new', `import { DatabaseSync } from 'node:sqlite'; DatabaseSync('a.db');`],
    [
      'an own function called require',
      `function require(name) { return class {}; } const D = require('better-sqlite3'); new D('a.db');`,
    ],
  ])('%s', (_, code) => {
    expect(opensOf(code)).toEqual([]);
  });

  test.each([
    ['a parameter', `import D from 'better-sqlite3'; export function f(D) { return new D('a.db'); }`],
    ['a variable of a block', `import D from 'better-sqlite3'; { const D = class {}; new D('a.db'); }`],
    ['a catch clause', `import D from 'better-sqlite3'; try { f(); } catch (D) { new D('a.db'); }`],
    ['a function in a block that is hoisted', `import D from 'better-sqlite3'; { new D('a.db'); function D() {} }`],
    ['a var that is hoisted', `import D from 'better-sqlite3'; export function f() { new D('a.db'); var D; }`],
    [
      'a class expression of that name',
      `import D from 'better-sqlite3'; (class D { make() { return new D('a.db'); } });`,
    ],
  ])('a name shadowed by %s', (_, code) => {
    expect(opensOf(code)).toEqual([]);
  });
});

describe('handles known by their type', () => {
  /** What a function begins and never rolls back tells whether its parameter was taken for a connection. */
  const begins = (declarations: string, type: string, handle = 'given'): string[] =>
    transactionLeaksOf(`
      ${declarations}
      export function clear(given: ${type}): void {
        ${handle}.exec('BEGIN IMMEDIATE');
        ${handle}.exec('DELETE FROM t');
        ${handle}.exec('COMMIT');
      }
    `);

  test.each([
    ['a type import', `import type Database from 'better-sqlite3';`, 'Database.Database'],
    ['a named type', `import { type DatabaseSync } from 'node:sqlite';`, 'DatabaseSync'],
    ['a value import used as a type', `import { Database } from 'bun:sqlite';`, 'Database'],
    ['a type of a namespace', `import * as sqlite from 'node:sqlite';`, 'sqlite.DatabaseSync'],
    ['an import type', '// no import', `import('node:sqlite').DatabaseSync`],
    ['an alias', `import type D from 'better-sqlite3'; type Db = D.Database;`, 'Db'],
    ['null as well', `import type D from 'better-sqlite3';`, 'D.Database | null'],
    ['read-only properties of it', `import type D from 'better-sqlite3';`, 'Readonly<D.Database>'],
    [
      'what a function returns',
      `import D from 'better-sqlite3'; const connect = () => new D('app.db');`,
      'ReturnType<typeof connect>',
    ],
    ['the instance of the class', `import D from 'better-sqlite3';`, 'InstanceType<typeof D>'],
  ])('%s', (_, declarations, type) => {
    expect(begins(declarations, type)).toEqual(['3: implicit 4']);
  });

  test.each([
    ['a property of an object type', `import type D from 'better-sqlite3';`, '{ db: D.Database }'],
    [
      'a property of an interface',
      `import type D from 'better-sqlite3'; interface Context { db: D.Database }`,
      'Context',
    ],
    ['a field of a class', `import type D from 'better-sqlite3'; class Context { db!: D.Database }`, 'Context'],
    [
      'a parameter property',
      `import type D from 'better-sqlite3'; class Context { constructor(readonly db: D.Database) {} }`,
      'Context',
    ],
  ])('%s', (_, declarations, type) => {
    expect(begins(declarations, type, 'given.db')).toEqual(['3: implicit 4']);
  });

  test.each([
    ['an own class', 'class Database { exec(sql: string): void {} }', 'Database'],
    ['a type of another package', `import type { Database } from '@acme/sqlite';`, 'Database'],
    ['a type that is not known', `import type D from 'better-sqlite3';`, 'Database'],
    ['no type that says anything', `import type D from 'better-sqlite3';`, 'any'],
    ['another type of the driver', `import type D from 'better-sqlite3';`, 'D.Options'],
  ])('%s is no connection', (_, declarations, type) => {
    expect(begins(declarations, type)).toEqual([]);
  });

  test('a connection that a cast tells of', () => {
    expect(
      transactionLeaksOf(`
        import type { DatabaseSync } from 'node:sqlite';
        export function clear(given: unknown): void {
          const db = given as DatabaseSync;
          db.exec('BEGIN IMMEDIATE');
          db.exec('DELETE FROM t');
          db.exec('COMMIT');
        }
      `),
    ).toEqual(['4: implicit 5']);
  });

  test('a promise of a connection', () => {
    expect(
      transactionLeaksOf(`
        import type { Database } from 'sqlite';
        export async function clear(given: Promise<Database>): Promise<void> {
          const db = await given;
          await db.exec('BEGIN IMMEDIATE');
          await db.exec('DELETE FROM t');
          await db.exec('COMMIT');
        }
      `),
    ).toEqual(['4: implicit 5']);
  });
});

describe('modules of the project', () => {
  /** A program that does not name SQLite itself. */
  const main = (imported: string, call: string): string => `
    ${imported}
    export function clear(): void {
      const handle = ${call};
      handle.exec('DELETE FROM t');
    }
  `;
  const LEAK = ['3: implicit 4, normal 5'];
  const OPENER = `
    import Database from 'better-sqlite3';
    export function connect(): Database.Database {
      return new Database('app.db');
    }
    export default connect;
  `;
  const COMMON_JS_OPENER = `
    const Database = require('better-sqlite3');
    exports.connect = () => new Database('app.db');
  `;

  test.each<[string, Record<string, string>, string, string]>([
    ['named', { 'db.ts': OPENER }, `import { connect } from './db';`, 'connect()'],
    ['default', { 'db.ts': OPENER }, `import connect from './db.js';`, 'connect()'],
    ['namespace', { 'db.ts': OPENER }, `import * as db from './db.ts';`, 'db.connect()'],
    ['exports of CommonJS', { 'db.cjs': COMMON_JS_OPENER }, `import { connect } from './db.cjs';`, 'connect()'],
    [
      'module.exports',
      { 'db.cjs': `const D = require('libsql'); module.exports = { connect: () => new D('app.db') };` },
      `import { connect } from './db.cjs';`,
      'connect()',
    ],
    [
      're-export by name',
      { 'db.ts': OPENER, 'index.ts': `export { connect } from './db';` },
      `import { connect } from '.';`,
      'connect()',
    ],
    [
      're-export by another name',
      { 'db.ts': OPENER, 'index.ts': `export { connect as open } from './db';` },
      `import { open } from './index';`,
      'open()',
    ],
    [
      're-export of all',
      { 'db.ts': OPENER, 'index.ts': `export * from './db';` },
      `import { connect } from './index';`,
      'connect()',
    ],
    [
      're-export of all under a name',
      { 'db.ts': OPENER, 'index.ts': `export * as db from './db';` },
      `import { db as all } from './index';`,
      'all.connect()',
    ],
    [
      're-export of an import',
      { 'db.ts': OPENER, 'index.ts': `import { connect } from './db'; export { connect };` },
      `import { connect } from './index';`,
      'connect()',
    ],
    [
      'the default as a name',
      { 'db.ts': OPENER, 'index.ts': `export { default as connect } from './db';` },
      `import { connect } from './index';`,
      'connect()',
    ],
    [
      'three modules',
      {
        'db.ts': OPENER,
        'a.ts': `export * from './db';`,
        'b.ts': `export { connect } from './a';`,
        'c.ts': `export { connect as open } from './b';`,
      },
      `import { open } from './c';`,
      'open()',
    ],
    [
      'the driver itself',
      { 'db.ts': `export { default as Driver } from 'better-sqlite3';` },
      `import { Driver } from './db';`,
      `new Driver('app.db')`,
    ],
  ])('an opener by %s', (_, files, imported, call) => {
    const folder = new ProjectFolder(files);
    expect(leaksOf(main(imported, call), folder.file('main.ts'))).toEqual(LEAK);
  });

  const harder: [string, Record<string, string>, string, string][] = [
    ['require', { 'db.cjs': COMMON_JS_OPENER }, `const { connect } = require('./db.cjs');`, 'connect()'],
    [
      'a class that extends the driver',
      { 'db.ts': `import D from 'better-sqlite3'; export class Own extends D {}` },
      `import { Own } from './db';`,
      `new Own('app.db')`,
    ],
    [
      'a static method',
      { 'db.ts': `import D from 'better-sqlite3'; export class Db { static open() { return new D('app.db'); } }` },
      `import { Db } from './db';`,
      'Db.open()',
    ],
  ];

  test.each(harder)('an opener by %s, in a file that names SQLite as well', (_, files, imported, call) => {
    const folder = new ProjectFolder(files);
    expect(leaksOf(main(`${imported} // SQLite`, call), folder.file('main.ts'))).toEqual(LEAK);
  });

  test.each(harder)('an opener by %s, in a file that does not name SQLite', (_, files, imported, call) => {
    const folder = new ProjectFolder(files);
    expect(leaksOf(main(imported, call), folder.file('main.ts'))).toEqual(LEAK);
  });

  test('an opener by two modules that re-export all', () => {
    const folder = new ProjectFolder({
      'db.ts': OPENER,
      'a.ts': `export * from './db';`,
      'b.ts': `export * from './a';`,
    });
    expect(leaksOf(main(`import { connect } from './b';`, 'connect()'), folder.file('main.ts'))).toEqual(LEAK);
  });

  test.each<[string, Record<string, string>]>([
    [
      'shares one connection',
      { 'db.ts': `import D from 'better-sqlite3'; const db = new D('app.db'); export const connect = () => db;` },
    ],
    [
      'opens another database',
      { 'db.ts': `import { Client } from 'pg'; export const connect = () => new Client('sqlite');` },
    ],
    ['is not there', {}],
    [
      'exports the opener under another name',
      { 'db.ts': `import D from 'better-sqlite3'; export const open = () => new D('app.db');` },
    ],
  ])('a module that %s hands out nothing to close', (_, files) => {
    const folder = new ProjectFolder(files);
    expect(leaksOf(main(`import { connect } from './db';`, 'connect()'), folder.file('main.ts'))).toEqual([]);
  });
});

describe('type parameters', () => {
  const received = (declaration: string): string[] =>
    transactionLeaksOf(`import { DatabaseSync } from 'node:sqlite'; type Database = DatabaseSync;
      ${declaration} { db.exec('BEGIN'); db.exec('DELETE FROM t'); db.exec('COMMIT'); }
    `);

  test.each([
    ['of a function', `export function run<Database>(db: Database)`],
    ['of an arrow function', `export const run = <Database>(db: Database) =>`],
    ['of a type', `type Of<Database> = Database; export function run(db: Of<string>)`],
  ])('%s hide types of that name', (_, declaration) => {
    expect(received(declaration)).toEqual([]);
  });

  test('of a class hide types of that name', () => {
    const program = (parameter: string): string => `import type { DatabaseSync } from 'node:sqlite';
      export class Runner<${parameter}> {
        run(db: DatabaseSync): void { db.exec('BEGIN'); db.exec('DELETE FROM t'); db.exec('COMMIT'); }
      }
    `;
    expect(transactionLeaksOf(program('DatabaseSync'))).toEqual([]);
    expect(transactionLeaksOf(program('Row'))).toEqual(['3: implicit 3']);
  });

  test('are what they extend', () => {
    expect(received(`export function run<T extends Database>(db: T)`)).toEqual(['2: implicit 2']);
    expect(received(`export function run<T extends string>(db: T)`)).toEqual([]);
  });
});

describe('a union', () => {
  const received = (type: string): string[] =>
    transactionLeaksOf(`
      import type { Database } from 'better-sqlite3';
      import type { Database as Bun } from 'bun:sqlite';
      import type { Client } from 'pg';
      export function run(db: ${type}): void { db.exec('BEGIN'); db.exec('DELETE FROM t'); db.exec('COMMIT'); }
    `);

  test('of SQLite databases, or nothing, is one', () => {
    expect(received('Database | null')).toEqual(['4: implicit 4']);
    expect(received('Database | Bun')).toEqual(['4: implicit 4']);
    expect(received('Database | Bun | undefined')).toEqual(['4: implicit 4']);
  });

  test('with another database may be that one', () => {
    expect(received('Database | Client')).toEqual([]);
    expect(received('Client | Database | null')).toEqual([]);
  });
});
