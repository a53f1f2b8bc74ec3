import { Heap, leadsTo } from './essential.ts';
import { isPlainRecord, objectKey, type HeapObject } from './heap.ts';
import { Table, Temporaries } from './tables.ts';
import { anyOf, either, meetTemporaries, meetValues, weaker, type Join } from './meet.ts';
import { VariableTable } from './variable-table.ts';
import { keyOf, type ObjectId, type SlotKey, type Value } from './values.ts';
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
  readonly variables: VariableTable;
  /** What is told about variables that are not in `variables`. */
  readonly facts: Table<SlotKey, Fact>;
  readonly heap: Heap;
  readonly temporaries: Temporaries;
  pending: readonly PendingCall[];
  /** The exception on its way, while one is. */
  thrown: Thrown | null;
  /** Handles that some way to this state has lost. */
  lost: readonly LostHandle[] = [];
  /** Ways were put together that differ in more than plain values: what never ends here may end on each of them. */
  coarse = false;
  /** The `return` by which a function is being left; says nothing that states differ in. */
  returned: Site | null = null;

  constructor(
    variables = new VariableTable(),
    facts = new Table<SlotKey, Fact>(),
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
    copy.coarse = this.coarse;
    copy.returned = this.returned;
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
      for (const activation of this.variables.activations())
        for (const [key, value] of this.variables.references(activation))
          if (leadsTo(value, essential)) parts.push(`${key}${keyOf(value)}`);
      for (const [key, value] of this.temporaries) if (leadsTo(value, essential)) parts.push(`~${key}${keyOf(value)}`);
      parts.sort();
      parts.push(this.heap.key);
    }
    for (const call of this.pending) parts.push(`!${keyOf(call.callback)}`);
    if (this.thrown) parts.push(this.thrown.explicit ? 'T' : 't');
    return parts.join('\n');
  }

  /**
   * Identifies what the state says of open handles alone. States that agree in that can become one where there are too many,
   * which then leads to the handles in any of their ways.
   */
  coarseKey(): string {
    const parts = [this.heap.coarseKey];
    for (const call of this.pending) parts.push(`!${keyOf(call.callback)}`);
    if (this.thrown) parts.push(this.thrown.explicit ? 'T' : 't');
    return parts.join('\n');
  }

  /** Keeps only what another state with the same key says as well; tells whether that was less. */
  meet(other: State): boolean {
    return this.#meet(other, (value, there) => either(value, there, this.#isPlainWith(other)));
  }

  /** Like `meet` for a state with the same coarse key: what leads to handles in one of the two may lead there. */
  meetCoarsely(other: State): void {
    this.coarse = true;
    const { essential } = this.heap;
    const more = other.heap.essential;
    const leads = (value: Value): boolean => leadsTo(value, essential) || leadsTo(value, more);
    this.#meet(other, (value, there) =>
      leads(value) || leads(there) ? anyOf(value, there, leads) : either(value, there, this.#isPlainWith(other)),
    );
  }

  /** Objects that are no more than their fields, in this state or another. */
  #isPlainWith(other: State): (id: ObjectId) => boolean {
    return (id) => isPlainRecord(this.heap.get(id) ?? other.heap.get(id));
  }

  #meet(other: State, join: Join): boolean {
    let changed = this.#loseWith(other);
    this.coarse ||= other.coarse;
    changed = meetValues(this.variables, other.variables, join) || changed;
    changed = meetTemporaries(this.temporaries, other.temporaries, join) || changed;
    if (!this.facts.same(other.facts)) {
      for (const [key, fact] of this.facts.map) {
        if (other.facts.get(key) === fact) continue;
        this.facts.delete(key);
        changed = true;
      }
    }
    if (this.heap.same(other.heap)) return changed;
    for (const [id, object] of this.heap.map) {
      const there = other.heap.get(id);
      if (!there || there === object || objectKey(there) === objectKey(object)) continue;
      const common = weaker(object, there, join);
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
    const more = other.lost.filter(
      (lost) => !this.lost.some((known) => known.id === lost.id && known.exit.kind === lost.exit.kind),
    );
    if (more.length > 0) this.lost = [...this.lost, ...more];
    return more.length > 0;
  }
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

/** As few states as that takes: those that say the same of the handles themselves become one. */
export function coarsest(states: State[]): State[] {
  const byKey = new Map<string, State>();
  for (const state of states) {
    const key = state.coarseKey();
    const there = byKey.get(key);
    if (there) there.meetCoarsely(state);
    else byKey.set(key, state);
  }
  return [...byKey.values()];
}
