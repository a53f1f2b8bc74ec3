import { channel, type Channel } from 'node:diagnostics_channel';
import type { BusyCode } from './busy.ts';
import type { Holder } from './holders.ts';

/** All times are milliseconds of `performance.now`, all durations milliseconds. */
export interface Events {
  /** A connection is open and has its settings. */
  'unbusy:open': {
    readonly database: string;
    readonly driver: string;
    readonly readOnly: boolean;
    readonly duration: number;
  };
  'unbusy:close': { readonly database: string; readonly driver: string };
  /** A connection could not be proved to be out of its transaction, and was closed. */
  'unbusy:discard': {
    readonly database: string;
    readonly driver: string;
    readonly reason: string;
    readonly error: unknown;
  };
  /**
   * Someone has begun to wait: for a place in the queue of this process, then for the lock. Every wait ends with an
   * `unbusy:acquire` whose hold has it, or with an `unbusy:giveup`, also where something else throws meanwhile.
   */
  'unbusy:wait': { readonly wait: Wait };
  /** The wait ended without the lock. */
  'unbusy:giveup': {
    readonly wait: Wait;
    readonly duration: number;
    readonly reason: 'deadline' | 'abort' | 'error';
    readonly holder: Holder | undefined;
  };
  /** A transaction has begun (write: the write lock is held). */
  'unbusy:acquire': { readonly hold: Hold };
  'unbusy:release': {
    readonly hold: Hold;
    readonly duration: number;
    readonly outcome: 'commit' | 'rollback' | 'discard';
  };
  /** The database said SQLITE_BUSY. */
  'unbusy:busy': {
    readonly database: string;
    readonly code: BusyCode;
    readonly phase: 'open' | 'begin' | 'statement' | 'commit' | 'checkpoint';
  };
  /** An operation runs again. */
  'unbusy:retry': {
    readonly label: string | undefined;
    readonly attempt: number;
    readonly delay: number;
    readonly error: unknown;
  };
  /** A task hit one of its limits. */
  'unbusy:limit': {
    readonly task: string;
    readonly limit: TaskLimit;
    /** The limit: milliseconds, attempts where the attempts were used up; undefined where the caller aborted. */
    readonly value: number | undefined;
    /** The transaction that held the lock for too long. */
    readonly hold: Hold | undefined;
    /** Whether the task's signal was aborted. False: the transaction had ended before anyone could stop it. */
    readonly stopped: boolean;
  };
  'unbusy:checkpoint': { readonly database: string; readonly checkpoint: Checkpoint };
  /** A checkpoint failed: the database is tried again later. */
  'unbusy:checkpoint-error': { readonly database: string; readonly error: unknown };
  /** Checkpoints do not get ahead: a reader pins the WAL. */
  'unbusy:starvation': Starvation;
  /** A connection was lost without being closed, or was not given back. */
  'unbusy:leak': { readonly database: string; readonly label: string | undefined; readonly trace: Error | undefined };
}

/** What a task may run into: see `withTaskLimits`. */
export type TaskLimit = 'deadline' | 'hold' | 'attempts' | 'aborted';

/** A wait for a lock, from the first moment. */
export interface Wait {
  readonly database: string;
  readonly mode: 'read' | 'write';
  readonly label: string | undefined;
  readonly since: number;
  /** How many waited in this process before this one came. */
  readonly queued: number;
}

/** A transaction, from its BEGIN on. */
export interface Hold {
  readonly database: string;
  readonly mode: 'read' | 'write';
  readonly label: string | undefined;
  readonly since: number;
  /** The wait that it ended, if one was published. */
  readonly wait: Wait | undefined;
  /** How long it waited before. */
  readonly waited: number;
  /** How often it asked in vain before. */
  readonly retries: number;
  /** Made where the transaction began, while traces are on: its stack is formatted when someone reads it. */
  readonly trace: Error | undefined;
}

export interface Checkpoint {
  readonly mode: 'passive' | 'truncate';
  /** Frames in the WAL, and how many of them are in the database file (`PRAGMA wal_checkpoint`). */
  readonly frames: number;
  readonly checkpointed: number;
  readonly busy: boolean;
  readonly duration: number;
  /** Size of the -wal file, in bytes. */
  readonly bytes: number;
}

/** Checkpoints do not get ahead: a reader still sees what was there before. */
export interface Starvation {
  readonly database: string;
  /** When frames were first seen that are not in the database file yet, in milliseconds of `performance.now`. */
  readonly since: number;
  /** Milliseconds since then. */
  readonly age: number;
  /** How many frames those were. */
  readonly frames: number;
  /** Who probably reads: the oldest open transaction of this process, or the only process that has a read lock. */
  readonly holder: Holder | undefined;
}

/** The channels of `node:diagnostics_channel`, by name. Publishing costs one test while nobody listens. */
export const channels: { readonly [Name in keyof Events]: Channel<unknown, Events[Name]> } = Object.fromEntries(
  (
    [
      'unbusy:open',
      'unbusy:close',
      'unbusy:discard',
      'unbusy:wait',
      'unbusy:giveup',
      'unbusy:acquire',
      'unbusy:release',
      'unbusy:busy',
      'unbusy:retry',
      'unbusy:limit',
      'unbusy:checkpoint',
      'unbusy:checkpoint-error',
      'unbusy:starvation',
      'unbusy:leak',
    ] as const
  ).map((name) => [name, channel(name)]),
) as { readonly [Name in keyof Events]: Channel<unknown, Events[Name]> };

/** How many want to know where locks were taken: making a trace costs some microseconds. */
let traceWanted = 0;

/** Turns traces on until the returned function is called. */
export function wantTraces(): () => void {
  traceWanted += 1;
  let wanted = true;
  return () => {
    if (wanted) traceWanted -= 1;
    wanted = false;
  };
}

/** An error that remembers its caller, while traces are on. */
export function traceOf(): Error | undefined {
  if (traceWanted === 0) return undefined;
  const trace = new Error('The lock was taken here.');
  Error.captureStackTrace(trace, traceOf);
  return trace;
}

/** What to do with the events of some channels. */
export type Listeners = { readonly [Name in keyof Events]?: (event: Events[Name]) => void };

/** Listens until the returned function is called. */
export function listen(listeners: Listeners): () => void {
  const stops = Object.entries(listeners).map(([name, listener]) => {
    // The names and the types of their events belong together, which Object.entries cannot say.
    const [channel, heard] = [channels[name as keyof Events], listener as (event: unknown) => void];
    const onMessage = (event: unknown): void => heard(event);
    channel.subscribe(onMessage);
    return () => channel.unsubscribe(onMessage);
  });
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}
