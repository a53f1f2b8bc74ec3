import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codemod, project } from './command.ts';
import type { ProjectFolder } from '../project-folder.ts';
import type { Run } from '../../src/codemod/model.ts';

const FILES = {
  'src/database.ts': `
    import Database from 'better-sqlite3';
    export function connect(): Database.Database {
      return new Database('app.db');
    }`,
  'src/task.ts': `
    import { connect } from './database.js';
    import { format } from './format.js';
    export function save(name: string): void {
      const db = connect();
      db.prepare('INSERT INTO t VALUES (?)').run(format(name));
      db.close();
    }`,
  'src/format.ts': `export const format = (name: string): string => name.trim();`,
  'src/page.ts': `import { save } from './task.js'; export const page = (): void => save('a');`,
  'src/unrelated.ts': `export const unrelated = 1;`,
  'tsconfig.json': `{ "compilerOptions": { "strict": true, "module": "nodenext" }, "include": ["src"] }`,
};

const CACHE = 'cache.json';
/** A finding that only the cache has: where it is told, nothing was looked at. */
const MARK = 'told by the cache';

/** A project that was looked at once; what the cache has of it says so. */
async function looked(args: readonly string[] = []): Promise<ProjectFolder> {
  const folder = project(FILES, ['better-sqlite3']);
  await report(folder, args);
  const kept = JSON.parse(folder.text(CACHE)) as { run: { notes: unknown[] } };
  kept.run.notes.push({ path: 'src/task.ts', line: 1, text: MARK });
  writeFileSync(folder.file(CACHE), JSON.stringify(kept));
  return folder;
}

async function report(folder: ProjectFolder, args: readonly string[] = []): Promise<Run> {
  const { code, errors } = await codemod(folder.path, [
    ...['report', 'src', '--cache', '--cache-location', CACHE, '--report', 'run.json', ...args],
  ]);
  expect([code, errors]).toEqual([0, '']);
  return JSON.parse(folder.text('run.json')) as Run;
}

/** Whether the run came from the cache. */
const isKept = ({ notes }: Run): boolean => notes.some(({ text }) => text === MARK);

describe('--cache takes what was found before', () => {
  test('where nothing has changed', async () => {
    const folder = await looked();
    const run = await report(folder);
    expect(isKept(run)).toBe(true);
    expect(run.files.map(({ path }) => path)).toEqual(['src/database.ts', 'src/task.ts']);
  });

  test('where a file has changed that no connection has to do with, which is counted nevertheless', async () => {
    const folder = await looked();
    folder.write('src/unrelated.ts', 'export const unrelated = 2;');
    folder.write('src/another.ts', 'export const another = 3;');
    const run = await report(folder);
    expect([isKept(run), run.examined]).toEqual([true, 6]);
    expect(run.paths).toContain('src/another.ts');
  });

  test('for a migration that is only shown', async () => {
    const folder = await looked();
    const { output } = await codemod(folder.path, ['src', '--cache', '--cache-location', CACHE]);
    expect(output).toContain(MARK);
    expect(output).toContain('+++ ');
  });
});

describe('--cache looks again where', () => {
  test.each<[string, (folder: ProjectFolder) => void]>([
    [
      'a file with a connection has changed',
      (folder) => folder.write('src/task.ts', `${FILES['src/task.ts']}\n// more`),
    ],
    [
      'a helper of another file has changed',
      (folder) => folder.write('src/format.ts', 'export const format = String;'),
    ],
    ['a file that calls one has changed', (folder) => folder.write('src/page.ts', `import './task.js';`)],
    [
      'a file is new that calls one',
      (folder) => folder.write('src/new.ts', `import { save } from './task.js'; save('b');`),
    ],
    ['a file has gone', (folder) => rmSync(folder.file('src/page.ts'))],
    [
      'a file outside of those that were named opens one',
      (folder) => folder.write('other.ts', FILES['src/database.ts']),
    ],
    ['what is checked has changed', (folder) => folder.write('tsconfig.json', `{ "include": ["src"] }`)],
    ['packages have changed', (folder) => folder.write('package-lock.json', '{}')],
    [
      'the ESLint config has changed',
      (folder) =>
        folder.write(
          'eslint.config.js',
          `export default [{ files: ['**/*.ts'], settings: { unbusy: { minBusyTimeout: 9000 } } }];`,
        ),
    ],
    ['it cannot be read', (folder) => writeFileSync(folder.file(CACHE), '{')],
  ])('%s', async (_, change) => {
    const folder = await looked();
    change(folder);
    expect(isKept(await report(folder))).toBe(false);
    expect(readFileSync(folder.file(CACHE), 'utf8')).not.toContain(MARK);
  });

  test('something else is asked for', async () => {
    const folder = await looked();
    expect(isKept(await report(folder, ['--rule', 'require-close']))).toBe(false);
  });
});

test.skipIf(process.platform === 'win32')('the settings count of a folder that a link leads to', async () => {
  const folder = await looked();
  const link = project({});
  symlinkSync(folder.path, link.file('link'));
  const args = ['report', 'src', '--cache', '--cache-location', CACHE, '--report', 'run.json'];
  const run = async (): Promise<Run> => {
    expect((await codemod(link.file('link'), args)).code).toBe(0);
    return JSON.parse(folder.text('run.json')) as Run;
  };
  expect(isKept(await run())).toBe(true);
  const settings = 'settings: { unbusy: { minBusyTimeout: 9000 } }';
  folder.write('eslint.config.js', `export default [{ files: ['**/*.ts'], ${settings} }];`);
  expect(isKept(await run())).toBe(false);
});

test('a run that writes looks at everything', async () => {
  const folder = await looked();
  const { output } = await codemod(folder.path, [
    ...['src', '--cache', '--cache-location', CACHE, '--write', '--allow-dirty'],
  ]);
  expect(output).not.toContain(MARK);
  expect(folder.text('src/task.ts')).toContain('finally');
});
