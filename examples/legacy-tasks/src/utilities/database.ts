import { open, type Database } from 'sqlite';
import sqlite3 from 'sqlite3';
import { queueConfig, queueDatabasePath, systemDatabasePath } from '../config/queue.js';

/** A connection to the system database. The caller closes it. */
export async function getDatabaseConnection(): Promise<Database> {
  const db = await open({ filename: systemDatabasePath(), driver: sqlite3.Database });
  await db.exec('PRAGMA foreign_keys = ON');
  return db;
}

/** A connection to the task queue. The caller closes it. */
export async function getQueueConnection(): Promise<Database> {
  const options = {
    filename: queueDatabasePath(),
    driver: sqlite3.Database,
    busyTimeout: queueConfig.busyTimeout,
  };
  const db = await open(options);
  await db.exec('PRAGMA journal_mode = WAL');
  return db;
}
