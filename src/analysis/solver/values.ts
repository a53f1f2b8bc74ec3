import type { Query } from '../../drivers/layer.ts';
import type { Activation } from './activation.ts';
import type { ClassIR, FunctionIR, ModuleIR, Site } from '../ir.ts';
import type { SqlText } from '../sql/tokens.ts';

/** Identity of an abstract object: the place that makes it, in the calls that lead there. */
export type ObjectId = number;

/** Key of a slot of one activation. */
export type SlotKey = number;

/** What the solver knows of a value. What it knows nothing of is `unknown`. */
export type Value =
  | { readonly kind: 'unknown' }
  /** What the caller or the world put into a variable; a test of it can be remembered. */
  | { readonly kind: 'symbol'; readonly key: SlotKey; readonly parameter: boolean }
  | { readonly kind: 'truthy' }
  | { readonly kind: 'falsy' }
  | {
      readonly kind: 'primitive';
      readonly value: number | boolean | null | undefined;
      /** Null or undefined, and which of them is not known. */
      readonly missing?: true;
    }
  | {
      readonly kind: 'text';
      readonly parts: SqlText;
      /** The whole texts that it may be, where it is one of a few names; null otherwise. */
      readonly oneOf: readonly string[] | null;
      /** Where the text stands; not part of its identity. */
      readonly site: Site | null;
      /** Names a file in a folder for temporary files. */
      readonly temporary: boolean;
    }
  | { readonly kind: 'ref'; readonly id: ObjectId; readonly nullable: boolean }
  | { readonly kind: 'function'; readonly fn: FunctionIR; readonly scope: Activation; readonly self: Value | null }
  /** One of several functions, classes, packages, texts or plain objects, or something else, depending on what happened before. */
  | { readonly kind: 'choice'; readonly options: readonly Value[] }
  | {
      readonly kind: 'class';
      readonly cls: ClassIR;
      readonly scope: Activation;
      readonly statics: ObjectId;
      readonly parent: Value | null;
    }
  /** Something of a package: the export's path, then what was read from or returned by it (`()`). */
  | { readonly kind: 'external'; readonly module: string; readonly path: readonly string[] }
  /** A global of the platform. */
  | { readonly kind: 'global'; readonly path: readonly string[] }
  /** An export of another module of the project that has nothing to do with SQLite, not looked at until it matters. */
  | {
      readonly kind: 'imported';
      readonly module: ModuleIR;
      readonly specifier: string;
      readonly path: readonly string[];
    }
  /** The exports of a module of the project. */
  | { readonly kind: 'namespace'; readonly module: ModuleIR }
  /** A method taken from its object: `db.exec` without a call. */
  | { readonly kind: 'method'; readonly object: ObjectId; readonly name: string }
  /** The functions that a promise's executor is given. */
  | { readonly kind: 'settle'; readonly promise: ObjectId; readonly fulfils: boolean }
  /** Something that a database handle returned and whose await is the database's own. */
  | {
      readonly kind: 'derived';
      readonly from: ObjectId;
      /** The query of a layer that it builds, where that is known. */
      readonly query: Query | null;
    }
  /** What a call returned that was not followed; awaiting it waits for that work. */
  | { readonly kind: 'work'; readonly work: Work }
  /** The outcome of a test, with what it tells about the tested variable. */
  | { readonly kind: 'test'; readonly key: SlotKey; readonly about: 'truthy' | 'nullish'; readonly negated: boolean };

/** What an await waits for. */
export type Work =
  | { readonly kind: 'database'; readonly handle: ObjectId | null }
  /** Known to leave the process or to take its time; `what` names it for people. */
  | { readonly kind: 'foreign'; readonly what: string; readonly trace: readonly Site[] }
  /** A function of the project that was not followed. */
  | { readonly kind: 'call'; readonly callee: Value; readonly handles: readonly ObjectId[] }
  /** Whoever takes the values of a generator. */
  | { readonly kind: 'consumer' }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly handles: readonly ObjectId[] };

const RANKS: Readonly<Record<Work['kind'], number>> = {
  none: 0,
  database: 1,
  unknown: 2,
  call: 3,
  consumer: 4,
  foreign: 5,
};

/** Waiting for two things waits for the one that matters more. */
export function combine(first: Work, second: Work): Work {
  return RANKS[second.kind] > RANKS[first.kind] ? second : first;
}

