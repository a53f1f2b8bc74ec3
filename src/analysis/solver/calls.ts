import { callGlobal, constructGlobal, invokeUnknown } from './builtins.ts';
import { stackMethod } from './disposal.ts';
import { escape, giveAway, handlesIn } from './escape.ts';
import { callExternal } from './externals.ts';
import { callTransactionFunction, invokeHandle, isAsync, type Call } from './handles.ts';
import { exitOf, leave, normalExit } from './leaks.ts';
import {
  extend,
  fullyKnown,
  getField,
  memberOf,
  methodValue,
  setField,
  type ClassValue,
  type FunctionValue,
} from './objects.ts';
import { chain, fulfilled, isChainMethod, rejected, settleWith, workOf } from './promises.ts';
import { reachableFrom } from './reach.ts';
import { isNullish, ref, UNDEFINED, UNKNOWN, type ObjectId, type Value } from './values.ts';
import type { LayerObject, RecordObject } from './heap.ts';
import type { FunctionIR, Site } from '../ir.ts';
import type { Solver } from './solver.ts';
import { channelsOf, type Channels, type Frame, type Outcome } from './frame.ts';
import type { State } from './state.ts';

/** Helpers of compilers and bundlers that hand on a module, under the names that these give them. */
const INTEROP =
  /^_*(?:importDefault|importStar|toESM|toCommonJS|interopRequireDefault|interopRequireWildcard|interopDefault|interopNamespace(?:Default|Compat)?|interopDefaultCompat)\d*$/;

export function call(
  solver: Solver,
  state: State,
  frame: Frame,
  callee: Value,
  self: Value,
  args: readonly Value[],
  site: Site,
): Outcome[] {
  return callValue({ solver, state, frame, site, args }, callee, self);
}

/** Calls a value with the arguments of a call. */
export function callValue(step: Call, callee: Value, self: Value): Outcome[] {
  const { solver, state, frame, site, args } = step;
  switch (callee.kind) {
    case 'function':
      return callFunction(solver, state, frame, callee, callee.self ?? self, args, site);
    case 'choice':
      return callee.options.flatMap((option) => callValue({ ...step, state: state.fork() }, option, self));
    case 'method':
      return invoke(solver, state, frame, ref(callee.object), callee.name, args, site);
    case 'settle':
      settleWith(solver, state, callee.promise, args[0] ?? UNDEFINED, callee.fulfils);
      return [{ state, value: UNDEFINED }];
    case 'external':
      return callExternal(step, callee, false);
    case 'global':
      return callGlobal(step, callee);
    case 'imported':
      return callImported(step, callee);
    case 'class':
      return unknownCall(step, null);
    case 'derived':
      solver.raise(state, frame, site);
      return [{ state, value: callee }];
    case 'ref': {
      const object = solver.object(state, callee.id);
      if (object?.type === 'transaction function') return callTransactionFunction(step, object);
      return unknownCall(step, null);
    }
    case 'primitive':
      return isNullish(callee) ? [{ state, value: UNDEFINED }] : unknownCall(step, null);
    default:
      return unknownCall(step, null);
  }
}

/** A call of something that is not followed: it may keep, configure or close what it is given, and it may fail. */
export function unknownCall(step: Call, on: ObjectId | null): Outcome[] {
  const { solver, state, frame, site, args } = step;
  const handles = [...handlesIn(solver, state, args), ...(on === null ? [] : [on])];
  const work = { kind: 'unknown', handles } as const;
  for (const arg of args) escape(solver, state, frame, arg, work);
  solver.raise(state, frame, site);
  return [{ state, value: handles.length > 0 ? { kind: 'work', work } : UNKNOWN }];
}

/** A function of the project that has nothing to do with SQLite: looked at only where something is held meanwhile. */
function callImported(step: Call, callee: Value & { kind: 'imported' }): Outcome[] {
  const { solver, state, frame, site, args } = step;
  const handles = handlesIn(solver, state, args);
  const passesCode = args.some((arg) => arg.kind === 'function' && arg.fn.relevant);
  if (handles.length > 0 || passesCode || solver.holdsSomething(state)) {
    const resolved = solver.world.resolveImported(solver, callee);
    if (resolved.kind === 'function')
      return callFunction(solver, state, frame, resolved, resolved.self ?? UNDEFINED, args, site);
  }
  for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles });
  solver.raise(state, frame, site);
  return [{ state, value: { kind: 'work', work: { kind: 'call', callee, handles } } }];
}

