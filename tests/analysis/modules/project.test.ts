import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { currentProject, forgetModules } from '../../../src/analysis/index.ts';
import { ProjectFolder } from '../../project-folder.ts';
import { leaksOf, transactionLeaksOf } from '../program.ts';

const MAIN = `
  import { connect } from './db';
  export function clear(): void {
    const handle = connect();
    handle.exec('DELETE FROM t');
  }
`;
const LEAK = ['3: implicit 4, normal 5'];
const OPENS = `
  import Database from 'better-sqlite3';
  export const connect = () => new Database('app.db');
`;
const SHARES = `
  import Database from 'better-sqlite3';
  const shared = new Database('app.db');
  export const connect = () => shared;
`;

beforeEach(forgetModules);

afterEach(() => {
  vi.useRealTimers();
});

/** Files are taken as unchanged for a second. */
function waitASecond(): void {
  vi.setSystemTime(Date.now() + 1_100);
}

describe('a module that changes', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });

  /** Analyses the main file before and after a change of another one. */
  function leaksAround(folder: ProjectFolder, change: () => void): string[][] {
    const before = leaksOf(MAIN, folder.file('main.ts'));
    change();
    waitASecond();
    return [before, leaksOf(MAIN, folder.file('main.ts'))];
  }

  const files = (db: string): Record<string, string> => ({ 'main.ts': MAIN, 'db.ts': db });

  test.each([
    ['opens no longer', OPENS, SHARES, [LEAK, []]],
    ['begins to open', SHARES, OPENS, [[], LEAK]],
  ])('it %s', (_, before, after, expected) => {
    const folder = new ProjectFolder(files(before));
    expect(leaksAround(folder, () => folder.write('db.ts', after, 5))).toEqual(expected);
  });

  test('it opens no longer, behind another module', () => {
    const folder = new ProjectFolder({ ...files(`export { connect } from './deep';`), 'deep.ts': OPENS });
    expect(leaksAround(folder, () => folder.write('deep.ts', SHARES, 5))).toEqual([LEAK, []]);
  });

  test('it is written for the first time', () => {
    const folder = new ProjectFolder({ 'main.ts': MAIN });
    expect(leaksAround(folder, () => folder.write('db.ts', OPENS))).toEqual([[], LEAK]);
  });

  test('its declaration file tells another type, or is written for the first time', () => {
    const code = `export function save(db, flag) { db.exec('BEGIN'); if (flag) return; db.exec('COMMIT'); }`;
    const declared = (module: string): string =>
      `import type { Database } from '${module}'; export function save(db: Database, flag: boolean): void;`;
    const folder = new ProjectFolder({ 'package.json': '{}', 'save.js': code });
    const left = (): number => transactionLeaksOf(code, folder.file('save.js')).length;
    expect(left()).toBe(0);
    folder.write('save.d.ts', declared('better-sqlite3'));
    waitASecond();
    expect(left()).toBe(1);
    folder.write('save.d.ts', declared('pg'), 5);
    waitASecond();
    expect(left()).toBe(0);
  });

  test('it opens no longer, and the main file changes as well', () => {
    const folder = new ProjectFolder(files(OPENS));
    const change = (): void => {
      folder.write('db.ts', SHARES, 5);
      folder.write('main.ts', MAIN, 5);
    };
    expect(leaksAround(folder, change)).toEqual([LEAK, []]);
  });

  test('it is parsed once for as long as it stays the same', () => {
    const folder = new ProjectFolder(files(OPENS));
    for (let round = 0; round < 3; round += 1) leaksAround(folder, () => undefined);
    expect(currentProject().parses.get(folder.file('db.ts'))).toBe(1);
  });

  // Another look for a file that is not there forgets all that is known.
  test('it is parsed once also where the main file is not on the disk', () => {
    const folder = new ProjectFolder({ 'db.ts': OPENS });
    for (let round = 0; round < 3; round += 1) leaksAround(folder, () => undefined);
    expect(currentProject().parses.get(folder.file('db.ts'))).toBe(1);
  });
});

