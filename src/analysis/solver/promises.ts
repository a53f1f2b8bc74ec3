import { settle, undo } from './answers.ts';
import { callValue } from './calls.ts';
import { escape } from './escape.ts';
import { anyHeld, type PromiseObject } from './heap.ts';
import { awaited } from './hold.ts';
import { combine, TRUTHY, UNDEFINED, UNKNOWN, ref, type ObjectId, type Value, type Work } from './values.ts';
import { foreignWorkOf } from '../foreign-work.ts';
import type { Call, Frame, Outcome } from './frame.ts';
import type { Solver } from './solver.ts';
import type { PendingCall, State } from './state.ts';
import type { Site } from '../ir.ts';

export const NO_WORK: Work = { kind: 'none' };

export function fulfilled(value: Value, work: Work = NO_WORK): PromiseObject {
  return { type: 'promise', state: 'fulfilled', value, work, explicit: false, undo: [], safe: true };
}

export function rejected(explicit: boolean, work: Work = NO_WORK): PromiseObject {
  return { type: 'promise', state: 'rejected', value: UNKNOWN, work, explicit, undo: [], safe: false };
}

/** What waiting for a value waits for. */
export function workOf(value: Value): Work {
  switch (value.kind) {
    case 'work':
      return value.work;
    case 'choice':
      return value.options.map(workOf).reduce(combine);
    case 'derived':
      return { kind: 'database', handle: value.from };
    case 'external': {
      const what = foreignWorkOf(value.module, value.path);
      if (what) return { kind: 'foreign', what, trace: [] };
      return { kind: 'call', callee: value, handles: [] };
    }
    case 'imported':
      return { kind: 'call', callee: value, handles: [] };
    case 'primitive':
    case 'text':
    case 'class':
    case 'function':
    case 'ref':
    case 'namespace':
      return NO_WORK;
    default:
      return { kind: 'unknown', handles: [] };
  }
}

export function awaitValue(solver: Solver, state: State, frame: Frame, value: Value, site: Site): Outcome[] {
  const promise = solver.read(state, value);
  if (promise?.type !== 'promise') {
    const work = workOf(value);
    awaited(solver, state, frame, work, site);
    if (work.kind !== 'none') solver.raise(state, frame, site);
    return [{ state, value: value.kind === 'work' ? UNKNOWN : value }];
  }
  return settlePromise(solver, state, frame, value as Value & { kind: 'ref' }, site, true);
}

/** The ways in which a promise ends: its value, or an exception to the frame's channels. */
export function settlePromise(
  solver: Solver,
  state: State,
  frame: Frame,
  value: Value & { kind: 'ref' },
  site: Site,
  waits: boolean,
): Outcome[] {
  const promise = solver.object(state, value.id);
  if (promise?.type !== 'promise') return [{ state, value: UNKNOWN }];
  if (waits) awaited(solver, state, frame, promise.work, site);
  switch (promise.state) {
    case 'fulfilled':
      return flatten(solver, state, frame, promise.value, site, waits);
    case 'rejected':
      solver.raise(state, frame, site, promise.explicit);
      return [];
    case 'unsettled': {
      if (!promise.safe) {
        const failed = state.fork();
        undo(failed, promise.undo);
        solver.raise(failed, frame, site);
      }
      settle(state, promise.undo);
      state.heap.set(value.id, { ...promise, state: 'fulfilled', undo: [] });
      return flatten(solver, state, frame, promise.value, site, waits);
    }
    case 'pending':
      return drainUntilSettled(solver, state, frame, value, site, waits);
  }
}

/** The ways in which a promise that a function returned ends for whoever waits for it. */
export function awaitSettled(solver: Solver, state: State, frame: Frame, value: Value, site: Site): Outcome[] {
  if (solver.read(state, value)?.type !== 'promise') return [{ state, value }];
  return settlePromise(solver, state, frame, value as Value & { kind: 'ref' }, site, false);
}

function flatten(solver: Solver, state: State, frame: Frame, value: Value, site: Site, waits: boolean): Outcome[] {
  const inner = solver.read(state, value);
  if (inner?.type === 'promise' && inner.value.kind === 'ref' && value.kind === 'ref' && inner.value.id === value.id)
    return [{ state, value: UNKNOWN }];
  if (inner?.type === 'promise')
    return settlePromise(solver, state, frame, value as Value & { kind: 'ref' }, site, waits);
  return [{ state, value }];
}

/** Calls the callbacks that the database owes until the promise that waits for them is settled. */
function drainUntilSettled(
  solver: Solver,
  state: State,
  frame: Frame,
  value: Value & { kind: 'ref' },
  site: Site,
  waits: boolean,
): Outcome[] {
  return solver.pinning([value], () => drainPinned(solver, state, frame, value, site, waits));
}