// -----------------------------------------------------------------------------------------------------------------
// Functions that are followed

export function callFunction(
  solver: Solver,
  state: State,
  frame: Frame,
  callee: FunctionValue,
  self: Value,
  args: readonly Value[],
  site: Site,
): Outcome[] {
  const { fn } = callee;
  const step: Call = { solver, state, frame, site, args };
  const [first] = args;
  if (INTEROP.test(fn.name) && first && (first.kind === 'external' || first.kind === 'namespace'))
    return [{ state, value: first }];
  if (fn.generator) return generatorCall(step, callee);
  const running = runningIn(frame, callee);
  if (running) {
    solver.cutAt(running.depth);
    solver.raise(state, frame, site);
    return [{ state, value: opaque(solver, state, callee, args) }];
  }
  const matters = fn.relevant || concerns(solver, state, callee, self, args);
  if (!matters) {
    const summary = solver.world.summaryOf(solver, callee, state);
    if (!summary.follow) return summarized(step, callee, summary);
  }
  if (frame.depth >= solver.deepest) {
    solver.cutDeep();
    for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
    solver.raise(state, frame, site);
    return [{ state, value: opaque(solver, state, callee, args) }];
  }
  return solver.summaries.through(state, frame, callee, [self, ...args], site, () => follow(step, callee, self));
}

/** The frame, if any, in which a function is being run already. */
function runningIn(frame: Frame, callee: FunctionValue): Frame | null {
  for (let current: Frame | null = frame; current; current = current.caller)
    if (current.fn === callee.fn) return current;
  return null;
}

function opaque(solver: Solver, state: State, callee: FunctionValue, args: readonly Value[]): Value {
  return { kind: 'work', work: { kind: 'call', callee, handles: handlesIn(solver, state, args) } };
}

/** Whether following a call can tell anything about a handle: the function is given one, or uses one that it captured. */
function concerns(solver: Solver, state: State, callee: FunctionValue, self: Value, args: readonly Value[]): boolean {
  for (const arg of args) {
    if (arg.kind === 'settle' || arg.kind === 'method') return true;
    if (arg.kind === 'function' && arg.fn.relevant) return true;
  }
  if (handlesIn(solver, state, args).length > 0) return true;
  if (callee.fn.outer?.outer && handlesIn(solver, state, [callee]).length > 0) return true;
  return usesHandleOfSelf(solver, state, callee.fn, self, 0);
}

/** Whether a method uses a member of its object that leads to a handle. */
function usesHandleOfSelf(solver: Solver, state: State, fn: FunctionIR, self: Value, depth: number): boolean {
  const record = solver.read(state, self);
  if (record?.type !== 'record') return false;
  if (fn.wholeThis) return handlesIn(solver, state, [self]).length > 0;
  for (const name of fn.members) {
    const field = record.fields.get(name);
    if (field && handlesIn(solver, state, [field]).length > 0) return true;
    const member = !field && record.cls && depth < 3 ? memberOf(record.cls, name, false) : null;
    if (
      member?.member.fn &&
      (member.member.fn.relevant || usesHandleOfSelf(solver, state, member.member.fn, self, depth + 1))
    )
      return true;
  }
  return false;
}

function summarized(
  step: Call,
  callee: FunctionValue,
  summary: { throws: boolean; returns: boolean; value: Value },
): Outcome[] {
  const { solver, state, frame, site, args } = step;
  if (args.some((arg) => arg.kind === 'ref')) giveAway(solver, state, reachableFrom(state, args));
  if (callee.fn.asynchronous) return [{ state, value: { kind: 'work', work: { kind: 'call', callee, handles: [] } } }];
  if (summary.throws) solver.raise(state, frame, site);
  return summary.returns ? [{ state, value: summary.value }] : [];
}

/** A generator runs when somebody takes its values; it is looked at by itself. */
function generatorCall(step: Call, callee: FunctionValue): Outcome[] {
  const { solver, state, args } = step;
  for (const arg of args)
    if (arg.kind === 'function') escape(solver, state, step.frame, arg, { kind: 'unknown', handles: [] });
  return [{ state, value: opaque(solver, state, callee, args) }];
}

