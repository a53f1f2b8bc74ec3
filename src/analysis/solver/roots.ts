import { standsIn } from './activation.ts';
import { initialize } from './construction.ts';
import { runFrame } from './calls.ts';
import { giveAway, handlesIn } from './escape.ts';
import { exitOf, leave, normalExit } from './leaks.ts';
import { reachable } from './reach.ts';
import { classSite, type ClassValue, type FunctionValue } from './objects.ts';
import { awaitSettled, drain } from './promises.ts';
import { sharedVersion } from './shared.ts';
import { State } from './state.ts';
import { UNDEFINED, UNKNOWN, type Value } from './values.ts';
import type { Escape } from './escapes.ts';
import type { RecordObject } from './heap.ts';
import type { FunctionIR, Site } from '../ir.ts';
import type { Solver } from './solver.ts';
import { channelsOf, type Frame, type Outcome } from './frame.ts';

/** Runs the statements of the solver's module and keeps what they leave behind. */
export function runProgram(solver: Solver): void {
  const { program } = solver.module;
  const activation = solver.activations.enter(program, null, null, null);
  solver.moduleActivations.add(activation.id);
  const frame = rootFrame(solver, program, null, UNDEFINED, []);
  const state = new State();
  const site = siteOf(program);
  // CommonJS: `module.exports` and `exports` are the same object at first.
  const exports = solver.allocate(state, frame, site, 'exports', record(null, false));
  const module = solver.allocate(state, frame, site, 'module', {
    ...record(null, false),
    fields: new Map([['exports', exports]]),
  });
  solver.setProgramVariables(state, activation, module, exports);
  solver.steps = 0;
  const { returns } = runFrame(solver, state, frame);
  const ends = drain(solver, returns, frame);
  for (const end of ends) {
    for (const object of end.heap.map.values()) {
      if (object.type === 'connection' && object.ownership === 'owned' && object.status === 'open') {
        solver.recorder.handed(object, activation, 'kept');
      }
    }
  }
  for (const end of ends) giveAway(solver, end, reachable(end, solver.moduleActivations, []));
  const kept = solver.world.keepState(solver, activation, ends);
  for (const [key, value] of kept.variables) solver.variables.set(key, value);
  for (const [id, object] of kept.heap) solver.heap.set(id, object);
}

/** Runs a function that nobody known calls. Its ways of returning, before what it leaves behind is judged. */
export function runFunction(
  solver: Solver,
  callee: FunctionValue,
  self: Value,
  state = new State(),
  aside?: Aside,
): Outcome[] {
  const frame = rootFrame(solver, callee.fn, callee, self, null);
  solver.steps = 0;
  const held = aside ? [aside.prepare(frame)] : [];
  return solver.pinning(held, () => finishRoot(solver, frame, runFrame(solver, state, frame), callee.fn, aside?.atEnd));
}

/** What is done around a run whose purpose is something else than what it leaves behind. */
export interface Aside {
  /** Makes a value that is there while the function runs. */
  readonly prepare: (frame: Frame) => Value;
  readonly atEnd: (frame: Frame, state: State, value: Value) => void;
}

/** Runs the constructor of a class that somebody else instantiates. */
export function runConstructor(solver: Solver, cls: ClassValue): Outcome[] {
  const fn =
    cls.cls.constructorFunction ??
    cls.cls.members.find((member) => member.kind === 'field' && member.fn && !member.isStatic)?.fn;
  if (!fn) return [];
  const state = new State();
  const site = classSite(cls.cls);
  const frame: Frame = { ...rootFrame(solver, solver.module.program, null, UNDEFINED, null), building: cls.cls };
  const self = solver.allocate(state, frame, site, 'instance', record(cls, false));
  const own: Frame = {
    ...frame,
    fn,
    activation: solver.activations.enter(fn, cls.scope, null, site),
    self,
    building: cls.cls,
  };
  solver.steps = 0;
  if (cls.cls.constructorFunction) {
    // Fields first, then the constructor's own statements, with arguments that nobody knows.
    const fields = cls.cls.hasParent
      ? [state]
      : initialize({ solver, state, frame: own, site, args: [] }, withoutConstructor(cls), self);
    const ends = fields.map((ready) => runFrame(solver, ready, { ...own, channels: channelsOf(false) }));
    const ways = {
      returns: ends.flatMap((end) => end.returns),
      throws: [...own.channels.throws, ...ends.flatMap((end) => end.throws)],
    };
    return finishRoot(solver, own, ways, fn, undefined, self);
  }
  // What a driver's constructor is given, whoever makes an instance decides.
  const followed = cls.parent?.kind === 'class' ? cls : { ...cls, parent: null };
  const returns = initialize({ solver, state, frame: own, site, args: [] }, followed, self);
  for (const end of returns) solver.returnValue(end, own, self);
  return finishRoot(solver, own, { returns, throws: own.channels.throws }, fn, undefined, self);
}

