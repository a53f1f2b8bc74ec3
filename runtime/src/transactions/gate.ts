import { AsyncLocalStorage } from 'node:async_hooks';
import { UsageError } from '../errors.ts';
import { Queue, type Place } from '../waiting/queue.ts';
import type { Admit } from '../driver.ts';
import type { Scheduler } from '../scheduler.ts';

/** The transactions around the code that runs now, the innermost first. */
interface Scope {
  readonly gate: Gate;
  readonly outer: Scope | undefined;
  /** The transaction has ended: what goes on behind it, started there and not awaited, is outside of it. */
  over: boolean;
}

const scopes = new AsyncLocalStorage<Scope>();

/**
 * Keeps the statements of other flows out of a transaction. Statements pass freely until a transaction wants the
 * connection; it begins when they are through, and those that come meanwhile wait for its end, in order. A transaction
 * has a gate of its own for the savepoints inside it.
 */
export class Gate {
  readonly #turns: Queue;
  readonly #name: string;
  #running = 0;
  /** Called when no statement runs any more. */
  #idle: (() => void) | undefined;
  #closed: (() => Error) | undefined;

  /** @param name what statements are to use from within, for the message: `the transaction's handle` */
  constructor(scheduler: Scheduler, name: string) {
    this.#name = name;
    this.#turns = new Queue(scheduler, { name });
  }

  /** How many wait. */
  get waiting(): number {
    return this.#turns.waiting;
  }

  /** Lets a statement through, now or when the transaction is over. */
  readonly admit: Admit = async (name, operation) => {
    this.#check(name);
    if (this.#turns.taken) {
      await this.#turns.acquire({ limit: Infinity });
      // The turn was for going through in order; statements need not wait for each other.
      this.#turns.release();
      this.#check(name);
    }
    this.#running += 1;
    try {
      return await operation();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#idle?.();
    }
  };

  /** Runs work that has the connection for itself. */
  async exclusive<Result>(place: Place, name: string, work: () => Promise<Result>): Promise<Result> {
    this.#check(name);
    await this.#turns.acquire(place);
    try {
      if (this.#running > 0) {
        await new Promise<void>((resolve) => {
          this.#idle = resolve;
        });
        this.#idle = undefined;
      }
      this.#closedCheck();
      return await work();
    } finally {
      this.#turns.release();
    }
  }

  /** Runs a callback inside of this gate's transaction: what it does with the outer handle is refused. */
  async within<Result>(callback: () => Promise<Result>): Promise<Result> {
    const scope: Scope = { gate: this, outer: scopes.getStore(), over: false };
    try {
      return await scopes.run(scope, callback);
    } finally {
      scope.over = true;
    }
  }

  /** Everything is refused from now on. */
  close(error: () => Error): void {
    this.#closed = error;
  }

  #check(name: string): void {
    this.#closedCheck();
    for (let scope = scopes.getStore(); scope !== undefined; scope = scope.outer) {
      if (scope.gate !== this || scope.over) continue;
      throw new UsageError(
        `${name} was called inside of a transaction on the handle around it, which would wait for the transaction to end for ever. ` +
          `Use ${this.#name}, the first parameter of the callback.`,
      );
    }
  }

  #closedCheck(): void {
    if (this.#closed !== undefined) throw this.#closed();
  }
}
