// Installs the packed plugin in projects of the kinds that it promises to work in, and lints them with their own tools.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import plugin from '../../src/index.ts';
import { Host } from './host.ts';

const INSTALL_TIMEOUT = 180_000;
const RUN_TIMEOUT = 60_000;

const FOUND_IN_JAVASCRIPT = [
  'database.js:4 require-pragmas',
  'jobs.js:12 no-await-with-open-connection',
  'jobs.js:4 require-close',
];
const FOUND_IN_TYPESCRIPT = [
  'database.ts:4 require-pragmas',
  'jobs.ts:14 require-close',
  'jobs.ts:19 require-rollback',
];

/** The recommended rules as oxlint wants them, which knows no presets of plugins. */
const OXLINT_CONFIG = JSON.stringify({
  jsPlugins: ['eslint-plugin-unbusy'],
  categories: { correctness: 'off' },
  rules: plugin.configs.recommended.rules,
});

const temporary = mkdtempSync(join(tmpdir(), 'unbusy-packed-'));
const hosts = {
  javascript: new Host(),
  eslint9: new Host(),
  typescript59: new Host(),
  typescript6: new Host(),
  typescript7: new Host(),
};
let tarball = '';

beforeAll(async () => {
  const script = fileURLToPath(new URL('../../scripts/pack.mjs', import.meta.url));
  tarball = execFileSync(process.execPath, [script, temporary], { encoding: 'utf8' }).trim();
  const eslint = '10.15.0';
  const shared = { eslint, 'typescript-eslint': '8.73.0', jiti: '2.7.0' };
  await Promise.all([
    hosts.javascript.install(tarball, { eslint }),
    hosts.eslint9.install(tarball, { eslint: '9.39.5' }),
    hosts.typescript59.install(tarball, { ...shared, typescript: '5.9.3' }),
    hosts.typescript6.install(tarball, { ...shared, typescript: '6.0.3', oxlint: '1.94.0' }),
    hosts.typescript7.install(tarball, { eslint, typescript: '7.0.2', oxlint: '1.94.0' }),
  ]);
}, INSTALL_TIMEOUT);

afterAll(() => {
  for (const host of Object.values(hosts)) host.remove();
  rmSync(temporary, { recursive: true, force: true });
});

test('the packed package is sound', { timeout: RUN_TIMEOUT }, () => {
  const script = fileURLToPath(new URL('../../scripts/check-package.mjs', import.meta.url));
  expect(() => execFileSync(process.execPath, [script, tarball])).not.toThrow();
});

describe('a project in plain JavaScript', () => {
  const host = hosts.javascript;

  beforeAll(() => {
    host.copy('javascript');
    host.copy('configs/eslint.config.mjs', 'eslint.config.mjs');
  });

  test('gets a parser, a resolver and a glob with the plugin, what the codemod needs, and nothing else', () => {
    const binding = /^@oxc-(?:parser|resolver)\/binding-/;
    const names = host.installedForPlugin().filter((name) => !binding.test(name));
    expect(names).toEqual([
      '@isaacs/nonrecursive-glob-match',
      '@oxc-project/types',
      '@ts-morph/common',
      'balanced-match',
      'brace-expansion',
      'code-block-writer',
      'commander',
      'diff',
      'eslint-plugin-unbusy',
      'fdir',
      'ignore',
      'minimatch',
      'oxc-parser',
      'oxc-resolver',
      'path-browserify',
      'picomatch',
      'tinyglobby',
      'ts-morph',
    ]);
    expect(host.installedForPlugin().filter((name) => binding.test(name))).toHaveLength(2);
  });

  test('needs neither TypeScript nor a parser of it', () => {
    const names = host.installed();
    expect(names.filter((name) => name.includes('typescript'))).toEqual([]);
  });

  test('is linted', { timeout: RUN_TIMEOUT }, async () => {
    expect(await host.eslint('.')).toEqual(FOUND_IN_JAVASCRIPT);
  });
});

