import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import sqlite3Package from 'sqlite3';
import { open as openSqlite } from 'sqlite';
import { borrows } from '../../src/drivers/borrowers.ts';
import { scanSource } from '../../src/analysis/modules/scan.ts';
import { Catalogue } from '../../src/drivers/catalogue.ts';
import { DRIVERS, lacksMethod, LAYERS } from '../../src/drivers/index.ts';
import { sqlite } from '../../src/drivers/sqlite.ts';
import { sqlite3 } from '../../src/drivers/sqlite3.ts';
import { opensOf } from '../analysis/program.ts';
import type { Driver, MethodFact, OpeningFact } from '../../src/drivers/driver.ts';

const catalogue = new Catalogue();

function openings(driver: Driver): [string, OpeningFact][] {
  return Object.entries(driver.exports).filter(
    (entry): entry is [string, OpeningFact] => entry[1].kind === 'connection',
  );
}

function methods(driver: Driver): [string, MethodFact][] {
  return [driver.connection, driver.statement, driver.transaction ?? {}].flatMap((facts) => Object.entries(facts));
}

test('ids and modules name one driver each', () => {
  const ids = DRIVERS.map(({ id }) => id);
  const modules = DRIVERS.flatMap((driver) => driver.modules);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(modules).size).toBe(modules.length);
});

describe.each(DRIVERS.map((driver) => [driver.id, driver] as const))('%s', (id, driver) => {
  test('is found by each of its modules', () => {
    expect(driver.modules).toContain(id);
    for (const module of driver.modules) {
      expect(catalogue.driverOf(module)).toBe(driver);
      expect(catalogue.isDatabaseModule(module)).toBe(true);
    }
  });

  test('is recognised in a file that imports it, by each of its modules and openings', () => {
    for (const module of driver.modules) {
      for (const [path, { by, file }] of openings(driver)) {
        const argument = 'argument' in file ? `'app.db'` : `{ ${file.option}: 'file:app.db' }`;
        const opening = `${by === 'call' ? '' : 'new '}all.${path || 'default'}(${argument})`;
        expect(opensOf(`import * as all from '${module}'; ${opening};`), `${module} ${path}`).toEqual([`1: ${id}`]);
      }
    }
  });

  test('opens a connection in at least one way, and closes it', () => {
    expect(openings(driver)).not.toEqual([]);
    expect(Object.values(driver.connection).some(({ does }) => does === 'close')).toBe(true);
  });

  test('exports what the rest of the project asks for', () => {
    for (const path of Object.keys(driver.exports)) {
      const [name = ''] = path.split('.');
      expect(catalogue.isDatabaseExport(id, name === '' ? 'default' : name), path).toBe(true);
    }
    expect(catalogue.isDatabaseExport(id, 'made up')).toBe(false);
  });

  test('options stand where the opening takes them', () => {
    for (const [, opening] of openings(driver)) {
      if ('option' in opening.file) expect(opening.options).toBe(0);
      else if (opening.options !== undefined) expect(opening.options).toBeGreaterThan(opening.file.argument);
      if (opening.flags !== undefined) expect(opening.flags).not.toBe(opening.options);
    }
  });

  test('takes options wherever it knows some', () => {
    const takes = openings(driver).some(([, { options }]) => options !== undefined);
    expect(takes).toBe(Object.keys(driver.options).length > 0);
  });

  test('names the file among its options where an option holds it', () => {
    for (const [, { file }] of openings(driver))
      if ('option' in file) expect(driver.options).toHaveProperty(file.option);
  });

  test('does not ignore an option that it reads, and names only such in its place', () => {
    for (const [name, instead] of Object.entries(driver.ignoredOptions)) {
      expect(driver.options, name).not.toHaveProperty(name);
      if (instead !== null)
        expect(driver.options, name).toHaveProperty(typeof instead === 'string' ? instead : instead.opposite);
    }
  });

  test('waits for some whole milliseconds, or not at all', () => {
    expect(Number.isInteger(driver.defaultBusyTimeout)).toBe(true);
    expect(driver.defaultBusyTimeout).toBeGreaterThanOrEqual(0);
  });

  test('answers at once only where it is synchronous, and never by callback where it is', () => {
    const answers = methods(driver).flatMap(([, fact]) => ('answers' in fact ? [fact.answers] : []));
    if (driver.synchronous) expect(answers).not.toContain('callback');
    else expect(answers.length).toBeGreaterThan(0);
    const runs = methods(driver).filter(([, { does }]) => does === 'run' || does === 'execute');
    for (const [name, fact] of runs) expect('answers' in fact, name).toBe(!driver.synchronous);
  });

  test('has a transaction handle exactly where a method begins one', () => {
    const begins = Object.values(driver.connection).some(({ does }) => does === 'begin');
    expect(driver.transaction !== undefined).toBe(begins);
    if (!driver.transaction) return;
    const ends = Object.values(driver.transaction).map(({ does }) => does);
    expect(ends).toContain('commit');
    expect(ends).toContain('rollback');
  });

  test('compiles statements only where it has any', () => {
    const prepares = Object.values(driver.connection).some(({ does }) => does === 'prepare');
    expect(Object.keys(driver.statement).length > 0).toBe(prepares);
  });

  test('gives a mode to every form of a transaction function, an immediate one among them', () => {
    for (const [, fact] of methods(driver)) {
      if (fact.does === 'transaction function') expect(fact.modes).toMatchObject({ immediate: 'immediate' });
      if (fact.does === 'begin') expect(Object.values(fact.modes)).toContain('immediate');
    }
  });

  test('does not lack its own methods', () => {
    for (const name of Object.keys(driver.connection)) expect(lacksMethod(driver, name)).toBe(false);
  });
});