function follow(step: Call, callee: FunctionValue, self: Value): Outcome[] {
  const { solver, state, frame, site, args } = step;
  const { fn } = callee;
  const activation = solver.activations.enter(fn, callee.scope, frame.activation, site);
  const inner: Frame = {
    activation,
    fn,
    caller: frame,
    depth: frame.depth + 1,
    self,
    args,
    channels: channelsOf(frame.channels.observed || fn.asynchronous),
    scopes: [],
    at: null,
  };
  frame.at = site;
  const returning = state.returned;
  state.returned = null;
  const { returns, throws } = runFrame(solver, state, inner);
  const outcomes: Outcome[] = [];
  for (const end of returns) {
    const value = solver.returned(end, inner);
    const result = fn.asynchronous ? asyncResult(step, end, value) : value;
    leave(solver, end, inner, result, normalExit(end, fn));
    end.returned = returning;
    outcomes.push({ state: end, value: result });
  }
  for (const thrown of throws) {
    leave(solver, thrown, inner, UNKNOWN, exitOf(thrown.thrown, site));
    thrown.returned = returning;
    // What a function throws on purpose is, for its caller, a call that fails.
    const outer = thrown.thrown?.outer ?? null;
    if (fn.asynchronous) {
      thrown.thrown = outer;
      outcomes.push({ state: thrown, value: solver.allocate(thrown, frame, site, 'promise result', rejected(false)) });
    } else {
      thrown.thrown = { explicit: false, site, outer };
      frame.channels.throws.push(thrown);
    }
  }
  return outcomes;
}

/** Runs a function's body; its ways out, each state once. */
export function runFrame(solver: Solver, state: State, frame: Frame): { returns: State[]; throws: State[] } {
  solver.runs.set(frame.fn, (solver.runs.get(frame.fn) ?? 0) + 1);
  const outerThrown = state.thrown;
  const ends = solver.run(frame.fn.body, [state], frame);
  const { channels } = frame as { channels: Channels };
  for (const end of ends) solver.returnValue(end, frame, UNDEFINED);
  const returns = solver.merge([...channels.returns, ...ends]);
  for (const end of returns) end.thrown = outerThrown;
  return { returns, throws: solver.merge(channels.throws) };
}

/** The promise that an asynchronous function returns for a value. */
function asyncResult(step: Call, state: State, value: Value): Value {
  const { solver, frame, site } = step;
  if (solver.read(state, value)?.type === 'promise') return value;
  const work =
    value.kind === 'work' || value.kind === 'derived' || value.kind === 'external' || value.kind === 'imported'
      ? workOf(value)
      : null;
  const promise = work
    ? ({
        type: 'promise',
        state: 'unsettled',
        value: value.kind === 'external' ? value : UNKNOWN,
        work,
        explicit: false,
        undo: [],
        safe: false,
      } as const)
    : fulfilled(value);
  return solver.allocate(state, frame, site, 'promise result', promise);
}

// -----------------------------------------------------------------------------------------------------------------
// Methods

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

function invokeLayer(step: Call, id: ObjectId, target: LayerObject, name: string): Outcome[] {
  const { solver, state, frame, site, args } = step;
  const fact = target.layer.methods[name];
  if (fact?.does === 'continue') return [{ state, value: ref(id) }];
  if (fact?.does === 'close') {
    if (target.connection !== null) {
      const connection = solver.object(state, target.connection);
      if (connection?.type === 'connection')
        return invokeHandle({ ...step, args: [] }, target.connection, connection, 'close');
    }
    return [{ state, value: { kind: 'work', work: { kind: 'database', handle: id } } }];
  }
  if (!fact || args[fact.callback]?.kind !== 'function') {
    for (const arg of args) escape(solver, state, frame, arg, { kind: 'database', handle: id });
    solver.raise(state, frame, site);
    return [{ state, value: { kind: 'derived', from: id } }];
  }
  const callback = args[fact.callback] ?? UNKNOWN;
  if (target.layer.synchronous && isAsync(callback)) {
    solver.recorder.asyncCallback(site, callback, target.layer.id, name);
    escape(solver, state, frame, callback, { kind: 'unknown', handles: [] });
    solver.raise(state, frame, site);
    return [{ state, value: { kind: 'work', work: { kind: 'database', handle: id } } }];
  }
  return transactLayer(step, id, target, callback, fact.mode);
}

