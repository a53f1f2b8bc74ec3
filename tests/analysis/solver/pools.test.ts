import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyze, type Facts } from '../../../src/analysis/index.ts';
import { ProjectFolder } from '../../project-folder.ts';
import { factsOf, parseSource } from '../program.ts';

/** Pools that are opened: driver, and what is set on each way, or that the file is not known to be shared. */
function pools(facts: Facts | null): string[] {
  const found = (facts?.opens ?? []).flatMap(({ driver, lives }) =>
    lives.map(({ settings: { alone, timeout, journal } }) =>
      alone === 'no' ? `${driver.id}: ${timeout}, ${journal}` : `${driver.id}: alone ${alone}`,
    ),
  );
  return [...new Set(found)].sort();
}

const knexPools = (body: string, options = 'options'): string[] =>
  pools(
    factsOf(`
      import knex from 'knex';
      import { other } from './other';
      export function connect(kind: string, config: any) {
        ${body}
        return knex(${options});
      }
    `),
  );

describe('a database that the program chooses', () => {
  test.each([
    ['by a conditional', `const client = kind === 'pg' ? 'pg' : 'sqlite3';`],
    ['by `||`', `const client = kind === 'a' && 'pg' || 'sqlite3';`],
    ['by an if', `let client; if (kind) client = 'better-sqlite3'; else client = 'mysql';`],
    [
      'by a switch',
      `let client = null;
       switch (kind) {
         case 'postgres': client = 'pg'; break;
         case 'mariadb':
         case 'mysql': client = 'mysql2'; break;
         case 'mssql': client = 'mssql'; break;
         case 'sqlite': client = 'sqlite3'; break;
         default: throw new Error('kind');
       }`,
    ],
    ['in a function', `const choose = () => (kind ? 'pg' : 'sqlite3'); const client = choose();`],
  ])('%s', (_, body) => {
    expect(knexPools(body, `{ client, connection: { filename: 'app.db' } }`)).toHaveLength(1);
  });

  test.each([
    ['others', `const client = kind === 'pg' ? 'pg' : 'mysql2';`],
    ['unknown', `const client = config.client;`],
    ['text that is put together', `const client = 'sqlite3-' + kind;`],
    ['one that was excluded', `const client = kind ? 'pg' : 'mysql2'; if (client === 'sqlite3') return null;`],
  ])('not %s', (_, body) => {
    expect(knexPools(body, `{ client, connection: { filename: 'app.db' } }`)).toEqual([]);
  });

  test('more names than are kept apart', () => {
    const names = Array.from({ length: 12 }, (_, index) => `case '${index}': client = 'client${index}'; break;`);
    const body = `let client = 'sqlite3'; switch (kind) { ${names.join('\n')} }`;
    expect(knexPools(body, `{ client, connection: { filename: 'app.db' } }`)).toEqual([]);
  });
});

