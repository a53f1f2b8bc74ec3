import type { Layer } from './layer.ts';

const wraps: Layer['wraps'] = { drizzle: [{ argument: 0 }, { argument: 0, option: 'client' }] };
const queries: Layer['methods'] = {
  select: { does: 'build', query: 'read' },
  selectDistinct: { does: 'build', query: 'read' },
  $count: { does: 'build', query: 'read' },
  insert: { does: 'build', query: 'write' },
  update: { does: 'build', query: 'write' },
  delete: { does: 'build', query: 'write' },
  run: { does: 'execute', sql: 0 },
  all: { does: 'execute', sql: 0 },
  get: { does: 'execute', sql: 0 },
  values: { does: 'execute', sql: 0 },
};
const builders: Layer['builders'] = { query: 'read' };
const runs: Layer['runs'] = new Set(['run', 'all', 'get', 'execute', 'sync']);

/** Drizzle over a synchronous driver: its transaction is the driver's own, so an asynchronous callback is cut short. */
export const drizzleOverSynchronous: Layer = {
  id: 'drizzle',
  modules: [
    'drizzle-orm/better-sqlite3',
    'drizzle-orm/bun-sqlite',
    'drizzle-orm/node-sqlite',
    'drizzle-orm/expo-sqlite',
    'drizzle-orm/sql-js',
    'drizzle-orm/sqlite-core',
  ],
  synchronous: true,
  wraps,
  types: {
    BetterSQLite3Database: null,
    BunSQLiteDatabase: null,
    NodeSQLiteDatabase: null,
    ExpoSQLiteDatabase: null,
    SQLJsDatabase: null,
    BaseSQLiteDatabase: { argument: 0, is: 'sync' },
    SQLiteTransaction: { argument: 0, is: 'sync' },
  },
  methods: {
    ...queries,
    transaction: {
      does: 'transact',
      callback: 0,
      mode: 'deferred',
      named: { argument: 1, option: 'behavior' },
      immediate: { by: 'argument', method: 'transaction', argument: 1, code: "{ behavior: 'immediate' }" },
    },
  },
  builders,
  runs,
  connectionProperty: '$client',
};

/** Drizzle over a driver with promises; with libSQL its transactions take the write lock at once, whatever is asked for. */
export const drizzleOverPromises: Layer = {
  id: 'drizzle',
  modules: [
    'drizzle-orm/libsql',
    'drizzle-orm/libsql/node',
    'drizzle-orm/libsql/sqlite3',
    'drizzle-orm/libsql/http',
    'drizzle-orm/libsql/web',
    'drizzle-orm/libsql/ws',
    'drizzle-orm/sqlite-core',
  ],
  synchronous: false,
  wraps,
  types: {
    LibSQLDatabase: null,
    BaseSQLiteDatabase: { argument: 0, is: 'async' },
    SQLiteTransaction: { argument: 0, is: 'async' },
  },
  methods: { ...queries, transaction: { does: 'transact', callback: 0, mode: 'immediate' } },
  builders,
  runs,
  connectionProperty: '$client',
};