test('a driver lacks what only others have, and nobody lacks what nobody has', () => {
  for (const driver of DRIVERS.filter(({ connection }) => !('pragma' in connection)))
    expect(lacksMethod(driver, 'pragma')).toBe(true);
  for (const driver of DRIVERS) expect(lacksMethod(driver, 'made up')).toBe(false);
});

describe.each(
  LAYERS.map((layer) => [`${layer.id}, ${layer.synchronous ? 'synchronous' : 'with promises'}`, layer] as const),
)('%s', (_, layer) => {
  test('is found by each of its modules', () => {
    for (const module of layer.modules) {
      expect(catalogue.layersOf(module)).toContain(layer);
      expect(catalogue.isDatabaseModule(module)).toBe(true);
    }
  });

  test('exports what the rest of the project asks for', () => {
    const [module = ''] = layer.modules;
    for (const name of [...Object.keys(layer.wraps), ...Object.keys(layer.types)])
      expect(catalogue.isDatabaseExport(module, name), name).toBe(true);
    expect(catalogue.isDatabaseExport(module, 'made up')).toBe(false);
  });

  test('runs transactions', () => {
    expect(Object.values(layer.methods).map(({ does }) => does)).toContain('transact');
  });

  test('calls only that generic which wraps something', () => {
    for (const name of layer.generic ?? []) expect(layer.wraps).toHaveProperty(name);
  });
});

test('where two layers share a module, their types tell them apart', () => {
  for (const module of LAYERS.flatMap((layer) => layer.modules)) {
    const [first, second] = catalogue.layersOf(module);
    if (!first || !second) continue;
    for (const name of Object.keys(first.types).filter((type) => type in second.types)) {
      expect(first.types[name]?.is, `${module} ${name}`).not.toBe(second.types[name]?.is);
    }
  }
});

describe('packages that only borrow a connection', () => {
  test.each(['drizzle-orm', 'drizzle-orm/better-sqlite3/migrator', 'sqlite-vec', 'umzug'])('%s', (specifier) => {
    expect(borrows(specifier)).toBe(true);
  });

  test.each(['drizzle-orm/better-sqlite3', 'sqlite', 'sqlite-vector-store', 'umzug-cli', './migrator'])(
    '%s is none of them',
    (specifier) => {
      expect(borrows(specifier)).toBe(false);
    },
  );

  test('no driver is one of them', () => {
    for (const module of DRIVERS.flatMap((driver) => driver.modules)) expect(borrows(module)).toBe(false);
  });
});