describe('options that the program chooses', () => {
  test.each([
    ['by a conditional', `const options = kind ? SQLITE : POSTGRES;`],
    ['by an if', `let options; if (kind) options = SQLITE; else options = POSTGRES;`],
    ['or none', `let options; if (kind) options = SQLITE;`],
    ['of several, spread', `const options = { debug: true, ...(kind ? SQLITE : POSTGRES) };`],
    ['or spreads nothing', `let chosen; if (kind) chosen = SQLITE; const options = { ...chosen };`],
    ['in a function', `const choose = () => { if (kind) return SQLITE; return POSTGRES; }; const options = choose();`],
  ])('%s', (_, body) => {
    const written = body
      .replace('SQLITE', `{ client: 'sqlite3', connection: { filename: 'app.db' } }`)
      .replace('POSTGRES', `{ client: 'pg', connection: { host: 'db' } }`);
    expect(knexPools(written)).toEqual(['sqlite3: unset, unset']);
    expect(knexPools(written.replace('sqlite3', 'mysql2'))).toEqual([]);
  });

  test('each of two may lack something', () => {
    const typeorm = (first: string, second: string): string[] =>
      pools(
        factsOf(`
          import { DataSource } from 'typeorm';
          const dev = { type: 'sqlite', database: 'app.db', ${first} };
          const production = { type: 'sqlite', database: 'app.db', ${second} };
          export default new DataSource(process.env.DEV ? dev : production);
        `),
      );
    expect(typeorm('enableWAL: true', '')).toEqual(['sqlite3: unset, unset', 'sqlite3: unset, wal']);
    expect(typeorm('enableWAL: true', 'enableWAL: true')).toEqual(['sqlite3: unset, wal']);
  });

  test('what is put into one of them later may be there', () => {
    const body = `
      const options: any = kind ? { client: 'sqlite3', connection: { filename: 'app.db' } } : { client: 'pg' };
      options.pool = { afterCreate: other };
    `;
    expect(knexPools(body)).toEqual(['sqlite3: unknown, unknown']);
    expect(knexPools(body.replace('options.pool =', 'config.pool ='))).toEqual(['sqlite3: unset, unset']);
    expect(knexPools(body.replace('options.pool =', 'options[kind] ='))).toEqual(['sqlite3: unknown, unknown']);
  });

  test('what nobody knows may put something into one of them', () => {
    const body = `
      const options: any = kind ? { client: 'sqlite3', connection: { filename: 'app.db' } } : { client: 'pg' };
      other(options);
    `;
    expect(knexPools(body)).toEqual(['sqlite3: unknown, unknown']);
  });
});

describe('the file of a pool', () => {
  test.each([
    ['named by a variable', `{ client: 'sqlite3', connection: { filename: config.file } }`],
    ['in options that are given as a whole', `{ client: 'sqlite3', connection: config.connection }`],
    ['in options that are spread', `{ client: 'sqlite3', connection: { ...config.connection } }`],
  ])('%s', (_, options) => {
    expect(knexPools('', options)).toEqual(['sqlite3: unset, unset']);
  });

  test.each([
    ['in options that nobody knows', `{ client: 'sqlite3', ...config }`, ['sqlite3: alone unknown']],
    ['in memory', `{ client: 'sqlite3', connection: ':memory:' }`, ['sqlite3: alone yes']],
    ['in memory, by name', `{ client: 'sqlite3', connection: { filename: ':memory:' } }`, ['sqlite3: alone yes']],
  ])('%s', (_, options, expected) => {
    expect(knexPools('', options)).toEqual(expected);
  });
});

describe('a function that is called with each connection', () => {
  const setUp = (body: string): string[] =>
    knexPools(
      '',
      `{ client: 'sqlite3', connection: { filename: 'app.db' }, pool: { min: 1, async afterCreate(conn, done) { ${body} } } }`,
    );

  test.each([
    ['for another database', `if (kind === 'pg') await conn.query('SET x'); done();`],
    ['for nothing that matters', `conn.run('PRAGMA foreign_keys = ON', done);`],
    ['for several others', `switch (kind) { case 'pg': await conn.query('SET x'); done(); break; default: done(); }`],
    ['and passes it on', `done(null, conn);`],
  ])('%s', (_, body) => {
    expect(setUp(body)).toEqual(['sqlite3: unset, unset']);
  });

  test.each([
    ['at once', `conn.run('PRAGMA journal_mode = WAL', done);`, 'unset, wal'],
    [
      'in turn',
      `conn.run('PRAGMA busy_timeout = 9000', () => conn.run('PRAGMA journal_mode = WAL', done));`,
      '9000, wal',
    ],
    [
      'where it asks for the database',
      `if (kind === 'sqlite') conn.run('PRAGMA journal_mode = WAL'); done();`,
      'unset, wal',
    ],
    ['by code that nobody knows', `other(conn); done();`, 'unknown, unknown'],
  ])('sets it up %s', (_, body, expected) => {
    expect(setUp(body)).toEqual([`sqlite3: ${expected}`]);
  });

  test('nobody knows what it does', () => {
    const options = `{ client: 'sqlite3', connection: { filename: 'app.db' }, pool: config.pool }`;
    expect(knexPools('', options)).toEqual(['sqlite3: unknown, unknown']);
    expect(knexPools('', options.replace('config.pool', '{ afterCreate: other }'))).toEqual([
      'sqlite3: unknown, unknown',
    ]);
  });
});

