import { execFileSync } from 'node:child_process';
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

  test('is what the codemod rewrites to, with the settings that it shows', async () => {
    const folder = project(
      {
        'package.json': '{ "type": "module", "dependencies": { "better-sqlite3": "*", "unbusy": "*" } }',
        'jobs.js': `
          import Database from 'better-sqlite3';
          export const jobs = new Database('jobs.db');`,
      },
      PACKAGES,
    );
    const { output } = await codemod(folder.path, ['init', '--write']);
    const settings = output.slice(output.indexOf('  {'));
    folder.write('eslint.config.js', `export default [\n${settings}];`);
    const migrated = await codemod(folder.path, ['--write', '--allow-dirty']);
    expect(migrated.output).toContain('1 x Open it with `openDatabase` of ./database.js.');
    expect(folder.text('jobs.js')).toBe(
      dedent(`
        import { openDatabase } from './database.js';
        export const jobs = openDatabase('jobs.db');`),
    );
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
