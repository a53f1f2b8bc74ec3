import { AsyncLocalStorage } from 'node:async_hooks';
import { traceOf } from '../channels.ts';
import { ClosedError, DeadlineError, UsageError } from '../errors.ts';
import { currentTask, type Task } from '../tasks/context.ts';
import { checkAmounts } from '../tasks/amounts.ts';
import { checkOptions } from '../options.ts';
import { waitingOf, type AsyncTransactionOptions } from '../transactions/options.ts';
import { Lane, type Connections, type LaneStats } from './lane.ts';
import { checkBlock, type BlockOptions, type PoolPlan } from './options.ts';
import type { Scheduler } from '../scheduler.ts';

export interface PoolStats {
  readonly writer: LaneStats;
  readonly readers: LaneStats;
}

export interface PoolCloseOptions {
  /** How long to wait for blocks that have begun, in milliseconds. Default: 10000. */
  readonly timeout?: number;
}

/** What a pool does with its connections, by the driver. */
export interface PoolDriver<Handle, Block> {
  readonly writer: Connections<Handle>;
  readonly reader: Connections<Handle>;
  transact(handle: Handle, fn: Block, options: AsyncTransactionOptions): Promise<unknown>;
}

type Role = 'read' | 'write';

/** The blocks that this code runs in, while they run. */
interface Inside {
  readonly pool: object;
  readonly role: Role;
  over: boolean;
  readonly outer: Inside | undefined;
}

const inside = new AsyncLocalStorage<Inside>();

/** How many connections of one pool each task has. */
type Counts = WeakMap<Task, number>;

/** One connection that writes and some that read, for all the flows of a process. */
export class Pool<Handle, Block> {
  readonly #database: string;
  readonly #plan: PoolPlan;
  readonly #driver: PoolDriver<Handle, Block>;
  readonly #scheduler: Scheduler;
  readonly #lanes: Readonly<Record<Role, Lane<Handle>>>;
  readonly #counts: Counts = new WeakMap();
  #closing: Promise<void> | undefined;

  constructor(database: string, plan: PoolPlan, driver: PoolDriver<Handle, Block>, scheduler: Scheduler) {
    this.#database = database;
    this.#plan = plan;
    this.#driver = driver;
    this.#scheduler = scheduler;
    const { bound, leakAfter, readers } = plan;
    const shared = { database, bound, leakAfter };
    this.#lanes = {
      write: new Lane({ ...shared, what: 'the writer', capacity: 1 }, driver.writer, scheduler),
      read: new Lane({ ...shared, what: 'a reader', capacity: readers }, driver.reader, scheduler),
    };
  }

  /** Opens the writer, which makes the file and its journal mode: readers cannot. */
  open(): Promise<void> {
    return this.#lanes.write.warm();
  }

  read(fn: Block, options: BlockOptions = {}): Promise<unknown> {
    return this.#run('read', fn, options);
  }

  write(fn: Block, options: BlockOptions = {}): Promise<unknown> {
    return this.#run('write', fn, options);
  }

  stats(): PoolStats {
    return { writer: this.#lanes.write.stats, readers: this.#lanes.read.stats };
  }

  /** Refuses new blocks, waits for those that have begun, and closes the connections. A second call waits as well. */
  close(options: PoolCloseOptions = {}): Promise<void> {
    checkOptions(options, ['timeout'], 'close');
    checkAmounts({ timeout: options.timeout });
    return (this.#closing ??= this.#close(options.timeout ?? 10_000));
  }

  async #run(role: Role, fn: Block, options: BlockOptions): Promise<unknown> {
    checkBlock(options, role);
    this.#refuseNested(role);
    const { priority } = options;
    const { label, limit, signal } = waitingOf(options, this.#plan.acquireTimeout);
    const block = { label, trace: traceOf() };
    const leave = this.#countTask();
    try {
      return await this.#lanes[role].with({ priority, signal, limit }, block, async (handle) => {
        const around: Inside = { pool: this, role, over: false, outer: inside.getStore() };
        const transaction = { timeout: limit, ...(label !== undefined && { label }), ...(signal && { signal }) };
        try {
          return await inside.run(around, () =>
            this.#driver.transact(handle, fn, role === 'read' ? { ...transaction, readOnly: true } : transaction),
          );
        } finally {
          around.over = true;
        }
      });
    } finally {
      leave();
    }
  }

  /** A block that waits for a connection that it has itself would wait for ever. */
  #refuseNested(role: Role): void {
    for (let block = inside.getStore(); block; block = block.outer) {
      if (block.pool !== this || block.over || block.role !== role) continue;
      throw new UsageError(
        `This runs in a block that has ${role === 'write' ? 'the writer' : 'a reader'} already: use the handle that the block was given (withTransaction(tx, ...) makes a savepoint).`,
        { database: this.#database },
      );
    }
  }

  /** Counts the connections of the task that asks, those that it waits for included. */
  #countTask(): () => void {
    const task = currentTask();
    if (task === undefined) return () => undefined;
    const count = this.#counts.get(task) ?? 0;
    const { connectionsPerTask: most } = this.#plan;
    if (count >= most) {
      throw new UsageError(
        `The task '${task.label}' has ${String(count)} connections of the pool of ${this.#database}, which is as many as one task may have (connectionsPerTask). Let one block end before the next one begins.`,
        { database: this.#database },
      );
    }
    this.#counts.set(task, count + 1);
    return () => this.#counts.set(task, (this.#counts.get(task) ?? 1) - 1);
  }

  async #close(timeout: number): Promise<void> {
    const lanes = Object.values(this.#lanes);
    const refusal = (): Error => new ClosedError('The pool is closed.', { database: this.#database });
    for (const lane of lanes) lane.refuse(refusal);
    const drained = Promise.all(lanes.map((lane) => lane.drained())).then(() => true);
    const late = new AbortController();
    const isDrained = await Promise.race([
      drained,
      this.#scheduler.sleep(timeout, { signal: late.signal }).then(() => false),
    ]);
    late.abort();
    const errors = await this.#closeIdle(lanes);
    if (!isDrained) {
      // What is given back later is closed then.
      void drained.then(() => this.#closeIdle(lanes));
      const who = lanes.filter(({ stats }) => stats.inUse > 0).map((lane) => lane.describe());
      throw new DeadlineError(
        `The pool of ${this.#database} could not close in ${String(timeout)} ms. ${who.join(' ')}`,
        'close',
        timeout,
        { database: this.#database },
      );
    }
    if (errors.length > 0) throw errors[0];
  }

  async #closeIdle(lanes: readonly Lane<Handle>[]): Promise<unknown[]> {
    // Readers first: the last connection to close clears the WAL away, and a reader cannot.
    const [writer, ...readers] = lanes;
    const errors: unknown[] = [];
    for (const lane of [...readers, writer]) errors.push(...((await lane?.close()) ?? []));
    return errors;
  }
}
