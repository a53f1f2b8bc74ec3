import { channels, type Hold } from '../channels.ts';
import type { Scheduler } from '../scheduler.ts';

/** Says that a transaction has begun, if anyone listens. */
export function took(taken: Omit<Hold, 'since'>, scheduler: Scheduler): Hold | undefined {
  const channel = channels['unbusy:acquire'];
  if (!channel.hasSubscribers && !channels['unbusy:release'].hasSubscribers) return undefined;
  const hold: Hold = { ...taken, since: scheduler.now() };
  channel.publish({ hold });
  return hold;
}

/** Says how it ended. */
export function released(
  hold: Hold | undefined,
  scheduler: Scheduler,
  outcome: 'commit' | 'rollback' | 'discard',
): void {
  if (hold === undefined) return;
  channels['unbusy:release'].publish({ hold, duration: scheduler.now() - hold.since, outcome });
}
