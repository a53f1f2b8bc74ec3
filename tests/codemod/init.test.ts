import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { dedent } from '../source.ts';
import { codemod, project } from './command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const PACKAGES = ['unbusy', 'better-sqlite3', 'sqlite3', 'sqlite', 'libsql', '@libsql', '@types'];

/** What a program does with the scaffolded module, by driver: what it prints is the busy timeout of a connection. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'better-sqlite3': `
    const db = openDatabase('app.db');
    console.log(db.pragma('busy_timeout', { simple: true }));
    withTransaction(db, (tx) => tx.exec('CREATE TABLE a (b)'));
    db.close();`,
  libsql: `
    const db = openDatabase('app.db');
    console.log((db.prepare('PRAGMA busy_timeout').get() as { timeout: number }).timeout);
    withTransaction(db, (tx) => tx.exec('CREATE TABLE a (b)'));
    db.close();`,
  sqlite: `
    const db = await openDatabase('app.db');
    console.log((await db.get<{ timeout: number }>('PRAGMA busy_timeout'))?.timeout);
    await withTransaction(db, (tx) => tx.exec('CREATE TABLE a (b)'));
    await db.close();`,
  '@libsql/client': `
    const db = await openDatabase('app.db');
    // The client tells its timeout to nobody.
    console.log((await db.execute('PRAGMA journal_mode')).rows[0]?.['journal_mode'] === 'wal' ? 5000 : 0);
    await withTransaction(db, (tx) => tx.execute('CREATE TABLE a (b)'));
    db.close();`,
};

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    rootDir: 'src',
    outDir: 'out',
    skipLibCheck: true,
  },
  include: ['src'],
});

describe('the scaffolded module', () => {
  test.each(Object.entries(PROGRAMS))(
    'of %s has types and runs',
    async (driver, program) => {
      const folder = project({ 'tsconfig.json': TSCONFIG, 'src/main.ts': '' }, PACKAGES);
      expect((await codemod(folder.path, ['init', '--driver', driver, '--write'])).code).toBe(0);
      const imports = "import { openDatabase, withTransaction } from './database.js';";
      folder.write('src/main.ts', `${imports}\n${dedent(program)}`);
      execFileSync(process.execPath, [TSC, '-p', folder.path], { stdio: 'inherit' });
      const output = execFileSync(process.execPath, ['out/main.js'], { cwd: folder.path, encoding: 'utf8' });
      expect(output).toBe('5000\n');
    },
    60_000,
  );

  test('is CommonJS where the project is', async () => {
    const folder = project({ 'package.json': '{ "dependencies": { "better-sqlite3": "*" } }' }, PACKAGES);
    await codemod(folder.path, ['init', '--write']);
    const { openDatabase } = createRequire(folder.file('main.js'))('./database.js') as {
      openDatabase: (file: string) => { pragma(sql: string, options: object): unknown; close(): void };
    };
    const db = openDatabase(folder.file('app.db'));
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    db.close();
  });

  test('is what the codemod rewrites to, by the config that comes with it', async () => {
    const folder = project(
      {
        'package.json': '{ "type": "module", "dependencies": { "better-sqlite3": "*", "unbusy": "*" } }',
        'jobs.js': `
          import Database from 'better-sqlite3';
          export const jobs = new Database('jobs.db');`,
      },
      PACKAGES,
    );
    folder.write('eslint.config.js', 'export default [];');
    await codemod(folder.path, ['init', '--write']);
    const migrated = await codemod(folder.path, ['--write', '--allow-dirty']);
    expect(migrated.output).toContain('1 x Open it with `openDatabase` of ./database.js.');
    expect(folder.text('jobs.js')).toBe(
      dedent(`
        import { openDatabase } from './database.js';
        export const jobs = openDatabase('jobs.db');`),
    );
  });
});

describe('the ESLint config', () => {
  const MANIFEST = '{ "type": "module", "dependencies": { "better-sqlite3": "*", "unbusy": "*" } }';
  const ELEMENT = `
  {
    settings: {
      unbusy: { wrapper: { module: './database.js', driver: 'better-sqlite3' } },
    },
  },
`;
  const initialized = async (files: Readonly<Record<string, string>>, ...options: string[]) => {
    const folder = project({ 'package.json': MANIFEST, ...files }, PACKAGES);
    const { output, code } = await codemod(folder.path, ['init', ...options]);
    return { folder, output, code };
  };

  test('is made where there is none, with the packages that are missing', async () => {
    const { folder, output } = await initialized({ 'tsconfig.json': TSCONFIG }, '--write');
    expect(output).toContain(
      'Install the linter: npm install --save-dev eslint eslint-plugin-unbusy @typescript-eslint/parser',
    );
    expect(output).toContain('Wrote eslint.config.mjs, so that linter and codemod rewrite to it.');
    expect(folder.text('eslint.config.mjs')).toBe(
      `import * as parser from '@typescript-eslint/parser';
import { defineConfig } from 'eslint/config';
import unbusy from 'eslint-plugin-unbusy';

export default defineConfig([
  { files: ['**/*.{ts,tsx,mts,cts}'], languageOptions: { parser } },
  unbusy.configs.recommended,${ELEMENT}]);
