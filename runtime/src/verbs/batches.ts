import { writeInBatches, type BatchOptions, type BatchProgress } from '../tasks/batches.ts';
import type { TakeTurns, WithTransactionAsync } from './types.ts';

/**
 * Writes many rows in short transactions, with room for other writers between them: see `BatchOptions`. The callback
 * writes one row, and has to be synchronous.
 *
 * @throws {BatchError} whatever ended the write: how many rows are committed, and the error as its `cause`
 * @throws {OptionError} an option that does not exist, or a value that it cannot have
 * @throws {UsageError} an asynchronous callback, before anything has begun
 */
export type InBatches<Handle> = <Row>(
  db: Handle,
  rows: Iterable<Row> | AsyncIterable<Row>,
  fn: (tx: Handle, row: Row, index: number) => unknown,
  options?: BatchOptions,
) => Promise<BatchProgress>;

/** As `InBatches`, for drivers whose calls answer later: what the callback returns is awaited. */
export type InBatchesLater<Handle, Inner> = <Row>(
  db: Handle,
  rows: Iterable<Row> | AsyncIterable<Row>,
  fn: (tx: Inner, row: Row, index: number) => unknown,
  options?: BatchOptions,
) => Promise<BatchProgress>;

/** Makes `inBatches` for a driver whose calls block. */
export function batchWith<Handle extends object>(transact: WithTransactionAsync<Handle>): InBatches<Handle> {
  return (db, rows, fn, options) =>
    writeInBatches(
      async (write: (tx: Handle) => void | Promise<void>, waiting) => {
        await transact(db, write, waiting);
      },
      'sync',
      rows,
      fn,
      options,
    );
}

/** Makes `inBatches` for a driver whose calls answer later. */
export function batchLaterWith<Handle extends object, Inner extends object>(
  transact: TakeTurns<Handle, Inner>,
): InBatchesLater<Handle, Inner> {
  return (db, rows, fn, options) =>
    writeInBatches(
      (write: (tx: Inner) => void | Promise<void>, waiting) => transact(db, write, waiting),
      'async',
      rows,
      fn,
      options,
    );
}
