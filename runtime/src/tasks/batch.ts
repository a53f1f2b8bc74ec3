import { suspendingResult } from '../transactions/refusal.ts';
import type { Scheduler } from '../scheduler.ts';

/** What is done with a row. `index` counts from the first row of all, whatever `startAt` is. */
export type WriteRow<Tx, R, Result> = (tx: Tx, row: R, index: number) => Result;

interface Aim {
  readonly minRows: number;
  readonly targetMilliseconds: number;
}

/** The rows of one transaction, and how far it has come. */
export class Batch<R> {
  readonly #rows: readonly R[];
  readonly #first: number;
  readonly #aim: Aim;
  readonly #scheduler: Scheduler;
  #begun = 0;
  /** How many rows it has written. They may be fewer than it was given: the rest took too long. */
  written = 0;
  /** The row that is being written, and the one that threw. */
  current: number | undefined;

  constructor(rows: readonly R[], first: number, aim: Aim, scheduler: Scheduler) {
    this.#rows = rows;
    this.#first = first;
    this.#aim = aim;
    this.#scheduler = scheduler;
  }

  write<Tx>(tx: Tx, fn: WriteRow<Tx, R, unknown>): void {
    for (const [row, index] of this.#take()) {
      const refusal = suspendingResult(fn(tx, row, index));
      if (refusal !== undefined) throw refusal;
    }
  }

  async writeLater<Tx>(tx: Tx, fn: WriteRow<Tx, R, unknown>, signal: AbortSignal | undefined): Promise<void> {
    for (const [row, index] of this.#take(signal)) await fn(tx, row, index);
  }

  /** How many rows the next transaction should have. Called after the commit, whose time counts. */
  fitting(): number {
    const took = this.#took();
    // One slow or fast transaction says little about the next.
    const factor = Math.min(2, Math.max(0.5, this.#aim.targetMilliseconds / took));
    return Math.ceil(this.written * (Number.isNaN(factor) ? 1 : factor));
  }

  /** A row that throws leaves this where it is, with the row as the current one. */
  *#take(signal?: AbortSignal): Generator<readonly [R, number]> {
    this.#begun = this.#scheduler.now();
    this.written = 0;
    for (const row of this.#rows) {
      signal?.throwIfAborted();
      this.current = this.#first + this.written;
      yield [row, this.current];
      this.current = undefined;
      this.written += 1;
      if (this.written >= this.#aim.minRows && this.#took() >= this.#aim.targetMilliseconds) return;
    }
  }

  #took(): number {
    return this.#scheduler.now() - this.#begun;
  }
}
