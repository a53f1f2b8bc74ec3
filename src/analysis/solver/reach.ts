import { anyHeld, type HeapObject } from './heap.ts';
import { activationIdOf, freeSlots, slotKey } from './activation.ts';
import type { State } from './state.ts';
import type { ObjectId, SlotKey, Value } from './values.ts';

/** What can still be got at: objects, and the variables that live activations and closures keep. */
export interface Reach {
  readonly objects: ReadonlySet<ObjectId>;
  /** Those of closures; all variables of live activations can be got at besides. */
  readonly variables: ReadonlySet<SlotKey>;
  /** Functions on the way, each with where its free variables live; one may be there several times. */
  readonly closures: readonly FunctionValue[];
}

/** Activations whose variables can be used, by id. */
export interface Live {
  has(activation: number): boolean;
}

const NOTHING_LIVE: Live = { has: () => false };

type FunctionValue = Value & { readonly kind: 'function' };

/** Follows values, variables of live activations, and callbacks that the database will call. */
export function reachable(state: State, live: Live, seeds: Iterable<Value>): Reach {
  const search = new Search(state, live);
  for (const activation of state.variables.activations()) {
    if (live.has(activation)) for (const [, value] of state.variables.references(activation)) search.value(value);
  }
  for (const [key, value] of state.temporaries) if (live.has(activationIdOf(key))) search.value(value);
  for (const call of state.pending) search.value(call.callback);
  return search.from(seeds);
}

/** What values lead to, by themselves; also to objects of `lasting`, which were there before. */
export function reachableFrom(
  state: State,
  seeds: Iterable<Value>,
  lasting: ReadonlyMap<ObjectId, HeapObject> | null = null,
): Reach {
  return new Search(state, NOTHING_LIVE, lasting).from(seeds);
}

class Search implements Reach {
  readonly objects = new Set<ObjectId>();
  readonly variables = new Set<SlotKey>();
  readonly closures: FunctionValue[] = [];
  readonly #state: State;
  readonly #live: Live;
  readonly #lasting: ReadonlyMap<ObjectId, HeapObject> | null;
  readonly #work: ObjectId[] = [];
  readonly #functions = new Set<number>();

  constructor(state: State, live: Live, lasting: ReadonlyMap<ObjectId, HeapObject> | null = null) {
    this.#state = state;
    this.#live = live;
    this.#lasting = lasting;
  }

  from(seeds: Iterable<Value>): this {
    for (const value of seeds) this.value(value);
    for (let id = this.#work.pop(); id !== undefined; id = this.#work.pop()) {
      const object = this.#state.heap.get(id) ?? this.#lasting?.get(id);
      if (!object) continue;
      anyHeld(object, (value) => {
        this.value(value);
        return false;
      });
    }
    return this;
  }

  value(value: Value): void {
    switch (value.kind) {
      case 'ref':
        this.#object(value.id);
        return;
      case 'method':
        this.#object(value.object);
        return;
      case 'settle':
        this.#object(value.promise);
        return;
      case 'function':
        if (value.self) this.value(value.self);
        this.#closure(value);
        return;
      case 'choice':
        for (const option of value.options) this.value(option);
        return;
      case 'class':
        this.#object(value.statics);
        return;
      default:
    }
  }

  variable(key: SlotKey, value: Value): void {
    if (this.variables.has(key)) return;
    this.variables.add(key);
    this.value(value);
  }

  #object(id: ObjectId): void {
    if (this.objects.has(id)) return;
    this.objects.add(id);
    this.#work.push(id);
  }

  #closure(value: FunctionValue): void {
    const { fn, scope } = value;
    // Where an activation is live, those around it are: what the function uses there is followed in any case.
    if (this.#live.has(scope.id)) {
      this.closures.push(value);
      return;
    }
    // Functions are numbered by module, as slots are by function.
    const seen = slotKey(scope, fn.id);
    if (this.#functions.has(seen)) return;
    this.#functions.add(seen);
    this.closures.push(value);
    for (const key of freeSlots(fn, scope)) {
      const held = this.#state.variables.get(key);
      if (held) this.variable(key, held);
    }
  }
}
