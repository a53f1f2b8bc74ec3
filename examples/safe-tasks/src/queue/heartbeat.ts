import type { Database } from 'sqlite';
import { withTransaction } from 'unbusy/sqlite';
import { queueConfig } from '../config/queue.js';
import { getQueueConnection } from '../utilities/database.js';

/** One connection for the life of the worker: a heartbeat is too frequent to open one each time. */
let connection: Promise<Database> | undefined;

/** Tells the queue that a worker is alive, and gives back the tasks of those that are not. */
export async function beat(worker: string): Promise<void> {
  const db = await (connection ??= getQueueConnection());
  await withTransaction(
    db,
    async (tx) => {
      const now = Date.now();
      await tx.run(
        'INSERT INTO workers (name, seen_at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at',
        worker,
        now,
      );
      await tx.run(
        `UPDATE tasks SET status = 'waiting', worker = NULL
          WHERE status = 'running' AND worker IN (SELECT name FROM workers WHERE seen_at < ?)`,
        now - queueConfig.workerTimeout,
      );
    },
    { label: 'heartbeat' },
  );
}
