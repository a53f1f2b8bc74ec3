import { callGlobal, invokeUnknown } from './builtins.ts';
import { callFunction, callImported, callValue, unknownCall } from './calls.ts';
import { invokeBuilder } from './context-builders.ts';
import { stackMethod } from './disposal.ts';
import { escape, handlesIn } from './escape.ts';
import { callExternal } from './externals.ts';
import { invokeHandle } from './handles.ts';
import { invokeBuilt, invokeLayer } from './layers.ts';
import { callTransactionFunction } from './managed.ts';
import { extend, fullyKnown, getField, memberOf, methodValue, type FunctionValue } from './objects.ts';
import { queryByOptions } from './transaction-in-options.ts';
import { chain, isChainMethod } from './promises.ts';
import { inheritedOf } from './subclasses.ts';
import { UNDEFINED, UNKNOWN, isNullish, ref, type Value } from './values.ts';
import type { Call, Frame, Outcome } from './frame.ts';
import type { RecordObject } from './heap.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { Site } from '../ir.ts';

export function invoke(
  solver: Solver,
  state: State,
  frame: Frame,
  object: Value,
  name: string | null,
  args: readonly Value[],
  site: Site,
): Outcome[] {
  const step: Call = { solver, state, frame, site, args };
  if (name === null) return invokeComputed(step, object);
  if (LOGGING.has(name) && isElsewhere(solver, object)) return logged(step);
  // A model is made by a layer (`sequelize.define`), extends a class of its package, or comes from somewhere else.
  if (object.kind === 'derived' || isElsewhere(solver, object) || isInherited(object, name)) queryByOptions(step, name);
  switch (object.kind) {
    case 'choice':
      return object.options.flatMap((option) => invoke(solver, state.fork(), frame, option, name, args, site));
    case 'ref':
      return invokeObject(step, object, name);
    case 'function':
      return invokeFunction(step, object, name);
    case 'method':
      return invokeMethodValue(step, object, name);
    case 'external':
      return callExternal(step, extend(object, name), false);
    case 'global':
      return callGlobal(step, extend(object, name));
    case 'imported':
      return isChainMethod(name)
        ? chain(step, object, name)
        : callImported(step, extend(object, name) as Value & { kind: 'imported' });
    case 'namespace':
    case 'class':
      return getField(solver, state, frame, object, name).flatMap((outcome) =>
        callValue({ ...step, state: outcome.state }, outcome.value, object),
      );
    case 'derived':
      return invokeDerived(step, object, name);
    case 'work':
      return isChainMethod(name) ? chain(step, object, name) : invokeUnknown(step, object, name);
    case 'primitive':
      // Nobody means to call a method of nothing: this way is not gone.
      return isNullish(object) ? [] : invokeUnknown(step, object, name);
    default:
      return invokeUnknown(step, object, name);
  }
}

/** Methods that write down what happens. Whoever writes a logger sees to it that it does not fail in its user's place. */
const LOGGING = new Set(['debug', 'error', 'info', 'log', 'trace', 'verbose', 'warn', 'warning']);

/** Whether nothing is known of an object but where it comes from, if that. */
function isElsewhere({ world }: Solver, object: Value): boolean {
  if (object.kind === 'external') return !world.catalogue.isDatabaseModule(object.module);
  const { kind } = object;
  return kind === 'imported' || kind === 'work' || kind === 'unknown' || kind === 'symbol';
}

/** Whether a method of a class is none of its own, but of a class that it extends. */
function isInherited(object: Value, name: string): boolean {
  return object.kind === 'class' && object.cls.hasParent && memberOf(object, name, true) === null;
}

function logged({ solver, state, frame, args }: Call): Outcome[] {
  for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
  return [{ state, value: UNKNOWN }];
}

function invokeComputed(step: Call, object: Value): Outcome[] {
  const { solver, state } = step;
  const target = solver.read(state, object);
  // `db[method](sql)`: some call of the database.
  if (object.kind === 'ref' && (target?.type === 'connection' || target?.type === 'layer'))
    return unknownCall(step, object.id);
  return unknownCall(step, null);
}

