import { betterSqlite3 } from './better-sqlite3.ts';
import { bunSqlite } from './bun-sqlite.ts';
import { libsqlClient } from './libsql-client.ts';
import { libsql } from './libsql.ts';
import { nodeSqlite } from './node-sqlite.ts';
import { sqlite } from './sqlite.ts';
import { sqlite3 } from './sqlite3.ts';
import type { Driver, ExportFact } from './driver.ts';

/**
 * What the safe wrapper's functions are called. The `Async` forms are for drivers that block: they wait for the lock
 * without blocking, and then run the same synchronous callback.
 */
export interface WrapperNames {
  readonly openDatabase: string;
  readonly openDatabaseAsync: string;
  readonly withConnection: string;
  readonly withConnectionAsync: string;
  readonly withTransaction: string;
  readonly withTransactionAsync: string;
}

export const WRAPPER_NAMES: WrapperNames = {
  openDatabase: 'openDatabase',
  openDatabaseAsync: 'openDatabaseAsync',
  withConnection: 'withConnection',
  withConnectionAsync: 'withConnectionAsync',
  withTransaction: 'withTransaction',
  withTransactionAsync: 'withTransactionAsync',
};

/** A module that hands out a driver's connections with their settings made, or runs functions on one. */
export function safeWrapper(base: Driver, module: string, names: WrapperNames): Driver {
  const open: ExportFact = { kind: 'connection', by: 'call', file: { argument: 0 }, configured: true };
  const connect: ExportFact = { kind: 'with connection', file: { argument: 0 }, callback: 1 };
  const transact: ExportFact = { kind: 'with transaction', connection: 0, callback: 1, mode: 'immediate' };
  const exports: Record<string, ExportFact> = base.synchronous
    ? {
        [names.openDatabase]: open,
        [names.openDatabaseAsync]: { ...open, answers: 'promise' },
        [names.withConnection]: connect,
        [names.withConnectionAsync]: { ...connect, answers: 'promise' },
        [names.withTransaction]: transact,
        [names.withTransactionAsync]: { ...transact, answers: 'promise' },
      }
    : {
        [names.openDatabase]: { ...open, answers: 'promise' },
        [names.withConnection]: { ...connect, answers: 'promise' },
        [names.withTransaction]: { ...transact, answers: 'promise' },
      };
  const closing = { closesAgain: true, closesAfterStatements: false, disposable: true };
  return { ...base, ...closing, modules: [module], exports, options: {}, ignoredOptions: {} };
}

/** The entries of the `unbusy` package: the drivers' own connections, opened safely. */
export const unbusy: readonly Driver[] = [
  safeWrapper(betterSqlite3, 'unbusy/better-sqlite3', WRAPPER_NAMES),
  safeWrapper(nodeSqlite, 'unbusy/node-sqlite', WRAPPER_NAMES),
  safeWrapper(bunSqlite, 'unbusy/bun-sqlite', WRAPPER_NAMES),
  safeWrapper(libsql, 'unbusy/libsql', WRAPPER_NAMES),
  safeWrapper(sqlite3, 'unbusy/sqlite3', WRAPPER_NAMES),
  safeWrapper(sqlite, 'unbusy/sqlite', WRAPPER_NAMES),
  safeWrapper(libsqlClient, 'unbusy/libsql-client', WRAPPER_NAMES),
];
