import type { Driver, ImmediateForm, TransactionMode } from './driver.ts';

/** Where a layer finds the connection that it works on: an argument, or a property of one. */
export interface ConnectionPlace {
  readonly argument: number;
  readonly option?: string;
}

/** What a method of a layer's object does. Methods that are not listed query the database and return such objects. */
export type LayerMethod =
  /**
   * Runs a callback in a transaction that ends with it. Where the layer has handles, a call without a callback begins one
   * and hands out its handle.
   */
  | {
      readonly does: 'transact';
      readonly callback: number | 'last';
      readonly mode: TransactionMode;
      /** A property of an argument whose text names the mode. */
      readonly named?: { readonly argument: number; readonly option: string };
      /** How code asks for the write lock at once; there may be no way to. */
      readonly immediate?: ImmediateForm;
    }
  /** Begins to build a query, which runs when a method of `runs` is called on what is built. */
  | { readonly does: 'build'; readonly query: Query }
  /** Runs the SQL text of an argument. */
  | { readonly does: 'execute'; readonly sql: number }
  /** Returns an object of the same layer that does the next step. */
  | { readonly does: 'continue' }
  /** Hands out a connection of `handles`, on which transactions are begun and ended by hand. */
  | { readonly does: 'session' }
  | { readonly does: 'close' };

/** What a query does to the tables. */
export type Query = 'read' | 'write';

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
  /** Properties whose methods build queries. */
  readonly builders?: Readonly<Record<string, Query>>;
  /** Methods of what is built that run the query. */
  readonly runs?: ReadonlySet<string>;
  /** Property that gives the wrapped connection back. */
  readonly connectionProperty?: string;
  /** What properties tell. */
  readonly properties?: Readonly<Record<string, 'self' | 'open'>>;
  /** What is handed out to begin and end transactions by hand: connections, or transactions with a handle of their own. */
  readonly handles?: Driver;
}