/** A transaction of a layer: its callback is given an object of the layer that stands for it. */
function transactLayer(
  step: Call,
  id: ObjectId,
  target: LayerObject,
  callback: Value,
  mode: 'deferred' | 'immediate' | 'exclusive' | 'read',
): Outcome[] {
  const { solver, state, frame, site } = step;
  const handle = solver.allocate(state, frame, site, 'layer transaction', {
    ...target,
    transaction: {
      mode: mode === 'deferred' ? 'immediate' : mode, // what the layer sends as statements is not followed
      began: site,
      beganIn: frame.activation,
      read: null,
      savepoints: [],
      outermost: null,
      uncertain: false,
      undone: false,
      during: null,
      managed: true,
    },
  });
  const close = (ended: State): void => {
    const current = solver.object(ended, handle.id);
    if (current?.type === 'layer') ended.heap.set(handle.id, { ...current, transaction: null });
  };
  solver.raise(state, frame, site);
  const { ends, channels } = solver.pinning([ref(id), handle, callback], () =>
    solver.within(frame, () =>
      callValue({ ...step, args: [handle] }, callback, UNDEFINED).map((outcome) => outcome.state),
    ),
  );
  for (const thrown of channels.throws) {
    close(thrown);
    frame.channels.throws.push(thrown);
  }
  return ends.map((ended) => {
    close(ended);
    solver.raise(ended, frame, site);
    return {
      state: ended,
      value: target.layer.synchronous
        ? { kind: 'work', work: { kind: 'database', handle: id } }
        : dbPromise(step, ended, id),
    };
  });
}

function dbPromise(step: Call, state: State, handle: ObjectId): Value {
  return step.solver.allocate(state, step.frame, step.site, 'promise', {
    type: 'promise',
    state: 'unsettled',
    value: UNKNOWN,
    work: { kind: 'database', handle },
    explicit: false,
    undo: [],
    safe: false,
  });
}

