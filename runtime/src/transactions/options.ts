import { OptionError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import { currentTask } from '../tasks/context.ts';

export interface TransactionOptions {
  /** The transaction only reads: it sees one snapshot, takes no write lock and cannot write. Default: false. */
  readonly readOnly?: boolean;
  /** How long to wait for the lock, in milliseconds. Default: the connection's `busyTimeout`. */
  readonly timeout?: number;
  /** A name for messages, events and the errors of those who wait for this transaction. */
  readonly label?: string;
}

export interface AsyncTransactionOptions extends TransactionOptions {
  /** Ends the wait for the lock. A transaction that has begun is not interrupted. */
  readonly signal?: AbortSignal;
}

const SYNC = ['readOnly', 'timeout', 'label'];
const ASYNC = [...SYNC, 'signal'];

/** @throws {OptionError} */
export function checkTransactionOptions(options: AsyncTransactionOptions, where: string, kind: 'sync' | 'async'): void {
  checkOptions(options, kind === 'sync' ? SYNC : ASYNC, where);
  const { timeout } = options;
  if (timeout !== undefined && !(timeout >= 0)) {
    throw new OptionError(`timeout is ${String(timeout)}; it has to be a number of milliseconds, 0 or more.`);
  }
}

/** What a transaction waits by: its options, within what the task around it has left. */
export interface Waiting {
  readonly label: string | undefined;
  /** Milliseconds. */
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
}

export function waitingOf({ label, timeout, signal }: AsyncTransactionOptions, busyTimeout: number): Waiting {
  const task = currentTask();
  const limit = timeout ?? busyTimeout;
  if (task === undefined) return { label, limit, signal };
  return {
    label: label ?? task.label,
    limit: Math.min(limit, task.remaining()),
    signal: signal === undefined ? task.signal : AbortSignal.any([signal, task.signal]),
  };
}
