import { describe, expect, test } from 'vitest';
import { leaksOf, synchronous, transactionLeaksOf } from '../program.ts';

const leaks = (body: string): string[] => leaksOf(synchronous(body));

describe('a connection for each round', () => {
  test.each([
    ['for of', 'for (const item of items) {', '}'],
    ['for in', 'for (const item in items) {', '}'],
    ['for', 'for (let item = 0; item < 9; item += 1) {', '}'],
    ['while', 'while (items.pop()) { const item = flag;', '}'],
    ['do while', 'do { const item = flag;', '} while (items.pop());'],
    ['forEach', 'items.forEach((item) => {', '});'],
  ])('in %s', (_, head, tail) => {
    const body = (close: string): string => `
      ${head}
        const db = new Database(String(item));
        try { db.exec('DELETE FROM t'); } finally { ${close} }
      ${tail}
    `;
    expect(leaks(body('db.close();'))).toEqual([]);
    expect(leaks(body(''))).toHaveLength(1);
  });
});

describe('a connection around the loop', () => {
  test('is closed after any number of rounds', () => {
    const body = (close: string): string => `
      const db = new Database('a.db');
      try {
        for (const item of items) {
          if (item === 'skip') continue;
          if (item === 'stop') break;
          db.exec(item);
        }
      } finally {
        ${close}
      }
    `;
    expect(leaks(body('db.close();'))).toEqual([]);
    expect(leaks(body(''))).toEqual(['3: implicit 8, normal 13']);
  });

  test('may be closed in no round', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      for (const item of items) db.close();
    `),
    ).toEqual(['3: normal 5']);
  });

  test('is closed in the first round of a loop that has one', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      do {
        if (db.open) db.close();
      } while (flag);
    `),
    ).toEqual([]);
  });
});

describe('a handle that goes from round to round', () => {
  test('is closed before the next one takes its place', () => {
    const body = (close: string): string => `
      let db = new Database('a.db');
      for (const item of items) {
        ${close}
        db = new Database(item);
      }
      db.close();
    `;
    // What the close leaves to the open, which may fail, is closed already.
    expect(leaks(body('db.close();'))).toEqual([]);
    expect(leaks(body(''))).not.toEqual([]);
  });

  test('is opened where there is none yet', () => {
    expect(
      leaks(`
      let db: Database.Database | null = null;
      try {
        for (const item of items) {
          db ??= new Database('a.db');
          db.exec(item);
        }
      } finally {
        db?.close();
      }
    `),
    ).toEqual([]);
  });

  test('is closed where a flag that changes in the loop says so', () => {
    expect(
      leaks(`
      let db: Database.Database | null = null;
      let opened = false;
      try {
        while (items.pop()) {
          if (!opened) {
            db = new Database('a.db');
            opened = true;
          }
          db?.exec('DELETE FROM t');
        }
      } finally {
        if (opened) db?.close();
      }
    `),
    ).toEqual([]);
  });
});

describe('retries', () => {
  test('a loop that returns once it has worked', () => {
    expect(
      leaks(`
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const db = new Database('a.db');
        try {
          return db.prepare('SELECT 1').get();
        } catch (problem) {
          console.error(problem);
        } finally {
          db.close();
        }
      }
      throw new Error('busy');
    `),
    ).toEqual([]);
  });

  test('a transaction that is begun again in each round', () => {
    const program = (rollback: string): string => `
      import Database from 'better-sqlite3';
      const db = new Database('a.db');
      export function run(): void {
        for (;;) {
          db.exec('BEGIN IMMEDIATE');
          try {
            db.exec('DELETE FROM t');
            db.exec('COMMIT');
            return;
          } catch (problem) {
            ${rollback}
          }
        }
      }
    `;
    expect(transactionLeaksOf(program(`db.exec('ROLLBACK');`))).toEqual([]);
    expect(transactionLeaksOf(program('throw problem;'))).toEqual(['5: explicit 11']);
  });
});

describe('connections in an object', () => {
  const body = (fill: string, close: string): string => `
    const all: Record<string, Database> = { a: new Database('a.db'), b: new Database('b.db') };
    ${fill}
    try { all.a.exec('DELETE FROM t'); } finally { ${close} }
  `;

  test.each([
    ['values', `for (const db of Object.values(all)) db.close();`],
    ['entries', `for (const [, db] of Object.entries(all)) db.close();`],
    ['forEach', `Object.values(all).forEach((db) => db.close());`],
  ])('are closed by their %s', (_, close) => {
    expect(leaks(body('', close))).not.toContainEqual(expect.stringContaining('normal'));
    expect(leaks(body('all[url] = flag;', close))).not.toContainEqual(expect.stringContaining('normal'));
    expect(leaks(body('', ''))).toContainEqual(expect.stringContaining('normal'));
  });
});
