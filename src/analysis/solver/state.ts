import { Heap, leadsTo } from './essential.ts';
import { objectKey, type HeapObject } from './heap.ts';
import { Table, Temporaries } from './tables.ts';
import { keyOf, UNKNOWN, type ObjectId, type SlotKey, type Value } from './values.ts';
import type { Site } from '../ir.ts';

/** What a test told about a variable whose value is not known. */
export type Fact = 'truthy' | 'falsy' | 'nullish' | 'present';

/** How an exception came about. */
export interface Thrown {
  /** By `throw` or `reject`, rather than by a call that may fail. */
  readonly explicit: boolean;
  readonly site: Site;
  /** The exception that was on its way already, where this one came up in a finalizer. */
  readonly outer: Thrown | null;
}

/** A callback that the database calls later: with an error, or with what it was asked for. */
export interface PendingCall {
  readonly callback: Value;
  readonly site: Site;
  /** State to put back in the case of the error. */
  readonly undo: readonly { readonly id: ObjectId; readonly before: HeapObject; readonly after: HeapObject }[];
  /** Called for each row as well, before the last argument is called at the end. */
  readonly rows: boolean;
}

/** A handle that nobody can get at any more, although it is open. */
export interface LostHandle {
  readonly id: ObjectId;
  readonly object: HeapObject & { readonly type: 'connection' | 'transaction' };
  readonly exit: { readonly kind: 'normal' | 'explicit' | 'implicit'; readonly site: Site };
}

/** One of the ways that a program may have come to a point: what its variables hold and in what state the handles are. */
export class State {
  /** Variables; what is not in it is unknown. */
  readonly variables: Table<SlotKey, Value>;
  /** What is told about variables that are not in `variables`. */
  readonly facts: Table<SlotKey, Fact>;
  readonly heap: Heap;
  readonly temporaries: Temporaries;
  pending: readonly PendingCall[];
  /** The exception on its way, while one is. */
  thrown: Thrown | null;
  /** Handles that some way to this state has lost. */
  lost: readonly LostHandle[] = [];

  constructor(
    variables: Table<SlotKey, Value> = new Table(),
    facts: Table<SlotKey, Fact> = new Table(),
    heap: Heap = new Heap(),
    temporaries: Temporaries = new Temporaries(),
    pending: readonly PendingCall[] = [],
    thrown: Thrown | null = null,
  ) {
    this.variables = variables;
    this.facts = facts;
    this.heap = heap;
    this.temporaries = temporaries;
    this.pending = pending;
    this.thrown = thrown;
  }

  fork(): State {
    const copy = new State(
      this.variables.fork(),
      this.facts.fork(),
      this.heap.fork(),
      this.temporaries.fork(),
      this.pending,
      this.thrown,
    );
    copy.lost = this.lost;
    return copy;
  }

  /** Something is open, or owed, or lost: it matters where the program goes from here. */
  get matters(): boolean {
    return this.heap.essential.size > 0 || this.pending.length > 0 || this.lost.length > 0;
  }

  /** Nothing has changed since the other one was forked, temporaries apart. */
  sameAs(other: State): boolean {
    return (
      this.variables.same(other.variables) &&
      this.heap.same(other.heap) &&
      this.facts.same(other.facts) &&
      this.pending === other.pending &&
      this.lost === other.lost
    );
  }

  /**
   * Identifies what the state says of open handles and of what leads to them. States that agree in that become one: what
   * they say of plain values only decides which of the same things happen next.
   */
  key(): string {
    const { essential } = this.heap;
    const parts: string[] = [];
    if (essential.size > 0) {
      for (const [key, value] of this.variables.map) if (leadsTo(value, essential)) parts.push(`${key}${keyOf(value)}`);
      for (const [key, value] of this.temporaries) if (leadsTo(value, essential)) parts.push(`~${key}${keyOf(value)}`);
      parts.sort();
      parts.push(this.heap.key);
    }
    for (const call of this.pending) parts.push(`!${keyOf(call.callback)}`);
    if (this.thrown) parts.push(this.thrown.explicit ? 'T' : 't');
    return parts.join('\n');
  }

  /** Keeps only what another state with the same key says as well; tells whether that was less. */
  meet(other: State): boolean {
    let changed = this.#loseWith(other);
    changed = meetValues(this.variables, other.variables) || changed;
    changed = meetTemporaries(this.temporaries, other.temporaries) || changed;
    if (!this.facts.same(other.facts)) {
      for (const [key, fact] of [...this.facts.map]) {
        if (other.facts.get(key) === fact) continue;
        this.facts.delete(key);
        changed = true;
      }
    }
    if (this.heap.same(other.heap)) return changed;
    for (const [id, object] of [...this.heap.map]) {
      const there = other.heap.get(id);
      if (!there || there === object || objectKey(there) === objectKey(object)) continue;
      const common = weaker(object, there);
      if (objectKey(common) === objectKey(object)) continue;
      this.heap.set(id, common);
      changed = true;
    }
    // What only the other one has made may be there.
    for (const [id, object] of other.heap.map) if (!this.heap.get(id)) this.heap.set(id, object);
    return changed;
  }