describe('a project with ESLint 9 and a configuration in CommonJS', () => {
  const host = hosts.eslint9;

  beforeAll(() => {
    host.copy('javascript');
    host.copy('configs/import.config.cjs', 'import.config.cjs');
    host.copy('configs/require.config.cjs', 'require.config.cjs');
  });

  test.each(['import', 'require'])(
    'is linted when the configuration uses %s()',
    { timeout: RUN_TIMEOUT },
    async (way) => {
      expect(await host.eslint('.', '--config', `${way}.config.cjs`)).toEqual(FOUND_IN_JAVASCRIPT);
    },
  );
});

describe.each([
  ['5.9', hosts.typescript59],
  ['6', hosts.typescript6],
])('a project with TypeScript %s and typescript-eslint', (_version, host) => {
  beforeAll(() => {
    host.copy('typescript');
    host.copy('configs/eslint.config.ts', 'eslint.config.ts');
  });

  test('is linted, without type information', { timeout: RUN_TIMEOUT }, async () => {
    expect(await host.eslint('database.ts', 'jobs.ts')).toEqual(FOUND_IN_TYPESCRIPT);
  });

  test('has a configuration whose types are right', { timeout: RUN_TIMEOUT }, async () => {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
    const { status, output } = await host.run('tsc', ...options, 'eslint.config.ts');
    expect({ status, output }).toEqual({ status: 0, output: '' });
  });
});

describe('a project with TypeScript 7, which typescript-eslint cannot parse', () => {
  const host = hosts.typescript7;

  beforeAll(() => {
    host.copy('javascript');
    host.copy('typescript');
    host.copy('configs/eslint.config.mjs', 'eslint.config.mjs');
    host.write('.oxlintrc.json', OXLINT_CONFIG);
  });

  test('has its JavaScript linted by ESLint', { timeout: RUN_TIMEOUT }, async () => {
    expect(await host.eslint('database.js', 'jobs.js')).toEqual(FOUND_IN_JAVASCRIPT);
  });

  test('has its TypeScript linted by oxlint', { timeout: RUN_TIMEOUT }, async () => {
    expect(await host.oxlint('database.ts', 'jobs.ts')).toEqual(FOUND_IN_TYPESCRIPT);
  });
});

describe('oxlint and ESLint', () => {
  const host = hosts.typescript6;

  beforeAll(() => {
    cpSync(fileURLToPath(new URL('../cases', import.meta.url)), join(host.folder, 'cases'), { recursive: true });
    host.copy('configs/eslint.config.ts', 'eslint.config.ts');
    host.write('.oxlintrc.json', OXLINT_CONFIG);
  });

  test('find the same in all cases', { timeout: RUN_TIMEOUT }, async () => {
    const found = await host.eslint('cases');
    expect(found.length).toBeGreaterThan(50);
    expect(await host.oxlint('cases')).toEqual(found);
  });

  test('fix the same in all cases', { timeout: 3 * RUN_TIMEOUT }, async () => {
    const cases = fileURLToPath(new URL('../cases', import.meta.url));
    for (const name of ['eslint', 'oxlint']) cpSync(cases, join(host.folder, name), { recursive: true });
    await host.eslint('eslint', '--fix');
    // ESLint goes on until nothing is left to fix; oxlint fixes once.
    for (let pass = 0; pass < 4; pass += 1) await host.oxlint('oxlint', '--fix');
    const files = readdirSync(cases, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.[cm]?[jt]s$/.test(file),
    );
    const read = (name: string, file: string): string => readFileSync(join(host.folder, name, file), 'utf8');
    const changed = files.filter((file) => read('eslint', file) !== readFileSync(join(cases, file), 'utf8'));
    expect(changed.length).toBeGreaterThan(30);
    for (const file of files) expect(read('oxlint', file), file).toBe(read('eslint', file));
  });
});
