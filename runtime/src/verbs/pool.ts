import { isOpen } from '../connections.ts';
import { planOf, type BlockOptions, type PoolOptions } from '../pool/options.ts';
import { Pool, type PoolCloseOptions, type PoolDriver, type PoolStats } from '../pool/pool.ts';
import { systemScheduler } from '../scheduler.ts';
import type { AsyncTransactionOptions } from '../transactions/options.ts';
import type { OpenDatabaseAsync, TakeTurns, WithTransactionAsync } from './types.ts';

/**
 * A pool of connections to one file: one that writes, some that read. Blocks wait for their connection in the order of
 * asking, and every block is a transaction.
 *
 * @throws {QueueFullError} too many blocks wait (`bound`)
 * @throws {DeadlineError} no connection in time: `limit` is 'queue', and the message says who has them
 * @throws {BusyError} another process had the lock for too long
 * @throws {UsageError} a block inside of a block of the same kind, or too many connections of one task
 * @throws {ClosedError} the pool is closed
 * @throws what the callback throws
 */
interface PoolOf<Read, Write> extends AsyncDisposable {
  /** Runs the callback on a connection that only reads: it sees one snapshot of the database. */
  readonly read: Read;
  /** Runs the callback in a transaction that has the write lock from the start. */
  readonly write: Write;
  /** What is going on now. */
  stats(): PoolStats;
  /** Refuses new blocks, waits for those that have begun, and closes the connections. */
  close(options?: PoolCloseOptions): Promise<void>;
}

/** With drivers that block, the callback has to be synchronous. */
type Block<Handle> = <Result>(fn: (db: Handle) => Result, options?: BlockOptions) => Promise<Result>;
type BlockLater<Handle> = <Result>(
  fn: (db: Handle) => Result | Promise<Result>,
  options?: BlockOptions,
) => Promise<Result>;

/** Opens a pool. The writer is open when the promise is fulfilled. Throws as `openDatabase` does. */
export type CreatePool<Handle> = (
  filename: string,
  options?: PoolOptions,
) => Promise<PoolOf<Block<Handle>, Block<Handle>>>;

/** As `CreatePool`, for drivers whose calls answer later: callbacks may be asynchronous. */
export type CreatePoolLater<Inner> = (
  filename: string,
  options?: PoolOptions,
) => Promise<PoolOf<BlockLater<Inner>, BlockLater<Inner>>>;

/** Makes `createPool` for a driver whose calls block. */
export function poolWith<Handle extends object>(
  open: OpenDatabaseAsync<Handle>,
  transact: WithTransactionAsync<Handle>,
): CreatePool<Handle> {
  return (filename, options = {}) =>
    createPool<Handle & Disposable, (db: Handle) => unknown>(filename, options, true, {
      open,
      transact,
      close: (handle) => handle[Symbol.dispose](),
    }) as ReturnType<CreatePool<Handle>>;
}

/** Makes `createPool` for a driver whose calls answer later. */
export function poolLaterWith<Handle extends object, Inner extends object>(
  open: OpenDatabaseAsync<Handle, AsyncDisposable>,
  transact: TakeTurns<Handle, Inner>,
): CreatePoolLater<Inner> {
  return (filename, options = {}) =>
    createPool<Handle & AsyncDisposable, (db: Inner) => unknown>(filename, options, false, {
      open,
      transact,
      close: (handle) => handle[Symbol.asyncDispose](),
    }) as ReturnType<CreatePoolLater<Inner>>;
}

/** The functions of an entry that a pool is made of. */
interface Verbs<Handle, Fn> {
  readonly open: (filename: string, options: object) => Promise<Handle>;
  readonly transact: (handle: Handle, fn: Fn, options: AsyncTransactionOptions) => Promise<unknown>;
  readonly close: (handle: Handle) => PromiseLike<void> | void;
}

async function createPool<Handle extends object, Fn>(
  filename: string,
  options: PoolOptions,
  blocks: boolean,
  { open, transact, close }: Verbs<Handle, Fn>,
): Promise<PoolOf<unknown, unknown>> {
  const plan = planOf(filename, options, blocks);
  const ending = {
    isOpen,
    close: async (handle: Handle): Promise<void> => {
      await close(handle);
    },
  };
  const driver: PoolDriver<Handle, Fn> = {
    writer: { open: (signal) => open(filename, { ...plan.opening, signal }), ...ending },
    reader: { open: (signal) => open(filename, { ...plan.reading, signal }), ...ending },
    transact,
  };
  const pool = new Pool(filename, plan, driver, systemScheduler);
  await pool.open();
  return {
    read: (fn: Fn, block?: BlockOptions) => pool.read(fn, block),
    write: (fn: Fn, block?: BlockOptions) => pool.write(fn, block),
    stats: () => pool.stats(),
    close: (closing) => pool.close(closing),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
