import type { Scheduler } from '../scheduler.ts';

/** So often a waiter lets the event loop turn before it sleeps: most locks are held for less than a millisecond. */
const YIELDS = 8;

/**
 * Waiting for the write lock: again and again at a constant short interval, until one deadline. SQLite's own busy
 * handler asks less and less often, so newcomers overtake who waits longest: its p99 is 3 to 8 times worse with four
 * writers, and in a synchronous driver it stops the event loop (`bench/contention`).
 */
export class Patience {
  readonly #scheduler: Scheduler;
  readonly #limit: number;
  readonly #since: number;
  #attempts = 1;

  /** @param limit How long to wait at most, in milliseconds. */
  constructor(scheduler: Scheduler, limit: number) {
    this.#scheduler = scheduler;
    this.#limit = limit;
    this.#since = scheduler.now();
  }

  /** How long this has waited, in milliseconds. */
  get waited(): number {
    return this.#scheduler.now() - this.#since;
  }

  /** How often the lock was asked for. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Blocks the thread until the next attempt; false when the time is over. */
  block(): boolean {
    const rest = this.#rest();
    if (rest <= 0) return false;
    this.#scheduler.block(Math.min(this.#interval(), rest));
    return true;
  }

  /** Waits for the next attempt; false when the time is over. Throws the signal's reason when it is aborted. */
  async sleep(signal?: AbortSignal): Promise<boolean> {
    const rest = this.#rest();
    if (rest <= 0) return false;
    if (this.#attempts <= YIELDS) await this.#scheduler.yield();
    else await this.#scheduler.sleep(Math.min(this.#interval(), rest));
    signal?.throwIfAborted();
    return true;
  }

  #rest(): number {
    this.#attempts += 1;
    return this.#limit - this.waited;
  }

  /** A millisecond, more or less: waiters that began together do not ask together. */
  #interval(): number {
    return 0.5 + this.#scheduler.random();
  }
}
