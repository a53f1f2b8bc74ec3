import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeAsynchronous } from '../../../src/codemod/cross-file/index.ts';
import { applyEdits } from '../../../src/codemod/plan/edits.ts';
import { Configurations } from '../../../src/codemod/project/configuration.ts';
import { lint } from '../../../src/codemod/project/lint.ts';
import { Projects } from '../../../src/codemod/project/projects.ts';
import { typeCheck } from '../../../src/codemod/project/types.ts';
import { project } from '../command.ts';
import type { ProjectFolder } from '../../project-folder.ts';

const TSC = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));

/** Compilers and tests are started as processes, on a machine that may have much else to do. */
const SLOW = 120_000;

/** Makes what surrounds an opening call asynchronous, and has the wrapper open: the two steps of a migration. */
async function migrate(folder: ProjectFolder, file: string): Promise<void> {
  const path = folder.file(file);
  const projects = new Projects(folder.path);
  const text = folder.text(file);
  const offset = text.indexOf('new sqlite3.Database');
  const result = await makeAsynchronous(projects, new Map(), { path, offset });
  if (result.kind === 'boundary') throw new Error(`${result.path}:${result.line} ${result.why}`);
  for (const [changed, edits] of result.edits) writeFileSync(changed, applyEdits(readFileSync(changed, 'utf8'), edits));
  projects.dispose();

  const choice = { rules: ['require-pragmas'], drivers: [], style: null, open: null };
  const configuration = await new Configurations(folder.path, null, choice).of(path);
  const [finding] = lint(folder.path, path, folder.text(file), configuration).findings;
  const rewrite = finding?.suggestions.find(({ title }) => title === 'openSafely');
  if (!rewrite) throw new Error(`the wrapper does not open in ${file}: ${finding?.reason ?? 'nothing is reported'}`);
  const before = folder.text(file);
  const after = applyEdits(before, rewrite.edits);
  const added = await typeCheck(new Projects(folder.path)).errorsAdded(new Map([[path, after]]));
  expect([...added.values()]).toEqual([]);
  writeFileSync(path, after);
}

/** Throws what the process has said if it fails. */
function run(folder: ProjectFolder, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout + stderr);
}

test(
  'a project in TypeScript has the same types and passes its own tests afterwards',
  async () => {
    const folder = project(
      {
        'tsconfig.json': `{
        "compilerOptions": {
          "strict": true, "module": "nodenext", "target": "es2022", "types": ["node"], "skipLibCheck": true,
          "rootDir": ".", "outDir": "out"
        },
        "include": ["src", "tests"]
      }`,
        'src/database.ts': `
        import sqlite3 from 'sqlite3';

        let db: sqlite3.Database | null = null;

        /** The connection of the process. */
        export function getDatabase(): sqlite3.Database {
          if (!db) {
            db = new sqlite3.Database(process.env.FILE ?? 'app.db');
          }
          return db;
        }`,
        'src/users.ts': `
        import { getDatabase } from './database.js';

        export interface Repository {
          prepare(): void;
          add(name: string): Promise<void>;
          names(): Promise<string[]>;
        }

        export class Users implements Repository {
          prepare(): void {
            const db = getDatabase();
            db.serialize();
            db.run('CREATE TABLE IF NOT EXISTS users (name)');
          }

          add(name: string): Promise<void> {
            return new Promise((resolve, reject) => {
              const db = getDatabase();
              db.run('INSERT INTO users VALUES (?)', [name], (error) => {
                if (error) reject(error);
                else resolve();
              });
            });
          }

          names = (): Promise<string[]> =>
            new Promise((resolve) => {
              getDatabase().all<{ name: string }>('SELECT name FROM users', (error, rows) => {
                resolve(error ? [] : rows.map(({ name }) => name));
              });
            });
        }`,
        'src/report.ts': `
        import { Users, type Repository } from './users.js';

        export function prepared(users: Repository): Repository {
          users.prepare();
          return users;
        }

        export const report = async (): Promise<string> => (await prepared(new Users()).names()).join(', ');`,
        'tests/users.test.ts': `
        import assert from 'node:assert';
        import { test } from 'node:test';
        import { getDatabase } from '../src/database.js';
        import { prepared, report } from '../src/report.js';
        import { Users } from '../src/users.js';

        test('keeps one connection', () => {
          assert.strictEqual(getDatabase(), getDatabase());
        });

        test('reports who was added', async () => {
          const users = prepared(new Users());
          await users.add('Ada');
          await users.add('Grace');
          assert.strictEqual(await report(), 'Ada, Grace');
          getDatabase().close();
        });`,
      },
      ['sqlite3', 'unbusy', '@types/node'],
    );
    const check = (): void => {
      folder.write('app.db', '');
      run(folder, [TSC, '-p', '.']);
      run(folder, ['--test', 'out/tests/users.test.js']);
    };
    check();
    await migrate(folder, 'src/database.ts');
    expect(folder.text('src/database.ts')).toContain("db = openDatabase(process.env.FILE ?? 'app.db');");
    expect(folder.text('src/users.ts')).toContain('const db = await getDatabase();\n    return new Promise');
    check();
  },
  SLOW,
);

test(
  'a project in CommonJS passes its own tests afterwards',
  async () => {
    const folder = project(
      {
        'package.json': '{ "private": true }',
        'lib/database.js': `
        const sqlite3 = require('sqlite3').verbose();

        /** @returns {sqlite3.Database} A connection. */
        function connect(file) {
          return new sqlite3.Database(file);
        }

        module.exports = { connect };`,
        'lib/jobs.js': `
        const { connect } = require('./database');

        class Jobs {
          constructor(file) {
            this.file = file;
          }

          open() {
            this.db = connect(this.file);
            this.db.serialize();
            this.db.run('CREATE TABLE IF NOT EXISTS jobs (id)');
            return this;
          }

          count(done) {
            this.db.get('SELECT count(*) AS count FROM jobs', (error, row) => done(error, row && row.count));
          }
        }

        exports.Jobs = Jobs;
        exports.openJobs = (file) => new Jobs(file).open();`,
        'test/jobs.test.js': `
        const assert = require('node:assert');
        const { test } = require('node:test');
        const { openJobs } = require('../lib/jobs');

        test('counts', async () => {
          const jobs = openJobs('jobs.db');
          const count = await new Promise((resolve, reject) => {
            jobs.count((error, found) => (error ? reject(error) : resolve(found)));
          });
          assert.strictEqual(count, 0);
          jobs.db.close();
        });`,
      },
      ['sqlite3', 'unbusy'],
    );
    run(folder, ['--test', 'test/jobs.test.js']);
    await migrate(folder, 'lib/database.js');
    expect(folder.text('lib/database.js')).toContain('return await openDatabase(file);');
    expect(folder.text('lib/jobs.js')).toContain('this.db = await connect(this.file);');
    expect(folder.text('test/jobs.test.js')).toContain("const jobs = await openJobs('jobs.db');");
    run(folder, ['--test', 'test/jobs.test.js']);
  },
  SLOW,
);
