import { describe, expect, test } from 'vitest';
import { ProjectFolder } from '../../project-folder.ts';
import { dedent } from '../../source.ts';
import { leaksOf, opensOf, transactionLeaksOf, upgradesOf, waitsOf } from '../program.ts';

/** A program over a query builder or object mapper; the body begins in line 3. */
function program(head: string, body: string): string {
  return `${head}
export async function run(url: string): Promise<unknown> {
${dedent(body)}
}`;
}

const knex = (body: string, client = 'better-sqlite3'): string =>
  program(
    `import knex from 'knex'; const db = knex({ client: '${client}', connection: { filename: 'app.db' } });`,
    body,
  );

const typeorm = (body: string, options = `type: 'better-sqlite3', database: 'app.db'`): string =>
  program(`import { DataSource } from 'typeorm'; const db = new DataSource({ ${options} });`, body);

const sequelize = (body: string, options = `{ dialect: 'sqlite', storage: 'app.db' }`): string =>
  program(
    `import { Sequelize, Transaction } from 'sequelize'; import { User } from './models'; const db = new Sequelize(${options});`,
    body,
  );

describe('a transaction by a callback', () => {
  test.each([
    [
      'knex',
      knex(`await db.transaction(async (trx) => {
      await trx('users').insert({ url });
      await fetch(url);
    });`),
    ],
    [
      'TypeORM',
      typeorm(`await db.transaction(async (manager) => {
      await manager.getRepository('User').save({ url });
      await fetch(url);
    });`),
    ],
    [
      'TypeORM, with an isolation level',
      typeorm(`await db.manager.transaction('SERIALIZABLE', async (manager) => {
      await manager.save({ url });
      await fetch(url);
    });`),
    ],
    [
      'Sequelize',
      sequelize(`await db.transaction(async (transaction) => {
      await User.create({ url }, { transaction });
      await fetch(url);
    });`),
    ],
    [
      'Sequelize, with options',
      sequelize(`await db.transaction({ type: Transaction.TYPES.IMMEDIATE }, async (transaction) => {
      await User.create({ url }, { transaction });
      await fetch(url);
    });`),
    ],
  ])('waits for something else: %s', (_, code) => {
    expect(waitsOf(code)).toEqual(['5: transaction since 3, a network request']);
  });

  test.each([
    [
      'only queries',
      knex(`await db.transaction(async (trx) => {
      await trx('users').insert({ url });
      const [row] = await trx('users').where({ url }).select();
      await trx.raw('DELETE FROM users');
      return row;
    });`),
    ],
    [
      'a model that is not known, with the transaction',
      sequelize(`await db.transaction(async (transaction) => {
      const user = await User.create({ url }, { transaction });
      await user.addGroup({ url }, { transaction });
    });`),
    ],
    [
      'before and behind it',
      typeorm(`const answer = await fetch(url);
      await db.transaction(async (manager) => manager.save(await answer.clone()));
      await fetch(url);`),
    ],
    [
      'another database',
      knex(
        `await db.transaction(async (trx) => {
      await trx('users').insert({ url });
      await fetch(url);
    });`,
        'pg',
      ),
    ],
    [
      'in memory',
      sequelize(
        `await db.transaction(async (transaction) => {
      await fetch(url);
    });`,
        `{ dialect: 'sqlite', storage: ':memory:' }`,
      ),
    ],
    ['a list of queries', typeorm(`await db.transaction(); await fetch(url);`)],
  ])('says nothing: %s', (_, code) => {
    expect(waitsOf(code)).toEqual([]);
  });
});

