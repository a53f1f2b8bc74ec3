import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { leaksOf, synchronous, transactionLeaksOf } from '../program.ts';

const leaks = (body: string): string[] => leaksOf(synchronous(body));

describe('a connection that goes to an owner', () => {
  test.each([
    ['returned', `return new Database('a.db');`],
    ['returned from a variable', `const db = new Database('a.db'); db.exec(items[0]); return db;`],
    ['returned in an object', `const db = new Database('a.db'); return { db, name: 'a' };`],
    ['returned in a list', `return [new Database('a.db')];`],
    ['returned by a conditional', `return flag ? new Database('a.db') : null;`],
    ['captured by a function that is returned', `const db = new Database('a.db'); return () => db.close();`],
    ['captured by a method that is returned', `const db = new Database('a.db'); return { end() { db.close(); } };`],
    ['kept in a map of the module', `cache.set('a', new Database('a.db'));`],
    ['kept in a variable of the module', `shared = new Database('a.db');`],
    ['kept in a property of the module', `registry.db = new Database('a.db');`],
    ['kept in a static field', `Owner.db = new Database('a.db');`],
    ['kept in a list of the module', `all.push(new Database('a.db'));`],
    ['kept by a global', `(globalThis as any).db = new Database('a.db');`],
    ['given to code that nobody knows', `register(new Database('a.db'));`],
    ['given to a class that nobody knows', `return new Pool(new Database('a.db'));`],
    ['given to an event', `const db = new Database('a.db'); process.on('exit', () => db.close());`],
    ['given to a timer', `const db = new Database('a.db'); setTimeout(() => db.close(), 9);`],
    ['given to a parameter', `const db = new Database('a.db'); (given as any).attach(db);`],
  ])('%s', (_, body) => {
    const owners = `
      import { register, Pool } from '@acme/pool';
      const cache = new Map();
      const all: unknown[] = [];
      const registry: any = {};
      let shared: unknown;
      class Owner { static path = locate(); static db: Database | null = null; }
      function locate() { return 'a.sqlite'; }
    `;
    expect(leaksOf(`${synchronous(body)}\n${owners}`)).toEqual([]);
  });

  test.each([
    ['a call before the hand-over fails: it is handed over on the normal way', `db.exec(items[0]); return db;`, []],
    ['a throw before it', `if (flag) throw new Error('no'); return db;`, ['3: explicit 4']],
    ['a return without it', `if (flag) return null; return db;`, ['3: normal 4']],
    ['a throw that closes', `if (flag) { db.close(); throw new Error('no'); } return db;`, []],
  ])('%s', (_, body, expected) => {
    expect(leaks(`const db = new Database('a.db');\n${body}`)).toEqual(expected);
  });
});

test('a connection that a static field keeps belongs to the class, also where the next one takes its place', () => {
  const program = (keep: string): string => `
    import { existsSync } from 'node:fs';
    import { open, type Database } from 'sqlite';
    import sqlite3 from 'sqlite3';
    export class Store {
      static path = locate();
      static db: Database | null = null;
      static async get() {
        if (Store.db && existsSync(Store.path)) return Store.db;
        ${keep} await open({ filename: Store.path, driver: sqlite3.Database });
        return Store.db;
      }
    }
    function locate() { return 'a.sqlite'; }
    export async function run(items: string[]) {
      const db = await Store.get();
      await db.exec(items[0]);
      const other = await Store.get();
      await other.exec(items[1]);
    }
  `;
  expect(leaksOf(program('Store.db ='))).toEqual([]);
  expect(leaksOf(program('const db ='))).toEqual(['9: normal 10']);
});

