import { describe, expect, test } from 'vitest';
import { transactionLeaksOf, waitsOf } from '../program.ts';
import { ProjectFolder } from '../../project-folder.ts';

const KYSELY = `import Database from 'better-sqlite3'; import { Kysely, SqliteDialect } from 'kysely';
import { retry } from '@acme/retry';
const db = new Kysely({ dialect: new SqliteDialect({ database: new Database('app.db') }) });
async function again(work) { return await work(); }
const inTransaction = (work) => db.transaction().execute((trx) => work(trx));
`;

describe('a helper that runs what it is given in a transaction', () => {
  test('holds one for each of its callers', () => {
    const waits = waitsOf(`${KYSELY}
      export const first = () => inTransaction(async () => { await fetch('a'); });
      export const second = () => inTransaction(async () => { await fetch('b'); });
      export const third = () => inTransaction(async (trx) => { await trx.deleteFrom('t').execute(); });`);
    expect(waits).toEqual(['7: transaction since 5, a network request', '8: transaction since 5, a network request']);
  });

  test('is told once for what one of them does several times', () => {
    const waits = waitsOf(`${KYSELY}
      export const first = () => inTransaction(async () => { await fetch('a'); await fetch('b'); });`);
    expect(waits).toEqual(['7: transaction since 5, a network request']);
  });

  test.each([
    ['within another helper', 'again'],
    ['within a function that nobody knows', 'retry'],
  ])('%s', (_, around) => {
    const waits = waitsOf(`${KYSELY}
      const safely = (work) => ${around}(() => inTransaction(work));
      export const first = () => safely(async () => { await fetch('a'); });
      export const second = () => safely(async () => { await fetch('b'); });
      export const third = () => safely(async (trx) => { await trx.deleteFrom('t').execute(); });`);
    expect(waits).toEqual(['8: transaction since 5, a network request', '9: transaction since 5, a network request']);
  });

  test('of a class', () => {
    const waits = waitsOf(`${KYSELY}
      class Store {
        constructor(kysely) { this.kysely = kysely; }
        transact(work) { return retry(() => this.kysely.transaction().execute((trx) => work(trx))); }
      }
      const store = new Store(db);
      export const first = () => store.transact(async () => { await fetch('a'); });
      export const second = () => store.transact(async () => { await fetch('b'); });`);
    expect(waits).toEqual(['12: transaction since 9, a network request', '13: transaction since 9, a network request']);
  });

  test('begins one by hand for whoever calls it', () => {
    const waits = waitsOf(`
      import Database from 'better-sqlite3';
      const db = new Database('app.db');
      const begin = () => db.exec('BEGIN IMMEDIATE');
      export async function first() { begin(); try { await fetch('a'); db.exec('COMMIT'); } catch { db.exec('ROLLBACK'); } }
      export async function second() { begin(); try { await fetch('b'); db.exec('COMMIT'); } catch { db.exec('ROLLBACK'); } }`);
    expect(waits).toEqual(['4: transaction since 3, a network request', '5: transaction since 3, a network request']);
  });
});

test('a class of another module runs it, whatever its method is called', () => {
  const folder = new ProjectFolder({
    'package.json': '{}',
    'store.ts': `
      import Database from 'better-sqlite3';
      export class Store {
        async transact(work: () => Promise<void>): Promise<void> {
          const db = new Database('app.db');
          try {
            db.exec('BEGIN IMMEDIATE');
            try { await work(); db.exec('COMMIT'); } catch (error) { db.exec('ROLLBACK'); throw error; }
          } finally { db.close(); }
        }
      }`,
    'main.ts': `
      import { Store } from './store';
      const store = new Store();
      export const first = () => store.transact(async () => { await fetch('a'); });
      export const second = (given: Store) => given.transact(async () => { await fetch('b'); });`,
  });
  expect(waitsOf(folder.text('main.ts'), folder.file('main.ts'))).toEqual([
    '3: transaction since 3, a network request',
    '4: transaction since 4, a network request',
  ]);
});

test('a function that is given away with a connection is run, whatever it names', () => {
  const leaks = transactionLeaksOf(`
    import Database from 'better-sqlite3';
    import { retry } from '@acme/retry';
    const db = new Database('app.db');
    function save(handle, flag) {
      handle.exec('BEGIN');
      if (flag) return;
      handle.exec('COMMIT');
    }
    const later = (handle, flag) => retry(() => save(handle, flag));
    export const main = (flag) => later(db, flag);`);
  expect(leaks).toHaveLength(1);
});

describe('a transaction that waits for another connection', () => {
  const OPEN = `import { open } from 'sqlite'; import sqlite3 from 'sqlite3'; import { retry } from '@acme/retry';
    const options = { filename: 'a.db', driver: sqlite3.Database };
    `;
  const during = (work: string, opened = `const b = await open({ ...options, filename: 'b.db' });`): string[] =>
    waitsOf(`${OPEN}export async function run(given) {
      const a = await open(options);
      ${opened}
      await a.exec('BEGIN IMMEDIATE');
      try { ${work}; await a.exec('COMMIT'); } catch (error) { await a.exec('ROLLBACK'); throw error; }
    }`);

  test.each([
    ['for a statement of it', `await b.run('DELETE FROM t')`],
    ['for code that nobody knows, which is given it', `await retry(() => b.run('DELETE FROM t'))`],
    ['for one of two things', `await (given ? b.run('DELETE FROM t') : retry(() => b.run('DELETE FROM t')))`],
  ])('%s', (_, work) => {
    expect(during(work)).toEqual(['7: transaction since 6, work on another connection']);
  });

  test.each([
    ['its own', `await a.run('DELETE FROM t')`],
    ['its own and another one, given to code that nobody knows', `await retry(a, b)`],
  ])('not %s', (_, work) => {
    expect(during(work)).toEqual([]);
  });

  test('not one that may be the same', () => {
    expect(during(`await given.run('DELETE FROM t')`, '')).toEqual([]);
  });

  test('not one in memory, which nobody else locks', () => {
    const memory = `const b = await open({ ...options, filename: ':memory:' });`;
    expect(during(`await b.run('DELETE FROM t')`, memory)).toEqual([]);
  });

  test('a connection that is open without a transaction may wait for another one', () => {
    const waits = waitsOf(`${OPEN}export async function copy() {
      const a = await open(options);
      try {
        const b = await open({ ...options, filename: 'b.db' });
        try { await b.run('DELETE FROM t'); } finally { await b.close(); }
      } finally { await a.close(); }
    }`);
    expect(waits).toEqual([]);
  });
});
