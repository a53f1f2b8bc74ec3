import type { TransactionMode } from './driver.ts';

/** Where a layer finds the connection that it works on: an argument, or a property of one. */
export interface ConnectionPlace {
  readonly argument: number;
  readonly option?: string;
}

/** What a method of a layer's object does. Methods that are not listed query the database and return such objects. */
type LayerMethod =
  /** Runs a callback in a transaction that ends with it. */
  | { readonly does: 'transact'; readonly callback: number; readonly mode: TransactionMode }
  /** Returns an object of the same layer that does the next step. */
  | { readonly does: 'continue' }
  | { readonly does: 'close' };

/**
 * A query builder or object mapper over a driver. It neither sets PRAGMAs nor changes when a lock is taken; what it adds
 * are ways to run transactions. Data only, like a driver.
 */
export interface Layer {
  readonly id: string;
  readonly modules: readonly string[];
  /** Transactions run their callback synchronously, so that an asynchronous one is cut at its first await. */
  readonly synchronous: boolean;
  /** Functions and classes that wrap a connection, by name. */
  readonly wraps: Readonly<Record<string, readonly ConnectionPlace[]>>;
  /** Names of `wraps` that serve other databases as well, and count only where what they wrap is known. */
  readonly generic?: readonly string[];
  /** Types of the layer's objects. `argument` is the type argument that must hold `is` for the entry to count. */
  readonly types: Readonly<Record<string, { readonly argument: number; readonly is: string } | null>>;
  readonly methods: Readonly<Record<string, LayerMethod>>;
  /** Property that gives the wrapped connection back. */
  readonly connectionProperty?: string;
}
