import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { dedent } from '../source.ts';
import { codemod, project } from './command.ts';

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
const PACKAGES = ['unbusy', '@libsql', 'libsql', '@types'];

const FILES = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      strict: true,
      module: 'nodenext',
      target: 'es2022',
      types: ['node'],
      outDir: 'out',
      rootDir: 'src',
    },
    include: ['src'],
  }),
  'src/database.ts': `
    import { createClient, type Client } from '@libsql/client';

    /** A connection to the jobs. */
    export function openJobs(): Client {
      return createClient({ url: 'file:jobs.db' });
    }`,
  'src/jobs.ts': `
    import { openJobs } from './database.js';

    const db = openJobs();

    export async function countJobs(): Promise<unknown> {
      await db.execute('CREATE TABLE IF NOT EXISTS jobs (name TEXT)');
      return (await db.execute('SELECT count(*) AS n FROM jobs')).rows[0]?.['n'];
    }`,
  'src/main.ts': `
    import { countJobs } from './jobs.js';

    console.log(await countJobs());`,
};

const MIGRATE = ['src', '--write', '--allow-dirty', '--suggestions'];

test('a helper that opens becomes asynchronous, and its callers in other files await it', async () => {
  const folder = project(FILES, PACKAGES);
  const { output } = await codemod(folder.path, MIGRATE);

  expect(output).toContain('1 x Open it with `openDatabase` of unbusy/libsql-client.');
  expect(folder.text('src/database.ts')).toBe(
    dedent(`
      import type { Client } from '@libsql/client';
      import { openDatabase } from 'unbusy/libsql-client';

      /** A connection to the jobs. */
      export async function openJobs(): Promise<Client> {
        return await openDatabase('file:jobs.db');
      }`),
  );
  expect(folder.text('src/jobs.ts')).toContain('const db = await openJobs();');
  expect(folder.text('src/main.ts')).toBe(dedent(FILES['src/main.ts']));
  expect((await codemod(folder.path, MIGRATE)).output).toContain('no hazard found');

  execFileSync(process.execPath, [TSC, '-p', folder.path], { stdio: 'inherit' });
  const printed = execFileSync(process.execPath, [join('out', 'main.js')], { cwd: folder.path, encoding: 'utf8' });
  expect(printed).toBe('0\n');
}, 60_000);

test('where that stops, all files stay as they are, and the place is named', async () => {
  const files = {
    ...FILES,
    'src/jobs.ts': `
      import { openJobs } from './database.js';

      export class Jobs {
        readonly db;
        constructor() {
          this.db = openJobs();
        }
      }`,
    'src/main.ts': "import { Jobs } from './jobs.js';\nconsole.log(new Jobs());",
  };
  const folder = project(files, PACKAGES);
  const { output } = await codemod(folder.path, MIGRATE);

  expect(output).toContain('(asynchronous-form)');
  expect(output).toContain(
    'src/database.ts:5: It cannot become asynchronous: src/jobs.ts:5 stops that. A constructor cannot be asynchronous.',
  );
  for (const [name, text] of Object.entries(files)) expect(folder.text(name)).toBe(dedent(text));
}, 60_000);

describe('a driver whose PRAGMAs could be set as well', () => {
  const helper = `
    import sqlite3 from 'sqlite3';

    export function openJobs(): sqlite3.Database {
      return new sqlite3.Database('jobs.db');
    }`;
  const caller = `
    import { openJobs } from './database.js';

    const db = openJobs();

    export function countJobs(): Promise<unknown> {
      return new Promise((done, fail) => {
        db.all('SELECT 1 AS n', (problem, rows) => (problem ? fail(problem) : done(rows)));
      });
    }`;
  const packages = ['unbusy', 'sqlite3', '@types'];

  test('gets them, unless the wrapper is asked for: then its callers await it', async () => {
    const files = { 'tsconfig.json': FILES['tsconfig.json'], 'src/database.ts': helper, 'src/jobs.ts': caller };
    const byHand = project(files, packages);
    await codemod(byHand.path, MIGRATE);
    expect(byHand.text('src/database.ts')).toContain("db.run('PRAGMA journal_mode = WAL')");
    expect(byHand.text('src/jobs.ts')).toBe(dedent(caller));

    const folder = project(files, packages);
    await codemod(folder.path, [...MIGRATE, '--open', 'wrapper']);
    expect(folder.text('src/database.ts')).toContain('await openDatabase(');
    expect(folder.text('src/jobs.ts')).toContain('const db = await openJobs();');
    expect((await codemod(folder.path, [...MIGRATE, '--open', 'wrapper'])).output).toContain('no hazard found');
    execFileSync(process.execPath, [TSC, '-p', folder.path], { stdio: 'inherit' });
  }, 60_000);

  test('gets them where the way of the wrapper is barred', async () => {
    const kept = "import { openJobs } from './database.js';\nexport class Jobs {\n  readonly db = openJobs();\n}\n";
    const folder = project({ 'src/database.ts': helper, 'src/jobs.ts': kept }, packages);
    const { output } = await codemod(folder.path, [...MIGRATE, '--open', 'wrapper']);
    expect(output).toContain('It cannot become asynchronous: src/jobs.ts:3 stops that.');
    expect(folder.text('src/database.ts')).toContain("db.run('PRAGMA journal_mode = WAL')");
    expect(folder.text('src/jobs.ts')).toBe(dedent(kept));
  }, 60_000);
});

test('without --suggestions nothing of it happens', async () => {
  const folder = project(FILES, PACKAGES);
  expect((await codemod(folder.path, ['src'])).output).toContain('0 files would change');
});
