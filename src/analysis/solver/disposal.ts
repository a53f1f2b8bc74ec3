import { callFunction, callValue, unknownCall } from './calls.ts';
import { escape } from './escape.ts';
import { invoke } from './methods.ts';
import { memberOf, methodValue } from './objects.ts';
import { awaitValue } from './promises.ts';
import { inheritedOf } from './subclasses.ts';
import { UNDEFINED, UNKNOWN, isNullish, type ObjectId, type Value } from './values.ts';
import type { Call, Frame, Outcome } from './frame.ts';
import type { StackObject } from './heap.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { Site } from '../ir.ts';

/** Disposes of what a scope or a stack collected, last first. */
export function disposeOf(solver: Solver, state: State, frame: Frame, id: ObjectId): State[] {
  const stack = solver.object(state, id);
  if (stack?.type !== 'stack') return [state];
  state.heap.set(id, { type: 'stack', actions: [] });
  let states = [state];
  for (const action of [...stack.actions].reverse()) {
    states = solver.pinning(
      stack.actions.flatMap(({ run, on }) => (on ? [run, on] : [run])),
      () => states.flatMap((current) => runAction(solver, current, frame, action.run, action.on)),
    );
  }
  return states;
}

const disposalSites = new WeakMap<object, Site>();

function disposalSite(frame: Frame): Site {
  let site = disposalSites.get(frame.fn);
  if (!site) disposalSites.set(frame.fn, (site = { module: frame.fn.module, node: frame.fn.node }));
  return site;
}

function runAction(solver: Solver, state: State, frame: Frame, run: Value, on: Value | null): State[] {
  const site = disposalSite(frame);
  if (on) return callValue({ solver, state, frame, site, args: [on] }, run, UNDEFINED).map((outcome) => outcome.state);
  return dispose(solver, state, frame, run, site);
}

/** Calls the dispose method of a value, if it has one that is known. */
function dispose(solver: Solver, state: State, frame: Frame, value: Value, site: Site): State[] {
  if (value.kind === 'function')
    return callFunction(solver, state, frame, value, value.self ?? UNDEFINED, [], site).map((outcome) => outcome.state);
  if (value.kind !== 'ref' || isNullish(value)) return [state];
  const object = solver.object(state, value.id);
  switch (object?.type) {
    case 'connection':
      // Where the driver has no dispose method, code that runs at all has given it one.
      return invoke(solver, state, frame, value, 'close', [], site).map((outcome) => outcome.state);
    case 'transaction':
      return invoke(solver, state, frame, value, 'close', [], site).map((outcome) => outcome.state);
    case 'stack':
      return disposeOf(solver, state, frame, value.id);
    case 'record': {
      for (const name of ['@@dispose', '@@asyncDispose']) {
        const own = object.fields.get(name);
        if (own) return finish(solver, frame, site, callValue({ solver, state, frame, site, args: [] }, own, value));
        const found = object.cls && memberOf(object.cls, name, false);
        if (found?.member.fn)
          return finish(
            solver,
            frame,
            site,
            callFunction(solver, state, frame, methodValue(found.cls, found.member.fn, value), value, [], site),
          );
      }
      const inherited = inheritedOf(solver, state, frame, value);
      if (inherited.kind === 'ref') return dispose(solver, state, frame, inherited, site);
      escape(solver, state, frame, value, { kind: 'unknown', handles: [] });
      return [state];
    }
    default:
      return [state];
  }
}

function finish(solver: Solver, frame: Frame, site: Site, outcomes: Outcome[]): State[] {
  return outcomes.flatMap((outcome) =>
    awaitValue(solver, outcome.state, frame, outcome.value, site).map((end) => end.state),
  );
}

/** Methods of `DisposableStack`. */
export function stackMethod(call: Call, id: ObjectId, stack: StackObject, name: string): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const [first, second] = args;
  const add = (run: Value, on: Value | null, value: Value): Outcome[] => {
    state.heap.set(id, { type: 'stack', actions: [...stack.actions, { run, on }] });
    return [{ state, value }];
  };
  switch (name) {
    case 'use':
      return add(first ?? UNKNOWN, null, first ?? UNKNOWN);
    case 'adopt':
      return add(second ?? UNKNOWN, first ?? UNKNOWN, first ?? UNKNOWN);
    case 'defer':
      return add(first ?? UNKNOWN, null, UNDEFINED);
    case 'move': {
      const moved = solver.allocate(state, frame, site, 'stack', stack);
      state.heap.set(id, { type: 'stack', actions: [] });
      return [{ state, value: moved }];
    }
    case 'dispose':
    case 'disposeAsync':
    case '@@dispose':
    case '@@asyncDispose':
      return disposeOf(solver, state, frame, id).map((ended) => ({ state: ended, value: UNDEFINED }));
    default:
      return unknownCall(call, null);
  }
}
