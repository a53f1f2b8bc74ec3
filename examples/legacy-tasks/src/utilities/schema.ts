import { getDatabaseConnection, getQueueConnection } from './database.js';

const SYSTEM_SCHEMA = `
  CREATE TABLE IF NOT EXISTS conversations (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT,
    last_message_at TEXT
  );
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    author TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending',
    receipt TEXT
  );
  CREATE TABLE IF NOT EXISTS promises (
    id INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    question TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'open',
    answer TEXT,
    kept_at TEXT
  );
  CREATE TABLE IF NOT EXISTS test_runs (
    id INTEGER PRIMARY KEY,
    suite TEXT NOT NULL,
    status TEXT NOT NULL,
    output TEXT,
    started_at TEXT NOT NULL,
    finished_at TEXT
  );
  CREATE TABLE IF NOT EXISTS model_usage (
    day TEXT PRIMARY KEY,
    calls INTEGER NOT NULL,
    tokens INTEGER NOT NULL
  );
`;

const QUEUE_SCHEMA = `
  CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'waiting',
    worker TEXT,
    error TEXT,
    started_at TEXT,
    finished_at TEXT
  );
  CREATE TABLE IF NOT EXISTS workers (
    name TEXT PRIMARY KEY,
    seen_at INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS tasks_by_status ON tasks (status, priority DESC, id);
`;

/** Creates the tables of both databases where they are missing. */
export async function createSchema(): Promise<void> {
  const system = await getDatabaseConnection();
  try {
    await system.exec(SYSTEM_SCHEMA);
  } finally {
    await system.close();
  }

  const queue = await getQueueConnection();
  try {
    await queue.exec(QUEUE_SCHEMA);
  } finally {
    await queue.close();
  }
}
