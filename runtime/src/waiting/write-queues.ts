import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathOfUri } from '../environment/uri.ts';
import { isInMemory } from '../opening/in-memory.ts';
import { Queue, type Place } from './queue.ts';
import type { Holder } from '../holders.ts';
import type { Scheduler } from '../scheduler.ts';

/**
 * What identifies the file of a database in this process: files have several names (relative paths, links). Undefined
 * for a database that no other connection can have open.
 */
export function fileKey(database: string): string | undefined {
  if (isInMemory(database)) return undefined;
  const path = resolve(database.startsWith('file:') ? pathOfUri(database) : database);
  try {
    return realpathSync.native(path);
  } catch {
    // A file that the first write makes: its folder is there.
    try {
      return join(realpathSync.native(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}

/** Who of this process asks for the write lock of a file next: one queue a file, while someone needs it. */
const queues = new Map<string, Queue>();

/** A turn for the write lock of a file. */
export interface Turn {
  /** How many waited when this one came. */
  readonly queued: number;
  /** Waits for the turn (see `Queue.acquire`). */
  take(place: Place): Promise<void>;
  release(): void;
}

const ALONE: Turn = { queued: 0, take: () => Promise.resolve(), release: () => undefined };

export function turnFor(key: string | undefined, scheduler: Scheduler): Turn {
  if (key === undefined) return ALONE;
  let queue = queues.get(key);
  if (queue === undefined) {
    queue = new Queue(scheduler, { name: `the write lock of ${key}` });
    queues.set(key, queue);
  }
  const { waiting, taken } = queue;
  return {
    queued: waiting + Number(taken),
    take: (place) => queue.acquire(place),
    release: () => {
      queue.release();
      if (!queue.taken) queues.delete(key);
    },
  };
}

interface AsyncHold {
  readonly label: string | undefined;
  readonly since: number;
}

/** The asynchronous transactions of this thread that have a write lock now. */
const holds = new Map<string, AsyncHold>();

/** Notes such a transaction until the returned function is called. */
export function noteAsyncHold(key: string | undefined, label: string | undefined, since: number): () => void {
  if (key === undefined) return () => undefined;
  const hold = { label, since };
  holds.set(key, hold);
  return () => {
    if (holds.get(key) === hold) holds.delete(key);
  };
}

/** The asynchronous transaction of this thread that has a file's write lock. */
export function asyncHolder(key: string | undefined, now: number): Holder | undefined {
  const hold = key === undefined ? undefined : holds.get(key);
  return hold && { pid: process.pid, label: hold.label, heldFor: now - hold.since };
}
