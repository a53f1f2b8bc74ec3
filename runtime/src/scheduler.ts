/** Time and chance, as the waiting and the queues see them. A simulation brings its own. */
export interface Scheduler {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Lets everything else that is ready run first. */
  yield(): Promise<void>;
  /** Waits for so many milliseconds without keeping the process alive for another reason than its promise. */
  sleep(milliseconds: number): Promise<void>;
  /** Calls back after so many milliseconds, unless the returned function is called before. */
  alarm(milliseconds: number, ring: () => void): () => void;
  /** Blocks the thread for so many milliseconds. */
  block(milliseconds: number): void;
  /** A number from 0 to 1, 1 excluded. */
  random(): number;
}

const cell = new Int32Array(new SharedArrayBuffer(4));

/** The machine's own. `performance.now` does not follow changes of the wall clock. */
export const systemScheduler: Scheduler = {
  now: () => performance.now(),
  yield: () => new Promise((resolve) => setImmediate(resolve)),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  alarm: (milliseconds, ring) => {
    // setTimeout takes at most 2^31 - 1; an alarm so late need not ring.
    if (milliseconds > 0x7fffffff) return () => undefined;
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
  block: (milliseconds) => {
    Atomics.wait(cell, 0, 0, milliseconds);
  },
  random: Math.random,
};
