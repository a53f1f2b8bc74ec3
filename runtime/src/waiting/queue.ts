import { setMaxListeners } from 'node:events';
import { DeadlineError, QueueFullError } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';

export type Priority = 'high' | 'normal';

export interface QueueOptions {
  /** How many there are of the thing. Default: 1. */
  readonly capacity?: number;
  /** How many may wait; more are refused. Default: no bound. */
  readonly bound?: number;
  /** For messages. */
  readonly name: string;
  /** Says for messages who has the thing: a sentence with a space before it. */
  readonly holders?: () => string;
}

export interface Place {
  readonly priority?: Priority | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long to wait at most, in milliseconds. */
  readonly limit: number;
}

interface Waiter {
  grant(): void;
  refuse(error: Error): void;
}

/**
 * Gives one thing to one holder at a time, or each of several to one, in the order of asking. Those of high priority come
 * first, so that others wait for as long as there are some.
 */
export class Queue {
  readonly #scheduler: Scheduler;
  readonly #options: QueueOptions;
  readonly #waiters: Record<Priority, Set<Waiter>> = { high: new Set(), normal: new Set() };
  #taken = 0;
  #closed: (() => Error) | undefined;

  constructor(scheduler: Scheduler, options: QueueOptions) {
    this.#scheduler = scheduler;
    this.#options = options;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiters.high.size + this.#waiters.normal.size;
  }

  get taken(): boolean {
    return this.#taken > 0;
  }

  /** Takes the thing if it is free and nobody waits. Whoever gets true calls `release`. */
  tryAcquire(): boolean {
    if (this.#taken >= (this.#options.capacity ?? 1)) return false;
    this.#taken += 1;
    return true;
  }

  /**
   * Waits for the turn. Whoever's promise is fulfilled calls `release`.
   *
   * @throws {QueueFullError} too many wait
   * @throws {DeadlineError} the turn did not come in time
   * @throws the signal's reason when it is aborted
   * @throws what `close` was given
   */
  acquire({ priority = 'normal', signal, limit }: Place): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    if (this.#closed !== undefined) return Promise.reject(this.#closed());
    if (this.tryAcquire()) return Promise.resolve();
    const { bound = Infinity, name, holders = () => '' } = this.#options;
    if (this.waiting >= bound)
      return Promise.reject(new QueueFullError(`${String(bound)} wait for ${name} already.${holders()}`));
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
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const abort = (): void => waiter.refuse(signal?.reason as Error);
      const cancel = this.#scheduler.alarm(limit, () => {
        waiter.refuse(new DeadlineError(`No turn for ${name} in ${String(limit)} ms.${holders()}`, 'queue', limit));
      });
      if (signal) {
        // Many waits of one task listen to one signal, which is no leak.
        setMaxListeners(0, signal);
        signal.addEventListener('abort', abort, { once: true });
      }
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
    this.#taken -= 1;
  }

  /** Refuses whoever waits, and whoever comes. Those who have the thing release it as before. */
  close(refusal: () => Error): void {
    this.#closed = refusal;
    for (const waiters of [this.#waiters.high, this.#waiters.normal])
      for (const waiter of [...waiters]) waiter.refuse(refusal());
  }
}
