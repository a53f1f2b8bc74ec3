import type { Database } from 'sqlite';
import { openDatabase, withConnection } from 'unbusy/sqlite';
import { queueConfig, queueDatabasePath, systemDatabasePath } from '../config/queue.js';

const QUEUE = { busyTimeout: queueConfig.busyTimeout };
const SYSTEM = { ...QUEUE, foreignKeys: true };

/** A connection to the system database. The caller closes it. */
export function getDatabaseConnection(): Promise<Database> {
  return openDatabase(systemDatabasePath(), SYSTEM);
}

/** A connection to the task queue. The caller closes it. */
export function getQueueConnection(): Promise<Database> {
  return openDatabase(queueDatabasePath(), QUEUE);
}

/** Opens the system database for as long as the function takes. */
export function withDatabase<Result>(fn: (db: Database) => Promise<Result>): Promise<Result> {
  return withConnection(systemDatabasePath(), fn, SYSTEM);
}

/** Opens the task queue for as long as the function takes. */
export function withQueue<Result>(fn: (db: Database) => Promise<Result>): Promise<Result> {
  return withConnection(queueDatabasePath(), fn, QUEUE);
}