describe('options that Nest has made', () => {
  const nest = (options: string): string[] =>
    pools(
      factsOf(`
        import { DataSource } from 'typeorm';
        import { TypeOrmModule } from '@nestjs/typeorm';
        import { other } from './other';
        @Module({ imports: [TypeOrmModule.forRootAsync({ inject: [Config], ${options} })] })
        export class AppModule {}
      `),
    );

  test.each([
    ['', 'unset'],
    ['enableWAL: true', 'wal'],
  ])('by a function: %s', (option, journal) => {
    const made = `({ type: 'better-sqlite3', database: config.get('FILE'), ${option} })`;
    const expected = [`better-sqlite3: unset, ${journal}`];
    expect(nest(`useFactory: (config: Config) => ${made}`)).toEqual(expected);
    expect(nest(`useFactory: async (config: Config) => { await config.load(); return ${made}; }`)).toEqual(expected);
    expect(nest(`useFactory(config: Config) { return ${made}; }, dataSourceFactory: undefined`)).toEqual(expected);
  });

  test('by one that chooses', () => {
    const made = (type: string): string => `({ type: config.get('URL') ? 'postgres' : '${type}', database: 'app.db' })`;
    expect(nest(`useFactory: (config: Config) => ${made('sqlite')}`)).toEqual(['sqlite3: unset, unset']);
    expect(nest(`useFactory: (config: Config) => ${made('mysql')}`)).toEqual([]);
    expect(nest('useFactory: other')).toEqual([]);
    expect(nest('useClass: other')).toEqual([]);
  });

  test('and opens with them by itself', () => {
    const made = `useFactory: () => ({ type: 'sqlite', database: 'app.db' })`;
    const opened = `async dataSourceFactory(options) { const source = new DataSource(options); return source.initialize(); }`;
    expect(nest(`${made}, ${opened}`)).toEqual(['sqlite3: unset, unset']);
    expect(nest(`${made}, ${opened.replace('(options);', '({ ...options, enableWAL: true });')}`)).toEqual([
      'sqlite3: unset, wal',
    ]);
    expect(nest(`${made}, dataSourceFactory: other`)).toEqual([]);
  });
});

describe('options from another file', () => {
  const inProject = (files: Readonly<Record<string, string>>, name: string): string[] => {
    const { path: folder } = new ProjectFolder({ 'package.json': '{}', ...files });
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    return pools(analyze({ path, text, ast: parseSource(text, path), workingDirectory: folder }));
  };

  test('an object, by a file that names no driver', () => {
    const files = {
      'db.cjs': `module.exports = require('knex')(require('./options'));`,
      'options.cjs': `
        let chosen;
        if (process.env.KIND === 'sqlite') chosen = { client: 'sqlite', connection: { filename: 'app.db' } };
        else chosen = { client: 'mysql2', connection: {} };
        module.exports = { ...chosen, migrations: {} };
      `,
    };
    expect(inProject(files, 'db.cjs')).toEqual(['sqlite3: unset, unset']);
    const other = { ...files, 'options.cjs': files['options.cjs'].replace(`client: 'sqlite'`, `client: 'pg'`) };
    expect(inProject(other, 'db.cjs')).toEqual([]);
  });

  test('a function', () => {
    const files = {
      'db.ts': `
        import { DataSource } from 'typeorm';
        import { optionsOf } from './options';
        export const open = () => new DataSource(optionsOf(process.env));
      `,
      'options.ts': `
        enum Kind { sqlite = 'sqlite', mysql = 'mysql' }
        export function optionsOf(env: any) {
          if (env.KIND === Kind.sqlite) return { type: 'better-sqlite3', database: env.FILE };
          if (env.KIND === Kind.mysql) return { type: Kind.mysql, host: 'db' };
          throw new Error('kind');
        }
      `,
    };
    expect(inProject(files, 'db.ts')).toEqual(['better-sqlite3: unset, unset']);
    const set = { ...files, 'options.ts': files['options.ts'].replace('env.FILE', 'env.FILE, enableWAL: true') };
    expect(inProject(set, 'db.ts')).toEqual(['better-sqlite3: unset, wal']);
  });
});
