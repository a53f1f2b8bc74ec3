import { describe, expect, test } from 'vitest';
import { Linter } from 'eslint';
import plugin from '../src/index.ts';
import { lintProject } from './lint.ts';
import { ProjectFolder } from './project-folder.ts';
import type { UnbusySettings } from '../src/settings.ts';

/** What is reported in a project of these files, as `file:line rule`. */
async function reportsOf(files: Readonly<Record<string, string>>, settings: UnbusySettings): Promise<string[]> {
  const { path } = new ProjectFolder(files);
  const reports = await lintProject(path, 'recommended', { settings });
  return reports.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

describe('tests', () => {
  const OPENS = `import Database from 'better-sqlite3'; export const db = new Database('app.db'); db.exec('DELETE FROM t');`;
  const MISSING = 'require-pragmas';

  test.each([
    'db.test.ts',
    'db.spec.js',
    'db-test.ts',
    'test/db.ts',
    'tests/db.ts',
    'src/__tests__/db.ts',
    '__mocks__/db.ts',
    'e2e/db.mjs',
    'fixtures/db.ts',
  ])('%s is a test, by its path', async (file) => {
    expect(await reportsOf({ [file]: OPENS }, {})).toEqual([]);
    expect(await reportsOf({ [file]: OPENS }, { tests: 'check' })).toEqual([`${file}:1 ${MISSING}`]);
  });

  test.each(['src/contest.ts', 'latest/db.ts', 'testing.ts', 'db.tests-data.ts'])('%s is none', async (file) => {
    expect(await reportsOf({ [file]: OPENS }, {})).toEqual([`${file}:1 ${MISSING}`]);
  });

  test.each(['vitest', 'node:test', 'bun:test', '@jest/globals', 'mocha', 'ava'])(
    'a file that imports %s is a test',
    async (runner) => {
      const text = `import { test } from '${runner}'; ${OPENS}`;
      expect(await reportsOf({ 'db.ts': text }, {})).toEqual([]);
      expect(await reportsOf({ 'db.ts': text }, { tests: 'check' })).toEqual([`db.ts:1 ${MISSING}`]);
    },
  );

  test('parts of paths take the place of the patterns', async () => {
    const files = { 'playground/db.ts': OPENS, 'tests/db.ts': OPENS };
    expect(await reportsOf(files, { tests: ['playground/'] })).toEqual([`tests/db.ts:1 ${MISSING}`]);
    expect(await reportsOf(files, { tests: [] })).toHaveLength(2);
  });
});

describe('minBusyTimeout', () => {
  const opens = (timeout: number): Record<string, string> => ({
    'db.ts': `
      import { DatabaseSync } from 'node:sqlite';
      export const db = new DatabaseSync('app.db', { timeout: ${timeout} });
      db.exec('PRAGMA journal_mode = WAL');
    `,
  });

  test.each([
    [200, {}, 1],
    [1000, {}, 0],
    [200, { minBusyTimeout: 100 }, 0],
    [1000, { minBusyTimeout: 3000 }, 1],
    [3000, { minBusyTimeout: 3000 }, 0],
  ])('%i ms with %j', async (timeout, settings, count) => {
    expect(await reportsOf(opens(timeout), settings)).toHaveLength(count);
  });
});

describe('openers', () => {
  const MAIN = `
    import { connect } from '@acme/db';
    export function clear(): void {
      const handle = connect('app.db');
      handle.exec('DELETE FROM t');
    }
  `;
  const opener = { module: '@acme/db', name: 'connect', driver: 'better-sqlite3' };

  test('a function of a package that nobody knows opens nothing', async () => {
    expect(await reportsOf({ 'main.ts': MAIN }, {})).toEqual([]);
  });

  test('one that is named opens a connection of its driver', async () => {
    expect(await reportsOf({ 'main.ts': MAIN }, { openers: [opener] })).toEqual([
      'main.ts:3 require-close',
      'main.ts:3 require-pragmas',
    ]);
  });

  test('one that sets it up leaves only the close to its caller', async () => {
    expect(await reportsOf({ 'main.ts': MAIN }, { openers: [{ ...opener, configured: true }] })).toEqual([
      'main.ts:3 require-close',
    ]);
  });

  test('another function of the same package opens nothing', async () => {
    expect(await reportsOf({ 'main.ts': MAIN }, { openers: [{ ...opener, name: 'open' }] })).toEqual([]);
  });

  test('a driver that nobody knows opens nothing, and the setting is reported', async () => {
    const reports = await reportsOf({ 'main.ts': MAIN }, { openers: [{ ...opener, driver: 'made up' }] });
    expect(reports).toEqual(['main.ts:1 no-async-transaction']);
  });

  test('a module of the project by its path', async () => {
    const files = {
      'src/main.ts': MAIN.replace('@acme/db', './db'),
      'src/db.ts': 'export declare const connect: any;',
    };
    expect(await reportsOf(files, {})).toEqual([]);
    expect(await reportsOf(files, { openers: [{ ...opener, module: './src/db.ts', configured: true }] })).toEqual([
      'src/main.ts:3 require-close',
    ]);
  });
});

describe('foreignWork', () => {
  const MAIN = `
    import { DatabaseSync } from 'node:sqlite';
    import { look } from '@acme/tax';
    export async function refresh(sku: string): Promise<void> {
      using db = new DatabaseSync('app.db', { timeout: 5000 });
      db.exec('PRAGMA journal_mode = WAL');
      db.prepare('UPDATE t SET tax = ?').run(await look(sku));
    }
  `;

  test('what a package waits for that nobody knows is not reported, and what the project names is', async () => {
    expect(await reportsOf({ 'main.ts': MAIN }, {})).toEqual([]);
    expect(await reportsOf({ 'main.ts': MAIN }, { foreignWork: ['@acme/tax'] })).toEqual([
      'main.ts:6 no-await-with-open-connection',
    ]);
    expect(await reportsOf({ 'main.ts': MAIN }, { foreignWork: ['@acme/other'] })).toEqual([]);
  });
});

describe('wrapper', () => {
  const WRAPPER = `
    import Database from 'better-sqlite3';
    export const openDatabase = (path: string) => new Database(path);
    export const db = new Database('app.db');
  `;

  test('what the wrapper opens is its own business', async () => {
    expect(await reportsOf({ 'src/db.ts': WRAPPER }, {})).not.toEqual([]);
    expect(await reportsOf({ 'src/db.ts': WRAPPER }, { wrapper: { module: './src/db' } })).toEqual([]);
    expect(await reportsOf({ 'src/db.ts': WRAPPER }, { wrapper: { module: './src/other' } })).not.toEqual([]);
  });

  test('a package that is the wrapper of a driver hands out safe connections', async () => {
    const main = `
      import { openDatabase, withTransaction } from '@acme/safe';
      export async function run(url: string): Promise<void> {
        const handle = openDatabase('app.db');
        try {
          withTransaction(handle, async () => {
            await fetch(url);
          });
        } finally {
          handle.close();
        }
      }
    `;
    expect(await reportsOf({ 'main.ts': main }, {})).toEqual([]);
    expect(
      await reportsOf({ 'main.ts': main }, { wrapper: { module: '@acme/safe', driver: 'better-sqlite3' } }),
    ).toEqual(['main.ts:5 no-async-transaction']);
  });
});

describe('settings that cannot be used', () => {
  const lint = (unbusy: unknown, name = 'other.js', text = 'export {};'): string[] => {
    const folder = new ProjectFolder({ 'package.json': '{}', [name]: text });
    return new Linter({ cwd: folder.path })
      .verify(text, [{ ...plugin.configs.all, settings: { unbusy } }], { filename: folder.file(name) })
      .map(({ line, message }) => `${line} ${message}`);
  };

  test.each<[unknown, string]>([
    ['x', "`settings.unbusy` is `'x'`: it has to be an object."],
    [null, '`settings.unbusy` is `null`: it has to be an object.'],
    [{ opener: [] }, '`settings.unbusy.opener` is not known. Did you mean `openers`?'],
    [{ openers: {} }, '`settings.unbusy.openers` is `{}`: it has to be an array.'],
    [{ wrapper: {} }, '`settings.unbusy.wrapper.module` is missing: it has to be a string that is not empty.'],
    [{ wrapper: 'x' }, "`settings.unbusy.wrapper` is `'x'`: it has to be an object."],
    [
      { wrapper: { module: 'x', names: { openDatabse: 'open' } } },
      '`settings.unbusy.wrapper.names.openDatabse` is not known. Did you mean `openDatabase`?',
    ],
    [{ tests: true }, '`settings.unbusy.tests` is `true`: it has to be `"ignore"`, `"check"` or an array of strings.'],
    [{ tests: [1] }, '`settings.unbusy.tests[0]` is `1`: it has to be a string that is not empty.'],
    [{ foreignWork: 'x' }, "`settings.unbusy.foreignWork` is `'x'`: it has to be an array."],
    [
      { minBusyTimeout: '5' },
      "`settings.unbusy.minBusyTimeout` is `'5'`: it has to be a number of milliseconds, 0 or more.",
    ],
  ])('%j is told once in each file, by whichever rule comes first', (unbusy, problem) => {
    expect(lint(unbusy)).toEqual([`1 ${problem} This setting is not used.`]);
  });

  test('a driver that nobody knows is named with the nearest one that there is', () => {
    const [problem] = lint({ openers: [{ module: 'm', name: 'open', driver: 'better-sqlite' }] });
    expect(problem).toContain("`settings.unbusy.openers[0].driver` is `'better-sqlite'`: it has to be one of");
    expect(problem).toContain('Did you mean `better-sqlite3`?');
  });

  test('a value that holds itself is told as well', () => {
    const wrapper: Record<string, unknown> = { module: 'm' };
    wrapper.names = wrapper;
    expect(lint({ wrapper })[0]).toContain('`settings.unbusy.wrapper.names.module` is not known.');
  });

  test('the other settings are used', () => {
    const text = `import Database from 'better-sqlite3'; export const db = new Database('app.db'); db.exec('DELETE FROM t');`;
    const reports = lint({ tests: 'check', openers: {} }, 'db.test.js', text);
    expect(reports).toHaveLength(2);
    expect(reports.join()).toContain('WAL');
  });

  test('settings that can be used are not mentioned', () => {
    expect(lint({ tests: [], openers: [], foreignWork: ['a'], minBusyTimeout: 0, wrapper: { module: 'm' } })).toEqual(
      [],
    );
    expect(lint(undefined)).toEqual([]);
  });
});
