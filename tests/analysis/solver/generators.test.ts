import { describe, expect, test } from 'vitest';
import { leaksOf, waitsOf } from '../program.ts';

describe('a generator', () => {
  const program = (close: string): string => `
    import { DatabaseSync } from 'node:sqlite';
    export function* rows(path: string) {
      const db = new DatabaseSync(path);
      try {
        for (const row of db.prepare('SELECT * FROM t').all()) yield row;
      } finally {
        ${close}
      }
    }
  `;

  test('closes in finally, also where its consumer stops', () => {
    expect(leaksOf(program('db.close();'))).toEqual([]);
  });

  test('that never closes', () => {
    expect(leaksOf(program(''))).not.toEqual([]);
  });

  test('whose consumer may stop before the close', () => {
    expect(
      leaksOf(`
        import { DatabaseSync } from 'node:sqlite';
        export function* names() {
          const db = new DatabaseSync('a.db');
          yield 'first';
          db.close();
        }
      `),
    ).not.toEqual([]);
  });

  test('closes with using', () => {
    expect(
      leaksOf(`
        import { DatabaseSync } from 'node:sqlite';
        export function* names() {
          using db = new DatabaseSync('a.db');
          yield* db.prepare('SELECT * FROM t').all();
        }
      `),
    ).toEqual([]);
  });

  test('nested in another one', () => {
    const nested = (close: string): string => `
      import { DatabaseSync } from 'node:sqlite';
      function* inner(db: DatabaseSync) {
        yield* db.prepare('SELECT * FROM t').all();
      }
      export function* outer() {
        const db = new DatabaseSync('a.db');
        try {
          yield* inner(db);
        } finally {
          ${close}
        }
      }
    `;
    expect(leaksOf(nested('db.close();'))).toEqual([]);
    expect(leaksOf(nested(''))).not.toEqual([]);
  });
});

describe('rows that are read one by one', () => {
  const program = (loop: string): string => `
    import Database from 'better-sqlite3';
    const db = new Database('a.db');
    export async function run(): Promise<void> {
      ${loop}
    }
  `;

  test.each([
    ['for of', `for (const row of db.prepare('SELECT 1').iterate()) await fetch(String(row));`],
    [
      'a statement in a variable',
      `const all = db.prepare('SELECT 1'); for (const row of all.iterate()) await fetch(String(row));`,
    ],
  ])('hold the database across an await: %s', (_, loop) => {
    expect(waitsOf(program(loop))).toEqual(['4: rows since 4, a network request']);
  });

  test.each([
    ['read at once', `for (const row of db.prepare('SELECT 1').all()) await fetch(String(row));`],
    ['spread', `for (const row of [...db.prepare('SELECT 1').iterate()]) await fetch(String(row));`],
    ['Array.from', `for (const row of Array.from(db.prepare('SELECT 1').iterate())) await fetch(String(row));`],
    [
      'an await after the loop',
      `for (const row of db.prepare('SELECT 1').iterate()) console.log(row); await fetch('x');`,
    ],
    ['an await after a break', `for (const row of db.prepare('SELECT 1').iterate()) break; await fetch('x');`],
    ['nothing awaited', `for (const row of db.prepare('SELECT 1').iterate()) console.log(row);`],
  ])('do not: %s', (_, loop) => {
    expect(waitsOf(program(loop))).toEqual([]);
  });

  test('are let go where the loop is left', () => {
    expect(
      waitsOf(
        program(`
          for (const row of db.prepare('SELECT 1').iterate()) {
            if (row) break;
          }
          await fetch('x');
        `),
      ),
    ).toEqual([]);
  });

  // The catalogue names the statement's own iterator, but loops do not ask for it.
  test('bun:sqlite iterates over the statement itself', () => {
    expect(
      waitsOf(`
        import { Database } from 'bun:sqlite';
        const db = new Database('a.db');
        export async function run(): Promise<void> {
          for (const row of db.query('SELECT 1')) await fetch(String(row));
        }
      `),
    ).toEqual(['4: rows since 4, a network request']);
  });
});

describe('an async generator', () => {
  test('gives its consumer as much time as it likes while it holds a transaction', () => {
    const program = (before: string, after: string): string => `
      import { DatabaseSync } from 'node:sqlite';
      const db = new DatabaseSync('a.db');
      export async function* rows() {
        ${before}
        yield 1;
        ${after}
      }
    `;
    expect(waitsOf(program(`db.exec('BEGIN');`, `db.exec('ROLLBACK');`))).toEqual([
      '5: transaction since 4, whoever takes the values',
    ]);
    expect(waitsOf(program(`db.exec('BEGIN'); db.exec('ROLLBACK');`, ''))).toEqual([]);
  });
});
