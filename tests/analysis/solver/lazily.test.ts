import { describe, expect, test } from 'vitest';
import { ProjectFolder } from '../../project-folder.ts';
import { leaksOf, opensOf } from '../program.ts';

/** A class that opens its connection when it is first asked for; the opening stands in line 5. */
const lazily = (
  field: string,
  more = '',
): string => `import { open, type Database } from 'sqlite'; import sqlite3 from 'sqlite3';
export class Store {
  ${field}
  private async get() {
    if (!this.db) this.db = await open({ filename: 'app.db', driver: sqlite3.Database });
    return this.db;
  }
  ${more}
  async save() { const db = await this.get(); await db.exec('DELETE FROM t'); }
}`;

describe('a field that is set later', () => {
  test.each([
    ['that need not be there', lazily('private db?: Database;')],
    ['that is said to be there', lazily('private db!: Database;')],
    ['of no known type', lazily('private db: any;')],
    [
      'that the constructor sets without waiting for it',
      lazily(
        'private db?: Database;',
        'constructor() { void this.warm(); } private async warm() { await this.get(); }',
      ),
    ],
  ])('%s', (_, code) => {
    expect(opensOf(code)).toEqual(['5: sqlite']);
  });

  test('is there where the constructor is given it', () => {
    const code = lazily('private db: Database;', 'constructor(db: Database) { this.db = db; }');
    expect(opensOf(code)).toEqual([]);
  });
});

/** Opens where a test of a field or variable says that there is no connection yet; the opening stands in line 4. */
const where = (test: string, type = 'Database.Database | null'): Readonly<Record<string, string>> => ({
  'a field': `import Database from 'better-sqlite3';
export class Store {
  private db: ${type} = null;
  private get() { if (${test.replaceAll('db', 'this.db')}) this.db = new Database('app.db'); return this.db; }
  save() { this.get().exec('DELETE FROM t'); }
}`,
  'a field that the constructor is given': `import Database from 'better-sqlite3';
export class Store {
  constructor(private db: ${type}) {}
  private get() { if (${test.replaceAll('db', 'this.db')}) this.db = new Database('app.db'); return this.db; }
  save() { this.get().exec('DELETE FROM t'); }
  close() { this.db.close(); this.db = null; }
}`,
  'a variable of the module': `import Database from 'better-sqlite3';
let db: ${type};
function get() {
  if (${test}) db = new Database('app.db');
  return db;
}
export const save = () => get().exec('DELETE FROM t');
export const close = () => { db?.close(); db = undefined; };`,
});

describe.each(['!db', 'db == null', 'db === null', 'db === undefined', 'typeof db === "undefined"'])(
  'a connection is opened where %s',
  (test_) => {
    test.each(Object.entries(where(test_)))('of %s', (_, code) => {
      expect(opensOf(code)).toEqual(['4: better-sqlite3']);
    });
  },
);

describe('a driver that is handed to a function of another module', () => {
  const opened = (helper: string): string[] => {
    const folder = new ProjectFolder({
      'package.json': '{}',
      'load.mjs': helper,
      'main.mjs': `
        import { load } from './load.mjs';
        export async function connect(own) {
          const sqlite = load(own ? own : await import('sqlite3'));
          return new sqlite.Database('app.db');
        }
      `,
    });
    return opensOf(folder.text('main.mjs'), folder.file('main.mjs'));
  };

  test('comes back from it', () => {
    expect(opened('export const load = (module) => module;')).toEqual(['4: sqlite3']);
  });

  test('does not come back from one that returns something else', () => {
    expect(opened('export const load = (module) => ({ Database: Map });')).toEqual([]);
  });
});

describe('a flag that a callback sets', () => {
  const flagged = (
    set: string,
    test = 'changed',
  ): string => `import Database from 'better-sqlite3'; import _ from 'lodash';
export function run(items: string[]) {
  const db = new Database('app.db');
  let changed = false;
  ${set}
  if (${test}) return null;
  db.close();
}`;

  test.each([
    ['by a function that is not known', `_.forEach(items, (item) => { if (item) changed = true; });`],
    ['by one within it', `_.forEach(items, () => { const set = () => { changed = true; }; set(); });`],
  ])('%s', (_, set) => {
    expect(leaksOf(flagged(set)).join()).toContain('normal 6');
  });

  test.each([
    ['only read', `_.forEach(items, () => changed);`],
    ['not set', `_.forEach(items, (item) => item);`],
    ['of its own', `_.forEach(items, () => { let changed = false; changed = true; return changed; });`],
  ])('%s', (_, set) => {
    expect(leaksOf(flagged(set)).join()).not.toContain('normal');
  });
});

describe('a call that writes down what happens', () => {
  const logging = (
    call: string,
  ): string => `import Database from 'better-sqlite3'; import log from './log'; import work from './work';
export function run(url: string, logger: any) {
  const db = new Database('app.db');
  try {
    db.exec('DELETE FROM t');
  } finally {
    ${call}
    db.close();
  }
}`;

  test.each([`log.info('done');`, `logger.debug(url);`, `console.log(url);`])('does not fail: %s', (call) => {
    expect(leaksOf(logging(call))).toEqual([]);
  });

  test.each([`work.flush();`, `work();`, `logger(url);`])('may fail: %s', (call) => {
    expect(leaksOf(logging(call))).toEqual(['3: implicit 7']);
  });
});
