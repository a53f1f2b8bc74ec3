import { setMaxListeners } from 'node:events';
import { DeadlineError } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';
import { currentTask } from './context.ts';

/** A moment that an operation has to be over at. */
export interface Deadline {
  /** How much time there was at the start. */
  readonly milliseconds: number;
  /** When it is, on the scheduler's clock. */
  readonly at: number;
  /** Aborts at the deadline, and with the caller's signal and that of the task around. */
  readonly signal: AbortSignal;
  /** Milliseconds until the deadline, 0 when it has passed. */
  remaining(): number;
  /** Ends the timer. */
  clear(): void;
}

/** Starts a deadline, which is not later than that of the task around. */
export function startDeadline(milliseconds: number, signal: AbortSignal | undefined, scheduler: Scheduler): Deadline {
  const task = currentTask();
  const allowed = Math.min(milliseconds, task?.remaining() ?? Infinity);
  const at = scheduler.now() + allowed;
  const passed = new AbortController();
  const over = new AbortController();
  if (allowed < Infinity) {
    void scheduler.sleep(allowed, { signal: over.signal }).then(() => {
      if (over.signal.aborted) return;
      passed.abort(new DeadlineError(`The deadline of ${allowed} ms has passed.`, 'deadline', allowed));
    });
  }
  const all = AbortSignal.any([passed.signal, signal, task?.signal].filter((one) => one !== undefined));
  // Whatever an operation does at once may listen.
  setMaxListeners(0, all);
  return {
    milliseconds: allowed,
    at,
    signal: all,
    remaining: () => Math.max(0, at - scheduler.now()),
    clear: () => over.abort(),
  };
}
