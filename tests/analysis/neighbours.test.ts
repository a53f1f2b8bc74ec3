import { describe, expect, test, vi } from 'vitest';
import { lintProject, type Preset } from '../lint.ts';
import { ProjectFolder } from '../project-folder.ts';

/** Where settings are missing in a project of these files, as `file:line`. */
async function missingIn(files: Readonly<Record<string, string>>, preset: Preset = 'recommended'): Promise<string[]> {
  const { path } = new ProjectFolder({ 'package.json': '{}', ...files });
  const reports = await lintProject(path, preset);
  return reports.filter(({ rule }) => rule === 'require-pragmas').map(({ file, line }) => `${file}:${line}`);
}

const opens = (file: string, pragma = ''): string => `
  import Database from 'better-sqlite3';
  export const db = new Database(${file});
  ${pragma}
  db.exec('DELETE FROM t');
`;
const WAL = `db.pragma('journal_mode = WAL'); db.pragma('synchronous = NORMAL');`;
const SYNCHRONOUS = `db.pragma('synchronous = NORMAL');`;

describe('WAL mode belongs to the file', () => {
  test('another connection of the same file has set it', async () => {
    expect(await missingIn({ 'a.ts': opens(`'app.db'`, WAL), 'b.ts': opens(`'app.db'`) })).toEqual([]);
  });

  test('in another folder, or by a path that ends the same', async () => {
    expect(await missingIn({ 'a.ts': opens(`'data/app.db'`, WAL), 'src/b.ts': opens(`dir + '/app.db'`) })).toEqual([]);
  });

  test('the file is named by a static field with a first value', async () => {
    const store = (file: string): string => `
      import Database from 'better-sqlite3';
      export class Store {
        static path = this.locate();
        static db: Database.Database | null = null;
        static locate() { return ${file}; }
        static get() {
          Store.db ??= new Database(Store.path);
          Store.db.pragma('journal_mode = WAL');
          return Store.db;
        }
      }
    `;
    expect(await missingIn({ 'a.ts': store(`'log.sqlite'`), 'b.ts': opens(`'app.sqlite'`) })).toEqual(['b.ts:2']);
    expect(await missingIn({ 'a.ts': store(`'app.sqlite'`), 'b.ts': opens(`'app.sqlite'`) })).toEqual([]);
    expect(await missingIn({ 'a.ts': store('process.env.DB'), 'b.ts': opens(`'app.sqlite'`) })).toEqual([]);
  });

  test('another connection of another file says nothing', async () => {
    expect(await missingIn({ 'a.ts': opens(`'app.db'`, WAL), 'b.ts': opens(`'log.db'`) })).toEqual(['b.ts:2']);
  });

  test('another connection of the same file sets another mode', async () => {
    const other = opens(`'app.db'`, `db.pragma('journal_mode = DELETE');`);
    expect(await missingIn({ 'a.ts': other, 'b.ts': opens(`'app.db'`) })).toEqual(['b.ts:2']);
  });

  test('a file that is not known may be the same one: strict asks for it there', async () => {
    const files = { 'a.ts': opens(`'app.db'`, WAL), 'b.ts': opens('process.env.DB', SYNCHRONOUS) };
    expect(await missingIn(files)).toEqual([]);
    expect(await missingIn(files, 'strict')).toEqual(['b.ts:2']);
  });

  test('the busy timeout belongs to the connection', async () => {
    const node = (pragma: string): string =>
      opens(`'app.db'`, pragma).replace(
        `Database from 'better-sqlite3'`,
        `{ DatabaseSync as Database } from 'node:sqlite'`,
      );
    const both = `db.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL');`;
    const timeout = `db.exec('PRAGMA busy_timeout = 5000');`;
    expect(await missingIn({ 'a.ts': node(both), 'b.ts': node('') })).toEqual(['b.ts:2']);
    expect(await missingIn({ 'a.ts': node(both), 'b.ts': node(timeout) })).toEqual([]);
  });

  test('files that come and go are noticed', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const folder = new ProjectFolder({ 'package.json': '{}', 'b.ts': opens(`'app.db'`) });
      const missing = async (): Promise<number> =>
        (await lintProject(folder.path, 'recommended', { files: ['b.ts'] })).length;
      expect(await missing()).toBe(1);
      folder.write('a.ts', opens(`'app.db'`, WAL));
      vi.setSystemTime(Date.now() + 5_100);
      expect(await missing()).toBe(0);
      folder.write('a.ts', opens(`'app.db'`), 5);
      vi.setSystemTime(Date.now() + 5_100);
      expect(await missing()).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test('tests and other projects do not tell', async () => {
    expect(await missingIn({ 'a.test.ts': opens(`'app.db'`, WAL), 'b.ts': opens(`'app.db'`) })).toEqual(['b.ts:2']);
    const elsewhere = { 'node_modules/x/a.js': opens(`'app.db'`, WAL), 'b.ts': opens(`'app.db'`) };
    const { path } = new ProjectFolder({ 'package.json': '{}', ...elsewhere });
    const reports = await lintProject(path, 'recommended', { files: ['b.ts'] });
    expect(reports.map(({ rule }) => rule)).toEqual(['require-pragmas']);
  });
});

describe('callers set up what a function opens for them', () => {
  const OPENER = `
    import Database from 'better-sqlite3';
    export function connect(path: string): Database.Database {
      return new Database(path);
    }
  `;
  const caller = (pragma: string): string => `
    import { connect } from './db';
    export function clear(path: string): void {
      const handle = connect(path);
      ${pragma}
      try {
        handle.exec('DELETE FROM t');
      } finally {
        handle.close();
      }
    }
  `;
  const SETS = `handle.pragma('journal_mode = WAL');`;

  test('nobody does: reported at the open', async () => {
    expect(await missingIn({ 'db.ts': OPENER, 'a.ts': caller('') })).toEqual(['db.ts:3']);
  });

  test('its caller does', async () => {
    expect(await missingIn({ 'db.ts': OPENER, 'a.ts': caller(SETS) })).toEqual([]);
  });

  test('through a module that hands it on', async () => {
    const files = {
      'db.ts': OPENER,
      'index.ts': `export * from './db';`,
      'a.ts': caller(SETS).replace('./db', './index'),
    };
    expect(await missingIn(files)).toEqual([]);
  });
});
