import type { Scheduler, Sleep } from '../src/scheduler.ts';

interface Timer {
  readonly at: number;
  readonly watch: boolean;
  readonly fire: () => void;
}

/** Time that passes only when everything waits for it, and chance that a seed decides. */
export class SimulatedTime implements Scheduler {
  readonly #timers = new Set<Timer>();
  readonly #random: () => number;
  #now = 0;

  constructor(random: () => number = () => 0.5) {
    this.#random = random;
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.#random();
  }

  block(milliseconds: number): void {
    this.#now += milliseconds;
  }

  yield(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  alarm(milliseconds: number, ring: () => void): () => void {
    const timer = {
      at: this.#now + milliseconds,
      watch: false,
      fire: () => {
        this.#timers.delete(timer);
        ring();
      },
    };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  sleep(milliseconds: number, { signal, watch = false }: Sleep = {}): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const timer = {
        at: this.#now + milliseconds,
        watch,
        fire: () => {
          this.#timers.delete(timer);
          signal?.removeEventListener('abort', timer.fire);
          resolve();
        },
      };
      this.#timers.add(timer);
      signal?.addEventListener('abort', timer.fire);
    });
  }

  /** How many timers are waited for that keep the process alive. */
  get pending(): number {
    return [...this.#timers].filter(({ watch }) => !watch).length;
  }

  /** Lets time pass until a promise settles. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const state = { settled: false };
    const settle = (): void => {
      state.settled = true;
    };
    promise.then(settle, settle);
    for (;;) {
      await this.#calm();
      if (state.settled) return promise;
      const next = [...this.#timers].sort((a, b) => a.at - b.at)[0];
      if (!next) throw new Error('Nothing will ever happen again, and the promise is pending.');
      this.#passTo(next);
    }
  }

  /** Lets so much time pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await this.#calm();
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#passTo(next);
    }
    this.#now = end;
  }

  #passTo(timer: Timer): void {
    this.#now = Math.max(this.#now, timer.at);
    timer.fire();
  }

  async #calm(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A generator with 32 bits of state (mulberry32): enough to vary a test, and its seed can be printed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
