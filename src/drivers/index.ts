import { betterSqlite3 } from './better-sqlite3.ts';
import { bunSqlite } from './bun-sqlite.ts';
import { drizzleOverPromises, drizzleOverSynchronous } from './drizzle.ts';
import { kysely } from './kysely.ts';
import { libsqlClient } from './libsql-client.ts';
import { libsql } from './libsql.ts';
import { nodeSqlite } from './node-sqlite.ts';
import { sqliteAsync } from './sqlite-async.ts';
import { sqlite } from './sqlite.ts';
import { sqlite3 } from './sqlite3.ts';
import type { Driver } from './driver.ts';
import type { Layer } from './layer.ts';

export const DRIVERS: readonly Driver[] = [
  betterSqlite3,
  nodeSqlite,
  bunSqlite,
  libsql,
  sqlite3,
  sqlite,
  libsqlClient,
  sqliteAsync,
];

export const LAYERS: readonly Layer[] = [drizzleOverSynchronous, drizzleOverPromises, kysely];

const CONNECTION_METHODS = new Set(DRIVERS.flatMap((driver) => Object.keys(driver.connection)));

/**
 * Whether a driver's connections lack a method that those of another one have, as `db.pragma?.(...)` asks. Those of a
 * layer have more methods than the catalogue names.
 */
export function lacksMethod(driver: Driver, name: string): boolean {
  return driver.modules.length > 0 && !driver.connection[name] && CONNECTION_METHODS.has(name);
}