`,
    );
  });

  test.each([
    ['{ "module": "nodenext" }', './src/database.js'],
    ['{ "module": "esnext", "moduleResolution": "bundler" }', './src/database'],
    ['{ "module": "commonjs" }', './src/database'],
    ['{ "module": "nodenext", "allowImportingTsExtensions": true, "noEmit": true }', './src/database.ts'],
  ])('names the module as files import it under %s', async (compilerOptions, module) => {
    const files = { 'tsconfig.json': `{ "compilerOptions": ${compilerOptions} }`, 'src/jobs.ts': '' };
    expect((await initialized(files)).output).toContain(`module: '${module}'`);
  });

  test.each([
    ['a list', 'export default [\n  one,\n];', `export default [\n  one,${ELEMENT}];`],
    ['an empty list', 'export default [];', `export default [${ELEMENT}];`],
    [
      'a list in a call, without a comma behind its last element and with a comment there',
      'export default defineConfig([\n  one,\n  two // the second\n])',
      `export default defineConfig([\n  one,\n  two, // the second${ELEMENT}])`,
    ],
    [
      'the arguments of a call',
      'export default tseslint.config(\n  one,\n  { rules: {} },\n);',
      `export default tseslint.config(\n  one,\n  { rules: {} },${ELEMENT});`,
    ],
    [
      'a constant, on one line',
      'const config = [one, two];\nexport default config;',
      `const config = [one, two, { settings: { unbusy: { wrapper: { module: './database.js', driver: 'better-sqlite3' } }, }, }];\nexport default config;`,
    ],
    [
      'a list that ends with a comment',
      'export default [\n  one,\n  // the end\n];',
      `export default [\n  one,${ELEMENT}  // the end\n];`,
    ],
    ['CommonJS', 'module.exports = [\n  one,\n];', `module.exports = [\n  one,${ELEMENT}];`],
  ])('gets one more element in %s', async (_, before, after) => {
    const { folder, output } = await initialized({ 'eslint.config.mjs': before }, '--write');
    expect(folder.text('eslint.config.mjs')).toBe(after);
    expect(output).toContain('Changed eslint.config.mjs, so that linter and codemod rewrite to it:');
  });

  test('is only shown without --write', async () => {
    const { folder, output } = await initialized({ 'eslint.config.mjs': 'export default [\n  one,\n];' });
    expect(folder.text('eslint.config.mjs')).toBe('export default [\n  one,\n];');
    expect(output).toContain('Would change eslint.config.mjs, so that linter and codemod rewrite to it:');
    expect(output).toContain("+      unbusy: { wrapper: { module: './database.js', driver: 'better-sqlite3' } },");
  });

  test.each([
    ['makes its list elsewhere', 'eslint.config.mjs', 'export default await configs();'],
    ['has settings for unbusy', 'eslint.config.mjs', 'export default [{ settings: { unbusy: {} } }];'],
    ['cannot be parsed', 'eslint.config.mjs', 'export default ['],
    ['is of the old kind', '.eslintrc.json', '{}'],
  ])('is left alone where it %s, and what to add is shown', async (_, name, text) => {
    const { folder, output, code } = await initialized({ [name]: text }, '--write');
    expect([code, folder.text(name), existsSync(folder.file('eslint.config.mjs'))]).toEqual([
      0,
      text,
      name !== '.eslintrc.json',
    ]);
    expect(output).toContain(`In ESLint's config, so that linter and codemod rewrite to it:\n${ELEMENT}`);
  });
});

describe('init refuses', () => {
  test('to overwrite a file', async () => {
    const folder = project({ 'database.js': 'mine', 'package.json': '{ "dependencies": { "sqlite3": "*" } }' });
    const { code, errors } = await codemod(folder.path, ['init', '--write']);
    expect([code, folder.text('database.js')]).toEqual([2, 'mine']);
    expect(errors).toContain('database.js is there already: name another one with --file.');
  });

  test.each([
    ['{}', 'package.json names no driver of SQLite: name it with --driver'],
    ['{ "dependencies": { "sqlite3": "*", "libsql": "*" } }', 'choose one with --driver (libsql, sqlite3)'],
    ['{', 'There is no package.json to be read in'],
  ])('%s', async (manifest, message) => {
    const { code, errors } = await codemod(project({ 'package.json': manifest }).path, ['init']);
    expect(errors).toContain(message);
    expect(code).toBe(2);
  });
});
