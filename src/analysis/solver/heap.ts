import { keyOf, ref, workKey, type ObjectId, type Value, type Work } from './values.ts';
import type { Means } from './means.ts';
import type { Activation } from './activation.ts';
import type { ContextBuilder } from '../../drivers/context-builders.ts';
import type { Driver, ImmediateForm, TransactionMode } from '../../drivers/driver.ts';
import type { Layer } from '../../drivers/layer.ts';
import type { Site } from '../ir.ts';
import type { Thrown } from './state.ts';
import type { SqlText } from '../sql/tokens.ts';
import type { TypeInfo } from '../types.ts';

/** Whether something holds: yes, no, or not known. */
export type Maybe = 'yes' | 'no' | 'unknown';

/** What a connection was set to. `unknown` is what somebody else may have set. */
export interface Settings {
  readonly journal: 'unset' | 'wal' | 'other' | 'unknown';
  /** Busy timeout in milliseconds; the driver's default until it is set. */
  readonly timeout: number | 'unset' | 'unknown';
  readonly synchronous: 'unset' | 'set' | 'unknown';
  readonly readOnly: Maybe;
  /** In memory, temporary, or not a file of this machine: nobody else can lock it. */
  readonly alone: Maybe;
  /** Base name of the file, in lower case; null where it is not known. */
  readonly file: string | null;
  /** WAL was switched on while the connection waited 0 ms. */
  readonly walFirst: Site | null;
}

export interface Transaction {
  readonly mode: TransactionMode;
  /** The statement or call that began it. */
  readonly began: Site;
  /** The call that ran the statement, where `began` is the text of a script; null where it is the same place. */
  readonly ran: Site | null;
  readonly beganIn: Activation;
  /** First read while no lock for writing was held. */
  readonly read: Site | null;
  /** Names of the savepoints inside, outermost first; `began` by SAVEPOINT where `outermost` names it. */
  readonly savepoints: readonly string[];
  readonly outermost: string | null;
  /** COMMIT failed, so that it is open or not. */
  readonly uncertain: boolean;
  /** Rolled back to the savepoint that began it: what ends it now commits nothing. */
  readonly undone: boolean;
  /** The exception that was on its way when it began. */
  readonly during: Thrown | null;
  /** Begun and ended by a function of the driver or of a layer over it, rather than by statements. */
  readonly managed: boolean;
  /** How code asks for the write lock at once; null where there is no way to. */
  readonly immediate: ImmediateForm | null;
}

export interface Connection {
  readonly type: 'connection';
  readonly driver: Driver;
  readonly opened: Site;
  /** Where an unclosed connection is reported: the open, or the call that handed it to the function that owns it. */
  readonly handed: Site;
  /** The value of that place, or of the promise that it makes, is the connection itself rather than something that has it. */
  readonly direct: boolean;
  /** How that something lets its owner at the connection; null where it is the connection. */
  readonly means: Means | null;
  /** The open, or the call that brought the connection into another module than before. */
  readonly received: Site;
  readonly holder: Activation;
  readonly status: 'opening' | 'open' | 'closed' | 'failed';
  /** `owned` by code that is being followed, `escaped` to code that is not, or `borrowed` from it. */
  readonly ownership: 'owned' | 'escaped' | 'borrowed';
  readonly settings: Settings;
  readonly transaction: Transaction | null;
  /** Something other than set-up was done with it. */
  readonly used: boolean;
  /** Kept in a field of an object, which decides how long it is needed. */
  readonly inField: boolean;
  /** A library opens and sets it up: its settings were told with the open, and what comes later says nothing of them. */
  readonly setUpByLibrary?: boolean;
}

/** A transaction that has a handle of its own (`@libsql/client`). */
export interface TransactionHandle {
  readonly type: 'transaction';
  readonly driver: Driver;
  readonly opened: Site;
  readonly handed: Site;
  readonly holder: Activation;
  readonly status: 'opening' | 'open' | 'uncertain' | 'closed' | 'failed';
  readonly ownership: 'owned' | 'escaped' | 'borrowed';
  readonly connection: ObjectId | null;
  readonly transaction: Transaction;
}

export interface Statement {
  readonly type: 'statement';
  readonly driver: Driver;
  readonly connection: ObjectId;
  readonly sql: SqlText;
  readonly site: Site | null;
}

/** Rows that are being read: a lock or a snapshot is held until the last one. */
interface Iterator {
  readonly type: 'iterator';
  readonly connection: ObjectId;
  readonly opened: Site;
  readonly openedIn: Activation;
  readonly active: boolean;
}

/** What `db.transaction(fn)` returns: each call is a transaction. */
interface TransactionFunction {
  readonly type: 'transaction function';
  readonly connection: ObjectId;
  readonly callback: Value;
  readonly modes: Readonly<Record<string, TransactionMode>>;
  readonly mode: TransactionMode;
  readonly made: Site;
}

/** An object of a query builder or object mapper. */
export interface LayerObject {
  readonly type: 'layer';
  readonly layer: Layer;
  readonly connection: ObjectId | null;
  /** The transaction that it stands for, while it runs: the handle that a transaction's callback is given. */
  readonly transaction: Transaction | null;
}