describe('a connection that stays', () => {
  test.each([
    ['in a box of the function', `const box = { db: new Database('a.db') }; box.db.exec(items[0]);`],
    ['in a list of the function', `const list = [new Database('a.db')]; list[0].exec(items[0]);`],
    ['in a closure of the function', `const db = new Database('a.db'); const exec = () => db.exec(items[0]); exec();`],
    ['with a function that borrows it', `const use = (db: any) => { db.exec('a'); }; use(new Database('a.db'));`],
    ['nowhere', `new Database('a.db').exec(items[0]);`],
    ['as a statement of it', `const all = new Database('a.db').prepare('SELECT 1'); all.get();`],
    ['logged', `console.log(new Database('a.db'));`],
    ['compared', `const db = new Database('a.db'); if (db === given) return 1;`],
  ])('%s', (_, body) => {
    expect(leaks(body)).toHaveLength(1);
  });

  test('a statement that is returned keeps it', () => {
    expect(leaks(`const db = new Database('a.db'); return db.prepare('SELECT 1');`)).toEqual([]);
  });

  test('what is returned of its rows does not', () => {
    expect(leaks(`const db = new Database('a.db'); return db.prepare('SELECT 1').all();`)).toHaveLength(1);
  });
});

describe('a function that opens', () => {
  const program = (opener: string, body: string): string => `
    import Database from 'better-sqlite3';
    ${opener}
    export function run(flag: boolean): unknown {
      ${body}
    }
  `;
  const OPEN = `const open = (path: string) => new Database(path);`;

  test.each([
    ['closed by the caller', OPEN, `const db = open('a'); db.close();`],
    ['returned further', OPEN, `return open('a');`],
    ['through two functions', `${OPEN} const twice = () => open('a');`, `const db = twice(); db.close();`],
    ['in an object', `const open = () => ({ db: new Database('a') });`, `const { db } = open(); db.close();`],
    [
      'with a function that closes',
      `const open = () => { const db = new Database('a'); return { end: () => db.close() }; };`,
      `const { end } = open(); end();`,
    ],
    [
      'sometimes',
      `const open = (x: boolean) => (x ? new Database('a') : null);`,
      `const db = open(flag); db?.close();`,
    ],
    [
      'one that exists already',
      `let known: any; const open = () => (known ??= new Database('a'));`,
      `const db = open(); db.prepare('SELECT 1').get();`,
    ],
  ])('%s', (_, opener, body) => {
    expect(leaksOf(program(opener, body))).toEqual([]);
  });

  test.each([
    ['never closed', OPEN, `const db = open('a'); console.log(db);`],
    [
      'not closed through two functions',
      `${OPEN} const twice = () => open('a');`,
      `const db = twice(); console.log(db);`,
    ],
    [
      'in an object that nobody keeps',
      `const open = () => ({ db: new Database('a') });`,
      `const { db } = open(); console.log(db);`,
    ],
    [
      'sometimes, and closed otherwise',
      `const open = (x: boolean) => (x ? new Database('a') : null);`,
      `const db = open(flag); if (!flag) db?.close();`,
    ],
  ])('%s', (_, opener, body) => {
    expect(leaksOf(program(opener, body))).toEqual([expect.stringMatching(/^4: normal 5/)]);
  });

  test('that is not used is reported nowhere', () => {
    expect(leaksOf(program(OPEN, 'return 1;'))).toEqual([]);
  });

  test('and forgets to close on a way of its own is reported there', () => {
    expect(
      leaksOf(
        program(
          `function open(x: boolean) { const db = new Database('a'); if (x) return null; return db; }`,
          `open(flag)?.close();`,
        ),
      ),
    ).toEqual([expect.stringMatching(/^2: normal/)]);
  });
});

