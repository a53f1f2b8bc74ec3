import { withTransaction } from 'unbusy/sqlite';
import { withQueue } from '../utilities/database.js';
import type { Task, TaskKind, TaskPayloads } from '../tasks/index.js';

interface TaskRow {
  readonly id: number;
  readonly kind: TaskKind;
  readonly payload: string;
}

/** Puts a task at the end of the queue; higher priorities go first. */
export async function enqueueTask<Kind extends TaskKind>(
  kind: Kind,
  payload: TaskPayloads[Kind],
  priority = 0,
): Promise<void> {
  await withQueue((db) =>
    withTransaction(db, (tx) =>
      tx.run('INSERT INTO tasks (kind, payload, priority) VALUES (?, ?, ?)', kind, JSON.stringify(payload), priority),
    ),
  );
}

/** Takes the next task for a worker; undefined when nothing waits. */
export async function claimTask(worker: string): Promise<Task | undefined> {
  const row = await withQueue((db) =>
    withTransaction(
      db,
      async (tx) => {
        const next = await tx.get<TaskRow>(
          `SELECT id, kind, payload FROM tasks WHERE status = 'waiting' ORDER BY priority DESC, id LIMIT 1`,
        );
        if (next) {
          await tx.run(
            `UPDATE tasks SET status = 'running', worker = ?, started_at = ? WHERE id = ?`,
            worker,
            new Date().toISOString(),
            next.id,
          );
        }
        return next;
      },
      { label: 'claim' },
    ),
  );
  return row && { id: row.id, kind: row.kind, payload: JSON.parse(row.payload) as unknown };
}

/** Marks a task as done, or as failed with the message of its error. */
export async function settleTask(taskId: number, error: string | null): Promise<void> {
  await withQueue((db) =>
    withTransaction(
      db,
      (tx) =>
        tx.run(
          'UPDATE tasks SET status = ?, error = ?, finished_at = ? WHERE id = ?',
          error === null ? 'done' : 'failed',
          error,
          new Date().toISOString(),
          taskId,
        ),
      { label: 'settle' },
    ),
  );
}
