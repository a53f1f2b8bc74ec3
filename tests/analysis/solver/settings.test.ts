import { describe, expect, test } from 'vitest';
import { factsOf } from '../program.ts';

/** What is set on a connection on each way that its life goes: timeout, journal mode, synchronous; or that it owes none. */
function settingsOf(body: string, imported = `import { DatabaseSync } from 'node:sqlite';`): string[] {
  const facts = factsOf(
    `${imported}\nexport function run(flag: boolean, path: string, mode: string): void {\n${body}\n}`,
  );
  const ways = (facts?.opens ?? []).flatMap(({ lives }) =>
    lives.map(({ settings }) => {
      if (settings.alone !== 'no') return `alone: ${settings.alone}`;
      if (settings.readOnly !== 'no') return `read-only: ${settings.readOnly}`;
      return [settings.timeout, settings.journal, settings.synchronous].join(', ');
    }),
  );
  return [...new Set(ways)].sort();
}

const inMemory = (file: string): string[] => settingsOf(`const db = new DatabaseSync(${file}); db.close();`);

describe('files that nobody else opens', () => {
  test.each([`':memory:'`, `''`, `'file::memory:'`, `'file:x?mode=memory&cache=shared'`, 'undefined', ''])(
    '%s',
    (file) => {
      expect(inMemory(file)).toEqual(['alone: yes']);
    },
  );

  test.each([
    `'a.db'`,
    'path',
    `path || ':memory:'`,
    `process.env.DB ?? ':memory:'`,
    `'file:a.db'`,
    `\`\${path}/a.db\``,
    `process.env.DB`,
    `path + '.db'`,
  ])('not %s', (file) => {
    expect(inMemory(file)).toEqual(['unset, unset, unset']);
  });
});

describe('options', () => {
  test.each([
    ['a timeout', '{ timeout: 5000 }', '5000, unset, unset'],
    ['a timeout that is computed', '{ timeout: 5 * mode.length }', 'unknown, unset, unset'],
    ['no timeout', '{ timeout: undefined }', 'unset, unset, unset'],
    ['another option', '{ allowExtension: true }', 'unset, unset, unset'],
    ['spread into the object', '{ ...{ timeout: 5000 }, open: true }', '5000, unset, unset'],
    ['spread from what nobody knows', '{ ...JSON.parse(path) }', 'unknown, unset, unset'],
    ['read-only', '{ readOnly: true }', 'read-only: yes'],
    ['not read-only', '{ readOnly: false }', 'unset, unset, unset'],
    ['read-only under a condition', '{ readOnly: flag }', 'read-only: unknown'],
  ])('%s', (_, options, expected) => {
    expect(settingsOf(`const db = new DatabaseSync('a.db', ${options}); db.close();`)).toEqual([expected]);
  });
});

test('an option may ask for a database in memory', () => {
  const opening = (memory: boolean): string[] =>
    settingsOf(
      `const db = new Database('a.db', { memory: ${memory} }); db.close();`,
      `import Database from 'better-sqlite3';`,
    );
  expect(opening(true)).toEqual(['alone: yes']);
  expect(opening(false)).toEqual(['unset, unset, unset']);
});

describe('PRAGMAs', () => {
  test.each([
    ['one', `db.exec('PRAGMA busy_timeout = 5000');`, '5000, unset, unset'],
    [
      'several in one string',
      `db.exec('PRAGMA busy_timeout = 9; PRAGMA journal_mode = WAL; PRAGMA synchronous = 1');`,
      '9, wal, set',
    ],
    [
      'the last one counts',
      `db.exec('PRAGMA busy_timeout = 1'); db.exec('PRAGMA busy_timeout = 2');`,
      '2, unset, unset',
    ],
    ['another journal mode', `db.exec('PRAGMA journal_mode = DELETE');`, 'unset, other, unset'],
    [
      'a value put together of constants',
      `const m = 'WAL'; db.exec(\`PRAGMA journal_mode = \${m}\`);`,
      'unset, wal, unset',
    ],
    [
      'a name put together of constants',
      `const k = 'journal'; db.exec(\`PRAGMA \${k}_mode = WAL\`);`,
      'unset, wal, unset',
    ],
    ['a value that nobody knows', `db.exec('PRAGMA journal_mode = ' + mode);`, 'unset, unknown, unset'],
    ['a name that nobody knows', `db.exec('PRAGMA ' + mode);`, 'unknown, unknown, unknown'],
    ['only asked', `db.prepare('PRAGMA journal_mode').get();`, 'unset, unset, unset'],
    ['compiled and not run', `db.prepare('PRAGMA journal_mode = WAL');`, 'unset, unset, unset'],
    ['compiled and run', `db.prepare('PRAGMA journal_mode = WAL').get();`, 'unset, wal, unset'],
    [
      'by a function',
      `const set = (d, sql) => d.exec(sql); set(db, 'PRAGMA journal_mode = WAL');`,
      'unset, wal, unset',
    ],
    ['by code that nobody knows', `globalThis.madeUp(db);`, 'unknown, unknown, unknown'],
    ['in a comment', `db.exec('-- PRAGMA journal_mode = WAL');`, 'unset, unset, unset'],
  ])('%s', (_, pragmas, expected) => {
    expect(settingsOf(`const db = new DatabaseSync('a.db'); ${pragmas} db.close();`)).toContain(expected);
  });

  test('set on one way and not on the other', () => {
    expect(
      settingsOf(`const db = new DatabaseSync('a.db'); if (flag) db.exec('PRAGMA journal_mode = WAL'); db.close();`),
    ).toEqual(['unset, unset, unset', 'unset, wal, unset']);
  });

  test('read, and set where it is not what it should be', () => {
    const ways = settingsOf(`
      const db = new DatabaseSync('a.db');
      const { journal_mode } = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
      if (journal_mode !== 'wal') db.exec('PRAGMA journal_mode = WAL');
      db.close();
    `);
    expect(ways).toContain('unset, wal, unset');
  });
});

describe('what is set on a driver with callbacks', () => {
  const sqlite3 = `import sqlite3 from 'sqlite3';`;

  test.each([
    ['configure', `db.configure('busyTimeout', 3000);`, '3000, unset, unset'],
    ['configure by a name that nobody knows', `db.configure(mode, 3000);`, 'unknown, unset, unset'],
    ['another name', `db.configure('trace', console.log);`, 'unset, unset, unset'],
    ['a statement', `db.run('PRAGMA journal_mode = WAL');`, 'unset, wal, unset'],
  ])('%s', (_, body, expected) => {
    expect(settingsOf(`const db = new sqlite3.Database('a.db'); ${body} db.close();`, sqlite3)).toContain(expected);
  });

  test.each([
    ['read-only', 'sqlite3.OPEN_READONLY', 'read-only: yes'],
    ['a number', '1', 'read-only: yes'],
    ['read and write', 'sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE', 'unset, unset, unset'],
  ])('flags: %s', (_, flags, expected) => {
    expect(settingsOf(`const db = new sqlite3.Database('a.db', ${flags}); db.close();`, sqlite3)).toEqual([expected]);
  });
});
