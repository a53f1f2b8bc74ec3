import { channels, type Hold } from '../channels.ts';
import type { Scheduler } from '../scheduler.ts';
import { isWithin, type Task } from './context.ts';

/**
 * Calls `onLong` when a write transaction of a task has held the lock for more than `maxHold` milliseconds and holds it
 * still; one that has ended before the event loop could run is only told on `unbusy:limit`. Returns the function that
 * ends the watch.
 *
 * Transactions tell of themselves on their channels in the async context that runs them, so the task finds its own
 * there, and transactions know nothing of tasks. They pay for it while a task with a maximum runs.
 */
export function watchHolds(
  task: Task,
  maxHold: number,
  scheduler: Scheduler,
  onLong: (hold: Hold) => void,
): () => void {
  if (maxHold === Infinity) return () => undefined;
  const held = new Map<Hold, AbortController>();

  const onAcquire = (message: unknown) => {
    const { hold } = message as { hold: Hold };
    if (hold.mode !== 'write' || !isWithin(task)) return;
    const released = new AbortController();
    held.set(hold, released);
    void scheduler.sleep(maxHold, { signal: released.signal, watch: true }).then(() => {
      if (!released.signal.aborted) onLong(hold);
    });
  };
  const onRelease = (message: unknown) => {
    const { hold, duration } = message as { hold: Hold; duration: number };
    const released = held.get(hold);
    if (!released) return;
    held.delete(hold);
    released.abort();
    const { 'unbusy:limit': limits } = channels;
    if (duration > maxHold && !task.signal.aborted && limits.hasSubscribers)
      limits.publish({ task: task.label, limit: 'hold', value: maxHold, hold, stopped: false });
  };
  channels['unbusy:acquire'].subscribe(onAcquire);
  channels['unbusy:release'].subscribe(onRelease);
  return () => {
    channels['unbusy:acquire'].unsubscribe(onAcquire);
    channels['unbusy:release'].unsubscribe(onRelease);
    for (const released of held.values()) released.abort();
  };
}
