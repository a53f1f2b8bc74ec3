import { describe, expect, test } from 'vitest';
import { asynchronous, leaksOf, transactionLeaksOf, waitsOf } from '../program.ts';

const leaks = (body: string): string[] => leaksOf(asynchronous(body));

describe('await', () => {
  test.each([
    ['of the open', `const db = await open(options); await db.close();`, []],
    ['of the open, never closed', `const db = await open(options);`, ['3: normal 4']],
    [
      'of a statement that rejects',
      `const db = await open(options);\nawait db.run(url);\nawait db.close();`,
      ['3: implicit 4'],
    ],
    [
      'of a statement, closed in finally',
      `const db = await open(options); try { await db.run(url); } finally { await db.close(); }`,
      [],
    ],
    ['of a close that is not awaited', `const db = await open(options); void db.close();`, []],
    ['of a promise in a variable', `const opening = open(options); const db = await opening; await db.close();`, []],
    [
      'in a return',
      `const db = await open(options); try { return await db.get(url); } finally { await db.close(); }`,
      [],
    ],
    [
      'of something else that rejects',
      `const db = await open(options);\nawait fetch(url);\nawait db.close();`,
      ['3: implicit 4'],
    ],
  ])('%s', (_, body, expected) => {
    expect(leaks(body)).toEqual(expected);
  });
});

test('a promise that is rejected by hand is an explicit throw', () => {
  const program = (close: string): string => `
    const db = await open(options);
    if (flag) {
      ${close}
      return Promise.reject(new Error('no'));
    }
    await db.close();
  `;
  expect(leaks(program(''))).toEqual([expect.stringMatching(/^3: explicit/)]);
  expect(leaks(program('await db.close();'))).toEqual([]);
});

describe('chains', () => {
  test.each([
    ['then closes', `return open(options).then((db) => db.close());`],
    [
      'finally closes after success and failure',
      `const db = await open(options); return db.run(url).finally(() => db.close());`,
    ],
    [
      'both arms of then close',
      `const db = await open(options); return db.run(url).then(() => db.close(), () => db.close());`,
    ],
    [
      'catch, then close',
      `const db = await open(options); return db.run(url).catch(() => null).then(() => db.close());`,
    ],
    [
      'a method as the callback',
      `const db = await open(options); await db.run(url).catch(console.error); await db.close();`,
    ],
    ['a chain within a chain', `return open(options).then((db) => db.get(url).finally(() => db.close()));`],
    [
      'a rejection that a catch takes',
      `const db = await open(options); await db.run(url).catch(() => {}); await db.close();`,
    ],
    ['what then returns', `return open(options).then((db) => { if (flag) return db.close(); return db.close(); });`],
    ['the result goes to the caller', `return open(options).then((db) => db);`],
    ['the promise goes to the caller', `return open(options);`],
  ])('%s', (_, body) => {
    expect(leaks(body)).toEqual([]);
  });

  test.each([
    ['then closes after success only', `const db = await open(options); return db.run(url).then(() => db.close());`],
    ['catch closes after failure only', `const db = await open(options); return db.run(url).catch(() => db.close());`],
    [
      'finally does something else',
      `const db = await open(options); return db.run(url).finally(() => console.log(1));`,
    ],
    ['then closes on one way only', `return open(options).then((db) => { if (flag) return db.close(); });`],
    ['a throw in then', `return open(options).then((db) => { if (flag) throw new Error('no'); return db.close(); });`],
    ['nothing closes', `return open(options).then((db) => db.get(url));`],
  ])('%s', (_, body) => {
    expect(leaks(body)).toHaveLength(1);
  });
});

describe('several promises', () => {
  const DB = 'const db = await open(options);\n';

  test('statements that are awaited together may reject', () => {
    expect(leaks(`${DB}await Promise.all([db.run(url), db.run(url)]);\nawait db.close();`)).toEqual(['3: implicit 4']);
    expect(leaks(`${DB}try { await Promise.all([db.run(url)]); } finally { await db.close(); }`)).toEqual([]);
  });

  test('allSettled never rejects, and a statement after it may', () => {
    expect(leaks(`${DB}await Promise.allSettled([db.run(url), db.run(url)]);\nawait db.close();`)).toEqual([]);
    expect(leaks(`${DB}await Promise.allSettled([db.run(url)]);\nawait db.run(url);\nawait db.close();`)).toEqual([
      '3: implicit 5',
    ]);
  });

  test('connections that are opened together', () => {
    const both = (close: string): string =>
      `const [a, b] = await Promise.all([open(options), open(options)]);\n${close}`;
    expect(leaks(both('await a.close();'))).not.toEqual([]);
    // The second open may reject while the first one has opened.
    expect(leaks(both('await a.close(); await b.close();'))).toEqual(['3: implicit 3']);
  });
});

