import type { Activation } from './activation.ts';
import type { Connection, HeapObject, Transaction, TransactionHandle } from './heap.ts';
import type { Exit } from './leaks.ts';
import type { SettingName } from './settings.ts';
import type { Value, Work } from './values.ts';
import type { Driver, OpeningFact } from '../../drivers/driver.ts';
import type { PoolFact } from '../../drivers/pool.ts';
import type { Site } from '../ir.ts';
import type { Pragma } from '../sql/statements.ts';
import type { ToldFact } from '../told.ts';

/**
 * Where a handle went that a function no longer owns: to the function that called it, or to one that is not known; to a
 * variable or field that is known, or into something that is not; or to a call that is not followed.
 */
export type Handing = 'caller' | 'returned' | 'kept' | 'stored' | 'given';

/** What is held while a program waits. */
export interface Held {
  readonly kind: 'transaction' | 'connection' | 'rows';
  readonly driver: Driver | null;
  /** Where it was begun or opened. */
  readonly since: Site;
  readonly beganIn: Activation;
  readonly synchronous: boolean;
  /** The lock for writing is held, or may be. */
  readonly locks: boolean;
}

/** What is called to open a connection: a function of the driver, or one of a library that uses it. */
export interface Opener {
  readonly driver: OpeningFact | null;
  readonly pool: PoolFact | null;
  /** The program chooses among several options, of which those are of SQLite. */
  readonly isChoice: boolean;
}

/** What the solver tells of handles, in the order in which it meets them and possibly several times. */
export interface Recorder {
  /** `options` is the object that the call was given, where it is known; `by` what the driver says of the call. */
  opened(connection: Connection, options: HeapObject | undefined, by: Opener): void;
  configured(connection: Connection, settings: readonly SettingName[]): void;
  /** The life of a connection came to its end, or it went where it lives on; `stored` where anybody there may set it up. */
  observed(connection: Connection, how: 'ended' | 'kept' | 'stored'): void;
  handed(connection: Connection, by: Activation, to: Handing): void;
  leaked(connection: Connection, exit: Exit, by: Activation): void;
  handedTransaction(transaction: TransactionHandle, by: Activation): void;
  leakedTransaction(transaction: TransactionHandle, exit: Exit, by: Activation): void;
  /** A COMMIT; `unwinding` where it runs because something failed. */
  committed(transaction: Transaction | null, unwinding: boolean): void;
  ended(transaction: Transaction | null, how: 'commit' | 'rollback'): void;
  /** The function that began it returned while it was open: its caller has to end it. */
  begunForCaller(transaction: Transaction, by: Activation): void;
  /** A function that nobody known calls was left with this connection. */
  left(connection: Connection, exit: Exit, leaked: boolean): void;
  /** A transaction that others can be in the way of writes after it has read. */
  upgraded(transaction: Transaction, write: Site): void;
  /** `by` is the call of the function that waits. */
  awaited(held: Held, work: Work, site: Site, by: Activation): void;
  asyncCallback(site: Site, callback: Value, of: string, method: string): void;
  pragma(site: Site, pragma: Pragma, driver: Driver): void;
  /** A function or class of another module was given something. */
  told(fact: ToldFact): void;
  /** SQL text that is not known was run. */
  untold(): void;
  /** Not all ways through the function were followed. */
  truncated(): void;
}

const nothing = (): void => undefined;

/** For runs whose only purpose is their result. */
export const SILENT: Recorder = {
  opened: nothing,
  configured: nothing,
  observed: nothing,
  handed: nothing,
  leaked: nothing,
  handedTransaction: nothing,
  leakedTransaction: nothing,
  committed: nothing,
  ended: nothing,
  begunForCaller: nothing,
  left: nothing,
  upgraded: nothing,
  awaited: nothing,
  asyncCallback: nothing,
  pragma: nothing,
  told: nothing,
  untold: nothing,
  truncated: nothing,
};
