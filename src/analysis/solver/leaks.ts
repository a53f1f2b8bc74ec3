import { activationIdOf, type Activation } from './activation.ts';
import { giveAway } from './escape.ts';
import { meansOf } from './means.ts';
import { reachable, reachableFrom, type Live, type Reach } from './reach.ts';
import type { Connection, TransactionHandle } from './heap.ts';
import type { FunctionIR, Site } from '../ir.ts';
import type { Solver } from './solver.ts';
import type { Frame } from './frame.ts';
import type { State, Thrown } from './state.ts';
import { ref, type ObjectId, type SlotKey, type Value } from './values.ts';

/** How a function was left. */
export interface Exit {
  readonly kind: 'normal' | 'explicit' | 'implicit';
  /** The `throw`, or the call that may fail; the call itself where it returned. */
  readonly site: Site;
}

export function exitOf(thrown: Thrown | null, site: Site): Exit {
  if (!thrown) return { kind: 'normal', site };
  return { kind: thrown.explicit ? 'explicit' : 'implicit', site: thrown.site };
}

/** A function was left without an exception: by the `return` that was met last, or at its end. */
export function normalExit(state: State, fn: FunctionIR): Exit {
  return { kind: 'normal', site: state.returned ?? endOf(fn) };
}

function endOf({ module, node }: FunctionIR): Site {
  const [, end] = node.range;
  return { module, node: { type: 'End', range: [Math.max(0, end - 1), end] } };
}

/** Objects made at one place that are told apart; what a loop makes beyond that has been kept by something. */
const MOST_OF_ONE_PLACE = 3;

/** Identity for a handle made here. One that was made here before, and that nobody can get at any more, has leaked. */
export function freshObject(solver: Solver, state: State, frame: Frame, site: Site, what: string): ObjectId {
  for (let age = 0; age < MOST_OF_ONE_PLACE; age += 1) {
    const id = solver.activations.object(frame.activation, site, age === 0 ? what : `${what} ${age}`);
    const there = state.heap.get(id);
    if ((there?.type !== 'connection' && there?.type !== 'transaction') || !isLive(there)) return id;
    if (!reachable(state, stackOf(solver, frame), heldWith(solver, state, frame)).objects.has(id)) {
      lose(state, id, there, { kind: 'normal', site });
      return id;
    }
  }
  return solver.activations.object(frame.activation, site, what);
}

function isLive(object: Connection | TransactionHandle): boolean {
  return object.ownership === 'owned' && (object.status === 'open' || object.status === 'opening');
}

/** Activations whose variables can be used: those on the stack, those around them, and modules. */
function stackOf({ moduleActivations }: Solver, frame: Frame | null): Live {
  const stack = new Set<number>();
  for (let current = frame; current; current = current.caller) addScopes(stack, current.activation);
  return withModules(moduleActivations, stack);
}

/** An activation and those around it. */
function addScopes(ids: Set<number>, from: Activation | null): void {
  for (let activation = from; activation; activation = activation.scope) ids.add(activation.id);
}

/** Modules are many, and not copied for each question. */
function withModules(modules: ReadonlySet<number>, others: ReadonlySet<number>): Live {
  return { has: (activation) => modules.has(activation) || others.has(activation) };
}

/** What can be used once a function is left: what frames hold, and objects of loaded modules that have changed. */
function heldWith(solver: Solver, state: State, frame: Frame | null): Value[] {
  const values = solver.heldBy(frame);
  for (const id of state.heap.map.keys()) if (solver.heap.has(id)) values.push(ref(id));
  return values;
}

/**
 * A function is left: what it alone could get at is gone, and an open handle among that has leaked; a handle that lives
 * on belongs to the caller now.
 */
export function leave(solver: Solver, state: State, frame: Frame, value: Value, exit: Exit): void {
  const { caller } = frame;
  const live = stackOf(solver, caller);
  const reach = reachable(state, live, [value, ...heldWith(solver, state, caller)]);
  if (caller) handUp(solver, state, frame, caller, reach, value, exit);
  else handOut(solver, state, frame, reach, value, exit);
  reportLost(solver, state, exit);
  collect(state, reach, live);
}

/** Variables come to their end with their block; a handle that only they led to is lost. */
export function forgetVariables(
  solver: Solver,
  state: State,
  frame: Frame,
  keys: readonly SlotKey[],
  site: Site,
): void {
  let held = false;
  for (const key of keys) {
    const value = state.variables.get(key);
    if (!value) continue;
    held ||= value.kind === 'ref' || value.kind === 'method' || value.kind === 'function';
    state.variables.delete(key);
  }
  if (!held || !hasLive(state)) return;
  const reach = reachable(state, stackOf(solver, frame), heldWith(solver, state, frame));
  for (const [id, object] of [...state.heap.map]) {
    if ((object.type !== 'connection' && object.type !== 'transaction') || reach.objects.has(id) || !isLive(object))
      continue;
    lose(state, id, object, exitOf(state.thrown, site));
    state.heap.delete(id);
  }
}

function hasLive(state: State): boolean {
  for (const object of state.heap.map.values())
    if ((object.type === 'connection' || object.type === 'transaction') && isLive(object)) return true;
  return false;
}

/** A handle that nobody can get at any more, while the function goes on. */
function lose(state: State, id: ObjectId, object: Connection | TransactionHandle, exit: Exit): void {
  if (object.status !== 'open') return;
  if (state.lost.some((lost) => lost.id === id && lost.object.opened === object.opened && lost.exit.kind === exit.kind))
    return;
  state.lost = [...state.lost, { id, object, exit }];
}

