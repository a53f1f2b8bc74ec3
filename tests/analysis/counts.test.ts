import { relative } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Collector } from '../../src/analysis/collect.ts';
import { currentProject, forgetModules } from '../../src/analysis/index.ts';
import { lowerModule } from '../../src/analysis/javascript/module.ts';
import { runModule } from '../../src/analysis/solver/roots.ts';
import { Solver } from '../../src/analysis/solver/solver.ts';
import { World } from '../../src/analysis/solver/world.ts';
import { lintProject } from '../lint.ts';
import { ProjectFolder } from '../project-folder.ts';
import { dedent } from '../source.ts';
import { factsOf, parseSource } from './program.ts';

beforeEach(forgetModules);

/** How often the files of a project were parsed beside ESLint's own parsing, by name. */
function parsesIn(folder: ProjectFolder): Record<string, number> {
  const parses = [...currentProject().parses].map(([path, count]) => [relative(folder.path, path), count] as const);
  return Object.fromEntries(parses.filter(([path]) => !path.startsWith('..')).sort());
}

describe('parsing', () => {
  const OPENER = `
    import Database from 'better-sqlite3';
    export const connect = () => new Database('app.db');
  `;
  const user = (name: string): string => `
    import { connect } from './db';
    import { label } from './plain';
    export function ${name}(): void {
      const handle = connect();
      handle.exec(label);
      handle.close();
    }
  `;

  test('a module that many files import is parsed once', async () => {
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`user${index}.ts`, user(`f${index}`)]));
    const folder = new ProjectFolder({
      'db.ts': OPENER,
      'plain.ts': `export const label = 'DELETE FROM t';`,
      ...files,
    });
    const reports = await lintProject(folder.path, 'strict', { files: ['user*.ts'] });
    expect(reports.filter(({ rule }) => rule === 'require-close')).toHaveLength(20);
    expect(parsesIn(folder)['db.ts']).toBe(1);
  });

  test('however many modules a project has, none of them is parsed again', async () => {
    const names = Array.from({ length: 900 }, (_, index) => `./part${index}.js`);
    const parts = Object.fromEntries(names.map((name) => [name, "export { connect } from './db.js';"]));
    const imports = names.map((name, index) => `import { connect as open${index} } from '${name}';`).join('\n');
    const folder = new ProjectFolder({
      'db.js': "import Database from 'better-sqlite3';\nexport const connect = () => new Database('app.db');",
      'main.js': `${imports}\nexport const first = open0();`,
      'other.js': `${imports}\nexport const last = open899();`,
      ...parts,
    });
    await lintProject(folder.path, 'strict', { files: ['main.js', 'other.js'] });
    const parses = parsesIn(folder);
    expect(Object.keys(parses).length).toBeGreaterThan(900);
    expect(new Set(Object.values(parses))).toEqual(new Set([1]));
  }, 60_000);

  test('a module that was linted before is not parsed again', async () => {
    const folder = new ProjectFolder({ 'db.ts': OPENER, 'user.ts': user('clear') });
    await lintProject(folder.path, 'strict', { files: ['db.ts', 'user.ts'] });
    expect(parsesIn(folder)).not.toHaveProperty('db.ts');
  });

  test('no file of a project is parsed more than once, whoever asks for it', async () => {
    const folder = new ProjectFolder({
      'db.ts': OPENER,
      'a.ts': `export * from './db'; export * from './b';`,
      'b.ts': `export { connect as open } from './a'; import './c';`,
      'c.ts': `import { open } from './b'; export const c = () => open().close();`,
      'd.ts': `import { c } from './c'; import { connect } from './a'; export const d = () => { c(); connect(); };`,
      'plain.ts': '',
    });
    await lintProject(folder.path, 'strict');
    await lintProject(folder.path, 'strict');
    expect(Math.max(...Object.values(parsesIn(folder)))).toBe(1);
  });

  test('a module that has nothing to do with SQLite is not parsed', async () => {
    const folder = new ProjectFolder({
      'main.ts': `import { a } from './a'; export const main = () => a();`,
      'a.ts': `import { b } from './b'; export const a = () => b();`,
      'b.ts': `export const b = () => 'begin transaction';`,
    });
    await lintProject(folder.path, 'strict');
    expect(parsesIn(folder)).toEqual({});
  });

  test('neither is one whose name alone is imported for its side effects', async () => {
    const folder = new ProjectFolder({ 'main.ts': `import './db'; export const main = 1;`, 'db.ts': OPENER });
    await lintProject(folder.path, 'strict', { files: ['main.ts'] });
    expect(parsesIn(folder)).toEqual({});
  });
});