describe('the installed drivers', () => {
  const require = createRequire(import.meta.url);

  /** The value that a module has under a path of names. */
  function at(module: unknown, path: string): unknown {
    return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], module);
  }

  function expectMethods(handle: object, facts: Readonly<Record<string, MethodFact>>): void {
    for (const name of Object.keys(facts)) expect(typeof at(handle, name), name).toBe('function');
  }

  test('sqlite3 exports what the catalogue says', () => {
    for (const [path, fact] of Object.entries(sqlite3.exports)) {
      expect(typeof at(require('sqlite3'), path), path).toBe(fact.kind === 'flag' ? 'number' : 'function');
    }
    expect(sqlite3Package.verbose()).toBe(require('sqlite3'));
  });

  test('read-only opens of sqlite3 have the flag of SQLite', () => {
    expect(sqlite3Package.OPEN_READONLY).toBe(1);
  });

  test('handles of sqlite3 have the methods and properties of the catalogue', async () => {
    const db = await new Promise<sqlite3Package.Database>((resolve, reject) => {
      const opened: sqlite3Package.Database = new sqlite3Package.Database(':memory:', (problem) => {
        if (problem) reject(problem);
        else resolve(opened);
      });
    });
    expectMethods(db, sqlite3.connection);
    for (const name of Object.keys(sqlite3.properties ?? {})) expect(name in db, name).toBe(true);
    const statement = db.prepare('SELECT 1');
    expectMethods(statement, sqlite3.statement);
    await new Promise<void>((resolve) => statement.finalize(() => resolve()));
    await new Promise<void>((resolve, reject) => db.close((problem) => (problem ? reject(problem) : resolve())));
  });

  test('sqlite3 waits as long as the catalogue says', async () => {
    const db = await openSqlite({ filename: ':memory:', driver: sqlite3Package.Database });
    try {
      const row = await db.get<{ timeout: number }>('PRAGMA busy_timeout');
      expect(row?.timeout).toBe(sqlite3.defaultBusyTimeout);
      expect(sqlite.defaultBusyTimeout).toBe(sqlite3.defaultBusyTimeout);
    } finally {
      await db.close();
    }
  });

  test('handles of sqlite have the methods of the catalogue, and those that answer by promise do', async () => {
    const db = await openSqlite({ filename: ':memory:', driver: sqlite3Package.Database });
    try {
      expectMethods(db, sqlite.connection);
      expect(db.run('SELECT 1')).toBeInstanceOf(Promise);
      const statement = await db.prepare('SELECT 1');
      expectMethods(statement, sqlite.statement);
      await statement.finalize();
    } finally {
      await db.close();
    }
  });
});

describe('a file that opens a pool is recognised by its text', () => {
  test.each([
    `module.exports = require('knex')(require('./options'));`,
    `import knex from 'knex'; export default knex(options);`,
    `import { DataSource } from 'typeorm';\nexport default new DataSource(options);`,
    `const { createConnection } = require('typeorm'); createConnection<Options>(options);`,
    `import { TypeOrmModule } from '@nestjs/typeorm'; TypeOrmModule.forRoot(options);`,
    `import { SequelizeModule } from '@nestjs/sequelize'; SequelizeModule.forRootAsync(options);`,
    `const Sequelize = require("sequelize"); const db = new Sequelize(options);`,
  ])('%s', (text) => {
    expect(scanSource(text, catalogue).namesDatabase).toBe(true);
  });

  test.each([
    `import { Entity, Column } from 'typeorm'; @Entity() export class Book {}`,
    `import { DataSource } from 'typeorm'; export type Source = DataSource;`,
    `export default new DataSource(options);`,
    `const { DataTypes } = require('sequelize'); module.exports = (db) => db.define('book', {});`,
  ])('not %s', (text) => {
    expect(scanSource(text, catalogue).namesDatabase).toBe(false);
  });
});
