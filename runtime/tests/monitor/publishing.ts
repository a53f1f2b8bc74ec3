import { setTimeout as sleep } from 'node:timers/promises';
import { channels, traceOf, type Checkpoint, type Events, type Hold, type Wait } from '../../src/channels.ts';

/** What the tests publish, as the core does. */
export function publish<Name extends keyof Events>(name: Name, event: Events[Name]): void {
  const channel: { publish(message: unknown): void } = channels[name];
  channel.publish(event);
}

export function open(database: string, duration = 1): void {
  publish('unbusy:open', { database, driver: 'test', readOnly: false, duration });
}

export function wait(database: string, facts: Partial<Wait> = {}): Wait {
  const begun: Wait = { database, mode: 'write', label: undefined, since: performance.now(), queued: 0, ...facts };
  publish('unbusy:wait', { wait: begun });
  return begun;
}

export function acquire(database: string, facts: Partial<Hold> = {}): Hold {
  const hold: Hold = {
    database,
    mode: 'write',
    label: undefined,
    since: performance.now(),
    wait: undefined,
    waited: 0,
    retries: 0,
    trace: traceOf(),
    ...facts,
  };
  publish('unbusy:acquire', { hold });
  return hold;
}

export function release(hold: Hold, duration = 1, outcome: Events['unbusy:release']['outcome'] = 'commit'): void {
  publish('unbusy:release', { hold, duration, outcome });
}

export function giveUp(wait: Wait, duration: number, reason: Events['unbusy:giveup']['reason'] = 'deadline'): void {
  publish('unbusy:giveup', { wait, duration, reason, holder: { pid: 4711, command: 'node hog.js' } });
}

export function checkpoint(database: string, facts: Partial<Checkpoint> = {}): void {
  const done: Checkpoint = { mode: 'passive', frames: 100, checkpointed: 100, busy: false, duration: 2, bytes: 412032 };
  publish('unbusy:checkpoint', { database, checkpoint: { ...done, ...facts } });
}

export function starve(database: string, age: number, frames = 100): void {
  const holder = { pid: process.pid, label: 'report' };
  publish('unbusy:starvation', { database, since: performance.now() - age, age, frames, holder });
}

/** Waits until something is so; a test that waits in vain ends with its own timeout. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5);
}

export function anyoneListens(): boolean {
  return Object.values(channels).some(({ hasSubscribers }) => hasSubscribers);
}
