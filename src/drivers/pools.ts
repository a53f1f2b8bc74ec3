import { knexLayer } from './knex.ts';
import { sequelizeLayer } from './sequelize.ts';
import { typeormLayer } from './typeorm.ts';
import type { Place, Pool, PoolFact } from './pool.ts';

const option = (...path: string[]): Place => ({ argument: 0, path });

/** knex 0.95 to 3: `pool.afterCreate` gets each new connection (knexjs.org, "Installation", pool options). */
const knexFact: PoolFact = {
  by: 'call',
  dialect: option('client'),
  drivers: { sqlite: 'sqlite3', sqlite3: 'sqlite3', 'better-sqlite3': 'better-sqlite3' },
  file: [option('connection', 'filename'), option('connection')],
  setup: [option('pool', 'afterCreate')],
  layer: knexLayer,
};

const knex: Pool = {
  id: 'knex',
  modules: ['knex'],
  exports: { '': knexFact, knex: knexFact, default: knexFact },
};

/** Nest makes the options by a function of the program (docs.nestjs.com, "Database", async configuration). */
function inNest(fact: PoolFact, name: string, opener?: Place): Pool['exports'] {
  const hidden = { ...fact, layer: null };
  return {
    [`${name}.forRoot`]: { ...hidden, by: 'call' },
    [`${name}.forRootAsync`]: { ...hidden, by: 'call', factory: option('useFactory'), ...(opener && { opener }) },
  };
}

/** TypeORM 0.3: `enableWAL`, `busyTimeout` and `prepareDatabase` (typeorm.io, "Data source options", sqlite). */
const dataSourceFact: PoolFact = {
  by: 'construct',
  dialect: option('type'),
  drivers: { sqlite: 'sqlite3', 'better-sqlite3': 'better-sqlite3' },
  file: [option('database')],
  wal: option('enableWAL'),
  busyTimeout: option('busyTimeout'),
  setup: [option('prepareDatabase')],
  layer: typeormLayer,
};

const typeorm: Pool = {
  id: 'typeorm',
  modules: ['typeorm', '@nestjs/typeorm'],
  exports: {
    DataSource: dataSourceFact,
    Connection: dataSourceFact,
    createConnection: { ...dataSourceFact, by: 'call', answers: 'promise' },
    ...inNest(dataSourceFact, 'TypeOrmModule', option('dataSourceFactory')),
  },
};

/** Sequelize 5 to 7: SQLite by sqlite3; a hook gets each new connection (sequelize.org, "Hooks", connection hooks). */
const sequelizeFact: PoolFact = {
  by: 'construct',
  dialect: option('dialect'),
  drivers: { sqlite: 'sqlite3' },
  // `new Sequelize(database, user, password, options)`
  options: [3, 2, 1],
  file: [option('storage')],
  setup: [option('hooks', 'afterConnect')],
  layer: sequelizeLayer,
};

const sequelize: Pool = {
  id: 'sequelize',
  modules: ['sequelize', 'sequelize-typescript', '@sequelize/core', '@nestjs/sequelize'],
  exports: {
    '': sequelizeFact,
    Sequelize: sequelizeFact,
    default: sequelizeFact,
    ...inNest(sequelizeFact, 'SequelizeModule'),
  },
};

export const POOLS: readonly Pool[] = [knex, typeorm, sequelize];
