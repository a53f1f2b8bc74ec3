import { objectKey, type HeapObject } from './heap.ts';
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

/** A map that is copied when it is first changed after a fork. */
class Table<K, V> {
  #map: Map<K, V>;
  #shared: boolean;

  constructor(map: Map<K, V> = new Map(), shared = false) {
    this.#map = map;
    this.#shared = shared;
  }

  fork(): Table<K, V> {
    this.#shared = true;
    return new Table(this.#map, true);
  }

  get map(): ReadonlyMap<K, V> {
    return this.#map;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    if (this.#map.get(key) === value) return;
    this.#own();
    this.#map.set(key, value);
  }

  delete(key: K): void {
    if (!this.#map.has(key)) return;
    this.#own();
    this.#map.delete(key);
  }

  same(other: Table<K, V>): boolean {
    return this.#map === other.#map;
  }

  #own(): void {
    if (!this.#shared) return;
    this.#map = new Map(this.#map);
    this.#shared = false;
  }
}

/** One of the ways that a program may have come to a point: what its variables hold and in what state the handles are. */
export class State {
  /** Variables; what is not in it is unknown. */
  readonly variables: Table<SlotKey, Value>;
  /** What is told about variables that are not in `variables`. */
  readonly facts: Table<SlotKey, Fact>;
  readonly heap: Table<ObjectId, HeapObject>;
  /** Temporaries; reading one removes it. */
  readonly temporaries: Table<SlotKey, Value>;
  pending: readonly PendingCall[];
  /** The exception on its way, while one is. */
  thrown: Thrown | null;

  constructor(
    variables: Table<SlotKey, Value> = new Table(),
    facts: Table<SlotKey, Fact> = new Table(),
    heap: Table<ObjectId, HeapObject> = new Table(),
    temporaries: Table<SlotKey, Value> = new Table(),
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
    return new State(
      this.variables.fork(),
      this.facts.fork(),
      this.heap.fork(),
      this.temporaries.fork(),
      this.pending,
      this.thrown,
    );
  }

  /** Takes a temporary. */
  take(key: SlotKey): Value {
    const value = this.temporaries.get(key);
    if (value === undefined) return UNKNOWN;
    this.temporaries.delete(key);
    return value;
  }

  peek(key: SlotKey): Value {
    return this.temporaries.get(key) ?? UNKNOWN;
  }

  /** Keeps a temporary; what is unknown needs no place. */
  give(key: SlotKey, value: Value): void {
    if (value.kind === 'unknown') this.temporaries.delete(key);
    else this.temporaries.set(key, value);
  }

  /** Nothing has changed since the other one was forked, temporaries apart. */
  sameAs(other: State): boolean {
    return (
      this.variables.same(other.variables) &&
      this.heap.same(other.heap) &&
      this.facts.same(other.facts) &&
      this.pending === other.pending
    );
  }

  /** Identifies what the state says of handles and of what leads to them. */
  key(): string {
    const parts: string[] = [];
    for (const [key, value] of this.variables.map) parts.push(`${key}${keyOf(value)}`);
    for (const [id, object] of this.heap.map) parts.push(`#${id}${objectKey(object)}`);
    for (const [key, value] of this.temporaries.map) parts.push(`~${key}${keyOf(value)}`);
    parts.sort();
    for (const call of this.pending) parts.push(`!${keyOf(call.callback)}`);
    if (this.thrown) parts.push(this.thrown.explicit ? 'T' : 't');
    return parts.join('\n');
  }

  /** Keeps only the facts that another state, equal in all else, has too. */
  meetFacts(other: State): void {
    if (this.facts.same(other.facts)) return;
    for (const [key, fact] of this.facts.map) if (other.facts.get(key) !== fact) this.facts.delete(key);
  }
}

/** States without those that say the same; what they disagree on of plain variables is forgotten. */
export function distinct(states: State[]): State[] {
  if (states.length < 2) return states;
  const [first, second] = states;
  if (states.length === 2 && first && second && first.sameAs(second) && first.temporaries.same(second.temporaries)) {
    if (first.thrown?.explicit === second.thrown?.explicit) return [first];
  }
  const byKey = new Map<string, State>();
  for (const state of states) {
    const key = state.key();
    const there = byKey.get(key);
    if (there) there.meetFacts(state);
    else byKey.set(key, state);
  }
  return [...byKey.values()];
}