function withoutConstructor(cls: ClassValue): ClassValue {
  const bare = Object.create(cls.cls, { constructorFunction: { value: null } }) as ClassValue['cls'];
  return { ...cls, cls: bare, parent: null };
}

function finishRoot(
  solver: Solver,
  frame: Frame,
  ways: { returns: State[]; throws: State[] },
  fn: FunctionIR,
  atEnd?: (frame: Frame, state: State, value: Value) => void,
  instance?: Value,
): Outcome[] {
  const site = siteOf(fn);
  const outcomes: Outcome[] = [];
  frame.channels = channelsOf(false);
  frame.channels.throws.push(...ways.throws);
  for (const end of ways.returns) {
    const value = instance ?? solver.returned(end, frame);
    atEnd?.(frame, end, value);
    const settledWays = solver.pinning([value], () => awaitSettled(solver, end, frame, value, site));
    for (const settled of settledWays) {
      solver.give(settled.state, ROOT_RESULT, settled.value, frame);
      for (const done of drain(solver, [settled.state], frame)) {
        outcomes.push({ state: done, value: solver.take(done, ROOT_RESULT, frame) });
      }
    }
  }
  const results = outcomes.map((outcome) => ({ state: outcome.state.fork(), value: outcome.value }));
  for (const { state, value } of outcomes) leave(solver, state, frame, value, normalExit(state, frame.fn));
  for (const thrown of solver.merge(frame.channels.throws)) {
    for (const drained of drain(solver, [thrown], frame))
      leave(solver, drained, frame, UNKNOWN, exitOf(thrown.thrown, site));
  }
  return results;
}

/** A slot that no function has. */
const ROOT_RESULT = 2 ** 20 - 4;

function rootFrame(
  solver: Solver,
  fn: FunctionIR,
  callee: FunctionValue | null,
  self: Value,
  args: readonly Value[] | null,
): Frame {
  return {
    activation: solver.activations.enter(fn, callee?.scope ?? null, null, null),
    fn,
    caller: null,
    depth: 0,
    self,
    args,
    channels: channelsOf(false),
    scopes: [],
    nesting: 0,
    at: null,
  };
}

function record(cls: ClassValue | null, shared: boolean): RecordObject {
  return { type: 'record', fields: new Map(), cls, info: null, open: shared, shared };
}

const sites = new WeakMap<FunctionIR, Site>();

function siteOf(fn: FunctionIR): Site {
  let site = sites.get(fn);
  if (!site) sites.set(fn, (site = { module: fn.module, node: fn.node }));
  return site;
}

// -----------------------------------------------------------------------------------------------------------------
// A whole module

/** Runs everything of a module that somebody outside of it may call. `isolate` runs one piece and takes its failures. */
export function runModule(solver: Solver, isolate: (fn: FunctionIR, run: () => void) => void): void {
  const { module } = solver;
  isolate(module.program, () => runProgram(solver));
  const classes = classValues(solver);
  for (const cls of classes)
    if (cls.cls.relevant && cls.cls.constructorFunction)
      isolate(cls.cls.constructorFunction, () => void runConstructor(solver, cls));
  for (const cls of classes) {
    if (cls.cls.relevant && !cls.cls.constructorFunction)
      isolate(module.program, () => void runConstructor(solver, cls));
  }
  const done: Done = { functions: new Set(), escapes: new Set() };
  const run = (fn: FunctionIR): void => {
    if (done.functions.has(fn) || !fn.relevant) return;
    done.functions.add(fn);
    const callee = rootCallee(solver, fn, classes);
    if (callee) isolate(fn, () => void runFunction(solver, callee.value, callee.self, callee.state()));
  };
  // First what puts handles, and drivers, where others find them.
  const entries = module.functions.filter((fn) => isEntry(fn, solver));
  runEscaped(solver, done, isolate, assignsShared);
  for (const fn of entries) if (assignsShared(fn)) run(fn);
  runEscaped(solver, done, isolate, assignsShared);
  for (const fn of entries) run(fn);
  runEscaped(solver, done, isolate);
  // What nobody was seen to call may still be called.
  for (const fn of module.functions) {
    if (
      fn !== module.program &&
      !solver.runs.has(fn) &&
      fn.outer === module.program &&
      fn !== fn.cls?.constructorFunction
    )
      run(fn);
  }
  runEscaped(solver, done, isolate);
}