describe('new Promise', () => {
  test('around a callback', () => {
    const program = (close: string): string => `
      import sqlite3 from 'sqlite3';
      export function count(): Promise<unknown> {
        const db = new sqlite3.Database('a.db');
        return new Promise((resolve, reject) => {
          db.get('SELECT count(*) FROM t', (problem, row) => {
            ${close}
            if (problem) reject(problem);
            else resolve(row);
          });
        });
      }
    `;
    expect(leaksOf(program('db.close();'))).toEqual([]);
    expect(leaksOf(program(''))).toHaveLength(1);
  });

  test('around an open, whose handle goes to whoever awaits it', () => {
    const program = (close: string): string => `
      import sqlite3 from 'sqlite3';
      function connect(): Promise<sqlite3.Database> {
        return new Promise((resolve, reject) => {
          const db = new sqlite3.Database('a.db', (problem) => (problem ? reject(problem) : resolve(db)));
        });
      }
      export async function run(): Promise<void> {
        const db = await connect();
        ${close}
      }
    `;
    expect(leaksOf(program('db.close();'))).toEqual([]);
    expect(leaksOf(program(''))).toHaveLength(1);
  });
});

describe('what an await waits for', () => {
  const waits = (expression: string, imported = ''): string[] =>
    waitsOf(`
      import { DatabaseSync } from 'node:sqlite';
      ${imported}
      export async function run(url: string): Promise<void> {
        using db = new DatabaseSync('a.db');
        ${expression};
      }
    `);

  test.each([
    ['a request', 'await fetch(url)', 'a network request'],
    ['its body', 'const answer = await fetch(url); await answer.text()', 'a network request'],
    ['a timer in a promise', 'await new Promise((resolve) => setTimeout(resolve, 9))', 'a timer'],
    ['one of several', 'await Promise.race([fetch(url), Promise.resolve()])', 'a network request'],
    ['a chain', 'await fetch(url).then((answer) => answer.json())', 'a network request'],
    ['a caught one', 'await fetch(url).catch(() => null)', 'a network request'],
    ['a promise in a variable', 'const answer = fetch(url); db.exec(url); await answer', 'a network request'],
    ['each of a list', 'for (const item of [url]) await fetch(item)', 'a network request'],
  ])('%s', (_, expression, what) => {
    expect(waits(expression)).toEqual([`5: connection since 4, ${what}`]);
  });

  test.each([
    [
      'node:timers/promises',
      `import { setTimeout as pause } from 'node:timers/promises';`,
      'await pause(9)',
      'a timer',
    ],
    ['node:fs', `import fs from 'node:fs';`, `await fs.promises.readFile(url)`, 'a file'],
    ['axios', `import axios from 'axios';`, 'await axios.get(url)', 'a network request'],
    [
      'an instance of it',
      `import axios from 'axios'; const api = axios.create();`,
      'await api.get(url)',
      'a network request',
    ],
    [
      'a class of an SDK',
      `import OpenAI from 'openai'; const ai = new OpenAI();`,
      'await ai.chat.completions.create({})',
      'a model call',
    ],
    [
      'a package of a scope',
      `import { S3Client } from '@aws-sdk/client-s3'; const s3 = new S3Client();`,
      'await s3.send(url)',
      'a network request',
    ],
  ])('%s', (_, imported, expression, what) => {
    expect(waits(expression, imported)).toEqual([`5: connection since 4, ${what}`]);
  });

  test.each([
    ['nothing', 'await undefined'],
    ['a value', 'await Promise.resolve(1)'],
    ['a statement', `await db.prepare('SELECT 1').get()`],
    ['what nobody knows', 'await globalThis.madeUp(url)'],
    ['a list of statements', `await Promise.all([1, 2].map((id) => db.prepare('DELETE FROM t WHERE id = ?').run(id)))`],
    ['no await', 'void fetch(url)'],
  ])('%s is no work of others', (_, expression) => {
    expect(waits(expression)).toEqual([]);
  });
});

describe('transactions over promises', () => {
  const program = (body: string): string => `
    import { open } from 'sqlite'; import sqlite3 from 'sqlite3';
    const db = await open({ filename: 'a.db', driver: sqlite3.Database });
    export async function run(): Promise<void> {
      await db.exec('BEGIN IMMEDIATE');
      ${body}
    }
  `;

  test.each([
    [
      'a chain with catch',
      `await db.run('DELETE FROM t').then(() => db.exec('COMMIT')).catch((e) => db.exec('ROLLBACK'));`,
      [],
    ],
    [
      'both arms of then',
      `await db.run('DELETE FROM t').then(() => db.exec('COMMIT'), () => db.exec('ROLLBACK'));`,
      [],
    ],
    ['a chain without catch', `await db.run('DELETE FROM t').then(() => db.exec('COMMIT'));`, ['4: implicit 5']],
    [
      'the rollback is not awaited',
      `try { await db.run('DELETE FROM t'); await db.exec('COMMIT'); } catch (e) { void db.exec('ROLLBACK'); throw e; }`,
      [],
    ],
  ])('%s', (_, body, expected) => {
    expect(transactionLeaksOf(program(body))).toEqual(expected);
  });
});

test('a promise that is settled by a call which lies too deep to be followed', () => {
  const calls = Array.from(
    { length: 12 },
    (_, at) => `const call${at} = () => ${at > 0 ? `call${at - 1}` : 'resolve'}();`,
  );
  const program = (close: string): string => `
    const db = await open(options);
    await new Promise<void>((resolve) => { ${calls.join(' ')} call11(); });
    ${close}
  `;
  expect(leaks(program(''))).toEqual([expect.stringContaining('normal')]);
  expect(leaks(program('await db.close();')).join()).not.toContain('normal');
});
