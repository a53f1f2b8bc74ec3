import type { Layer } from './layer.ts';

/** Where an argument or a field in it stands: the position of the argument, then names of fields. */
export interface Place {
  readonly argument: number;
  readonly path: readonly string[];
}

/** How a function of a query builder or object mapper opens its own pool of connections. */
export interface PoolFact {
  readonly by: 'construct' | 'call' | 'construct or call';
  readonly answers?: 'promise';
  /** Positions at which the options may stand instead of the first: the last object there counts as it. */
  readonly options?: readonly number[];
  /** The option that names the database, and the driver (`DRIVERS`) that stands behind each name for SQLite. */
  readonly dialect: Place;
  readonly drivers: Readonly<Record<string, string>>;
  /** Places of the file, the first that is there counts. */
  readonly file: readonly Place[];
  /** Options that switch WAL on, or give the busy timeout in milliseconds. */
  readonly wal?: Place;
  readonly busyTimeout?: Place;
  /** Functions that are called with each new connection, and may set it up. */
  readonly setup: readonly Place[];
  /** A function that returns the options, in place of the options themselves. */
  readonly factory?: Place;
  /** A function that is given what the factory returns and opens the pool by itself. */
  readonly opener?: Place;
  /** What the call returns; null where the pool is out of reach. */
  readonly layer: Layer | null;
}

/** A query builder or object mapper that loads the driver itself, and opens connections by it. Data only, like a driver. */
export interface Pool {
  readonly id: string;
  readonly modules: readonly string[];
  readonly exports: Readonly<Record<string, PoolFact>>;
}
