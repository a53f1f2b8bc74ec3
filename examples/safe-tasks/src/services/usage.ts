import { withTransaction } from 'unbusy/sqlite';
import { withDatabase } from '../utilities/database.js';

interface Usage {
  readonly calls: number;
  readonly tokens: number;
}

/** Adds a model call to what was used today. */
export async function recordUsage(tokens: number): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  await withDatabase((db) =>
    withTransaction(db, async (tx) => {
      const used = await tx.get<Usage>('SELECT calls, tokens FROM model_usage WHERE day = ?', day);
      if (used) {
        await tx.run(
          'UPDATE model_usage SET calls = ?, tokens = ? WHERE day = ?',
          used.calls + 1,
          used.tokens + tokens,
          day,
        );
      } else {
        await tx.run('INSERT INTO model_usage (day, calls, tokens) VALUES (?, 1, ?)', day, tokens);
      }
    }),
  );
}
