import { join, relative } from 'node:path';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { lookAhead } from '../../src/codemod/jobs/ahead.ts';
import { codemod, project } from './command.ts';
import { legacyTasks } from './report/real-runs.ts';
import type { ProjectFolder } from '../project-folder.ts';

vi.setConfig({ testTimeout: 120_000 });

const CASES = fileURLToPath(new URL('../cases', import.meta.url));

/** The report of a run with so many threads, and what it printed. */
async function runWith(folder: ProjectFolder, jobs: number, args: readonly string[]): Promise<[unknown, string]> {
  const { code, output } = await codemod(folder.path, [...args, '--jobs', `${jobs}`, '--report', 'run.json']);
  expect(code).toBe(0);
  return [JSON.parse(folder.text('run.json')), output];
}

test.each([
  ['safe rewrites', ['src']],
  ['suggestions as well', ['src', '--suggestions']],
  ['a report', ['report', 'src', '--suggestions', '--open', 'wrapper']],
])('several threads find and make what one does: %s', async (_, args) => {
  const folder = legacyTasks();
  expect(await runWith(folder, 3, args)).toEqual(await runWith(folder, 1, args));
});

test('also of many small programs, some of which change what others do', async () => {
  const names = readdirSync(CASES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    // A part of them, as it takes long: whole programs, whose files change what the others do.
    .filter((path) => /^[AC-F]-/.test(relative(CASES, path)));
  const folder = project({});
  for (const name of names) folder.write(join('src', relative(CASES, name)), readFileSync(name, 'utf8'));
  const args = ['src', '--suggestions', '--no-types'];
  expect(await runWith(folder, 2, args)).toEqual(await runWith(folder, 1, args));
});

test('what goes wrong in a thread is told as ever', async () => {
  const folder = project({
    'src/a.js': `import Database from 'better-sqlite3'; export const db = new Database('a.db');`,
  });
  folder.write('eslint.config.js', 'throw new Error("no such thing");');
  const { code, errors } = await codemod(folder.path, ['src', '--jobs', '2']);
  expect([code, errors]).toEqual([2, expect.stringContaining('The ESLint config could not be loaded: no such thing')]);
});

test('a number of threads is asked for', async () => {
  const { code, errors } = await codemod(project({ 'a.js': '' }).path, ['.', '--jobs', 'many']);
  expect([code, errors]).toEqual([2, expect.stringContaining('It is a number of threads.')]);
});

test('no thread is left without a file', async () => {
  const seen = await lookAhead(
    {
      ...{ root: '/', files: [], config: false, suggestions: false, wrapperFirst: false },
      choice: { rules: [], drivers: [], style: null, open: null },
    },
    4,
    () => undefined,
  );
  expect(seen.size).toBe(0);
});
