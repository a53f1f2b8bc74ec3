import { callValue } from './calls.ts';
import { escape } from './escape.ts';
import { placeOf } from './execution.ts';
import { invokeHandle } from './handles.ts';
import { isAlone } from './hold.ts';
import { handOutTransaction, isAsync } from './managed.ts';
import { newTransaction, touched, touchedUnseen, upgraded } from './transactions.ts';
import { borrowedConnection } from './typed.ts';
import { UNDEFINED, UNKNOWN, isNullish, knownText, ref, textOf, type ObjectId, type Value } from './values.ts';
import { statementsOf, type Statement } from '../sql/statements.ts';
import type { ImmediateForm, TransactionMode } from '../../drivers/driver.ts';
import type { LayerMethod } from '../../drivers/layer.ts';
import type { Call, Outcome } from './frame.ts';
import type { LayerObject } from './heap.ts';
import type { State } from './state.ts';

export function invokeLayer(step: Call, id: ObjectId, target: LayerObject, name: string): Outcome[] {
  const { solver, state, frame, site, args } = step;
  const fact = target.layer.methods[name];
  if (fact?.does === 'continue') return [{ state, value: ref(id) }];
  if (fact?.does === 'close') return closeLayer(step, id, target);
  if (fact?.does === 'session') return handOutSession(step, target);
  const callback = fact?.does === 'transact' && args.at(fact.callback === 'last' ? -1 : fact.callback);
  const means = fact?.does === 'transact' ? { mode: modeOf(step, fact), immediate: fact.immediate ?? null } : null;
  if (means && target.layer.handles?.transaction && isWithoutCallback(step))
    return handOutTransaction(step, target.layer.handles, target.connection, means);
  if (!means || !callback || callback.kind !== 'function') {
    for (const arg of args) escape(solver, state, frame, arg, { kind: 'database', handle: id });
    solver.raise(state, frame, site);
    if (fact?.does === 'execute')
      for (const statement of statementsOf(textOf(args[fact.sql] ?? UNKNOWN))) runIn(step, id, statement);
    return [{ state, value: { kind: 'derived', from: id, query: fact?.does === 'build' ? fact.query : null } }];
  }
  if (target.layer.synchronous && isAsync(callback)) {
    solver.recorder.asyncCallback(site, callback, target.layer.id, name);
    escape(solver, state, frame, callback, { kind: 'unknown', handles: [] });
    solver.raise(state, frame, site);
    return [{ state, value: { kind: 'work', work: { kind: 'database', handle: id } } }];
  }
  return transactLayer(step, id, target, callback, means);
}

function closeLayer(step: Call, id: ObjectId, target: LayerObject): Outcome[] {
  const { solver, state } = step;
  const connection = target.connection === null ? undefined : solver.object(state, target.connection);
  if (connection?.type !== 'connection' || target.connection === null)
    return [{ state, value: { kind: 'work', work: { kind: 'database', handle: id } } }];
  const methods = Object.entries(connection.driver.connection);
  const method = methods.find(([, { does }]) => does === 'close')?.[0] ?? 'close';
  return invokeHandle({ ...step, args: [] }, target.connection, connection, method);
}

/** A connection of the layer, on which transactions are begun and ended by hand; it closes nothing. */
function handOutSession(step: Call, target: LayerObject): Outcome[] {
  const { solver, state, frame, site } = step;
  const { handles } = target.layer;
  const below = target.connection === null ? undefined : solver.object(state, target.connection);
  solver.raise(state, frame, site);
  if (!handles) return [{ state, value: UNKNOWN }];
  const session = borrowedConnection(handles, site, frame);
  const { settings } = below?.type === 'connection' ? below : session;
  return [{ state, value: solver.allocate(state, frame, site, 'session', { ...session, settings }) }];
}

/** Whether a call is given nothing but options. */
function isWithoutCallback({ solver, state, args }: Call): boolean {
  return args.every((arg) => isNullish(arg) || arg.kind === 'text' || solver.read(state, arg)?.type === 'record');
}

function modeOf({ solver, state, args }: Call, { mode, named }: LayerMethod & { does: 'transact' }): TransactionMode {
  const given = named && args[named.argument];
  if (!given || isNullish(given) || given.kind === 'function') return mode;
  const record = solver.read(state, given);
  if (record?.type !== 'record') return 'immediate'; // not known: the harmless one
  const option = record.fields.get(named.option) ?? (record.open ? UNKNOWN : UNDEFINED);
  if (isNullish(option)) return mode;
  return knownText(option) === 'deferred' ? 'deferred' : 'immediate';
}

/** A method of what a query builder returned: a further part of the query, or what runs it. */
export function invokeBuilt(step: Call, built: Value & { kind: 'derived' }, name: string): void {
  const layer = step.solver.object(step.state, built.from);
  if (layer?.type !== 'layer' || !built.query || !layer.layer.runs?.has(name)) return;
  runIn(step, built.from, { does: built.query });
}

/** Runs a statement in the transaction that an object of a layer stands for. */
export function runIn(call: Call, id: ObjectId, statement: Statement): void {
  const { solver, state } = call;
  const site = placeOf(call, call.site);
  const target = solver.object(state, id);
  if (target?.type !== 'layer' || !target.transaction) return;
  const before = upgraded(target.transaction, statement);
  if (before && !isAlone(solver, state, target.connection)) solver.recorder.upgraded(before, site);
  const transaction =
    statement.does === 'unknown' ? touchedUnseen(target.transaction) : touched(target.transaction, statement, site);
  if (transaction !== target.transaction) state.heap.set(id, { ...target, transaction });
}

/** A transaction of a layer: its callback is given an object of the layer that stands for it. */
function transactLayer(
  step: Call,
  id: ObjectId,
  target: LayerObject,
  callback: Value,
  means: { readonly mode: TransactionMode; readonly immediate: ImmediateForm | null },
): Outcome[] {
  const { solver, state, frame, site } = step;
  const handle = solver.allocate(state, frame, site, 'layer transaction', {
    ...target,
    transaction: newTransaction({ ...means, began: site, beganIn: frame.activation, managed: true }),
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
