import { describe, expect, test } from 'vitest';
import { leaksOf, transactionLeaksOf } from '../program.ts';

/** A function over sqlite3; the body begins in line 4. */
function program(body: string): string {
  return `import sqlite3 from 'sqlite3';
const shared = new sqlite3.Database('shared.db');
export function run(flag: boolean, done: (problem: unknown, value?: unknown) => void): void {
${body}
}`;
}

const leaks = (body: string): string[] => leaksOf(program(body));
const transactionLeaks = (body: string): string[] => transactionLeaksOf(program(body));

describe('closing', () => {
  test.each([
    [
      'behind the statements: calls are queued',
      `const db = new sqlite3.Database('a.db'); db.run('DELETE FROM t'); db.close();`,
    ],
    ['in the callback', `const db = new sqlite3.Database('a.db'); db.run('DELETE FROM t', () => db.close());`],
    [
      'in the callback, with its own',
      `const db = new sqlite3.Database('a.db'); db.run('DELETE FROM t', () => db.close(done));`,
    ],
    [
      'as the callback',
      `const db = new sqlite3.Database('a.db'); db.run('DELETE FROM t', [], () => { db.close(); done(null); });`,
    ],
    [
      'in the innermost callback',
      `const db = new sqlite3.Database('a.db'); db.get('a', () => db.get('b', () => db.close()));`,
    ],
    [
      'in the callback of the open',
      `const db = new sqlite3.Database('a.db', (problem) => { if (problem) return done(problem); db.close(); });`,
    ],
    [
      'after an error and after none',
      `const db = new sqlite3.Database('a.db'); db.get('a', (e) => { if (e) { db.close(); return done(e); } db.close(); });`,
    ],
    [
      'in a function that is given as the callback',
      `const db = new sqlite3.Database('a.db'); const end = () => db.close(); db.run('a', end);`,
    ],
    [
      'at the end of serialize',
      `const db = new sqlite3.Database('a.db'); db.serialize(() => { db.run('a'); db.run('b'); }); db.close();`,
    ],
    ['within serialize', `const db = new sqlite3.Database('a.db'); db.serialize(() => { db.run('a'); db.close(); });`],
    [
      'in the callback that comes after all rows',
      `const db = new sqlite3.Database('a.db'); db.each('a', () => {}, () => db.close());`,
    ],
    [
      'after a statement is finalized',
      `const db = new sqlite3.Database('a.db'); const s = db.prepare('a'); s.run(); s.finalize(); db.close();`,
    ],
  ])('%s', (_, body) => {
    expect(leaks(body)).toEqual([]);
  });

  test.each([
    ['never', `const db = new sqlite3.Database('a.db'); db.run('DELETE FROM t');`],
    [
      'after success only',
      `const db = new sqlite3.Database('a.db'); db.get('a', (e) => { if (e) return done(e); db.close(); });`,
    ],
    ['after an error only', `const db = new sqlite3.Database('a.db'); db.get('a', (e) => { if (e) db.close(); });`],
    [
      'on one way of the innermost callback',
      `const db = new sqlite3.Database('a.db'); db.get('a', () => db.get('b', () => { if (flag) db.close(); }));`,
    ],
    [
      'on one way before the callback',
      `const db = new sqlite3.Database('a.db'); if (flag) return; db.get('a', () => db.close());`,
    ],
    ['not in the last callback', `const db = new sqlite3.Database('a.db'); db.get('a', () => db.get('b', done));`],
  ])('%s', (_, body) => {
    expect(leaks(body)).toHaveLength(1);
  });
});

describe('transactions', () => {
  test.each([
    [
      'rolled back on an error',
      `shared.run('BEGIN', () => shared.run('a', (e) => shared.run(e ? 'ROLLBACK' : 'COMMIT', done)));`,
    ],
    [
      'rolled back in another function',
      `const undo = (e) => shared.run('ROLLBACK', () => done(e)); shared.run('BEGIN', () => shared.run('a', (e) => { if (e) return undo(e); shared.run('COMMIT', done); }));`,
    ],
    [
      'BEGIN that fails begins nothing',
      `shared.run('BEGIN', (e) => { if (e) return done(e); shared.run('COMMIT', done); });`,
    ],
  ])('%s', (_, body) => {
    expect(transactionLeaks(body)).toEqual([]);
  });

  test.each([
    [
      'left open on an error',
      `shared.run('BEGIN', () => shared.run('a', (e) => { if (e) return done(e); shared.run('COMMIT', done); }));`,
    ],
    [
      'left open on a way of its own',
      `shared.run('BEGIN', () => { if (flag) return done(null); shared.run('COMMIT', done); });`,
    ],
  ])('%s', (_, body) => {
    expect(transactionLeaks(body)).toHaveLength(1);
  });
});

test('functions in the decorator of a class are called by whoever reads it', () => {
  const program = (body: string): string => `
    import { Module } from '@nestjs/common';
    import Database from 'better-sqlite3';
    @Module({ providers: [{ provide: 'DB', useFactory: (items: string[]) => { ${body} } }] })
    export class AppModule {}
  `;
  expect(leaksOf(program(`const db = new Database('a.db'); db.exec(items[0]);`))).toHaveLength(1);
  expect(leaksOf(program(`return new Database('a.db');`))).toEqual([]);
});