/** What was lost on the way to the end of a function. An exception that was caught meanwhile is none any more. */
function reportLost(solver: Solver, state: State, exit: Exit): void {
  for (const { object, exit: lost } of state.lost) {
    const kind = lost.kind === 'normal' ? 'normal' : exit.kind;
    leak(solver, state, object, { kind, site: lost.site }, object.holder);
  }
  state.lost = [];
}

function handUp(
  solver: Solver,
  state: State,
  frame: Frame,
  caller: Frame,
  reach: Reach,
  value: Value,
  exit: Exit,
): void {
  for (const [id, object] of state.heap.map) {
    if (object.type !== 'connection' && object.type !== 'transaction') continue;
    if (object.type === 'connection' && exit.kind === 'normal' && object.transaction)
      if (isPartOf(object.transaction.beganIn, frame.activation))
        solver.recorder.begunForCaller(object.transaction, frame.activation);
    if (!reach.objects.has(id)) {
      gone(solver, state, object, exit);
    } else if (
      object.holder === frame.activation &&
      isLive(object) &&
      exit.kind === 'normal' &&
      frame.activation.site
    ) {
      if (object.type === 'connection') solver.recorder.handed(object, frame.activation, 'caller');
      else solver.recorder.handedTransaction(object, frame.activation);
      const next = handedTo(caller, frame.activation.site, object);
      if (next.type === 'connection') state.heap.set(id, { ...next, ...within(solver, state, frame, value, id) });
      else state.heap.set(id, next);
    }
  }
}

/** Whether a call is one of a function, or of a function within it that it calls, such as the executor of a promise. */
function isPartOf(inner: Activation, of: Activation): boolean {
  if (inner === of) return true;
  const { caller, fn } = inner;
  return caller !== null && fn.outer === caller.fn && isPartOf(caller, of);
}

/** Whether what a call gives its caller is a connection itself, and how that lets the caller at it otherwise. */
function within(
  solver: Solver,
  state: State,
  frame: Frame,
  value: Value,
  id: ObjectId,
): Pick<Connection, 'direct' | 'means'> {
  const isMade = solver.constructs(frame);
  if (isHandle(state, value, id) || (isMade && isHandle(state, frame.self, id))) return { direct: true, means: null };
  const { site } = frame.activation;
  return { direct: false, means: site && meansOf(solver, state, isMade ? frame.self : value, id, site) };
}

/** Whether a value, or what a promise is fulfilled with, is a handle itself. */
function isHandle(state: State, value: Value | null, id: ObjectId): boolean {
  if (value?.kind !== 'ref') return false;
  if (value.id === id) return true;
  const object = state.heap.get(value.id);
  if (object?.type !== 'promise') return false;
  // What it will be fulfilled with is what there is to be handed over.
  const isToCome = object.state === 'pending' || object.state === 'unsettled';
  return isToCome || (object.value.kind === 'ref' && object.value.id === id);
}

function handedTo<T extends Connection | TransactionHandle>(caller: Frame, site: Site, object: T): T {
  const next = { ...object, holder: caller.activation, handed: site };
  return next.type === 'connection' && site.module !== next.received.module ? { ...next, received: site } : next;
}

/** The function's caller is not known: what it returns, or keeps in something that others can get at, is theirs. */
function handOut(solver: Solver, state: State, frame: Frame, reach: Reach, value: Value, exit: Exit): void {
  // Variables around the function are there for its next call.
  const around = new Set<number>();
  addScopes(around, frame.activation.scope);
  const kept = reachable(state, withModules(solver.moduleActivations, around), [
    frame.self,
    ...heldWith(solver, state, null),
  ]);
  const returned = exit.kind === 'normal' ? reachableFrom(state, [value]) : null;
  if (returned) giveAway(solver, state, returned);
  giveAway(solver, state, kept);
  // A constructor that throws leaves nothing behind.
  const selfIsLost = exit.kind !== 'normal' && solver.constructs(frame);
  for (const [id, object] of state.heap.map) {
    if (object.type !== 'connection' && object.type !== 'transaction') continue;
    const isKept = kept.objects.has(id) && !selfIsLost;
    if (object.type === 'connection' && !state.coarse)
      solver.recorder.left(object, exit, !reach.objects.has(id) && !isKept && isLive(object));
    if (isKept || returned?.objects.has(id)) {
      if (!isLive(object)) continue;
      if (object.type === 'transaction') solver.recorder.handedTransaction(object, object.holder);
      else solver.recorder.handed(object, object.holder, isKept ? 'kept' : 'returned');
    } else {
      gone(solver, state, object, exit);
    }
  }
}

function gone(solver: Solver, state: State, object: Connection | TransactionHandle, exit: Exit): void {
  if (object.type === 'connection' && object.transaction && object.status === 'open' && !state.coarse) {
    solver.recorder.left(object, exit, isLive(object));
  }
  if (!isLive(object) || object.status !== 'open') return;
  leak(solver, state, object, exit, object.holder);
}

function leak(
  solver: Solver,
  state: State,
  object: Connection | TransactionHandle,
  exit: Exit,
  activation: Activation,
): void {
  if (object.type === 'connection') solver.recorder.observed(object, 'ended');
  if (state.coarse) return;
  if (object.type === 'connection') {
    solver.recorder.leaked(object, exit, activation);
  } else {
    solver.recorder.leakedTransaction(object, exit, activation);
  }
}

/** Forgets what nothing leads to any more. */
function collect(state: State, reach: Reach, live: Live): void {
  state.variables.retain(live, reach.variables);
  for (const key of state.facts.map.keys()) {
    if (!live.has(activationIdOf(key))) state.facts.delete(key);
  }
  state.temporaries.retain((key) => live.has(activationIdOf(key)));
  for (const id of state.heap.map.keys()) if (!reach.objects.has(id)) state.heap.delete(id);
}