function drainPinned(
  solver: Solver,
  state: State,
  frame: Frame,
  value: Value & { kind: 'ref' },
  site: Site,
  waits: boolean,
): Outcome[] {
  let open: State[] = [state];
  const outcomes: Outcome[] = [];
  for (let round = 0; round < 8 && open.length > 0; round += 1) {
    const next: State[] = [];
    for (const current of open) {
      const promise = solver.object(current, value.id);
      if (promise?.type === 'promise' && promise.state !== 'pending') {
        outcomes.push(...settlePromise(solver, current, frame, value, site, waits));
      } else if (current.pending.length > 0) {
        next.push(...runPending(solver, current, frame));
      } else if (canSettle(current, value.id)) {
        // Settled by something that is not followed.
        solver.raise(current, frame, site);
        outcomes.push({ state: current, value: UNKNOWN });
      }
    }
    open = solver.merge(next);
  }
  return outcomes;
}

/** Whether anything is left that could settle a promise; otherwise who waits for it waits for ever. */
function canSettle(state: State, id: ObjectId): boolean {
  const settles = (value: Value): boolean => value.kind === 'settle' && value.promise === id;
  for (const [, value] of state.variables.entries()) if (settles(value)) return true;
  for (const object of state.heap.map.values()) if (anyHeld(object, settles)) return true;
  return false;
}

/** Calls the first of the callbacks that the database owes, with an error and without one. */
function runPending(solver: Solver, state: State, frame: Frame): State[] {
  const [first, ...rest] = state.pending;
  if (!first) return [state];
  state.pending = rest;
  const failed = state.fork();
  undo(failed, first.undo);
  settle(state, first.undo);
  const ends = [
    ...runCallback(solver, failed, frame, first, [TRUTHY, UNDEFINED]),
    ...runCallback(solver, state, frame, first, [{ kind: 'primitive', value: null }, UNKNOWN]),
  ];
  return solver.merge(ends);
}

function runCallback(solver: Solver, state: State, frame: Frame, call: PendingCall, args: readonly Value[]): State[] {
  // An exception in a callback has nobody to catch it: it ends the process.
  const step: Call = { solver, state, frame, site: call.site, args };
  const { ends } = solver.pinning([call.callback], () =>
    solver.within(frame, () => callValue(step, call.callback, UNDEFINED).map((outcome) => outcome.state)),
  );
  return ends;
}

/** All callbacks that the database owes, one after the other. */
export function drain(solver: Solver, states: State[], frame: Frame): State[] {
  let current = states;
  for (let round = 0; round < 16 && current.some((state) => state.pending.length > 0); round += 1) {
    current = solver.merge(
      current.flatMap((state) => (state.pending.length > 0 ? runPending(solver, state, frame) : [state])),
    );
  }
  return current;
}

export function isChainMethod(name: string): boolean {
  return name === 'then' || name === 'catch' || name === 'finally';
}

/** `promise.then(f, g)`, `.catch(g)`, `.finally(f)`: the promises that may come of it. */
export function chain(call: Call, object: Value, name: string): Outcome[] {
  return call.solver.pinning([object, ...call.args], () => chainPinned(call, object, name));
}

function chainPinned(call: Call, object: Value, name: string): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const promise = solver.read(state, object);
  const work: Work = promise?.type === 'promise' ? promise.work : workOf(object);
  const { ends, channels } = solver.within(frame, () => {
    if (promise?.type === 'promise') {
      const settled = settlePromise(solver, state, frame, object as Value & { kind: 'ref' }, site, false);
      return settled.map((outcome) => hold(solver, outcome, frame));
    }
    solver.raise(state, frame, site);
    return [state];
  });
  const [onFulfilled, onRejected] =
    name === 'then' ? [args[0], args[1]] : name === 'catch' ? [undefined, args[0]] : [args[0], args[0]];
  const outcomes: Outcome[] = [];
  for (const end of ends) {
    const value = solver.take(end, HELD, frame);
    outcomes.push(
      ...react(
        call,
        end,
        onFulfilled,
        name === 'finally' ? [] : [value],
        name === 'finally' ? value : null,
        work,
        false,
      ),
    );
  }
  for (const thrown of channels.throws) {
    const explicit = thrown.thrown?.explicit ?? false;
    thrown.thrown = thrown.thrown?.outer ?? null;
    if (onRejected && onRejected.kind !== 'primitive') {
      outcomes.push(
        ...react(
          call,
          thrown,
          onRejected,
          name === 'finally' ? [] : [UNKNOWN],
          null,
          work,
          name === 'finally',
          explicit,
        ),
      );
    } else {
      outcomes.push({ state: thrown, value: allocate(call, thrown, rejected(explicit, work)) });
    }
  }
  return outcomes;
}