describe('interpretation', () => {
  test.each([
    ['a file without imports', 'export const add = (a: number, b: number) => a + b;'],
    ['a file that imports packages', `import express from 'express'; export const app = express();`],
    ['a file with SQL for another database', `import { Client } from 'pg'; await new Client().query('BEGIN');`],
    ['a file that names SQLite in a comment', `// Stores everything in SQLite.\nexport const store = new Map();`],
    [
      'a file that imports another thing of a driver',
      `import { SqliteError } from 'better-sqlite3'; export const is = (e: unknown) => e instanceof SqliteError;`,
    ],
  ])('%s is not interpreted', (_, code) => {
    expect(factsOf(code)).toBeNull();
  });

  /** How often the functions of a module were run, by name, and how many steps the longest run took. */
  function runsOf(code: string): { readonly runs: Record<string, number>; readonly steps: number } {
    const text = dedent(code);
    const path = '/program/main.ts';
    const ast = parseSource(text, path) as never;
    const project = currentProject();
    const module = lowerModule({ path, text, ast, declarations: null }, (specifier, name) =>
      project.relevant(path, specifier, name, 'all'),
    );
    const collector = new Collector(module);
    const solver = new Solver(new World(project, 'all', []), module, collector);
    let steps = 0;
    solver.world.during(module, solver, null, () =>
      runModule(solver, (_, run) => {
        collector.begin();
        run();
        collector.commit();
        steps = Math.max(steps, solver.steps);
      }),
    );
    return { runs: Object.fromEntries([...solver.runs].map(([fn, count]) => [fn.name, count])), steps };
  }

  test('a function that has nothing to do with SQLite is not run', () => {
    const { runs } = runsOf(`
      import Database from 'better-sqlite3';
      function plain(): number {
        return 1;
      }
      export function clear(): void {
        const db = new Database('app.db');
        db.exec('DELETE FROM t');
        db.close();
      }
      export function other(): number {
        return plain();
      }
    `);
    expect(runs).toMatchObject({ clear: 1 });
    expect(runs).not.toHaveProperty('plain');
    expect(runs).not.toHaveProperty('other');
  });

  test('a helper is run once for all callers that give it the same', () => {
    const callers = Array.from(
      { length: 50 },
      (_, index) => `
        export function caller${index}(): void {
          clear(db);
        }
      `,
    );
    const { runs } = runsOf(`
      import Database from 'better-sqlite3';
      const db = new Database('app.db');
      function clear(handle: Database.Database): void {
        handle.exec('DELETE FROM t');
      }
      ${callers.join('')}
    `);
    expect(runs.caller49).toBe(1);
    expect(runs.clear).toBeLessThanOrEqual(2);
  });

  test('helpers that call each other twice are not run once for each way through them', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `
      function level${level}(db: Database.Database): void {
        level${level + 1}(db);
        level${level + 1}(db);
      }
    `,
    );
    const { runs } = runsOf(`
      import Database from 'better-sqlite3';
      ${levels.join('')}
      function level12(db: Database.Database): void {
        db.exec('DELETE FROM t');
      }
      export function clear(): void {
        const db = new Database('app.db');
        try {
          level0(db);
        } finally {
          db.close();
        }
      }
    `);
    for (const [name, count] of Object.entries(runs)) expect(count, name).toBeLessThanOrEqual(8);
  });

  test('a run of branches grows with their number and not with that of the ways through them', () => {
    const branches = (count: number): string => `
      import Database from 'better-sqlite3';
      export function clear(flags: boolean[]): void {
        const db = new Database('app.db');
        try {
          ${Array.from({ length: count }, (_, index) => `if (flags[${index}]) db.exec('DELETE FROM t${index}');`).join('\n')}
        } finally {
          db.close();
        }
      }
    `;
    expect(runsOf(branches(40)).steps).toBeLessThan(runsOf(branches(20)).steps * 3);
  });

  test('a loop is run to its fixpoint and no further', () => {
    const loop = (bound: string): string => `
      import Database from 'better-sqlite3';
      export function clear(items: string[]): void {
        const db = new Database('app.db');
        for (let i = 0; i < ${bound}; i += 1) db.exec('DELETE FROM t');
        db.close();
      }
    `;
    expect(runsOf(loop('1_000_000')).steps).toBe(runsOf(loop('3')).steps);
  });
});
