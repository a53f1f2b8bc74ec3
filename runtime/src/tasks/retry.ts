import { isBusy } from '../busy.ts';
import { channels } from '../channels.ts';
import { BusyError, DeadlineError, SnapshotError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import { systemScheduler, type Scheduler } from '../scheduler.ts';
import { checkAmounts } from './amounts.ts';
import { currentTask } from './context.ts';
import { startDeadline, type Deadline } from './deadline.ts';

/** When and how often an operation is run again. */
export interface RetryPolicy {
  /** How often the operation is run at most, the first time included. Default: as often as the deadline permits. */
  readonly attempts?: number | undefined;
  /** The longest delay before the second attempt, in milliseconds; it doubles with each attempt. Default 25. */
  readonly base?: number | undefined;
  /** The longest delay before any attempt, in milliseconds. Default 2000. */
  readonly cap?: number | undefined;
  /**
   * Whether the operation is run again after this error. Default: SQLITE_BUSY of every kind and driver, and so
   * `BusyError` and `SnapshotError`, but no `DeadlineError`: the time that an inner retry had is not given twice.
   */
  readonly shouldRetry?: ((error: unknown) => boolean) | undefined;
  /** Called before each delay. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

export interface RetryOptions extends RetryPolicy {
  /**
   * Milliseconds for all attempts and the delays between them. Default 30000; Infinity for none. Within a task
   * (`withTaskLimits`) never more than the task has left.
   */
  readonly deadline?: number | undefined;
  /** Ends the delays, and is handed on to the operation. */
  readonly signal?: AbortSignal | undefined;
  /** Names the operation in `unbusy:retry` and in errors. Default: the name of the task that it runs in. */
  readonly label?: string | undefined;
}

/** What an operation is told about the attempt that it is. */
export interface Attempt {
  /** 1 for the first. */
  readonly attempt: number;
  /** Aborts at the deadline, and with the caller's signal. */
  readonly signal: AbortSignal;
  /** Milliseconds until the deadline, 0 when it has passed. */
  readonly remaining: () => number;
}

export interface Retry {
  /** The attempt that failed, 1 for the first. */
  readonly attempt: number;
  /** Milliseconds until the next one. */
  readonly delay: number;
  readonly error: unknown;
}

/**
 * Runs an operation, and runs the whole of it again while the database is busy. Only for what is safe to run twice: an
 * attempt that failed may have sent a message or written a file before it met the lock.
 *
 * The delay is random between 0 and a bound that doubles from `base` to `cap` ("full jitter"). It grows here and is a
 * constant of about 1 ms where a transaction waits for the lock, because the two waits are different. A waiter at the
 * lock asks at a cost of microseconds and its turn comes within milliseconds; whoever asks less often the longer it
 * waits is overtaken by newcomers, which made p99 four to six times longer when measured. An operation that failed as a
 * whole has used up that wait already, or has lost its snapshot to another writer: its next attempt costs all its work
 * again, and several of them that start together fail together.
 *
 * The promise follows the operation: it never settles while an attempt runs, even past the deadline. The attempt's
 * signal says that it should end. (`withTaskLimits` gives up on a function that does not listen.)
 *
 * @throws {DeadlineError} where less than `base` milliseconds were left for another attempt. Its `cause` is the error of
 * the last one.
 * @throws the error of the last attempt itself where `attempts` were used up, or `shouldRetry` said no.
 * @throws {OptionError} for an amount that is no number or too small.
 * @throws the signal's reason where it aborted before an attempt or in a delay.
 */
export async function retryOnBusy<T>(
  fn: (attempt: Attempt) => T | PromiseLike<T>,
  options: RetryOptions = {},
  /** @internal */ scheduler: Scheduler = systemScheduler,
): Promise<T> {
  const { deadline: milliseconds = 30_000, signal, label = currentTask()?.label } = options;
  checkOptions(options, [...POLICY, 'deadline', 'signal', 'label'], 'retryOnBusy');
  checkAmounts({ deadline: milliseconds });
  checkRetryPolicy(options);
  const deadline = startDeadline(milliseconds, signal, scheduler);
  try {
    const outcome = await replay(fn, options, { deadline, label, scheduler });
    if (!outcome.gaveUp) return outcome.value;
    if (outcome.limit === 'attempts') throw outcome.error;
    throw new DeadlineError(
      `${label ?? 'The operation'} failed ${times(outcome.attempts)}, and its deadline of ${deadline.milliseconds} ms leaves no time for another attempt.`,
      'deadline',
      deadline.milliseconds,
      { cause: outcome.error },
    );
  } finally {
    deadline.clear();
  }
}

export type Outcome<T> =
  | { readonly gaveUp: false; readonly value: T }
  | {
      readonly gaveUp: true;
      readonly limit: 'deadline' | 'attempts';
      readonly attempts: number;
      readonly error: unknown;
    };

export const POLICY: readonly string[] = Object.keys({
  attempts: true,
  base: true,
  cap: true,
  shouldRetry: true,
  onRetry: true,
} satisfies Record<keyof RetryPolicy, true>);

export function checkRetryPolicy({ attempts, base, cap }: RetryPolicy): void {
  checkAmounts({ attempts }, { min: 1 });
  checkAmounts({ base, cap });
}

interface Replay {
  readonly deadline: Pick<Deadline, 'signal' | 'remaining'>;
  readonly label: string | undefined;
  readonly scheduler: Scheduler;
}

/** Runs an operation until it succeeds, fails for good (throws), or a limit forbids another attempt. */
export async function replay<T>(
  fn: (attempt: Attempt) => T | PromiseLike<T>,
  { attempts = Infinity, base = 25, cap = 2000, shouldRetry = isWorthRetrying, onRetry }: RetryPolicy,
  { deadline, label, scheduler }: Replay,
): Promise<Outcome<T>> {
  const { signal } = deadline;
  const remaining = () => deadline.remaining();
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return { gaveUp: false, value: await fn({ attempt, signal, remaining }) };
    } catch (error) {
      if (!shouldRetry(error)) throw error;
      if (attempt >= attempts) return { gaveUp: true, limit: 'attempts', attempts: attempt, error };
      const left = remaining();
      // Without this bound the attempts would follow each other ever faster towards the deadline.
      if (left < base || left === 0) return { gaveUp: true, limit: 'deadline', attempts: attempt, error };
      const delay = scheduler.random() * Math.min(cap, base * 2 ** (attempt - 1), left);
      onRetry?.({ attempt, delay, error });
      const { 'unbusy:retry': retries } = channels;
      if (retries.hasSubscribers) retries.publish({ label, attempt, delay, error });
      await scheduler.sleep(delay, { signal });
    }
  }
}

function isWorthRetrying(error: unknown): boolean {
  if (error instanceof DeadlineError) return false;
  return error instanceof BusyError || error instanceof SnapshotError || isBusy(error);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
