import { describe, expect, test } from 'vitest';
import { leaksOf, synchronous, transactionLeaksOf } from '../program.ts';

const leaks = (body: string): string[] => leaksOf(synchronous(body));

describe('tests that tell whether there is a connection', () => {
  const body = (test: string): string => `
    let db: Database.Database | null | undefined;
    if (flag) db = new Database('a.db');
    ${test}
  `;

  test.each([
    'if (db) db.close();',
    'if (db !== undefined) db.close();',
    'if (db != null) db.close();',
    'if (!db) return 0; db.close();',
    'if (db === undefined) return 0; else db.close();',
    'if (undefined !== db) db.close();',
    `if (typeof db !== 'undefined') db.close();`,
    'if (Boolean(db)) db?.close();',
    'if (!!db) db.close();',
    'db && db.close();',
    'db?.close();',
    'db ? db.close() : console.log(1);',
    'if (flag) db?.close();',
    'if (db && db.open) db.close();',
    'if (!(db === undefined)) db.close();',
    'switch (db) { case undefined: break; default: db.close(); }',
  ])('%s', (close) => {
    expect(leaks(body(close))).toEqual([]);
  });

  test.each([
    'if (!db) db.close();',
    'if (db === undefined) db.close();',
    'if (!flag) db?.close();',
    'if (db && items.length > 0) db.close();',
    'if (db === null) db.close();',
  ])('the other way round: %s', (close) => {
    expect(leaks(body(close))).toHaveLength(1);
  });
});

describe('tests that tell whether it is open', () => {
  test.each([
    ['better-sqlite3', 'Database', `import Database from 'better-sqlite3';`, 'db.open'],
    ['node:sqlite', 'DatabaseSync', `import { DatabaseSync } from 'node:sqlite';`, 'db.isOpen'],
  ])('%s', (_, name, imported, open) => {
    const program = (condition: string): string => `
      ${imported}
      export function run(flag: boolean): void {
        const db = new ${name}('a.db');
        if (flag) db.close();
        if (${condition}) db.close();
      }
    `;
    expect(leaksOf(program(open))).toEqual([]);
    expect(leaksOf(program(`!${open}`))).toHaveLength(1);
  });
});

describe('tests that tell whether there is a transaction', () => {
  test.each([
    ['better-sqlite3', 'Database', `import Database from 'better-sqlite3';`, 'db.inTransaction'],
    ['libsql', 'Database', `import Database from 'libsql';`, 'db.inTransaction'],
    ['bun:sqlite', 'Database', `import { Database } from 'bun:sqlite';`, 'db.inTransaction'],
    ['node:sqlite', 'DatabaseSync', `import { DatabaseSync } from 'node:sqlite';`, 'db.isTransaction'],
  ])('%s', (_, name, imported, inside) => {
    const program = (condition: string): string => `
      ${imported}
      const db = new ${name}('a.db');
      export function run(): void {
        db.exec('BEGIN IMMEDIATE');
        try {
          db.exec('DELETE FROM t');
          db.exec('COMMIT');
        } catch (problem) {
          if (${condition}) db.exec('ROLLBACK');
          throw problem;
        }
      }
    `;
    expect(transactionLeaksOf(program(inside))).toEqual([]);
    expect(transactionLeaksOf(program(`!${inside}`))).toEqual(['4: explicit 10']);
  });

  test('a transaction that is begun only where there is none', () => {
    const program = (condition: string): string => `
      import Database from 'better-sqlite3';
      const db = new Database('a.db');
      export function run(): void {
        const own = ${condition};
        if (own) db.exec('BEGIN IMMEDIATE');
        try {
          db.exec('DELETE FROM t');
          if (own) db.exec('COMMIT');
        } catch (problem) {
          if (own) db.exec('ROLLBACK');
          throw problem;
        }
      }
    `;
    expect(transactionLeaksOf(program('!db.inTransaction'))).toEqual([]);
  });
});

describe('conditions that come again', () => {
  test('the same constant', () => {
    expect(
      leaks(`
      const db = flag ? new Database('a.db') : null;
      console.log(items);
      if (flag) db?.close();
    `),
    ).toEqual([]);
  });

  test.each([
    ['what was not so before', 'if (flag) return db.close(); if (!flag) db.close();', []],
    ['what was so before', 'if (!flag) return db.close(); if (flag) db.close();', []],
    ['the contrary', 'if (flag) return db.close(); if (flag) db.close();', ['3: normal 4']],
  ])('%s', (_, close, expected) => {
    expect(leaks(`const db = new Database('a.db'); ${close}`)).toEqual(expected);
  });

  test('a constant that holds the condition', () => {
    expect(
      leaks(`
      const wanted = items.length > 0;
      const db = wanted ? new Database('a.db') : null;
      if (wanted) db?.close();
    `),
    ).toEqual([]);
  });

  test('its opposite', () => {
    expect(
      leaks(`
      const db = flag ? new Database('a.db') : null;
      if (!flag) return 0;
      db?.close();
    `),
    ).toEqual([]);
  });

  test('a variable that has changed meanwhile tells nothing', () => {
    expect(
      leaks(`
      let wanted = flag;
      const db = wanted ? new Database('a.db') : null;
      wanted = items.length > 0;
      if (wanted) db?.close();
    `),
    ).toEqual(['4: normal 7']);
  });

  test.each([
    ['true', 'if (true) db.close();', []],
    ['false', 'if (false) db.close();', ['3: normal 4']],
    ['equal numbers', 'if (1 === 1) db.close();', []],
    ['a text that is not empty', `if ('x') db.close();`, []],
  ])('constants: %s', (_, close, expected) => {
    expect(leaks(`const db = new Database('a.db'); ${close}`)).toEqual(expected);
  });
});
