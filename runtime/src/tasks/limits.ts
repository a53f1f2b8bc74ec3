import { setMaxListeners } from 'node:events';
import { channels, type Hold, type TaskLimit } from '../channels.ts';
import { TaskLimitError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import { systemScheduler, type Scheduler } from '../scheduler.ts';
import { checkAmounts } from './amounts.ts';
import { currentTask, runInTask, type Task } from './context.ts';
import { watchHolds } from './holds.ts';
import { checkRetryPolicy, POLICY, replay, type Attempt, type RetryPolicy } from './retry.ts';

export interface TaskLimits {
  /** Milliseconds that the task may take, with all its attempts. Default 30000; Infinity for no limit. */
  readonly deadline?: number | undefined;
  /** Aborts the task. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Runs the whole function again while the database is busy, as `retryOnBusy` does. Only for a function that is safe
   * to run twice. Default: once.
   */
  readonly retry?: RetryPolicy | undefined;
  /** Milliseconds that a write transaction of the task may hold the lock. Default: no limit. */
  readonly maxHold?: number | undefined;
}

const ONCE: RetryPolicy = { shouldRetry: () => false };

/** What a task's function is told. */
export interface TaskAttempt extends Attempt {
  /** The task's name. */
  readonly label: string;
}

/**
 * Runs a function as a task: with a name, a deadline, a signal and, if asked for, retries and a maximum hold. What
 * runs within it, through every `await`, knows the task (`currentTask`): its transactions and waits are labelled with its
 * name, and no wait is longer than the time that the task has left.
 *
 * When a limit is hit, the task's signal aborts, and the promise rejects in the next turn of the event loop, even if
 * the function does not listen to its signal: JavaScript cannot stop it. `stillRunning` of the error says so, and
 * `settled` fulfils when it has ended. A function that returns in that turn is a success.
 *
 * `maxHold` looks at a lock while it is held. A transaction on a synchronous driver has ended before any timer can run:
 * `unbusy:limit` tells of it with `stopped: false`, and the task goes on, because what is committed did not fail.
 *
 * @throws {TaskLimitError} where a limit was hit: `limit` says which. `cause` is the error of the last attempt
 * ('attempts', 'deadline' in the time between two attempts), or the reason of the caller's signal ('aborted').
 * @throws {OptionError} for a limit that is no number or below 0.
 * @throws what the function throws.
 */
export async function withTaskLimits<T>(
  name: string,
  fn: (task: TaskAttempt) => T | PromiseLike<T>,
  options: TaskLimits = {},
  /** @internal */ scheduler: Scheduler = systemScheduler,
): Promise<T> {
  const { deadline = 30_000, signal, retry = ONCE, maxHold = Infinity } = options;
  checkOptions(options, ['deadline', 'signal', 'retry', 'maxHold'], 'withTaskLimits');
  checkOptions(options.retry, POLICY, 'The option retry');
  checkAmounts({ deadline, maxHold });
  checkRetryPolicy(retry);
  const outer = currentTask();
  const allowed = Math.min(deadline, outer?.remaining() ?? Infinity);
  const at = scheduler.now() + allowed;
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const ended = new AbortController();
  const settled = new Promise<void>((resolve) => ended.signal.addEventListener('abort', () => resolve()));

  const failed = (limit: TaskLimit, value: number | undefined, facts: { cause?: unknown; hold?: Hold } = {}) => {
    const { 'unbusy:limit': limits } = channels;
    if (limits.hasSubscribers) limits.publish({ task: name, limit, value, hold: facts.hold, stopped: true });
    return new TaskLimitError(MESSAGES[limit](name, value), {
      task: name,
      limit,
      settled,
      running: () => !ended.signal.aborted,
      cause: facts.cause,
    });
  };
  const stop = (...limit: Parameters<typeof failed>) => {
    if (!controller.signal.aborted && !ended.signal.aborted) controller.abort(failed(...limit));
  };

  const task: Task = {
    label: name,
    deadline: at,
    signal: controller.signal,
    outer,
    remaining: () => Math.max(0, at - scheduler.now()),
  };
  // One signal of both: many tasks on one signal of the program are no leak of listeners.
  const callers = AbortSignal.any([signal, outer?.signal].filter((one) => one !== undefined));
  const follow = (): void => stop('aborted', undefined, { cause: callers.reason });
  if (callers.aborted) follow();
  else callers.addEventListener('abort', follow, { signal: ended.signal });
  if (allowed < Infinity) void scheduler.sleep(allowed, { signal: ended.signal }).then(() => stop('deadline', allowed));
  const unwatch = watchHolds(task, maxHold, scheduler, (hold) => stop('hold', maxHold, { hold }));
  // A task that was stopped may go on for ever, but there is nothing left to stop.
  controller.signal.addEventListener('abort', unwatch);

  const running = runInTask(task, () =>
    replay((attempt) => fn({ ...attempt, label: name }), retry, { deadline: task, label: name, scheduler }),
  ).finally(() => {
    unwatch();
    ended.abort();
  });
  // What the function does after a limit was hit is told by `settled`, not by an unhandled rejection.
  running.catch(() => undefined);
  try {
    const outcome = await Promise.race([running, lossOf(controller.signal, ended.signal, scheduler)]);
    if (!outcome.gaveUp) return outcome.value;
    const { limit, error: cause } = outcome;
    throw failed(limit, limit === 'attempts' ? retry.attempts : allowed, { cause });
  } catch (error) {
    // An error that follows from the abort says less than the limit that was hit.
    throw controller.signal.aborted ? controller.signal.reason : error;
  }
}

/** Rejects when a limit is hit, a turn later: a function that listens to its signal has ended by then. */
async function lossOf(signal: AbortSignal, ended: AbortSignal, scheduler: Scheduler): Promise<never> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener('abort', () => resolve(), { signal: ended });
  });
  await scheduler.yield();
  throw signal.reason;
}

const MESSAGES: Readonly<Record<TaskLimit, (name: string, value: number | undefined) => string>> = {
  deadline: (name, value) => `Task ${name} was not over after ${value ?? 0} ms.`,
  hold: (name, value) => `A transaction of task ${name} held the write lock for more than ${value ?? 0} ms.`,
  attempts: (name, value) => `Task ${name} failed in each of ${value ?? 0} attempts.`,
  aborted: (name) => `Task ${name} was aborted.`,
};