function runEscaped(
  solver: Solver,
  done: Done,
  isolate: (fn: FunctionIR, run: () => void) => void,
  only: (fn: FunctionIR) => boolean = () => true,
): void {
  for (let more = true; more;) {
    more = false;
    for (const escape of solver.escapes.all()) {
      const { value, state } = escape;
      const { fn } = value;
      if (done.escapes.has(escape) || !only(fn) || !concernsModule(solver, escape)) continue;
      if (done.functions.has(fn) && escape.callbacks.size === 0) continue;
      // All its callers are known, and follow it themselves.
      if (fn.calledOnly && fn.outer === solver.module.program) continue;
      done.functions.add(fn);
      done.escapes.add(escape);
      more = true;
      isolate(fn, () => void runFunction(solver, value, value.self ?? UNKNOWN, laterState(state)));
    }
  }
}

/** Whether a function that was given away has to do with a database, and with this module: it is in it, or calls back. */
function concernsModule(solver: Solver, { value, state, callbacks }: Escape): boolean {
  const { fn } = value;
  if (fn.module !== solver.module && ![...callbacks].some((callback) => callback.module === solver.module))
    return false;
  return fn.relevant || solver.world.hasContext(fn) || handlesIn(solver, state, [value]).length > 0;
}

/** What has been run. */
interface Done {
  readonly functions: Set<FunctionIR>;
  readonly escapes: Set<Escape>;
}

/** The state as a closure finds it that is called at another time. */
function laterState(state: State): State {
  const later = state.fork();
  for (const [id, object] of [...later.heap.map]) later.heap.set(id, sharedVersion(object));
  later.temporaries.clear();
  for (const key of [...later.facts.map.keys()]) later.facts.delete(key);
  later.pending = [];
  later.thrown = null;
  return later;
}

function classValues(solver: Solver): ClassValue[] {
  const found: ClassValue[] = [];
  for (const cls of solver.module.classes) {
    const value = cls.relevant ? solver.world.classValue(solver, cls) : null;
    if (value) found.push(value);
  }
  return found;
}

/** A function that code outside of the module can call. */
function isEntry(fn: FunctionIR, solver: Solver): boolean {
  const { program } = solver.module;
  if (fn === program || fn.outer !== program || !fn.relevant) return false;
  if (fn.cls) {
    if (fn === fn.cls.constructorFunction) return false;
    const member = fn.cls.members.find((item) => item.fn === fn);
    return member !== undefined && !member.isPrivate && member.kind !== 'field' && member.kind !== 'static block';
  }
  return !fn.calledOnly;
}

/** Whether a function, or one in it, sets a field or a variable that others read. */
function assignsShared(fn: FunctionIR): boolean {
  for (const writers of fn.within?.assigned.values() ?? [])
    for (const writer of writers) if (standsIn(writer, fn)) return true;
  return [...fn.free].some((variable) => !variable.constant && variable.relevant);
}

interface RootCallee {
  readonly value: FunctionValue;
  /** The state that it begins in, anew for each attempt: one that took too many steps has opened connections in its own. */
  readonly state: () => State;
  readonly self: Value;
}

function rootCallee(solver: Solver, fn: FunctionIR, classes: readonly ClassValue[]): RootCallee | null {
  const state = new State();
  const program = solver.activations.enter(solver.module.program, null, null, null);
  if (!fn.cls) {
    const value: FunctionValue = { kind: 'function', fn, scope: program, self: null };
    return { value, state: () => state.fork(), self: UNKNOWN };
  }
  const cls = classes.find((item) => item.cls === fn.cls);
  if (!cls) return null;
  const isStatic = fn.cls.members.some((member) => member.fn === fn && member.isStatic);
  const frame = rootFrame(solver, fn, null, UNKNOWN, null);
  const self: Value = isStatic
    ? cls
    : solver.allocate(state, frame, classSite(fn.cls), 'self', { ...record(cls, true), open: true });
  return { value: { kind: 'function', fn, scope: cls.scope, self }, state: () => state.fork(), self };
}
