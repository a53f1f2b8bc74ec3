import { setMaxListeners } from 'node:events';

/** Time and chance, as the waiting and the queues see them. A simulation brings its own. */
export interface Scheduler {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Lets everything else that is ready run first. */
  yield(): Promise<void>;
  /**
   * Waits for so many milliseconds, or until the signal aborts: both resolve. The process stays alive meanwhile, unless
   * `watch` says that nothing depends on the end of this wait.
   */
  sleep(milliseconds: number, options?: Sleep): Promise<void>;
  /** Calls back after so many milliseconds, unless the returned function is called before. */
  alarm(milliseconds: number, ring: () => void): () => void;
  /** Blocks the thread for so many milliseconds. */
  block(milliseconds: number): void;
  /** A number from 0 to 1, 1 excluded. */
  random(): number;
}

export interface Sleep {
  readonly signal?: AbortSignal | undefined;
  readonly watch?: boolean | undefined;
}

/** Node fires a timer with a longer time at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

const cell = new Int32Array(new SharedArrayBuffer(4));

/** The machine's own. `performance.now` does not follow changes of the wall clock. */
export const systemScheduler: Scheduler = {
  now: () => performance.now(),
  yield: () => new Promise((resolve) => setImmediate(resolve)),
  sleep: (milliseconds, { signal, watch = false } = {}) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(milliseconds, LONGEST_TIMER));
      if (watch) timer.unref();
      if (signal) {
        // Many waits of one task listen to one signal, which is no leak.
        setMaxListeners(0, signal);
        signal.addEventListener('abort', end);
      }
    }),
  alarm: (milliseconds, ring) => {
    // An alarm so late need not ring.
    if (milliseconds > LONGEST_TIMER) return () => undefined;
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
  block: (milliseconds) => {
    Atomics.wait(cell, 0, 0, milliseconds);
  },
  random: Math.random,
};
