import { AsyncLocalStorage } from 'node:async_hooks';

/** What code that runs within a task knows of it: see `withTaskLimits`. */
export interface Task {
  /** The name that the task was given. Its transactions and waits have it as their label. */
  readonly label: string;
  /** When the task has to be over, in milliseconds of `performance.now`; Infinity where it may take for ever. */
  readonly deadline: number;
  /** Aborts when the task hits a limit or is aborted by its caller. Its `reason` is a `TaskLimitError`. */
  readonly signal: AbortSignal;
  /** The task that this one was started in. */
  readonly outer: Task | undefined;
  /** Milliseconds until the deadline, 0 when it has passed. */
  readonly remaining: () => number;
}

const tasks = new AsyncLocalStorage<Task>();

/** The task that this code runs in, through every `await`; undefined outside of one. */
export function currentTask(): Task | undefined {
  return tasks.getStore();
}

export function runInTask<T>(task: Task, fn: () => T): T {
  return tasks.run(task, fn);
}

/** Whether this code runs in a task, or in one that was started in it. */
export function isWithin(task: Task): boolean {
  for (let current = currentTask(); current; current = current.outer) if (current === task) return true;
  return false;
}
