import { channels } from '../channels.ts';
import { Queue, type Place } from '../waiting/queue.ts';
import type { Scheduler } from '../scheduler.ts';

/** What a lane needs to know of its connections. */
export interface Connections<Handle> {
  open(signal?: AbortSignal): Promise<Handle>;
  isOpen(handle: Handle): boolean;
  close(handle: Handle): Promise<void>;
}

export interface LaneOptions {
  readonly database: string;
  /** For messages: `a reader`. */
  readonly what: string;
  readonly capacity: number;
  readonly bound: number;
  /** Milliseconds; 0: never. */
  readonly leakAfter: number;
}

/** What is known of a block. */
export interface Block {
  readonly label: string | undefined;
  /** Made where it began, while traces are on. */
  readonly trace: Error | undefined;
}

/** A block that has a connection. */
interface Holding extends Block {
  readonly since: number;
}

export interface LaneStats {
  /** Connections that are open, with those in use. */
  readonly open: number;
  readonly inUse: number;
  readonly waiting: number;
}

/** Connections of one kind: each is given to one block at a time, in the order of asking. */
export class Lane<Handle> {
  readonly #options: LaneOptions;
  readonly #connections: Connections<Handle>;
  readonly #scheduler: Scheduler;
  readonly #queue: Queue;
  readonly #idle: Handle[] = [];
  readonly #holdings = new Set<Holding>();
  #drained: (() => void) | undefined;

  constructor(options: LaneOptions, connections: Connections<Handle>, scheduler: Scheduler) {
    this.#options = options;
    this.#connections = connections;
    this.#scheduler = scheduler;
    const { database, what, capacity, bound } = options;
    this.#queue = new Queue(scheduler, {
      capacity,
      bound,
      name: `${what} of ${database}`,
      holders: () => ` ${this.describe()}`,
    });
  }

  get stats(): LaneStats {
    const inUse = this.#holdings.size;
    return { open: this.#idle.length + inUse, inUse, waiting: this.#queue.waiting };
  }

  /** Opens a connection before anybody needs it. */
  async warm(): Promise<void> {
    this.#idle.push(await this.#connections.open());
  }

  /** Runs a block on a connection of its own. */
  async with<Result>(place: Place, block: Block, fn: (handle: Handle) => Promise<Result>): Promise<Result> {
    await this.#queue.acquire(place);
    const holding: Holding = { ...block, since: this.#scheduler.now() };
    this.#holdings.add(holding);
    const calm = this.#watch(holding);
    let handle: Handle | undefined;
    try {
      handle = this.#idle.pop() ?? (await this.#connections.open(place.signal));
      return await fn(handle);
    } finally {
      calm();
      // One that was discarded is replaced when somebody needs it.
      if (handle !== undefined && this.#connections.isOpen(handle)) this.#idle.push(handle);
      this.#holdings.delete(holding);
      this.#queue.release();
      if (this.#holdings.size === 0) this.#drained?.();
    }
  }

  /** Refuses new blocks and those that wait. */
  refuse(refusal: () => Error): void {
    this.#queue.close(refusal);
  }

  /** Waits until no block has a connection. */
  async drained(): Promise<void> {
    if (this.#holdings.size > 0)
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
  }

  /** Closes what is not in use; returns the errors. */
  async close(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const handle of this.#idle.splice(0))
      await this.#connections.close(handle).catch((error: unknown) => errors.push(error));
    return errors;
  }

  /** Who has the connections, for messages. */
  describe(): string {
    if (this.#holdings.size === 0) return `Nobody has ${this.#options.what}.`;
    const now = this.#scheduler.now();
    const blocks = [...this.#holdings].map(({ label, since }) => {
      const name = label === undefined ? 'a block without a label' : `'${label}'`;
      return `${name} for ${String(Math.round(now - since))} ms`;
    });
    return `Held by ${blocks.join(', ')}.`;
  }

  /** Tells once of a block that has its connection for too long. */
  #watch(holding: Holding): () => void {
    const { leakAfter, database, what } = this.#options;
    if (leakAfter === 0) return () => undefined;
    const over = new AbortController();
    void this.#scheduler.sleep(leakAfter, { signal: over.signal, watch: true }).then(() => {
      if (over.signal.aborted) return;
      const { label, trace } = holding;
      const channel = channels['unbusy:leak'];
      if (channel.hasSubscribers) channel.publish({ database, label, trace });
      const name = label === undefined ? 'A block without a label' : `The block '${label}'`;
      const where = trace === undefined ? '' : ` It began here:\n${trace.stack ?? ''}`;
      process.emitWarning(`${name} has had ${what} of ${database} for ${String(leakAfter)} ms.${where}`, {
        type: 'UnbusyWarning',
      });
    });
    return () => over.abort();
  }
}
