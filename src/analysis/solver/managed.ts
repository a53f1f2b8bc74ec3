import { answered, promiseOf, raise, use } from './answers.ts';
import { callValue, unknownCall } from './calls.ts';
import { escape } from './escape.ts';
import { isUnwinding } from './execution.ts';
import { openConnection } from './opening.ts';
import { connectionOf } from './subclasses.ts';
import { begin, end, newTransaction } from './transactions.ts';
import { UNDEFINED, isNullish, knownText, ref, type ObjectId, type Value } from './values.ts';
import type { Call, Outcome, Target } from './frame.ts';
import type { HeapObject, Transaction, TransactionHandle } from './heap.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type {
  Answer,
  Driver,
  ExportFact,
  ImmediateForm,
  MethodFact,
  OpeningFact,
  TransactionMode,
} from '../../drivers/driver.ts';
import type { Site } from '../ir.ts';

/** A callback that runs on a connection which is opened for it, safely, and closed after it. */
export function withConnection(
  call: Call,
  driver: Driver,
  fact: ExportFact & { kind: 'with connection' },
): Outcome[] | null {
  const { solver, frame, args } = call;
  const callback = args[fact.callback];
  if (callback?.kind !== 'function') return null;
  const opening: OpeningFact = { kind: 'connection', by: 'call', file: fact.file, configured: true };
  return openConnection(call, driver, opening).flatMap(({ state, value }) => {
    if (value.kind !== 'ref') return [];
    const close = (ended: State): void => {
      const connection = solver.object(ended, value.id);
      if (connection?.type === 'connection') ended.heap.set(value.id, { ...connection, status: 'closed' });
    };
    const { outcomes, throws } = runCallback({ ...call, state }, callback, [value]);
    for (const thrown of throws) {
      close(thrown);
      frame.channels.throws.push(thrown);
    }
    for (const outcome of outcomes) close(outcome.state);
    return outcomes;
  });
}

/** A callback that runs in a transaction on a connection that is given with it. */
export function withTransaction(call: Call, fact: ExportFact & { kind: 'with transaction' }): Outcome[] | null {
  const { solver, state, frame, site, args } = call;
  const handle = args[fact.connection] ?? UNDEFINED;
  const callback = args[fact.callback];
  const given = connectionOf(solver, state, frame, handle);
  if (!given || callback?.kind !== 'function') return null;
  const { id, connection } = given;
  if (connection.driver.synchronous && isAsync(callback)) {
    solver.recorder.asyncCallback(site, callback, connection.driver.id, 'transaction');
    escape(solver, state, frame, callback, { kind: 'unknown', handles: [] });
    raise(call);
    return [{ state, value: { kind: 'work', work: { kind: 'database', handle: id } } }];
  }
  return transact(call, id, callback, fact, [handle], !connection.driver.synchronous);
}

export function transactionFunction(
  call: Call,
  target: Target,
  callback: Value,
  modes: Readonly<Record<string, TransactionMode>>,
): Outcome[] {
  const { solver, state, frame, site } = call;
  if (target.connection === null) return unknownCall(call, target.id);
  if (isAsync(callback)) {
    solver.recorder.asyncCallback(site, callback, target.object.driver.id, 'transaction');
    escape(solver, state, frame, callback, { kind: 'unknown', handles: [] });
  }
  use(call, target.connection);
  const value = solver.allocate(state, frame, site, 'transaction function', {
    type: 'transaction function',
    connection: target.connection,
    callback,
    modes,
    mode: 'deferred',
    made: site,
  });
  return [{ state, value }];
}

function nameOf(mode: TransactionMode, modes: Readonly<Record<string, TransactionMode>>): string | null {
  return Object.keys(modes).find((name) => modes[name] === mode) ?? null;
}

export function isAsync(callback: Value): boolean {
  if (callback.kind === 'choice') return callback.options.some(isAsync);
  return callback.kind === 'function' && callback.fn.asynchronous && !callback.fn.generator;
}

/** Calls what `db.transaction(fn)` returned. */
export function callTransactionFunction(call: Call, made: HeapObject & { type: 'transaction function' }): Outcome[] {
  if (isAsync(made.callback)) {
    raise(call);
    return [{ state: call.state, value: { kind: 'work', work: { kind: 'database', handle: made.connection } } }];
  }
  const { connection, callback, mode, modes } = made;
  const method = nameOf('immediate', modes);
  const means = { mode, immediate: method === null ? null : ({ by: 'method', method } as const) };
  return transact(call, connection, callback, means, call.args, false, made.made);
}

