import type { ObjectId, SlotKey } from './values.ts';
import type { FunctionIR, ModuleIR, Site } from '../ir.ts';

/** Slots of one activation lie in one range of keys. */
const RANGE = 2 ** 20;

/** Counted for all solvers: modules that are loaded by one are seen by others. */
let activations = 0;
let objects = 0;

/**
 * One call of a function on the way that the solver went: the same function called from the same place within the same
 * call is the same activation, so that loops come to an end and states of different rounds compare.
 */
export interface Activation {
  readonly id: number;
  readonly fn: FunctionIR;
  /** Where its free variables live. */
  readonly scope: Activation | null;
  readonly caller: Activation | null;
  readonly site: Site | null;
  /** What `freeSlots` found, by function. */
  readonly free: Map<FunctionIR, readonly SlotKey[]>;
}

export class Activations {
  readonly #calls = new Map<Activation | null, Map<Site | FunctionIR, Activation[]>>();
  readonly #objects = new Map<Activation, Map<Site, Map<string, ObjectId>>>();
  readonly #members = new Map<ObjectId, Map<string, ObjectId>>();

  enter(fn: FunctionIR, scope: Activation | null, caller: Activation | null, site: Site | null): Activation {
    let bySite = this.#calls.get(caller);
    if (!bySite) this.#calls.set(caller, (bySite = new Map<Site | FunctionIR, Activation[]>()));
    const place = site ?? fn;
    let list = bySite.get(place);
    if (!list) bySite.set(place, (list = []));
    let found = list.find((activation) => activation.fn === fn && activation.scope === scope);
    if (!found) {
      activations += 1;
      found = { id: activations, fn, scope, caller, site, free: new Map() };
      list.push(found);
    }
    return found;
  }

  /** The object that a place makes; `what` tells several of one place apart. */
  object(activation: Activation, site: Site, what: string): ObjectId {
    let bySite = this.#objects.get(activation);
    if (!bySite) this.#objects.set(activation, (bySite = new Map<Site, Map<string, ObjectId>>()));
    let named = bySite.get(site);
    if (!named) bySite.set(site, (named = new Map<string, ObjectId>()));
    let id = named.get(what);
    if (id === undefined) {
      objects += 1;
      id = objects;
      named.set(what, id);
    }
    return id;
  }

  /** The object that is in an object from the beginning; `what` names it. */
  member(owner: ObjectId, what: string): ObjectId {
    let named = this.#members.get(owner);
    if (!named) this.#members.set(owner, (named = new Map<string, ObjectId>()));
    let id = named.get(what);
    if (id === undefined) {
      objects += 1;
      id = objects;
      named.set(what, id);
    }
    return id;
  }
}

export function slotKey(activation: Activation, slot: number): SlotKey {
  return activation.id * RANGE + slot;
}

export function activationIdOf(key: SlotKey): number {
  return Math.floor(key / RANGE);
}

/** The activation that holds the variables of a function, seen from one nested in it. */
export function activationOf(owner: FunctionIR, from: Activation): Activation | null {
  for (let activation: Activation | null = from; activation; activation = activation.scope) {
    if (activation.fn === owner) return activation;
  }
  return null;
}

/** Where the variables live that a function uses and does not declare, when it is made in an activation. */
export function freeSlots(fn: FunctionIR, scope: Activation): readonly SlotKey[] {
  let slots = scope.free.get(fn);
  if (!slots) {
    const found: SlotKey[] = [];
    for (const variable of fn.free) {
      const activation = activationOf(variable.owner, scope);
      if (activation) found.push(slotKey(activation, variable.slot));
    }
    scope.free.set(fn, (slots = found));
  }
  return slots;
}

/** Whether a function stands in the text of another, or is that one itself. */
export function standsIn(inner: FunctionIR, outer: FunctionIR): boolean {
  for (let fn: FunctionIR | null = inner; fn; fn = fn.outer) if (fn === outer) return true;
  return false;
}

/** The place in a module that something of another one comes from: the call on the way there; null where there is none. */
export function placeIn(module: ModuleIR, site: Site, activation: Activation): Site | null {
  if (site.module === module) return site;
  for (let current: Activation | null = activation; current; current = current.caller)
    if (current.site?.module === module) return current.site;
  return null;
}
