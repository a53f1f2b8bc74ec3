import type { Driver, ImmediateForm, OpeningFact } from '../drivers/driver.ts';
import type { Means } from './solver/means.ts';
import type { PoolFact } from '../drivers/pool.ts';
import type { SettingName } from './solver/settings.ts';
import type { Settings } from './solver/heap.ts';
import type { Site } from './ir.ts';
import type { Neighbours } from './neighbours.ts';
import type { Pragma } from './sql/statements.ts';
import type { ToldFact } from './told.ts';

/**
 * What the analysis found in one module. Rules read it and decide what is worth a report; rewrites find in it the places
 * that they change. Every site that a report may stand at lies in the module itself.
 */
export interface Facts extends ModuleFacts {
  readonly neighbours: Neighbours;
}

/** What one module tells by itself. */
export interface ModuleFacts {
  readonly opens: readonly OpenFact[];
  readonly received: readonly ReceivedFact[];
  readonly leaks: readonly LeakFact[];
  readonly transactionLeaks: readonly TransactionLeakFact[];
  readonly waits: readonly WaitFact[];
  readonly asyncCallbacks: readonly AsyncCallbackFact[];
  readonly upgrades: readonly UpgradeFact[];
  readonly pragmas: readonly PragmaFact[];
  /** What it tells about functions and classes of other modules. */
  readonly told: readonly ToldFact[];
  /** Its code is nested so deeply that some of it could not be followed. */
  readonly tooDeep: boolean;
}

/** A module of which nothing could be followed. */
export const TOO_DEEP: ModuleFacts = {
  opens: [],
  received: [],
  leaks: [],
  transactionLeaks: [],
  waits: [],
  asyncCallbacks: [],
  upgrades: [],
  pragmas: [],
  told: [],
  tooDeep: true,
};

/** A connection that a call opens. */
export interface OpenFact {
  readonly site: Site;
  readonly driver: Driver;
  /** What the driver says of the call; null where a library calls the driver. */
  readonly opening: OpeningFact | null;
  /** What that library says of its call; null where it is called in another way. */
  readonly pool: PoolFact | null;
  /** The call is given one of several options, of which some are not those of SQLite. */
  readonly isChoice: boolean;
  /** The ways that its life goes, as far as settings are concerned. */
  readonly lives: readonly Life[];
  /** Options that the call was given, with the places that name them. */
  readonly options: readonly { readonly name: string; readonly site: Site }[];
}

export interface Life {
  readonly settings: Settings;
  /** Something other than set-up was done with it. */
  readonly used: boolean;
  /** It outlives the function that opened it; what any code sets on it counts. */
  readonly lasting: boolean;
}

/** A connection that the function of another module opened for a call in this one. */
export interface ReceivedFact {
  /** The call in this module. */
  readonly site: Site;
  readonly opened: Site;
  readonly driver: Driver;
  /** What the call returns, or promises, is the connection itself rather than something that has it. */
  readonly direct: boolean;
  /** How that something lets its owner at the connection, where it is known. */
  readonly means: Means | null;
  readonly lives: readonly Life[];
}

/** A connection that is not closed on some way. */
export interface LeakFact {
  /** The open, or the call of the function that opens and returns. */
  readonly site: Site;
  readonly opened: Site;
  readonly driver: Driver;
  /** The value of the place, or of the promise that it makes, is the connection itself rather than something that has it. */
  readonly direct: boolean;
  /** How that something lets its owner at the connection, where it is known. */
  readonly means: Means | null;
  /** On other ways somebody else gets the connection. */
  readonly handedOver: boolean;
  /** All places at which it is left open; of a kind, those that leave a transaction open as well come first. */
  readonly exits: readonly LeakExitFact[];
}

interface ExitFact {
  /** The function returns or ends; a `throw` leaves it; a call in it fails. */
  readonly kind: 'normal' | 'explicit' | 'implicit';
  readonly site: Site;
}

export interface LeakExitFact extends ExitFact {
  /** The transaction that stays open with the connection. */
  readonly transaction: Site | null;
}

/** A transaction begun by hand that stays open on some way. */
export interface TransactionLeakFact {
  readonly site: Site;
  /** Whose connection runs it, where that is known. */
  readonly driver: Driver | null;
  /** What begins it: a statement that the driver itself runs at the place, one that a function of the project runs, or a handle. */
  readonly begins: 'statement' | 'call' | 'handle';
  /** The call of the driver that runs the statement; null where the place is that of a handle or of a project's function. */
  readonly ran: Site | null;
  /** All places at which it is left open. */
  readonly exits: readonly TransactionExitFact[];
}

export type TransactionExitFact = ExitFact | { readonly kind: 'committed'; readonly site: Site };

/** Something is held while the program waits for work that is not the database's. */
export interface WaitFact {
  readonly site: Site;
  readonly holds: 'transaction' | 'connection' | 'rows';
  readonly since: Site;
  /** The call in this module by which it was begun for the function that waits; null where that is not known. */
  readonly calledAt: Site | null;
  readonly driver: Driver | null;
  readonly synchronous: boolean;
  /** The lock for writing is held, or may be. */
  readonly locks: boolean;
  /** What it waits for, in words. */
  readonly what: string;
  readonly trace: readonly Site[];
  /** Further waits while the same is held. */
  readonly more: readonly Site[];
}

export interface AsyncCallbackFact {
  readonly site: Site;
  /** The function that is given. */
  readonly callback: Site | null;
  /** Driver or layer. */
  readonly of: string;
  readonly method: string;
}

export interface UpgradeFact {
  readonly site: Site;
  readonly read: Site;
  readonly write: Site;
  /** How code asks for the write lock at once; null where there is no way to. */
  readonly immediate: ImmediateForm | null;
}

export interface PragmaFact {
  readonly site: Site;
  readonly pragma: Pragma;
  readonly driver: Driver;
}

export type { SettingName };
