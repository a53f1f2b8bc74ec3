import { fileURLToPath } from 'node:url';
import type { Events, Hold, Starvation } from '../channels.ts';
import type { Holder } from '../holders.ts';
import type { CurrentHolder } from './figures.ts';

/** A wait for a lock that is as long as `longWait`, or longer. Durations in milliseconds. */
export interface LongWait {
  readonly database: string;
  readonly mode: 'read' | 'write';
  readonly label: string | undefined;
  readonly waited: number;
  /** How many waited in this process before this one came. */
  readonly queued: number;
  /** It waits still, or it ended in one of two ways before this could be called. */
  readonly state: 'waiting' | 'acquired' | 'gave up';
  /** Transactions of this process that are open now, writers first, each group the oldest first: ten at most. */
  readonly holders: readonly CurrentHolder[];
  /** Who had the lock when the wait was given up, where that can be known: also another process. */
  readonly holder: Holder | undefined;
}

/** A transaction that is as long as `longHold`, or longer. Durations in milliseconds. */
export interface LongHold {
  readonly database: string;
  readonly mode: 'read' | 'write';
  readonly label: string | undefined;
  readonly held: number;
  readonly waited: number;
  /** It is open still, or it ended before this could be called: then it blocked the event loop. */
  readonly state: 'held' | 'released';
  /** How it ended, if it did. */
  readonly outcome: Events['unbusy:release']['outcome'] | undefined;
  /** Where it began: frames of a stack, without a message. */
  readonly stack: string | undefined;
}

/** The -wal file has grown past `walBytes`, or to twice the size of the last call. */
export interface WalGrowth {
  readonly database: string;
  readonly bytes: number;
  /** Frames in it, as the last checkpoint found them. */
  readonly frames: number | undefined;
}

/** A connection was lost without being closed, or was not given back. */
export interface Leak {
  readonly database: string;
  readonly label: string | undefined;
  /** Where it was taken: frames of a stack, without a message. */
  readonly stack: string | undefined;
}

/** The database said SQLITE_BUSY: once, or `count` times since the last call for this database, code and phase. */
export interface Busy {
  readonly database: string;
  readonly code: Events['unbusy:busy']['code'];
  readonly phase: Events['unbusy:busy']['phase'];
  readonly count: number;
}

/**
 * What to call when something is wrong. The calls come from the middle of a wait or a transaction: they should be short,
 * and must not use the database. What they throw becomes a warning of the process, the first time.
 */
export interface AlertCallbacks {
  /** Called once for each wait of `longWait` or more: while it lasts, where the event loop is free. */
  readonly onLongWait?: (wait: LongWait) => unknown;
  /** Called once for each transaction of `longHold` or more: while it lasts, where the event loop is free. */
  readonly onLongHold?: (hold: LongHold) => unknown;
  /** Called when the -wal file passes `walBytes`, and each time that it has doubled after that. */
  readonly onWalGrowth?: (growth: WalGrowth) => unknown;
  readonly onStarvation?: (starvation: Starvation) => unknown;
  readonly onLeak?: (leak: Leak) => unknown;
  /** Called at most once in a second for each database, code and phase: a wait asks about once in a millisecond. */
  readonly onBusy?: (busy: Busy) => unknown;
}

/** A callback that cannot harm its caller: what it throws or rejects with becomes a warning, the first time. */
export function guarded<Event>(
  name: keyof AlertCallbacks,
  callback: ((event: Event) => unknown) | undefined,
): ((event: Event) => void) | undefined {
  if (callback === undefined) return undefined;
  let warned = false;
  const warn = (error: unknown): void => {
    if (warned) return;
    warned = true;
    process.emitWarning(`The ${name} callback of a monitor failed: ${String(error)}`, {
      type: 'UnbusyWarning',
      code: 'UNBUSY_CALLBACK',
      detail: 'It is called further on, but will not be reported again.',
    });
  };
  return (event) => {
    try {
      const result = callback(event);
      if (result instanceof Promise) result.catch(warn);
    } catch (error) {
      warn(error);
    }
  };
}

/** Where this package is: the frames of a stack name its files by path or by URL. */
const PACKAGE = new URL('..', import.meta.url);
const OWN = [PACKAGE.href, fileURLToPath(PACKAGE)];

/** The frames of a trace from the caller of this package on. Formatting costs, and V8 does it when `stack` is read. */
export function framesOf(trace: Hold['trace']): string | undefined {
  const frames = trace?.stack?.split('\n').filter((line) => /^\s*at /.test(line));
  if (frames === undefined) return undefined;
  const caller = frames.findIndex((frame) => !OWN.some((own) => frame.includes(own)));
  return frames.slice(Math.max(0, caller)).join('\n');
}
