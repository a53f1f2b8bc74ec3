import { BatchError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import { systemScheduler, type Scheduler } from '../scheduler.ts';
import { checkAmounts } from './amounts.ts';
import { currentTask } from './context.ts';
import { refuseSuspending } from '../transactions/refusal.ts';
import { Batch, type WriteRow } from './batch.ts';
import { RowSource } from './rows.ts';
import type { AsyncTransactionOptions } from '../transactions/options.ts';

/**
 * Runs a function in a write transaction: commits when it returns, rolls back when it throws, and rejects if either
 * could not be done. Waits for the lock until the signal aborts.
 */
export type Transact<Tx> = (fn: (tx: Tx) => void | Promise<void>, options: AsyncTransactionOptions) => Promise<void>;

export interface BatchOptions {
  /** Milliseconds that a transaction should take, its commit included. Default 10. */
  readonly targetMilliseconds?: number | undefined;
  /** Rows in a transaction at least. Default 1. */
  readonly minRows?: number | undefined;
  /** Rows in a transaction at most; so many are kept in memory. Default 10000. */
  readonly maxRows?: number | undefined;
  /**
   * Milliseconds between two transactions. Default 2: those who wait for the lock ask for it each 0.5 to 1.5 ms, so
   * that one of them gets it. Waiters of SQLite's own `busy_timeout` ask up to 100 ms apart: 0 leaves them no chance.
   */
  readonly pause?: number | undefined;
  /** How long each transaction waits for the lock, in milliseconds. Default: the connection's `busyTimeout`. */
  readonly timeout?: number | undefined;
  /** A name for messages and events. Default: the name of the task around. */
  readonly label?: string | undefined;
  /** The first row to write, counted from 0: `committed` of the write that ended early. Default 0. */
  readonly startAt?: number | undefined;
  /** Ends the write between two transactions; in an asynchronous one, between two rows. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each commit. */
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
}

export interface BatchProgress {
  /** Rows that this call has written. */
  readonly rows: number;
  /** Rows that are committed from the first one of all on: `startAt` and `rows`. */
  readonly committed: number;
  /** Transactions. */
  readonly batches: number;
  /** Milliseconds since the start. */
  readonly elapsed: number;
}

const OPTIONS: readonly string[] = Object.keys({
  targetMilliseconds: true,
  minRows: true,
  maxRows: true,
  pause: true,
  timeout: true,
  label: true,
  startAt: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof BatchOptions, true>);

/** Rows in the first transaction: what a driver writes in well under a millisecond. */
const FIRST_LIMIT = 64;

/**
 * Writes many rows in short transactions, with room for other writers between them. The rows of a transaction are read
 * before it begins, so that no lock is held while a stream has nothing to give. How many they are follows from the time
 * that the last transaction took; one that turns out slower ends early and leaves its rows to the next.
 *
 * A transaction is rolled back as a whole. Rows are written in order, so `committed` says where to go on.
 *
 * @throws {BatchError} whatever ended the write: `committed` rows are in the database, `cause` is the error, `index` the
 * row that threw it. If `cause` is a `TransactionError` with the outcome 'unknown', more rows may be committed.
 * @throws {OptionError} for an amount that is no number or too small.
 */
export async function writeInBatches<Tx, R>(
  transact: Transact<Tx>,
  /** `sync` where the driver's transactions cannot wait for a promise. */
  kind: 'sync' | 'async',
  rows: Iterable<R> | AsyncIterable<R>,
  fn: WriteRow<Tx, R, unknown>,
  options: BatchOptions = {},
  /** @internal */ scheduler: Scheduler = systemScheduler,
): Promise<BatchProgress> {
  const { targetMilliseconds = 10, minRows = 1, maxRows = 10_000, pause = 2, startAt = 0, onProgress } = options;
  checkOptions(options, OPTIONS, 'inBatches');
  checkAmounts({ minRows, maxRows }, { min: 1 });
  checkAmounts({ targetMilliseconds, pause, startAt, timeout: options.timeout });
  if (kind === 'sync') refuseSuspending(fn);
  const signals = [options.signal, currentTask()?.signal].filter((one) => one !== undefined);
  const signal = signals.length === 0 ? undefined : AbortSignal.any(signals);

  const { timeout, label } = options;
  const waiting: AsyncTransactionOptions = {
    ...(timeout === undefined ? {} : { timeout }),
    ...(label === undefined ? {} : { label }),
    ...(signal === undefined ? {} : { signal }),
  };
  const started = scheduler.now();
  const source = new RowSource(rows);
  let progress: BatchProgress = { rows: 0, committed: startAt, batches: 0, elapsed: 0 };
  let limit = Math.min(maxRows, Math.max(minRows, FIRST_LIMIT));
  let batch: Batch<R> | undefined;
  try {
    await source.skip(startAt);
    while ((await source.fill(limit)) > 0) {
      if (batch) await makeRoom(pause, signal, scheduler);
      signal?.throwIfAborted();
      const writing = new Batch(source.first(limit), progress.committed, { minRows, targetMilliseconds }, scheduler);
      batch = writing;
      await transact(
        kind === 'sync' ? (tx) => writing.write(tx, fn) : (tx) => writing.writeLater(tx, fn, signal),
        waiting,
      );
      source.drop(writing.written);
      progress = {
        rows: progress.rows + writing.written,
        committed: progress.committed + writing.written,
        batches: progress.batches + 1,
        elapsed: scheduler.now() - started,
      };
      limit = Math.min(maxRows, Math.max(minRows, writing.fitting()));
      onProgress?.(progress);
    }
    return progress;
  } catch (cause) {
    const { committed } = progress;
    const index = batch?.current;
    const what = index === undefined ? 'The write ended early' : `Row ${index} failed`;
    throw new BatchError(`${what}: ${committed} rows are committed, startAt: ${committed} goes on from there.`, {
      cause,
      committed,
      index,
    });
  } finally {
    await source.close();
  }
}

/** Lets this process and then the others have the lock. */
async function makeRoom(pause: number, signal: AbortSignal | undefined, scheduler: Scheduler): Promise<void> {
  await scheduler.yield();
  if (pause > 0) await scheduler.sleep(pause, { signal });
}