export interface RecordObject {
  readonly type: 'record';
  readonly fields: ReadonlyMap<string, Value>;
  readonly cls: (Value & { kind: 'class' }) | null;
  /** What its type says of fields that nothing was put into. */
  readonly info: TypeInfo | null;
  /** There may be more in it than `fields` tells. */
  readonly open: boolean;
  /** Made by code that is not followed, or given to it. */
  readonly shared: boolean;
  /** Fields that hold what they held when the object came, read since. They say nothing of what the program did. */
  readonly untouched?: ReadonlySet<string>;
  /** Where the source names each field, for an object that it writes out. */
  readonly sites?: ReadonlyMap<string, Site>;
}

/** An object that is no more than what was put into it. */
export function isPlainRecord(object: HeapObject | undefined): object is RecordObject {
  return object?.type === 'record' && object.cls === null && object.info === null;
}

interface ListObject {
  readonly type: 'list';
  readonly items: readonly Value[];
  /** `items` are all elements in order; otherwise any number of each. */
  readonly exact: boolean;
}

/** State to put back where a call of the database turns out to have failed. */
export interface Undo {
  readonly id: ObjectId;
  readonly before: HeapObject;
  readonly after: HeapObject;
}

export interface PromiseObject {
  readonly type: 'promise';
  readonly state: 'pending' | 'unsettled' | 'fulfilled' | 'rejected';
  readonly value: Value;
  readonly work: Work;
  /** A rejection was asked for by `throw` or `reject`, rather than by a call that failed. */
  readonly explicit: boolean;
  readonly undo: readonly Undo[];
  /** Cannot fail. */
  readonly safe: boolean;
}

/** `DisposableStack`: what it does when it is disposed of, last first. */
export interface StackObject {
  readonly type: 'stack';
  readonly actions: readonly { readonly run: Value; readonly on: Value | null }[];
}

/** Makes functions that are given what their type says. */
export interface BuilderObject {
  readonly type: 'builder';
  readonly builder: ContextBuilder;
  readonly given: TypeInfo;
}

export type HeapObject =
  | Connection
  | TransactionHandle
  | Statement
  | Iterator
  | TransactionFunction
  | LayerObject
  | RecordObject
  | ListObject
  | PromiseObject
  | StackObject
  | BuilderObject;

const keys = new WeakMap<HeapObject, string>();

/** A text that is the same for equal objects; it identifies states. */
export function objectKey(object: HeapObject): string {
  let key = keys.get(object);
  if (key === undefined) keys.set(object, (key = makeKey(object)));
  return key;
}

function makeKey(object: HeapObject): string {
  switch (object.type) {
    case 'connection':
      return `C${object.status}${object.ownership}${settingsKey(object.settings)}${object.used ? 'u' : ''}${transactionKey(object.transaction)}`;
    case 'transaction':
      return `T${object.status}${object.ownership}${transactionKey(object.transaction)}`;
    case 'statement':
      return `S${object.connection}:${object.sql.map((part) => part ?? '\u0000').join('\u0001')}`;
    case 'iterator':
      return `I${object.connection}${object.active ? '+' : '-'}`;
    case 'transaction function':
      return `F${object.connection}${keyOf(object.callback)}`;
    case 'layer':
      return `L${object.layer.id}${object.connection ?? ''}${transactionKey(object.transaction)}`;
    case 'record':
      return `R${object.open ? 'o' : ''}${object.shared ? 's' : ''}${fieldsKey(object)}`;
    case 'list':
      return `A${object.exact ? '=' : '*'}${object.items.map(keyOf).join(',')}`;
    case 'promise':
      return `P${object.state}${object.explicit ? 'x' : ''}${keyOf(object.value)}${workKey(object.work)}${object.undo.map((undo) => undo.id).join(',')}`;
    case 'builder':
      return 'B';
    case 'stack':
      return `D${object.actions.map((action) => keyOf(action.run) + (action.on ? keyOf(action.on) : '')).join(',')}`;
  }
}

function fieldsKey({ fields, untouched }: RecordObject): string {
  const parts: string[] = [];
  for (const [name, value] of fields) if (!untouched?.has(name)) parts.push(`${name}:${keyOf(value)}`);
  return parts.sort().join(',');
}

function settingsKey(settings: Settings): string {
  return `${settings.journal}/${settings.timeout}/${settings.synchronous}/${settings.readOnly}/${settings.alone}/${settings.walFirst ? 1 : 0}/${settings.file ?? ''}`;
}

function transactionKey(transaction: Transaction | null): string {
  if (!transaction) return '';
  const { mode, began, read, savepoints, uncertain, undone } = transaction;
  return `[${mode}@${began.node.range[0]}${read ? 'r' : ''}${savepoints.join('.')}${uncertain ? '?' : ''}${undone ? '-' : ''}]`;
}

/**
 * Whether a test holds for a value that an object holds. A statement, an iterator or a layer over a connection keeps that
 * connection.
 */
export function anyHeld(object: HeapObject, test: (value: Value) => boolean): boolean {
  switch (object.type) {
    case 'statement':
    case 'iterator':
    case 'layer':
    case 'transaction':
      return object.connection !== null && test(ref(object.connection));
    case 'record':
      for (const value of object.fields.values()) if (test(value)) return true;
      return false;
    case 'list':
      return object.items.some(test);
    case 'promise':
      return test(object.value);
    case 'stack':
      return object.actions.some(({ run, on }) => test(run) || (on !== null && test(on)));
    case 'transaction function':
      return test(object.callback) || test(ref(object.connection));
    case 'connection':
    case 'builder':
      return false;
  }
}