function invokeObject(step: Call, object: Value & { kind: 'ref' }, name: string): Outcome[] {
  const { solver, state, frame, site, args } = step;
  const target = solver.object(state, object.id);
  switch (target?.type) {
    case 'connection':
    case 'statement':
    case 'transaction':
      return invokeHandle(step, object.id, target, name);
    case 'layer':
      return invokeLayer(step, object.id, target, name);
    case 'transaction function': {
      const mode = target.modes[name];
      if (!mode) return invokeUnknown(step, UNKNOWN, name);
      return callTransactionFunction(step, { ...target, mode });
    }
    case 'promise':
      return isChainMethod(name) ? chain(step, object, name) : unknownCall(step, null);
    case 'builder':
      return invokeBuilder(step, object.id, target, name);
    case 'stack':
      return stackMethod(step, object.id, target, name);
    case 'record':
      return invokeRecord(step, object, target, name);
    case 'list':
      return invokeUnknown(step, object, name);
    case 'iterator':
      solver.raise(state, frame, site);
      if (name === 'return') state.heap.set(object.id, { ...target, active: false });
      return [{ state, value: { kind: 'work', work: { kind: 'database', handle: target.connection } } }];
    case undefined:
      for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
      return unknownCall(step, null);
  }
}

/** What a query builder returns, and what its methods return in turn. */
function invokeDerived(step: Call, object: Value & { kind: 'derived' }, name: string): Outcome[] {
  const { solver, state, frame, site, args } = step;
  if (isChainMethod(name)) return chain(step, object, name);
  for (const arg of args)
    if (arg.kind !== 'function') escape(solver, state, frame, arg, { kind: 'database', handle: object.from });
  solver.raise(state, frame, site);
  invokeBuilt(step, object, name);
  return [{ state, value: object }];
}

function invokeRecord(step: Call, object: Value & { kind: 'ref' }, record: RecordObject, name: string): Outcome[] {
  const { solver, state, frame } = step;
  const own = record.fields.get(name);
  if (own && own.kind !== 'unknown') {
    return getField(solver, state, frame, object, name).flatMap((outcome) =>
      callValue({ ...step, state: outcome.state }, outcome.value, object),
    );
  }
  const found = record.cls && memberOf(record.cls, name, false);
  if (found?.member.kind === 'method' && found.member.fn)
    return callFunction(
      solver,
      state,
      frame,
      methodValue(found.cls, found.member.fn, object),
      object,
      step.args,
      step.site,
    );
  const typed = solver.world.returnOf(solver, state, frame, record, name);
  if (typed) {
    const handles = handlesIn(solver, state, step.args);
    for (const arg of step.args) escape(solver, state, frame, arg, { kind: 'unknown', handles });
    solver.raise(state, frame, step.site);
    return [{ state, value: typed }];
  }
  if (found || record.fields.has(name)) {
    return getField(solver, state, frame, object, name).flatMap((outcome) =>
      callValue({ ...step, state: outcome.state }, outcome.value, object),
    );
  }
  const inherited = inheritedOf(solver, state, frame, object);
  if (inherited.kind === 'ref') return invoke(solver, state, frame, inherited, name, step.args, step.site);
  // A method that is inherited from a class that is not followed, or was put there by somebody else.
  if (record.cls && !fullyKnown(record.cls)) escape(solver, state, frame, object, { kind: 'unknown', handles: [] });
  return invokeUnknown(step, object, name);
}

function invokeFunction(step: Call, fn: FunctionValue, name: string): Outcome[] {
  const { solver, state, frame, site, args } = step;
  switch (name) {
    case 'call':
      return callFunction(solver, state, frame, fn, fn.self ?? args[0] ?? UNDEFINED, args.slice(1), site);
    case 'apply': {
      const list = solver.read(state, args[1] ?? UNDEFINED);
      const values = list?.type === 'list' && list.exact ? list.items : [UNKNOWN, UNKNOWN, UNKNOWN];
      return callFunction(solver, state, frame, fn, fn.self ?? args[0] ?? UNDEFINED, values, site);
    }
    case 'bind':
      return [{ state, value: { ...fn, self: fn.self ?? args[0] ?? null } }];
    default:
      return invokeUnknown(step, fn, name);
  }
}

function invokeMethodValue(step: Call, method: Value & { kind: 'method' }, name: string): Outcome[] {
  const { solver, state, frame, site, args } = step;
  if (name === 'bind') return [{ state, value: method }];
  if (name === 'call') return invoke(solver, state, frame, ref(method.object), method.name, args.slice(1), site);
  // `made.immediate(...)` on a property that holds a transaction function is an object, not a method.
  return unknownCall(step, method.object);
}
