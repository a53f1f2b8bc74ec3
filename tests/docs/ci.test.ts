import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { CLI, project } from '../codemod/command.ts';
import { DOCS, readPage } from './markdown.ts';
import type { Log } from 'sarif';
import type { ProjectFolder } from '../project-folder.ts';

// Each command is a process of its own, of which some tests start many.
vi.setConfig({ testTimeout: 180_000 });

const page = readPage(join(DOCS, 'ci.md'));

/** The commands that the page shows under a heading, as a shell runs them. */
function commandsUnder(heading: string): string[] {
  const lines = page.fences
    .filter(({ under }) => under.at(-1) === heading)
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.includes('npx unbusy-codemod'));
  return lines.map((line) => line.replace(/^\s*(?:- run|entry): /, '').trim());
}

function run(folder: ProjectFolder, command: string): { readonly code: number | null; readonly output: string } {
  const real = command.replace('npx unbusy-codemod', `"${process.execPath}" "${CLI}"`);
  const { status, stdout, stderr } = spawnSync(real, { cwd: folder.path, shell: true, encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

function git(folder: ProjectFolder, ...args: readonly string[]): void {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  execFileSync('git', [...identity, ...args], { cwd: folder.path, stdio: 'pipe' });
}

const leak = (name: string): string => `
  import { DatabaseSync } from 'node:sqlite';

  export function ${name}(file) {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL');
    db.exec('DELETE FROM users');
    db.close();
  }`;

/** A repository with one hazard. */
let folder: ProjectFolder;

beforeEach(() => {
  folder = project({ 'src/one.js': leak('one'), 'src/none.js': 'export const answer = 42;' });
  git(folder, 'init');
  git(folder, 'add', '.');
  git(folder, 'commit', '-m', 'first');
});

test('the pull request gets a SARIF file and a page', () => {
  const [report = ''] = commandsUnder('Annotations on pull requests');
  expect(run(folder, report).code).toBe(0);
  const log = JSON.parse(folder.text('unbusy.sarif')) as Log;
  expect(log.runs[0]?.results?.map(({ ruleId }) => ruleId)).toEqual(['unbusy/require-close']);
  expect(folder.text('hazards.html')).toContain('<title>SQLite lock hazards</title>');
});

test('places are from the root of the repository, where the command runs in a folder of it', () => {
  const inside = spawnSync(process.execPath, [CLI, 'report', '.', '--report', 'a.sarif'], { cwd: folder.file('src') });
  expect(inside.status).toBe(0);
  const [result] = (JSON.parse(folder.text('src/a.sarif')) as Log).runs[0]?.results ?? [];
  expect(result?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe('src/one.js');
});

describe('a baseline', () => {
  const [update = '', check = '', migrate = '', all = ''] = commandsUnder('An old code base');

  function expectKnown(figures: string): void {
    const { code, output } = run(folder, check);
    expect(output).toContain(figures);
    expect(code).toBe(0);
  }

  test('lets what is known pass, and tells what is new and what is gone', () => {
    expect(run(folder, check).output).toContain('There is no baseline unbusy-baseline.json: write it with');
    expect(run(folder, update).code).toBe(0);
    expectKnown('0 new, 1 known, 0 gone.');

    folder.write('src/two.js', leak('two'));
    folder.write('src/one.js', 'export const nothing = 1;');
    const { code, output } = run(folder, check);
    expect(code).toBe(1);
    expect(output).toContain('Gone: src/one.js in one: require-close\n');
    expect(output).toContain('New: src/two.js:4:14 require-close: This connection stays open');

    run(folder, update);
    expectKnown('0 new, 1 known, 0 gone.');
    expect(folder.text('unbusy-baseline.json')).not.toContain('one.js');
  });

  test('keeps the entries of files that a run does not look at', () => {
    folder.write('src/two.js', leak('two'));
    run(folder, update);
    const part = run(folder, `npx unbusy-codemod report src/two.js --baseline unbusy-baseline.json --update-baseline`);
    expect(part.code).toBe(0);
    expectKnown('0 new, 2 known, 0 gone.');
  });

  test.each(['--rule require-close', '--driver node:sqlite'])('does not go with %s', (option) => {
    const { code, output } = run(folder, `${check} ${option}`);
    expect([code, output]).toEqual([2, expect.stringContaining("option '--baseline <file>' cannot be used with")]);
  });

  test('is not needed where all is migrated', () => {
    expect(run(folder, all).code).toBe(1);
    expect(run(folder, migrate).code).toBe(0);
    expect(run(folder, all).code).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('before a commit', () => {
  const [staged = '', hook = ''] = commandsUnder('Before a commit');

  test('only what is staged counts', () => {
    run(folder, commandsUnder('An old code base')[0] ?? '');
    folder.write('src/not staged.js', leak('three'));
    expect(run(folder, staged)).toEqual({ code: 0, output: '' });
    folder.write('src/is staged.js', leak('two'));
    git(folder, 'add', 'src/is staged.js');
    const { code, output } = run(folder, staged);
    expect(code).not.toBe(0);
    expect(output.match(/^New: .*? require-close/gm)).toEqual(['New: src/is staged.js:4:14 require-close']);
  });

  test('the hook is the same command', () => {
    expect(staged.endsWith(`xargs -0 -r ${hook}`)).toBe(true);
  });
});

test('parts of several machines make one report', () => {
  const [part = '', merge = ''] = commandsUnder('Beyond one machine');
  folder.write('src/two.js', leak('two'));
  run(folder, commandsUnder('An old code base')[0] ?? '');
  for (const index of [1, 2, 3])
    expect(run(folder, part.replaceAll('${{ matrix.part }}', String(index))).code, `part ${index}`).toBe(0);
  const { code, output } = run(folder, merge);
  expect(output).toContain('0 new, 2 known, 0 gone.');
  expect([code, existsSync(folder.file('unbusy.sarif'))]).toEqual([0, true]);
});

test('a build keeps what was found', () => {
  const [report = ''] = commandsUnder('The time that it takes');
  run(folder, report.replace('--baseline', '--update-baseline --baseline').replace('--fail-on findings', ''));
  expect(run(folder, report).code).toBe(0);
  // There is no folder of packages here.
  expect(existsSync(folder.file('.unbusy-codemod-cache.json'))).toBe(true);
  folder.write('src/two.js', leak('two'));
  expect(run(folder, report).code).toBe(1);
});

describe("ESLint's cache", () => {
  const files = {
    'eslint.config.js': `
      import unbusy from 'eslint-plugin-unbusy';
      export default [unbusy.configs.recommended];`,
    'src/open.js': 'export function open() { return globalThis.db; }',
    'src/use.js': `
      import { open } from './open.js';
      export function purge() { const db = open(); db.exec('DELETE FROM users'); db.close(); }`,
  };
  const opening = `
    import { DatabaseSync } from 'node:sqlite';
    export function open() { return new DatabaseSync('app.db'); }`;

  /** What a build prints; it knows nothing of the one before but its cache. */
  function lint(folder: ProjectFolder, ...options: readonly string[]): string {
    const eslint = folder.file('node_modules/eslint/bin/eslint.js');
    const args = [eslint, 'src/use.js', ...options];
    return spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8' }).stdout;
  }

  test('misses a finding that a change of a helper brings', () => {
    const other = project(files, ['eslint', 'eslint-plugin-unbusy']);
    expect(lint(other, '--cache')).toBe('');
    other.write('src/open.js', opening);
    expect(lint(other, '--cache')).toBe('');
    expect(lint(other)).toContain('unbusy/require-close');
  });

  test('is left to other rules by the config that the page shows', () => {
    const config = page.fences.find(({ language }) => language === 'js')?.text ?? '';
    const other = project({ 'eslint.config.js': config, 'src/one.js': leak('one') }, [
      'eslint',
      'eslint-plugin-unbusy',
    ]);
    const rules = (fast: string): string[] => {
      const script = `
        const { ESLint } = await import('eslint');
        const found = await new ESLint().calculateConfigForFile('src/one.js');
        console.log(Object.keys(found?.rules ?? {}).join());`;
      const env = { ...process.env, ESLINT_FAST: fast };
      const args = ['--input-type=module', '--eval', script];
      const output = execFileSync(process.execPath, args, { cwd: other.path, env, encoding: 'utf8', stdio: 'pipe' });
      return output.trim().split(',');
    };
    expect(rules('')).toContain('unbusy/require-close');
    expect(rules('1')).toEqual(['']);
  });
});
