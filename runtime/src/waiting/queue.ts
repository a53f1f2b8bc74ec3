import { DeadlineError, QueueFullError } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';

export type Priority = 'high' | 'normal';

export interface QueueOptions {
  /** How many may wait; more are refused. Default: no bound. */
  readonly bound?: number;
  /** For messages. */
  readonly name: string;
}

export interface Place {
  readonly priority?: Priority | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long to wait at most, in milliseconds. */
  readonly limit: number;
}

interface Waiter {
  grant(): void;
}

/** Gives one thing to one holder at a time, in the order of asking, those of high priority first. */
export class Queue {
  readonly #scheduler: Scheduler;
  readonly #options: QueueOptions;
  readonly #waiters: Record<Priority, Set<Waiter>> = { high: new Set(), normal: new Set() };
  #taken = false;

  constructor(scheduler: Scheduler, options: QueueOptions) {
    this.#scheduler = scheduler;
    this.#options = options;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiters.high.size + this.#waiters.normal.size;
  }

  get taken(): boolean {
    return this.#taken;
  }

  /** Takes the thing if it is free and nobody waits. Whoever gets true calls `release`. */
  tryAcquire(): boolean {
    if (this.#taken) return false;
    this.#taken = true;
    return true;
  }

  /**
   * Waits for the turn. Whoever's promise is fulfilled calls `release`.
   *
   * @throws {QueueFullError} too many wait
   * @throws {DeadlineError} the turn did not come in time
   * @throws the signal's reason when it is aborted
   */
  acquire({ priority = 'normal', signal, limit }: Place): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    if (this.tryAcquire()) return Promise.resolve();
    const { bound = Infinity, name } = this.#options;
    if (this.waiting >= bound) return Promise.reject(new QueueFullError(`${String(bound)} wait for ${name} already.`));
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters[priority];
      const leave = (): void => {
        waiters.delete(waiter);
        cancel();
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        grant: () => {
          leave();
          resolve();
        },
      };
      const abort = (): void => {
        leave();
        reject(signal?.reason as Error);
      };
      const cancel = this.#scheduler.alarm(limit, () => {
        leave();
        reject(new DeadlineError(`No turn for ${name} in ${String(limit)} ms.`, 'queue', limit));
      });
      signal?.addEventListener('abort', abort, { once: true });
      waiters.add(waiter);
    });
  }

  /** Hands the thing to the next waiter at once, so that nobody can come between. */
  release(): void {
    for (const waiters of [this.#waiters.high, this.#waiters.normal]) {
      for (const waiter of waiters) {
        waiter.grant();
        return;
      }
    }
    this.#taken = false;
  }
}