describe('a module that cannot be read', () => {
  test.each([
    ['is broken', 'import Database from "better-sqlite3"; export const connect = () => new Database('],
    ['is empty', ''],
    ['is no text', '\u0000\u0001sqlite\u0002'],
  ])('it %s', (_, text) => {
    const folder = new ProjectFolder({ 'db.ts': text });
    expect(leaksOf(MAIN, folder.file('main.ts'))).toEqual([]);
  });

  test('it is a folder', () => {
    const folder = new ProjectFolder({ 'db.ts/readme.md': 'sqlite' });
    expect(leaksOf(MAIN, folder.file('main.ts'))).toEqual([]);
  });

  test('it opens, and a module beside it is broken', () => {
    const folder = new ProjectFolder({ 'db.ts': `import './sqlite-set-up'; ${OPENS}`, 'sqlite-set-up.ts': 'class {' });
    expect(leaksOf(MAIN, folder.file('main.ts'))).toEqual(LEAK);
  });
});

describe('modules that import each other', () => {
  test('two of them', () => {
    const folder = new ProjectFolder({
      'db.ts': `import { path } from './paths'; import D from 'better-sqlite3'; export const connect = () => new D(path());`,
      'paths.ts': `import { connect } from './db'; export const path = () => 'app.db'; export const again = () => connect();`,
    });
    expect(leaksOf(MAIN, folder.file('main.ts'))).toEqual(LEAK);
  });

  test('a module imports itself', () => {
    const folder = new ProjectFolder({
      'db.ts': `import * as self from './db'; import D from 'better-sqlite3'; export const connect = () => new D('app.db'); export const again = () => self.connect();`,
    });
    expect(leaksOf(MAIN, folder.file('main.ts'))).toEqual(LEAK);
  });

  test('they only export each other', () => {
    const folder = new ProjectFolder({ 'db.ts': `export * from './a';`, 'a.ts': `export * from './db';` });
    expect(leaksOf(MAIN, folder.file('main.ts'))).toEqual([]);
  });

  test('functions that call each other across modules', () => {
    const folder = new ProjectFolder({
      'db.ts': `import { other } from './other'; import D from 'better-sqlite3'; export const connect = (n = 0) => n > 3 ? new D('app.db') : other(n);`,
      'other.ts': `import { connect } from './db'; export const other = (n) => connect(n + 1);`,
    });
    expect(leaksOf(MAIN, folder.file('main.ts'))).toEqual(LEAK);
  });
});

describe('the file that is linted', () => {
  test('counts as it is in the editor, and not as it is on the disk', () => {
    const folder = new ProjectFolder({ 'main.ts': SHARES, 'db.ts': OPENS });
    expect(leaksOf(MAIN, folder.file('main.ts'))).toEqual(LEAK);
  });

  test.each([
    ['a connection, as on the disk', `new Database('app.db')`, ['5: implicit 6']],
    ['something else in the editor', `{ exec(sql: string): void {} }`, []],
  ])('is seen that way by the modules that import it: %s', (_, value, expected) => {
    const folder = new ProjectFolder({
      'main.ts': `import Database from 'better-sqlite3'; export const db = new Database('app.db');`,
      'tasks.ts': `
        import { db } from './main';
        export const begin = () => db.exec('BEGIN IMMEDIATE');
      `,
    });
    const main = `
      import Database from 'better-sqlite3';
      import { begin } from './tasks';
      export const db = ${value};
      export function clear(): void {
        begin();
        db.exec('DELETE FROM t');
        db.exec('COMMIT');
      }
    `;
    expect(transactionLeaksOf(main, folder.file('main.ts'))).toEqual(expected);
  });

  test('need not exist', () => {
    const folder = new ProjectFolder({ 'db.ts': OPENS });
    expect(leaksOf(MAIN, folder.file('untitled.ts'))).toEqual(LEAK);
  });
});