describe('a transaction by a handle', () => {
  test.each([
    [
      'knex',
      knex(`const trx = await db.transaction();
      await trx('users').insert({ url });
      await trx.commit();`),
      '3: implicit 4',
    ],
    [
      'knex, handed to a query',
      knex(`const trx = await db.transaction();
      await db('users').insert({ url }).transacting(trx);
      await trx.commit();`),
      '3: implicit 4',
    ],
    [
      'Sequelize',
      sequelize(`const transaction = await db.transaction();
      await User.create({ url }, { transaction });
      await transaction.commit();`),
      '3: implicit 4',
    ],
    [
      'Sequelize, not on each way',
      sequelize(`const transaction = await db.transaction();
      try {
        if (url === '') return null;
        await User.create({ url }, { transaction });
        await transaction.commit();
      } catch (error) { await transaction.rollback(); throw error; }`),
      '3: normal 5',
    ],
    [
      'TypeORM',
      typeorm(`const runner = db.createQueryRunner();
      await runner.startTransaction();
      await runner.manager.save({ url });
      await runner.commitTransaction();
      await runner.release();`),
      '4: implicit 5',
    ],
    [
      'TypeORM, released only',
      typeorm(`const runner = db.createQueryRunner();
      await runner.connect();
      await runner.startTransaction();
      try {
        if (url === '') return null;
        await runner.query('INSERT INTO t VALUES (1)');
        await runner.commitTransaction();
      } catch (error) {
        await runner.rollbackTransaction();
        throw error;
      } finally {
        await runner.release();
      }`),
      '5: normal 7',
    ],
  ])('is left open: %s', (_, code, leak) => {
    expect(transactionLeaksOf(code)).toEqual([leak]);
  });

  test.each([
    [
      'knex',
      knex(`const trx = await db.transaction();
      try {
        await trx('users').insert({ url });
        await trx.commit();
      } catch (error) { await trx.rollback(); throw error; }`),
    ],
    [
      'knex, asked',
      knex(`const trx = await db.transaction();
      try {
        await trx('users').insert({ url });
        await trx.commit();
      } finally { if (!trx.isCompleted()) await trx.rollback(); }`),
    ],
    [
      'Sequelize, asked',
      sequelize(`const transaction = await db.transaction();
      try {
        await User.create({ url }, { transaction });
        await transaction.commit();
      } finally { if (!transaction.finished) await transaction.rollback(); }`),
    ],
    [
      'handed to a function that is not known',
      sequelize(`const transaction = await db.transaction();
      await User.end(transaction);`),
    ],
    [
      'TypeORM',
      typeorm(`const runner = db.createQueryRunner();
      await runner.connect();
      await runner.startTransaction();
      try {
        await runner.manager.save({ url });
        await runner.commitTransaction();
      } catch (error) {
        await runner.rollbackTransaction();
        throw error;
      } finally {
        await runner.release();
      }`),
    ],
    [
      'TypeORM, asked',
      typeorm(`const runner = db.createQueryRunner();
      await runner.startTransaction();
      try {
        await runner.manager.save({ url });
        await runner.commitTransaction();
      } finally {
        if (runner.isTransactionActive) await runner.rollbackTransaction();
        await runner.release();
      }`),
    ],
    [
      'another database',
      typeorm(
        `const runner = db.createQueryRunner();
      await runner.startTransaction();
      await runner.manager.save({ url });
      await runner.commitTransaction();`,
        `type: 'postgres', database: 'app'`,
      ),
    ],
  ])('is ended: %s', (_, code) => {
    expect(transactionLeaksOf(code)).toEqual([]);
  });

  test.each([
    [
      'knex',
      knex(`const trx = await db.transaction();
      try {
        await fetch(url);
        await trx.commit();
      } catch (error) { await trx.rollback(); throw error; }`),
      '5: transaction since 3, a network request',
    ],
    [
      'TypeORM',
      typeorm(`const runner = db.createQueryRunner();
      await runner.startTransaction();
      try {
        await fetch(url);
        await runner.commitTransaction();
      } catch (error) { await runner.rollbackTransaction(); throw error; }`),
      '6: transaction since 4, a network request',
    ],
  ])('waits for something else: %s', (_, code, wait) => {
    expect(waitsOf(code)).toEqual([wait]);
  });
});

describe('a pool that a function opens', () => {
  const options = `{ type: 'sqlite', database: 'app.db' }`;
  const local = (body: string): string =>
    program(`import { DataSource } from 'typeorm'; import knex from 'knex';`, body);

  test.each([
    [
      'TypeORM',
      local(`const source = new DataSource(${options});
      await source.initialize();
      await source.query('SELECT 1');
      await source.destroy();`),
      '3: implicit 5',
    ],
    [
      'TypeORM, in one',
      local(`const source = await new DataSource(${options}).initialize();
      await source.query('SELECT 1');
      await source.destroy();`),
      '3: implicit 4',
    ],
    [
      'knex',
      local(`const db = knex({ client: 'sqlite3', connection: { filename: 'app.db' } });
      await db('users').select();
      await db.destroy();`),
      '3: implicit 4',
    ],
  ])('is not closed on each way: %s', (_, code, leak) => {
    expect(leaksOf(code)).toEqual([leak]);
  });

  test.each([
    [
      'closed',
      local(`const source = new DataSource(${options});
      try {
        await source.initialize();
        await source.query('SELECT 1');
      } finally { await source.destroy(); }`),
    ],
    [
      'closed where it is open',
      local(`const source = new DataSource(${options});
      try {
        await source.initialize();
        await source.query('SELECT 1');
      } finally { if (source.isInitialized) await source.destroy(); }`),
    ],
    ['returned', local(`const source = new DataSource(${options}); return source.initialize();`)],
    ['returned, as a function', local(`return knex({ client: 'sqlite3', connection: { filename: 'app.db' } });`)],
  ])('is no matter: %s', (_, code) => {
    expect(leaksOf(code)).toEqual([]);
  });
});