/** Runs a callback in a transaction that ends with it: committed where it returns, rolled back where it throws. */
export function transact(
  call: Call,
  id: ObjectId,
  callback: Value,
  { mode, immediate = null }: { readonly mode: TransactionMode; readonly immediate?: ImmediateForm | null },
  args: readonly Value[],
  asynchronous: boolean,
  began: Site = call.site,
): Outcome[] {
  const { solver, state, frame, site } = call;
  const connection = solver.object(state, id);
  if (connection?.type !== 'connection') return unknownCall(call, id);
  raise(call);
  const outermost = connection.transaction === null;
  const beginning = { began, beganIn: frame.activation, during: state.thrown, managed: true };
  if (outermost) state.heap.set(id, begin(connection, { mode, immediate, ...beginning }));
  const finish = (ended: State): void => {
    const current = solver.object(ended, id);
    if (outermost && current?.type === 'connection' && current.transaction?.managed) ended.heap.set(id, end(current));
  };
  const { outcomes, throws } = runCallback(call, callback, args, ref(id));
  for (const thrown of throws) {
    finish(thrown);
    frame.channels.throws.push(thrown);
  }
  return outcomes.map(({ state: ended, value }) => {
    if (!asynchronous && isPromise(solver, ended, value))
      solver.recorder.asyncCallback(began, callback, connection.driver.id, 'transaction');
    finish(ended); // a COMMIT that fails is rolled back by the driver
    solver.raise(ended, frame, site);
    return { state: ended, value };
  });
}

/** Runs a callback at once: the ways on which it returns, and those on which it throws. */
function runCallback(
  call: Call,
  callback: Value,
  args: readonly Value[],
  ...held: readonly Value[]
): { readonly outcomes: Outcome[]; readonly throws: readonly State[] } {
  const { solver, frame } = call;
  const { ends, channels } = solver.pinning([...held, callback, ...args], () =>
    solver.within(frame, () => {
      const outcomes = callValue({ ...call, args }, callback, UNDEFINED);
      for (const outcome of outcomes) solver.give(outcome.state, RESULT, outcome.value, frame);
      return outcomes.map((outcome) => outcome.state);
    }),
  );
  const outcomes = ends.map((state) => ({ state, value: solver.take(state, RESULT, frame) }));
  return { outcomes, throws: channels.throws };
}

/** A slot that no function has: results wait in it while states are told apart. */
const RESULT = 2 ** 20 - 2;

function isPromise(solver: Solver, state: State, value: Value): boolean {
  if (solver.read(state, value)?.type === 'promise') return true;
  if (value.kind === 'work' && value.work.kind === 'foreign') return true;
  return (
    value.kind === 'work' &&
    value.work.kind === 'call' &&
    value.work.callee.kind === 'function' &&
    value.work.callee.fn.asynchronous
  );
}

export function beginHandle(
  call: Call,
  target: Target,
  method: string,
  fact: MethodFact & { does: 'begin' },
): Outcome[] {
  const { args } = call;
  const named = args[fact.mode];
  const name = named ? knownText(named) : null;
  const mode =
    named && !isNullish(named) ? (name === null ? 'immediate' : (fact.modes[name] ?? fact.otherwise)) : fact.otherwise;
  const immediate = nameOf('immediate', fact.modes);
  const means: Means = {
    mode,
    immediate: immediate === null ? null : { by: 'argument', method, argument: fact.mode, code: `'${immediate}'` },
  };
  return handOutTransaction(call, target.object.driver, target.connection, means, fact.answers);
}

/** How a transaction is begun, and how code asks for the write lock as it begins. */
type Means = Pick<Transaction, 'mode' | 'immediate'>;

/** Begins a transaction with a handle of its own. */
export function handOutTransaction(
  call: Call,
  driver: Driver,
  connection: ObjectId | null,
  means: Means,
  answers: Answer = 'promise',
): Outcome[] {
  const { solver, state, frame, site } = call;
  const handle: TransactionHandle = {
    type: 'transaction',
    driver,
    opened: site,
    handed: site,
    holder: frame.activation,
    status: answers === 'promise' ? 'opening' : 'open',
    ownership: 'owned',
    connection,
    transaction: newTransaction({ ...means, began: site, beganIn: frame.activation }),
  };
  const id = solver.fresh(state, frame, site, 'transaction');
  state.heap.set(id, handle);
  if (connection !== null) use(call, connection);
  if (answers === 'promise')
    return promiseOf(call, ref(id), connection ?? id, [{ id, before: { ...handle, status: 'failed' }, after: handle }]);
  return [{ state, value: ref(id) }];
}

export function endHandle(call: Call, target: Target, fact: MethodFact & { does: 'commit' | 'rollback' }): Outcome[] {
  const { solver, state } = call;
  const { object, id } = target;
  if (object.type !== 'transaction') return unknownCall(call, id);
  if (fact.does === 'commit') solver.recorder.committed(object.transaction, isUnwinding(state, object.transaction));
  solver.recorder.ended(object.transaction, fact.does);
  const after: TransactionHandle = { ...object, status: 'closed' };
  const before: TransactionHandle = fact.does === 'commit' ? { ...object, status: 'uncertain' } : after;
  state.heap.set(id, after);
  return answered(
    call,
    target,
    fact.answers,
    before === after ? [] : [{ id, before, after }],
    fact.does === 'rollback',
  );
}

export function scope(call: Call, target: Target, name: string, callback: Value): Outcome[] {
  const { solver, state, frame, site } = call;
  if (isNullish(callback)) return [{ state, value: ref(target.id) }];
  if (isAsync(callback)) {
    solver.recorder.asyncCallback(site, callback, target.object.driver.id, name);
    escape(solver, state, frame, callback, { kind: 'unknown', handles: [] });
    return [{ state, value: ref(target.id) }];
  }
  return callValue({ ...call, args: [] }, callback, UNDEFINED).map((outcome) => ({
    state: outcome.state,
    value: ref(target.id),
  }));
}
