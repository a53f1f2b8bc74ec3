import { join } from 'node:path';

export const queueConfig = {
  /** Worker processes. */
  workers: 3,
  /** Tasks that a worker runs at a time: most of them wait for the model anyway. */
  concurrency: 2,
  /** Tasks after which a worker is replaced by a new process: its memory does not grow for ever. */
  tasksPerWorker: 2,
  /** Milliseconds until a worker asks the queue again that was locked; it grows with each time. */
  retryInterval: 200,
  /** Milliseconds to wait for the lock of another worker. */
  busyTimeout: 30_000,
  /** Milliseconds that a task may take, the five minutes of the model included. */
  taskDeadline: 10 * 60_000,
  /** Milliseconds that a transaction of a task may keep the lock from the others. */
  maxHold: 5_000,
  /** Milliseconds between two signs of life of a worker. */
  heartbeatInterval: 500,
  /** Milliseconds without one after which the tasks of a worker go back into the queue. */
  workerTimeout: 60_000,
};

/** Conversations, messages, promises and test runs. */
export function systemDatabasePath(): string {
  return join(dataDirectory(), 'system.db');
}

/** The tasks, in a file of their own: polling workers leave the system database alone. */
export function queueDatabasePath(): string {
  return join(dataDirectory(), 'queue.db');
}

function dataDirectory(): string {
  return process.env.DATA_DIRECTORY ?? 'data';
}
