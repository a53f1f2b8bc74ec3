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

const LAYERS: readonly Layer[] = [drizzleOverSynchronous, drizzleOverPromises, kysely];

const DRIVER_OF = new Map(DRIVERS.flatMap((driver) => driver.modules.map((module) => [module, driver] as const)));
const LAYERS_OF = new Map<string, Layer[]>();
for (const layer of LAYERS) {
  for (const module of layer.modules) LAYERS_OF.set(module, [...(LAYERS_OF.get(module) ?? []), layer]);
}

/** The driver that a module specifier hands out. */
export function driverOf(specifier: string): Driver | null {
  return DRIVER_OF.get(specifier) ?? null;
}

/** The layers that a module specifier hands out; several where types decide which one it is. */
export function layersOf(specifier: string): readonly Layer[] {
  return LAYERS_OF.get(specifier) ?? [];
}

const CONNECTION_METHODS = new Set(DRIVERS.flatMap((driver) => Object.keys(driver.connection)));

/** Whether a driver's connections lack a method that those of another one have, as `db.pragma?.(...)` asks. */
export function lacksMethod(driver: Driver, name: string): boolean {
  return !driver.connection[name] && CONNECTION_METHODS.has(name);
}

export function isDatabaseModule(specifier: string): boolean {
  return DRIVER_OF.has(specifier) || LAYERS_OF.has(specifier);
}

/** Whether an export of a driver or layer hands out handles, or is the type of one; errors and row types are not. */
export function isDatabaseExport(specifier: string, name: string): boolean {
  if (name === '*' || name === 'default' || name === 'require') return isDatabaseModule(specifier);
  const driver = DRIVER_OF.get(specifier);
  if (driver) return Object.keys(driver.exports).some((path) => path === name || path.startsWith(`${name}.`));
  return layersOf(specifier).some((layer) => name in layer.wraps || name in layer.types);
}

/** A quick test of a file's text: without a match it names no driver and no layer. */
export const NAMES_DATABASE = /sqlite|libsql|drizzle-orm|kysely/i;
