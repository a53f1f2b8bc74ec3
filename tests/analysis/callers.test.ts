import { describe, expect, test } from 'vitest';
import { factsOf, leaksOf, transactionLeaksOf, waitsOf } from './program.ts';
import { ProjectFolder } from '../project-folder.ts';

/** Transactions left open by `save.ts`, whose text is given, in a project of further files. */
function leftOpen(save: string, files: Readonly<Record<string, string>>, name = 'save.ts'): string[] {
  const folder = new ProjectFolder({ 'package.json': '{}', [name]: save, ...files });
  return transactionLeaksOf(folder.text(name), folder.file(name));
}

const SAVE = `export function save(db, flag) {
  db.exec('BEGIN');
  if (flag) return;
  db.exec('COMMIT');
}`;
const LEFT_OPEN = ['2: normal 3'];

const calls = (argument: string, callee = 'save', imported = `import { save } from './save';`): string => `
  import Database from 'better-sqlite3';
  ${imported}
  const db = new Database('app.db');
  ${callee}(${argument}, true);
`;

describe('a parameter without a type', () => {
  test('is what a caller in another module gives', () => {
    expect(leftOpen(SAVE, { 'main.ts': calls('db') })).toEqual(LEFT_OPEN);
    expect(leftOpen(SAVE, { 'main.ts': calls('undefined') })).toEqual([]);
    expect(leftOpen(SAVE, {})).toEqual([]);
  });

  test('belongs to the caller', () => {
    const files = { 'main.ts': calls('db') };
    const folder = new ProjectFolder({ 'package.json': '{}', 'save.ts': SAVE, ...files });
    expect(leaksOf(folder.text('save.ts'), folder.file('save.ts'))).toEqual([]);
    expect(factsOf(folder.text('save.ts'), folder.file('save.ts'))?.opens).toEqual([]);
  });

  test('is known of calls by way of further modules', () => {
    const between = `import { save } from './save'; export const saveAll = (db) => save(db, false);`;
    const main = calls('db', 'saveAll', `import { saveAll } from './all';`);
    expect(leftOpen(SAVE, { 'all.ts': between, 'main.ts': main })).toEqual(LEFT_OPEN);
  });

  test('is known of calls by way of a re-export, and of CommonJS', () => {
    const index = `export * from './save';`;
    expect(
      leftOpen(SAVE, { 'index.ts': index, 'main.ts': calls('db', 'save', `import { save } from './index';`) }),
    ).toEqual(LEFT_OPEN);
    const common = SAVE.replace('export function', 'module.exports.save = function');
    const main = `const Database = require('better-sqlite3'); const { save } = require('./save.cjs');
      const db = new Database('app.db'); save(db);`;
    expect(leftOpen(common, { 'main.cjs': main }, 'save.cjs')).toEqual(LEFT_OPEN);
  });

  test('is nothing that is known where callers disagree', () => {
    const other = `import { Database } from 'sqlite3'; import { save } from './save';
      save(new Database('b.db'), true);`;
    expect(leftOpen(SAVE, { 'main.ts': calls('db'), 'other.ts': other })).toEqual([]);
    expect(leftOpen(SAVE, { 'main.ts': calls('db'), 'other.ts': calls('db') })).toEqual(LEFT_OPEN);
  });

  test('is one of them where callers have drivers that work alike', () => {
    const either = `import { save } from './save';
      const isBun = !!process.versions['bun'];
      let db;
      if (isBun) {
        const { Database } = require('bun:sqlite');
        db = new Database('app.db');
      } else {
        const { DatabaseSync } = require('node:sqlite');
        db = new DatabaseSync('app.db');
      }
      save(db, true);`;
    expect(leftOpen(SAVE, { 'main.ts': either })).toEqual(LEFT_OPEN);
    expect(leftOpen(SAVE, { 'main.ts': either.replaceAll('bun:sqlite', 'sqlite3') })).toEqual([]);
  });

  test('is not what a test gives', () => {
    expect(leftOpen(SAVE, { 'save.test.ts': calls('db') })).toEqual([]);
  });

  test('is not a connection that nobody else can lock', () => {
    expect(leftOpen(SAVE, { 'main.ts': calls(`new Database(':memory:')`) })).toEqual([]);
  });

  test('may be an object that holds one', () => {
    const save = SAVE.replace('save(db, flag)', 'save({ db }, flag)');
    expect(leftOpen(save, { 'main.ts': calls('{ db }') })).toEqual(LEFT_OPEN);
    expect(leftOpen(save, { 'main.ts': calls('{ database: db }') })).toEqual([]);
  });

  test('may be an instance of a class that hands one out', () => {
    const manager = `import Database from 'better-sqlite3';
      export class Manager {
        private readonly db = new Database('app.db');
        getDatabase() { return this.db; }
        getName() { return 'app'; }
      }`;
    const main = `import { Manager } from './manager'; import { save } from './save';
      const manager = new Manager(); save(manager, true);`;
    const using = (name: string): string =>
      SAVE.replaceAll('db.exec', `manager.${name}().exec`).replace('db,', 'manager,');
    const files = { 'manager.ts': manager, 'main.ts': main };
    expect(leftOpen(using('getDatabase'), files)).toEqual(LEFT_OPEN);
    expect(leftOpen(using('getName'), files)).toEqual([]);
  });

  test('tells of a callback that the driver would not wait for', () => {
    const files = {
      'package.json': '{}',
      'main.ts': `import sqlite3 from 'sqlite3'; import { save } from './save'; save(new sqlite3.Database('a.db'));`,
    };
    const callbacks = (callback: string): unknown[] => {
      const folder = new ProjectFolder({
        ...files,
        'save.ts': `export const save = async (db) => { await db.serialize(${callback}); };`,
      });
      return [...(factsOf(folder.text('save.ts'), folder.file('save.ts'))?.asyncCallbacks ?? [])];
    };
    expect(callbacks('async () => { await db.run("x"); }')).toHaveLength(1);
    expect(callbacks('() => { db.run("x"); }')).toEqual([]);
  });

  test('tells of a wait once, where the transaction is begun', () => {
    const folder = new ProjectFolder({
      'package.json': '{}',
      'save.ts': `export async function save(db) {
        db.exec('BEGIN');
        await fetch('http://a');
        db.exec('COMMIT');
      }
      export async function load(db) {
        await fetch('http://a');
      }`,
      'main.ts': `import Database from 'better-sqlite3'; import { load, save } from './save';
        const db = new Database('app.db');
        export async function run() {
          await save(db);
          db.exec('BEGIN');
          await load(db);
          db.exec('COMMIT');
        }`,
    });
    const waits = (name: string): string[] => waitsOf(folder.text(name), folder.file(name));
    expect(waits('save.ts')).toEqual(['3: transaction since 2, a network request']);
    expect(waits('main.ts')).toEqual(['6: transaction since 5, a network request']);
  });

  test('has a type all the same where the type says nothing', () => {
    expect(leftOpen(SAVE.replace('db, flag', 'db: any, flag: boolean'), { 'main.ts': calls('db') })).toEqual(LEFT_OPEN);
  });

  test('has a type all the same where that only names some methods', () => {
    const typed = (type: string): string => `${type}\n${SAVE.replace('db, flag', 'db: Db, flag: boolean')}`;
    const files = { 'main.ts': calls('db') };
    expect(leftOpen(typed('export interface Db { exec(sql: string): void }'), files)).toEqual(['3: normal 4']);
    expect(leftOpen(typed('type Db = { readonly exec: (sql: string) => void };'), files)).toEqual(['3: normal 4']);
    expect(leftOpen(typed('interface Db { exec(sql: string): void }'), {})).toEqual([]);
    expect(leftOpen(typed(`import type { Db } from 'pg';`), files)).toEqual([]);
  });

  test('with a type of its own is what that says', () => {
    const typed = `import type { Client } from 'pg'; ${SAVE.replace('db, flag', 'db: Client, flag: boolean')}`;
    expect(leftOpen(typed, { 'main.ts': calls('db') })).toEqual([]);
  });
});

describe('a field of a class', () => {
  const repository = (parent = ''): string => `export class Repository ${parent}{
    ${parent ? '' : 'constructor(db) { this.db = db; }'}
    save(flag) {
      this.db.exec('BEGIN');
      if (flag) return;
      this.db.exec('COMMIT');
    }
  }`;
  const main = (argument: string): string => calls(argument, 'new Repository', `import { Repository } from './save';`);

  test('holds what an instance in another module is given', () => {
    expect(leftOpen(repository(), { 'main.ts': main('db') })).toEqual(['4: normal 5']);
    expect(leftOpen(repository(), { 'main.ts': main('null') })).toEqual([]);
  });

  test('holds what the constructor of a class in a third module puts there', () => {
    const base = `export class Base { constructor(db) { this.db = db; } }`;
    const derived = `import { Base } from './base'; ${repository('extends Base ')}`;
    expect(leftOpen(derived, { 'base.ts': base, 'main.ts': main('db') })).toEqual(['4: normal 5']);
    expect(leftOpen(derived, { 'base.ts': base.replace('this.db', 'this.database'), 'main.ts': main('db') })).toEqual(
      [],
    );
  });
});
