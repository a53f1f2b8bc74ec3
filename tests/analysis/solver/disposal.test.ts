import { describe, expect, test } from 'vitest';
import { leaksOf, waitsOf } from '../program.ts';

/** A function over a driver whose handles can be disposed of; the body begins in line 3. */
function program(body: string): string {
  return `import { DatabaseSync } from 'node:sqlite';
export async function run(flag: boolean, url: string): Promise<unknown> {
${body}
}`;
}

const leaks = (body: string): string[] => leaksOf(program(body));
const waits = (body: string): string[] => waitsOf(program(body));

describe('using', () => {
  test.each([
    ['the end', `using db = new DatabaseSync('a.db'); db.exec('DELETE FROM t');`],
    ['a return', `using db = new DatabaseSync('a.db'); if (flag) return db.prepare('SELECT 1').get();`],
    ['a throw', `using db = new DatabaseSync('a.db'); if (flag) throw new Error('no');`],
    ['break', `for (;;) { using db = new DatabaseSync('a.db'); if (flag) break; }`],
    ['continue', `while (flag) { using db = new DatabaseSync('a.db'); if (url) continue; db.exec(url); }`],
    ['the end of a block', `{ using db = new DatabaseSync('a.db'); db.exec('DELETE FROM t'); }`],
    [
      'several declarations',
      `using a = new DatabaseSync('a.db'), b = new DatabaseSync('b.db'); a.exec(url); b.exec(url);`,
    ],
    ['a second open that fails', `using a = new DatabaseSync('a.db'); using b = new DatabaseSync('b.db');`],
    ['nothing to dispose of', `using db = flag ? new DatabaseSync('a.db') : null; db?.exec('DELETE FROM t');`],
    ['a head of a loop', `for (using db = new DatabaseSync('a.db'); flag;) { db.exec('DELETE FROM t'); break; }`],
    ['await using', `await using db = new DatabaseSync('a.db'); db.exec('DELETE FROM t');`],
  ])('closes at %s', (_, body) => {
    expect(leaks(body)).toEqual([]);
    expect(leaks(body.replaceAll(/(?:await )?using/g, 'const'))).not.toEqual([]);
  });

  test('closes what was closed by hand already', () => {
    expect(leaks(`using db = new DatabaseSync('a.db'); db.close();`)).toEqual([]);
  });

  test('closes at the end of its block, before what comes after', () => {
    expect(waits(`{ using db = new DatabaseSync('a.db'); db.exec(url); }\nawait fetch(url);`)).toEqual([]);
    expect(waits(`using db = new DatabaseSync('a.db'); db.exec(url);\nawait fetch(url);`)).toEqual([
      '4: connection since 3, a network request',
    ]);
  });
});

describe('Symbol.dispose', () => {
  test('called by hand', () => {
    expect(leaks(`const db = new DatabaseSync('a.db'); db[Symbol.dispose]();`)).toEqual([]);
  });

  test('of an own class that closes', () => {
    const own = (body: string): string[] =>
      leaksOf(`
        import Database from 'better-sqlite3';
        class Session {
          readonly db = new Database('a.db');
          [Symbol.dispose](): void {
            ${body}
          }
        }
        export function run(): void {
          using session = new Session();
          session.db.exec('DELETE FROM t');
        }
      `);
    expect(own('this.db.close();')).toEqual([]);
    expect(own('')).toEqual(['3: implicit 10, normal 11']);
  });
});

describe('DisposableStack', () => {
  test.each([
    ['use', `using stack = new DisposableStack(); const db = stack.use(new DatabaseSync('a.db')); db.exec(url);`],
    [
      'adopt',
      `using stack = new DisposableStack(); const db = stack.adopt(new DatabaseSync('a.db'), (d) => d.close()); db.exec(url);`,
    ],
    [
      'defer',
      `using stack = new DisposableStack(); const db = new DatabaseSync('a.db'); stack.defer(() => db.close()); db.exec(url);`,
    ],
    [
      'AsyncDisposableStack',
      `await using stack = new AsyncDisposableStack(); const db = stack.use(new DatabaseSync('a.db')); db.exec(url);`,
    ],
    [
      'dispose by hand',
      `const stack = new DisposableStack(); try { stack.use(new DatabaseSync('a.db')).exec(url); } finally { stack.dispose(); }`,
    ],
  ])('%s', (_, body) => {
    expect(leaks(body)).toEqual([]);
  });

  test('that nobody disposes of', () => {
    expect(
      leaks(`const stack = new DisposableStack(); const db = stack.use(new DatabaseSync('a.db')); db.exec(url);`),
    ).not.toEqual([]);
  });

  test('an action that does not close', () => {
    expect(
      leaks(
        `using stack = new DisposableStack(); const db = new DatabaseSync('a.db'); stack.defer(() => console.log(db)); db.exec(url);`,
      ),
    ).not.toEqual([]);
  });
});