export const UNKNOWN: Value = { kind: 'unknown' };
export const TRUTHY: Value = { kind: 'truthy' };
export const FALSY: Value = { kind: 'falsy' };
export const UNDEFINED: Value = { kind: 'primitive', value: undefined };
export const NULL: Value = { kind: 'primitive', value: null };
/** What stands where a handle may be: null or undefined. */
export const MISSING: Value = { kind: 'primitive', value: undefined, missing: true };
export const TRUE: Value = { kind: 'primitive', value: true };
export const FALSE: Value = { kind: 'primitive', value: false };

export function primitive(value: number | boolean | null | undefined): Value {
  if (value === undefined) return UNDEFINED;
  if (value === null) return NULL;
  if (typeof value === 'boolean') return value ? TRUE : FALSE;
  return { kind: 'primitive', value };
}

export function text(parts: SqlText, site: Site | null = null, temporary = false): Value & { kind: 'text' } {
  return { kind: 'text', parts, oneOf: null, site, temporary };
}

export function ref(id: ObjectId, nullable = false): Value & { readonly kind: 'ref' } {
  return { kind: 'ref', id, nullable };
}

/** The whole text, where all of it is known. */
export function knownText(value: Value): string | null {
  if (value.kind !== 'text' || value.parts.includes(null)) return null;
  return value.parts.join('');
}

/** The whole texts that a value may be; null where it may be others. */
export function possibleTexts(value: Value): readonly string[] | null {
  const whole = knownText(value);
  if (whole !== null) return [whole];
  return value.kind === 'text' ? value.oneOf : null;
}

/** What a value may be. */
export function alternatives(value: Value): readonly Value[] {
  return value.kind === 'choice' ? value.options : [value];
}

/** The text as far as it is known; one hole where the value is not text. */
export function textOf(value: Value): SqlText {
  if (value.kind === 'text') return value.parts;
  if (value.kind === 'primitive' && value.value !== undefined && value.value !== null) return [String(value.value)];
  return [null];
}

export function isNullish(value: Value): boolean {
  return value.kind === 'primitive' && (value.value === undefined || value.value === null);
}

/** Whether a value may lead to objects, itself or by what it captured. */
export function mayLead({ kind }: Value): boolean {
  switch (kind) {
    case 'ref':
    case 'method':
    case 'settle':
    case 'function':
    case 'class':
    case 'choice':
      return true;
    default:
      return false;
  }
}

/** What a condition comes to; undefined where it is not known. */
export function truthOf(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'truthy':
    case 'function':
    case 'class':
    case 'namespace':
    case 'method':
    case 'settle':
      return true;
    case 'choice':
      return value.options.every((option) => truthOf(option) === true) ? true : undefined;
    case 'falsy':
      return false;
    case 'primitive':
      return Boolean(value.value);
    case 'text':
      return value.parts.some((part) => part !== null && part !== '')
        ? true
        : value.parts.includes(null)
          ? undefined
          : false;
    case 'ref':
      return value.nullable ? undefined : true;
    default:
      return undefined;
  }
}

/** A text that is the same for equal values; it identifies states. */
export function keyOf(value: Value): string {
  switch (value.kind) {
    case 'unknown':
      return '?';
    case 'truthy':
      return '+';
    case 'falsy':
      return '-';
    case 'symbol':
      return `$${value.key}`;
    case 'primitive':
      return value.missing ? '=missing' : `=${String(value.value)}`;
    case 'text':
      return `"${value.parts.map((part) => part ?? '\u0000').join('\u0001')}${value.oneOf ? `\u0002${value.oneOf.join('\u0001')}` : ''}`;
    case 'ref':
      return value.nullable ? `#${value.id}?` : `#${value.id}`;
    case 'function':
      return `f${value.fn.id}@${value.scope.id}${value.self ? `(${keyOf(value.self)})` : ''}`;
    case 'choice':
      return `(${value.options.map(keyOf).join('|')})`;
    case 'class':
      return `c${value.cls.id}@${value.scope.id}`;
    case 'external':
      return `e${value.module}:${value.path.join('.')}`;
    case 'global':
      return `g${value.path.join('.')}`;
    case 'imported':
      return `i${value.module.path}:${value.specifier}:${value.path.join('.')}`;
    case 'namespace':
      return `n${value.module.path}`;
    case 'method':
      return `m${value.object}.${value.name}`;
    case 'settle':
      return `s${value.promise}${value.fulfils ? '+' : '-'}`;
    case 'derived':
      return `d${value.from}${value.query ?? ''}`;
    case 'work':
      return `w${workKey(value.work)}`;
    case 'test':
      return `t${value.key}${value.about}${value.negated ? '!' : ''}`;
  }
}

export function workKey(work: Work): string {
  switch (work.kind) {
    case 'foreign':
      return `f${work.what}`;
    case 'call':
      return `c${keyOf(work.callee)}`;
    default:
      return work.kind;
  }
}
