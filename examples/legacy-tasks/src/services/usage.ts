import { getDatabaseConnection } from '../utilities/database.js';

interface Usage {
  readonly calls: number;
  readonly tokens: number;
}

/** Adds a model call to what was used today. */
export async function recordUsage(tokens: number): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const db = await getDatabaseConnection();
  await db.run('BEGIN');
  const used = await db.get<Usage>('SELECT calls, tokens FROM model_usage WHERE day = ?', day);
  if (used) {
    await db.run(
      'UPDATE model_usage SET calls = ?, tokens = ? WHERE day = ?',
      used.calls + 1,
      used.tokens + tokens,
      day,
    );
  } else {
    await db.run('INSERT INTO model_usage (day, calls, tokens) VALUES (?, 1, ?)', day, tokens);
  }
  await db.run('COMMIT');
  await db.close();
}