describe('a connection of somebody else', () => {
  test.each([
    ['given', `given?.exec('DELETE FROM t');`],
    [
      'given, and opened where it is not',
      `const db = given ?? new Database('a.db'); try { db.exec(items[0]); } finally { if (db !== given) db.close(); }`,
    ],
    [
      'given, with a flag for the own one',
      `const own = !given; const db = given ?? new Database('a.db'); try { db.exec(items[0]); } finally { if (own) db.close(); }`,
    ],
    [
      'given, with another variable for the own one',
      `const own = given ? null : new Database('a.db'); try { (given ?? own)!.exec(items[0]); } finally { own?.close(); }`,
    ],
  ])('%s', (_, body) => {
    expect(leaks(body)).toEqual([]);
  });

  test('given, and the own one is never closed', () => {
    expect(leaks(`const db = given ?? new Database('a.db'); db.exec(items[0]);`)).toHaveLength(1);
  });

  test('given, and the wrong one is closed', () => {
    expect(
      leaks(`const db = given ?? new Database('a.db'); try { db.exec(items[0]); } finally { if (given) db.close(); }`),
    ).toHaveLength(1);
  });
});

describe('a constructor', () => {
  const program = (body: string): string => `
    import Database from 'better-sqlite3';
    export class Store {
      readonly db: Database.Database;
      constructor(path: string) {
        this.db = new Database(path);
        ${body}
      }
    }
  `;

  test.each([
    ['that keeps it', '', []],
    ['that goes on with it', `console.log(path);`, []],
    ['that throws', `if (path === '') throw new Error('no path');`, ['5: explicit 6']],
    ['that closes before it throws', `if (path === '') { this.db.close(); throw new Error('no path'); }`, []],
  ])('%s', (_, body, expected) => {
    expect(leaksOf(program(body))).toEqual(expected);
  });
});

describe('a transaction that goes to an owner', () => {
  const program = (body: string): string => `
    import { createClient } from '@libsql/client';
    const client = createClient({ url: 'file:a.db' });
    export async function run(flag: boolean): Promise<unknown> {
      const work = await client.transaction('write');
      ${body}
    }
  `;

  test.each([
    ['returned', 'return work;', []],
    ['returned in an object', 'return { work };', []],
    ['neither ended nor given away', `console.log(flag);`, ['4: normal 6']],
    ['a return without it', 'if (flag) return null; return work;', ['4: normal 5']],
  ])('%s', (_, body, expected) => {
    expect(transactionLeaksOf(program(body))).toEqual(expected);
  });
});

describe("a variable of the module that one function alone uses, and assigns first, is that function's", () => {
  const module = (declaration: string, body: string, more = ''): string =>
    `const Database = require('better-sqlite3'); ${declaration}
exports.run = (flag) => {
${body}
};
${more}`;
  const leaksIn = (code: string): string[] => leaksOf(code, resolve('program', 'main.cjs'));

  test.each([
    ['declared', `let db;`],
    ['declared with others, without a value', `let count = 0, db = null;`],
    ['not declared at all', ``],
  ])('%s', (_, declaration) => {
    const body = `  db = new Database('a.db');\n  if (flag) return;\n  db.close();`;
    expect(leaksIn(module(declaration, body))).toEqual(['3: normal 4']);
  });

  test('also where a callback of it uses it', () => {
    const body = `  db = new Database('a.db');\n  if (flag) return;\n  [1].forEach(() => db.exec('DELETE FROM t'));\n  db.close();`;
    expect(leaksIn(module('let db;', body))).toEqual(['3: implicit 5, normal 4']);
  });

  test.each([
    ['another function uses it', `let db;`, `  db = new Database('a.db');`, `exports.close = () => db.close();`],
    ['it is exported', `let db;`, `  db = new Database('a.db');\n  db.exec('');`, `exports.db = () => db;`],
    ['it is read first', `let db;`, `  if (db) return db;\n  db = new Database('a.db');`, ``],
    ['it is assigned in a branch', `let db;`, `  if (flag) db = new Database('a.db');\n  return db.exec('');`, ``],
    ['it begins with a value', `let db = connect();`, `  db = new Database('a.db');\n  db.exec('');`, ``],
    ['nobody reads it', `let db;`, `  db = new Database('a.db');`, ``],
  ])('not where %s', (_, declaration, body, more) => {
    expect(leaksIn(module(declaration, body, more))).toEqual([]);
  });
});
