import { callGlobal } from './builtins.ts';
import { escape, giveAway, handlesIn, unsettle } from './escape.ts';
import { callExternal } from './externals.ts';
import { channelsOf, type Call, type Channels, type Frame, type Outcome } from './frame.ts';
import { exitOf, leave, normalExit } from './leaks.ts';
import { callTransactionFunction } from './managed.ts';
import { invoke } from './methods.ts';
import { memberOf, type FunctionValue } from './objects.ts';
import { fulfilled, rejected, settleWith, workOf } from './promises.ts';
import { reachableFrom } from './reach.ts';
import { tellArguments } from './telling.ts';
import { UNDEFINED, UNKNOWN, alternatives, isNullish, ref, type ObjectId, type Value, type Work } from './values.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { FunctionIR, Site } from '../ir.ts';

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
      if (object?.type === 'layer' || object?.type === 'transaction') return queryBy(step, callee.id);
      return unknownCall(step, null);
    }
    case 'primitive':
      return isNullish(callee) ? [{ state, value: UNDEFINED }] : unknownCall(step, null);
    default:
      return unknownCall(step, null);
  }
}

/** `knex('users')`: begins to build a query. */
function queryBy({ solver, state, frame, site }: Call, id: ObjectId): Outcome[] {
  solver.raise(state, frame, site);
  return [{ state, value: { kind: 'derived', from: id, query: null } }];
}

/**
 * A call of something that is not followed: it may keep, configure or close what it is given, and it may fail. `given` is
 * what functions that it is given wait for, where that is known.
 */
export function unknownCall(step: Call, on: ObjectId | null, given?: Work): Outcome[] {
  const { solver, state, frame, site, args } = step;
  const handles = [...handlesIn(solver, state, args), ...(on === null ? [] : [on])];
  const work = { kind: 'unknown', handles } as const;
  for (const arg of args) escape(solver, state, frame, arg, given ?? work);
  solver.raise(state, frame, site);
  return [{ state, value: handles.length > 0 ? { kind: 'work', work } : UNKNOWN }];
}

/** A function of the project that has nothing to do with SQLite: looked at only where something is held meanwhile. */
export function callImported(step: Call, callee: Value & { kind: 'imported' }): Outcome[] {
  const { solver, state, frame, site, args } = step;
  const handles = handlesIn(solver, state, args);
  const passesCode = args.some((arg) => alternatives(arg).some((option) => mayOpen(solver, option)));
  if (handles.length > 0 || passesCode || solver.holdsSomething(state)) {
    const resolved = solver.world.resolveImported(solver, callee);
    if (resolved.kind === 'function')
      return callFunction(solver, state, frame, resolved, resolved.self ?? UNDEFINED, args, site);
  }
  for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles });
  solver.raise(state, frame, site);
  return [{ state, value: { kind: 'work', work: { kind: 'call', callee, handles } } }];
}

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
  if (INTEROP.test(fn.name) && first && alternatives(first).some(isModule)) return [{ state, value: first }];
  if (fn.generator) return generatorCall(step, callee);
  const running = runningIn(frame, callee);
  if (running) {
    solver.cutAt(running.depth);
    return skipped(step, callee);
  }
  const matters = fn.relevant || concerns(solver, state, callee, self, args);
  if (!matters) {
    const summary = solver.world.asides.summaryOf(solver, callee, state);
    if (!summary.follow) return summarized(step, callee, summary);
  }
  if (frame.depth >= solver.deepest) {
    solver.cutDeep();
    for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
    return skipped(step, callee);
  }
  return solver.summaries.through(state, frame, callee, [self, ...args], site, () => follow(step, callee, self));
}

/** Whether a value is a function of the project that may open a connection, or something of a driver that does. */
function mayOpen({ world }: Solver, value: Value): boolean {
  if (value.kind === 'function') return value.fn.relevant;
  return value.kind === 'external' && world.catalogue.driverOf(value.module) !== null;
}

function isModule({ kind }: Value): boolean {
  return kind === 'external' || kind === 'namespace';
}

/** The frame, if any, in which a function is being run already. */
function runningIn(frame: Frame, callee: FunctionValue): Frame | null {
  for (let current: Frame | null = frame; current; current = current.caller)
    if (current.fn === callee.fn) return current;
  return null;
}

/** A call that is not followed any further. What the function could settle is settled, nobody knows when and how. */
function skipped({ solver, state, frame, site, args }: Call, callee: FunctionValue): Outcome[] {
  const value = opaque(solver, state, callee, args);
  unsettle(state, reachableFrom(state, [callee]), value.work);
  solver.raise(state, frame, site);
  return [{ state, value }];
}

function opaque(solver: Solver, state: State, callee: FunctionValue, args: readonly Value[]): Value & { kind: 'work' } {
  return { kind: 'work', work: { kind: 'call', callee, handles: handlesIn(solver, state, args) } };
}

/** Whether following a call can tell anything about a handle: the function is given one, or uses one that it captured. */
function concerns(solver: Solver, state: State, callee: FunctionValue, self: Value, args: readonly Value[]): boolean {
  for (const arg of args) {
    if (arg.kind === 'settle' || arg.kind === 'method') return true;
    if (alternatives(arg).some((option) => mayOpen(solver, option))) return true;
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

export function follow(step: Call, callee: FunctionValue, self: Value): Outcome[] {
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
    nesting: 0,
    at: null,
  };
  frame.at = site;
  tellArguments(step, fn);
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