  /** What was lost on one of the ways may have been lost. */
  #loseWith(other: State): boolean {
    if (this.lost === other.lost) return false;
    const more = other.lost.filter((lost) => !this.lost.some((known) => known.id === lost.id && known.exit.kind === lost.exit.kind));
    if (more.length > 0) this.lost = [...this.lost, ...more];
    return more.length > 0;
  }
}

function meetValues(values: Table<SlotKey, Value>, others: Table<SlotKey, Value>): boolean {
  if (values.same(others)) return false;
  let changed = false;
  const set = (key: SlotKey, value: Value, before: Value | undefined): void => {
    if (before && keyOf(before) === keyOf(value)) return;
    values.set(key, value);
    changed = true;
  };
  for (const [key, value] of [...values.map]) {
    const there = others.get(key);
    if (there !== value && (!there || keyOf(there) !== keyOf(value))) set(key, either(value, there ?? UNKNOWN), value);
  }
  for (const [key, value] of others.map) if (!values.get(key)) set(key, either(value, UNKNOWN), undefined);
  return changed;
}

function meetTemporaries(values: Temporaries, others: Temporaries): boolean {
  if (values.same(others)) return false;
  let changed = false;
  const meet = (key: SlotKey): void => {
    const value = values.peek(key);
    const there = others.peek(key);
    if (value === there || keyOf(value) === keyOf(there)) return;
    const common = either(value, there);
    changed ||= keyOf(common) !== keyOf(value);
    values.give(key, common);
  };
  for (const [key] of [...values]) meet(key);
  for (const [key] of others) meet(key);
  return changed;
}

/** What can be called is worth remembering apart, and text has a beginning and an end in common. */
export function either(value: Value, other: Value): Value {
  if (value.kind === 'text' && other.kind === 'text') return commonText(value, other);
  const options: Value[] = [];
  for (const option of [...alternatives(value), ...alternatives(other)]) {
    const known = isCallable(option) || option.kind === 'text' ? option : UNKNOWN;
    if (!options.some((there) => keyOf(there) === keyOf(known))) options.push(known);
  }
  return options.length <= MOST_ALTERNATIVES && options.some((option) => option.kind !== 'unknown') ? { kind: 'choice', options } : UNKNOWN;
}

function commonText(value: Value & { kind: 'text' }, other: Value & { kind: 'text' }): Value {
  const first = value.parts.map((part) => part ?? HOLE).join('');
  const second = other.parts.map((part) => part ?? HOLE).join('');
  const most = Math.min(first.length, second.length);
  let start = 0;
  while (start < most && first[start] === second[start]) start += 1;
  let end = 0;
  while (end < most - start && first[first.length - 1 - end] === second[second.length - 1 - end]) end += 1;
  const common = `${first.slice(0, start)}${HOLE}${first.slice(first.length - end)}`;
  const parts = common.split(/\u0000+/).flatMap((part, index) => (index === 0 ? [part] : [null, part])).filter((part) => part !== '');
  return { kind: 'text', parts, site: value.site, temporary: value.temporary && other.temporary };
}

const HOLE = '\u0000';

function isCallable(value: Value): boolean {
  return value.kind === 'function' || value.kind === 'class' || value.kind === 'external';
}

function alternatives(value: Value): readonly Value[] {
  return value.kind === 'choice' ? value.options : [value];
}

const MOST_ALTERNATIVES = 4;

/** What two versions of an object have in common. */
function weaker(object: HeapObject, other: HeapObject): HeapObject {
  if (object.type === 'record' && other.type === 'record') {
    const fields = new Map<string, Value>();
    for (const [name, value] of object.fields) {
      const there = other.fields.get(name);
      if (there && keyOf(there) === keyOf(value)) fields.set(name, value);
    }
    return { ...object, fields, open: true, shared: object.shared || other.shared };
  }
  if (object.type === 'list' && other.type === 'list') {
    const items = [...object.items];
    for (const item of other.items) if (!items.some((there) => keyOf(there) === keyOf(item))) items.push(item);
    return { type: 'list', items, exact: false };
  }
  if (object.type === 'promise' && other.type === 'promise') {
    const value = object.state === 'rejected' ? other.value : other.state === 'rejected' ? object.value : either(object.value, other.value);
    return { ...object, state: 'unsettled', value: keyOf(object.value) === keyOf(other.value) ? object.value : value, safe: false };
  }
  // One that could not be opened, or is closed, is none that anybody uses.
  if (object.type === 'connection' && other.type === 'connection') return object.status === 'open' ? object : other;
  if (object.type === 'statement' && other.type === 'statement') return { ...object, sql: [null] };
  return object;
}

/** States without those that say the same of handles. */
export function distinct(states: State[]): State[] {
  if (states.length < 2) return states;
  const byKey = new Map<string, State>();
  for (const state of states) {
    const key = state.key();
    const there = byKey.get(key);
    if (there) there.meet(state);
    else byKey.set(key, state);
  }
  return [...byKey.values()];
}