/** What a query builder returns, and what its methods return in turn. */
function invokeDerived(step: Call, object: Value & { kind: 'derived' }, name: string): Outcome[] {
  const { solver, state, frame, site, args } = step;
  if (isChainMethod(name)) return chain(step, object, name);
  for (const arg of args)
    if (arg.kind !== 'function') escape(solver, state, frame, arg, { kind: 'database', handle: object.from });
  solver.raise(state, frame, site);
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

// -----------------------------------------------------------------------------------------------------------------
// Construction

export function construct(
  solver: Solver,
  state: State,
  frame: Frame,
  callee: Value,
  args: readonly Value[],
  site: Site,
): Outcome[] {
  const step: Call = { solver, state, frame, site, args };
  switch (callee.kind) {
    case 'choice':
      return callee.options.flatMap((option) => construct(solver, state.fork(), frame, option, args, site));
    case 'class':
      return constructClass(step, callee);
    case 'external':
      return callExternal(step, callee, true);
    case 'global':
      return constructGlobal(step, callee);
    case 'imported': {
      const resolved =
        solver.holdsSomething(state) || handlesIn(solver, state, args).length > 0
          ? solver.world.resolveImported(solver, callee)
          : callee;
      if (resolved.kind === 'class') return constructClass(step, resolved);
      for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
      solver.raise(state, frame, site);
      return [{ state, value: extend(callee, 'new') }];
    }
    case 'function': {
      // A constructor function of old.
      const self = solver.allocate(state, frame, site, 'instance', emptyRecord(null));
      return solver
        .pinning([self], () => callFunction(solver, state, frame, callee, self, args, site))
        .map((outcome) => ({
          state: outcome.state,
          value: outcome.value.kind === 'ref' ? outcome.value : self,
        }));
    }
    default:
      return unknownCall(step, null);
  }
}

function emptyRecord(cls: ClassValue | null): RecordObject {
  return { type: 'record', fields: new Map(), cls, info: null, open: cls !== null && !fullyKnown(cls), shared: false };
}

function constructClass(step: Call, cls: ClassValue): Outcome[] {
  const { solver, state, frame, site, args } = step;
  if (!classMatters(solver, state, cls, args)) {
    // What it is made of does not matter; its methods may.
    if (cls.cls.constructorFunction || cls.cls.hasParent) solver.raise(state, frame, site);
    const value = solver.allocate(state, frame, site, 'instance', { ...emptyRecord(cls), open: true, shared: true });
    return [{ state, value }];
  }
  const driver = driverParent(cls);
  if (driver) return constructDriverClass(step, cls, driver);
  return instantiate(step, cls);
}

function instantiate(step: Call, cls: ClassValue): Outcome[] {
  const { solver, frame } = step;
  const self = solver.allocate(step.state, frame, step.site, 'instance', emptyRecord(cls));
  return solver
    .pinning([self], () => initialize(step, cls, self))
    .map((state) => {
      // Methods inherited from a class that is not followed may do anything with what the object keeps.
      if (!fullyKnown(cls)) escape(solver, state, frame, self, { kind: 'unknown', handles: [] });
      return { state, value: self };
    });
}

function classMatters(solver: Solver, state: State, cls: ClassValue, args: readonly Value[]): boolean {
  for (let current: Value | null = cls; current; current = current.kind === 'class' ? current.parent : null) {
    if (current.kind === 'class' ? current.cls.relevant : current.kind === 'external') return true;
  }
  return handlesIn(solver, state, args).length > 0 || args.some((arg) => arg.kind === 'function');
}

function driverParent(cls: ClassValue): (Value & { kind: 'external' }) | null {
  let current: Value | null = cls;
  while (current?.kind === 'class') current = current.parent;
  return current?.kind === 'external' ? current : null;
}

/** A class that extends a driver's class: its instance is a connection, opened by its `super(...)` or by itself. */
function constructDriverClass(step: Call, cls: ClassValue, parent: Value & { kind: 'external' }): Outcome[] {
  const { solver, state, frame, site } = step;
  if (!solver.world.opensConnection(parent)) return instantiate(step, cls);
  if (cls.cls.constructorFunction) {
    for (const arg of step.args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
    solver.raise(state, frame, site);
    return [{ state, value: UNKNOWN }];
  }
  return callExternal(step, parent, true);
}

/** Runs field initializers and the constructor, those of the parent class first. */
export function initialize(step: Call, cls: ClassValue, self: Value & { kind: 'ref' }): State[] {
  const { solver, state, frame, site, args } = step;
  const own = cls.cls.constructorFunction;
  if (!own) {
    const ready = cls.parent?.kind === 'class' ? initialize(step, cls.parent, self) : [state];
    return ready.flatMap((current) => initializeFields({ ...step, state: current }, cls, self));
  }
  const ready = cls.cls.hasParent ? [state] : initializeFields(step, cls, self);
  return ready.flatMap((current) => {
    const fn: FunctionValue = { kind: 'function', fn: own, scope: cls.scope, self };
    return follow({ solver, state: current, frame, site, args }, fn, self).map((outcome) => outcome.state);
  });
}

function initializeFields(step: Call, cls: ClassValue, self: Value & { kind: 'ref' }): State[] {
  const { solver, frame } = step;
  let states = [step.state];
  for (const member of cls.cls.members) {
    if (member.isStatic || member.kind !== 'field' || !member.fn || member.name === null) continue;
    const { fn, name } = member;
    states = states.flatMap((state) =>
      follow(
        { ...step, state, args: [], site: fieldInitializerSite(fn) },
        { kind: 'function', fn, scope: cls.scope, self },
        self,
      ).map((outcome) => {
        setField(solver, outcome.state, frame, self, name, outcome.value);
        return outcome.state;
      }),
    );
  }
  return states;
}

const initializerSites = new WeakMap<object, Site>();

function fieldInitializerSite(fn: { readonly module: Site['module']; readonly node: Site['node'] }): Site {
  let site = initializerSites.get(fn);
  if (!site) initializerSites.set(fn, (site = { module: fn.module, node: fn.node }));
  return site;
}

/** `super(...)` and `super.name(...)`. */
export function invokeSuper(
  solver: Solver,
  state: State,
  frame: Frame,
  name: string | null,
  args: readonly Value[],
  site: Site,
): Outcome[] {
  const step: Call = { solver, state, frame, site, args };
  const self = frame.self;
  const record = solver.read(state, self);
  const cls = self.kind === 'ref' && record?.type === 'record' ? classOfFrame(record.cls, frame) : null;
  if (name !== null) {
    const found = cls?.parent?.kind === 'class' ? memberOf(cls.parent, name, false) : null;
    if (found?.member.fn)
      return callFunction(solver, state, frame, methodValue(found.cls, found.member.fn, self), self, args, site);
    return unknownCall(step, null);
  }
  let states = [state];
  if (cls?.parent?.kind === 'class' && self.kind === 'ref') {
    states = initialize(step, cls.parent, self);
  } else {
    // What it is given, the parent keeps.
    for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
    solver.raise(state, frame, site);
  }
  if (cls && self.kind === 'ref')
    states = states.flatMap((current) => initializeFields({ ...step, state: current }, cls, self));
  return states.map((current) => ({ state: current, value: UNDEFINED }));
}

/** The class whose constructor or method is running, which may be a parent of the object's own. */
function classOfFrame(cls: ClassValue | null, frame: Frame): ClassValue | null {
  for (let current: Value | null = cls; current?.kind === 'class'; current = current.parent) {
    if (current.cls === frame.fn.cls) return current;
  }
  return null;
}