/** A slot that no function has: values wait in it while states are told apart. */
const HELD = 2 ** 20 - 3;

function hold(solver: Solver, outcome: Outcome, frame: Frame): State {
  solver.give(outcome.state, HELD, outcome.value, frame);
  return outcome.state;
}

/** Runs a handler and makes the promise of what comes of it; `keeps` and `rejects` are what `finally` hands through. */
function react(
  call: Call,
  state: State,
  handler: Value | undefined,
  args: readonly Value[],
  keeps: Value | null,
  work: Work,
  rejects: boolean,
  explicit = false,
): Outcome[] {
  const { solver, frame } = call;
  if (!handler || handler.kind === 'primitive')
    return [{ state, value: allocate(call, state, fulfilled(args[0] ?? keeps ?? UNKNOWN, work)) }];
  const { ends, channels } = solver.within(frame, () =>
    callValue({ ...call, state, args }, handler, UNDEFINED).map((outcome) => hold(solver, outcome, frame)),
  );
  const outcomes: Outcome[] = [];
  for (const end of ends) {
    const value = solver.take(end, HELD, frame);
    const inner = solver.read(end, value);
    if (inner?.type === 'promise' && inner.state === 'rejected') {
      outcomes.push({ state: end, value });
    } else if (rejects) {
      outcomes.push({ state: end, value: allocate(call, end, rejected(explicit, work)) });
    } else {
      const more = value.kind === 'work' ? combine(work, value.work) : work;
      outcomes.push({
        state: end,
        value: allocate(call, end, fulfilled(keeps ?? (value.kind === 'work' ? UNKNOWN : value), more)),
      });
    }
  }
  for (const thrown of channels.throws) {
    const thrownExplicit = thrown.thrown?.explicit ?? false;
    thrown.thrown = thrown.thrown?.outer ?? null;
    outcomes.push({ state: thrown, value: allocate(call, thrown, rejected(thrownExplicit, work)) });
  }
  return outcomes;
}

/** One promise for all that may become of it, so that states in which it ends differently can be one. */
export function allocate(call: Call, state: State, promise: PromiseObject): Value {
  return call.solver.allocate(state, call.frame, call.site, 'promise result', promise);
}

/** `new Promise(executor)` */
export function newPromise(call: Call): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const [executor] = args;
  const id = solver.activations.object(frame.activation, site, 'promise');
  state.heap.set(id, {
    type: 'promise',
    state: 'pending',
    value: UNDEFINED,
    work: NO_WORK,
    explicit: false,
    undo: [],
    safe: false,
  });
  if (executor?.kind !== 'function') {
    state.heap.set(id, {
      type: 'promise',
      state: 'unsettled',
      value: UNKNOWN,
      work: { kind: 'unknown', handles: [] },
      explicit: false,
      undo: [],
      safe: false,
    });
    return [{ state, value: ref(id) }];
  }
  const given: Value[] = [
    { kind: 'settle', promise: id, fulfils: true },
    { kind: 'settle', promise: id, fulfils: false },
  ];
  const { ends, channels } = solver.pinning([ref(id)], () =>
    solver.within(frame, () =>
      callValue({ ...call, args: given }, executor, UNDEFINED).map((outcome) => outcome.state),
    ),
  );
  for (const thrown of channels.throws) {
    const explicit = thrown.thrown?.explicit ?? false;
    thrown.thrown = thrown.thrown?.outer ?? null;
    settleWith(solver, thrown, id, UNKNOWN, false, explicit);
    ends.push(thrown);
  }
  return ends.map((end) => ({ state: end, value: ref(id) }));
}

/** `resolve(value)` or `reject(error)`: only the first one counts. */
export function settleWith(
  solver: Solver,
  state: State,
  id: ObjectId,
  value: Value,
  fulfils: boolean,
  explicit = true,
): void {
  const promise = solver.object(state, id);
  if (promise?.type !== 'promise' || promise.state !== 'pending') return;
  state.heap.set(
    id,
    fulfils ? { ...fulfilled(value, promise.work), safe: true } : { ...rejected(explicit, promise.work) },
  );
}

/** `yield`: the consumer may go on, end the generator or throw into it. */
export function yieldValue(
  solver: Solver,
  state: State,
  frame: Frame,
  value: Value,
  delegates: boolean,
  site: Site,
): Outcome[] {
  escape(solver, state, frame, value, { kind: 'unknown', handles: [] });
  if (frame.fn.asynchronous && !delegates) awaited(solver, state, frame, { kind: 'consumer' }, site);
  solver.raise(state, frame, site);
  return [{ state, value: UNKNOWN }];
}