describe('a transaction that another module begins', () => {
  const files = {
    'package.json': '{}',
    'db.ts': `
      import knex from 'knex';
      const db = knex({ client: 'sqlite3', connection: { filename: 'app.db' } });
      export const transaction = (run: (trx: any) => any) => db.transaction(run);
    `,
    'mailer.ts': `
      import axios from 'axios';
      export class Mailer {
        private readonly http = axios.create();
        private sent = 0;
        count() { return this.sent; }
        async remember() { return this.count(); }
        async send(text: string) { await this.post(text); }
        private async post(text: string) { await this.http.post('/mail', text); }
      }
    `,
  };
  const use = (call: string): string => {
    const main = `
      import { transaction } from './db';
      import { Mailer } from './mailer';
      const mailer = new Mailer();
      export async function invite(name: string) {
        await transaction(async (trx) => {
          await trx('users').insert({ name });
          await mailer.${call};
        });
      }
    `;
    const folder = new ProjectFolder({ ...files, 'main.ts': main });
    return waitsOf(folder.text('main.ts'), folder.file('main.ts')).join();
  };

  test('waits for what a method of an object waits for, by way of its other methods and fields', () => {
    expect(use(`send('welcome')`)).toBe('7: transaction since 5, a network request');
  });

  test('does not wait where the method does not', () => {
    expect(use('remember()')).toBe('');
  });
});

describe('options of Sequelize', () => {
  const made = (args: string): string[] =>
    opensOf(`
      import { Sequelize } from 'sequelize';
      const options = {
        development: { dialect: 'sqlite', storage: 'a.db' },
        production: { dialect: 'sqlite', storage: 'b.db' },
        other: { dialect: 'postgres' },
      };
      export const db = new Sequelize(${args});
    `);

  test.each([
    ['alone', 'options.development'],
    ['behind the name of the database', `'name', options.development`],
    ['behind name, user and password', `'name', null, null, options.development`],
    ['of one of several environments', `'name', null, null, options[process.env.NODE_ENV]`],
  ])('%s', (_, args) => {
    expect(made(args)).toEqual(['7: sqlite3']);
  });

  test.each([
    ['of another database', `'name', 'user', 'secret', options.other`],
    ['that are not known', `'name', null, null, process.env`],
    ['in a place where there are none', `'name', null, null, null, options.development`],
  ])('not those %s', (_, args) => {
    expect(made(args)).toEqual([]);
  });
});

describe('a transaction of Sequelize that reads before it writes', () => {
  const READ = `const user = await User.findOne({ where: { url }, transaction });`;
  const WRITE = `await User.create({ url }, { transaction });`;
  const within = (body: string, options = ''): string =>
    sequelize(`await db.transaction(${options}async (transaction) => {
      ${body}
    });`);

  test.each([
    ['by models', within(`${READ} ${WRITE}`)],
    ['by an instance', within(`${READ} await user.update({ url }, { transaction });`)],
    [
      'by its handle',
      sequelize(`const transaction = await db.transaction();
      try { ${READ} ${WRITE} await transaction.commit(); } catch (error) { await transaction.rollback(); throw error; }`),
    ],
    [
      'by models that it defines',
      within(`const Own = db.define('own', {}); await Own.findAll({ transaction }); ${WRITE}`),
    ],
  ])('%s', (_, code) => {
    expect(upgradesOf(code)).toHaveLength(1);
  });

  test.each([
    ['writes first', within(`${WRITE} ${READ}`)],
    ['has the lock', within(`${READ} ${WRITE}`, '{ type: Transaction.TYPES.IMMEDIATE }, ')],
    ['reads outside of it', within(`const user = await User.findOne({ where: { url } }); ${WRITE}`)],
    ['only reads', within(`${READ} await User.count({ transaction });`)],
    ['may do anything first', within(`await User.own({ transaction }); ${READ} ${WRITE}`)],
  ])('not where it %s', (_, code) => {
    expect(upgradesOf(code)).toEqual([]);
  });
});
