import type { Layer } from './layer.ts';

const wraps: Layer['wraps'] = { drizzle: [{ argument: 0 }, { argument: 0, option: 'client' }] };
const methods: Layer['methods'] = { transaction: { does: 'transact', callback: 0, mode: 'deferred' } };

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
  methods,
  connectionProperty: '$client',
};

/** Drizzle over a driver with promises. */
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
  methods,
  connectionProperty: '$client',
};
