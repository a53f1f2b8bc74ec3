import { unsetFlags } from './assigned.ts';
import { unknownSettings } from './settings.ts';
import { reachableFrom, type Reach } from './reach.ts';
import { touchedUnseen } from './transactions.ts';
import type { ObjectId, Value, Work } from './values.ts';
import type { Solver } from './solver.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';

/**
 * A value goes to code that is not followed. Handles in it may be kept, configured or closed there; closures may be called
 * at any time; promises that it can settle wait for that code. `stored` where it is put into something rather than passed
 * to a call: then it is kept, and set up by whoever takes it from there.
 */
export function escape(solver: Solver, state: State, _frame: Frame, value: Value, work: Work, stored = false): void {
  if (value.kind === 'choice') for (const option of value.options) escape(solver, state, _frame, option, work, stored);
  if (
    value.kind !== 'ref' &&
    value.kind !== 'function' &&
    value.kind !== 'method' &&
    value.kind !== 'settle' &&
    value.kind !== 'class'
  )
    return;
  const reach = reachableFrom(state, [value]);
  // What a closure captures is used by code of this file; what is handed over as it is, by code that nobody sees.
  // A layer runs queries for whoever holds it, and sets nothing up.
  const captured = value.kind === 'function' || stored || solver.read(state, value)?.type === 'layer';
  for (const id of reach.objects) {
    const object = state.heap.get(id);
    switch (object?.type) {
      case 'connection':
        if (object.ownership === 'owned')
          solver.recorder.handed(object, object.holder, captured ? (stored ? 'stored' : 'kept') : 'given');
        state.heap.set(id, {
          ...object,
          ownership: object.ownership === 'owned' ? 'escaped' : object.ownership,
          settings: captured || work.kind === 'database' ? object.settings : unknownSettings(object.settings),
        });
        break;
      case 'transaction':
        // `Model.create(row, { transaction })` and `query.transacting(transaction)` use it and give it back.
        if (
          object.ownership === 'owned' &&
          !captured &&
          (work.kind === 'database' || (object.driver.transactionInOptions && isWithin(value, id)))
        ) {
          state.heap.set(id, { ...object, transaction: touchedUnseen(object.transaction) });
          break;
        }
        if (object.ownership === 'owned') solver.recorder.handedTransaction(object, object.holder);
        state.heap.set(id, {
          ...object,
          ownership: object.ownership === 'owned' ? 'escaped' : object.ownership,
          transaction: touchedUnseen(object.transaction),
        });
        break;
      case 'layer':
        if (object.transaction) state.heap.set(id, { ...object, transaction: touchedUnseen(object.transaction) });
        break;
      case 'record':
        if (!object.shared)
          state.heap.set(id, { ...object, shared: true, open: object.cls === null ? true : object.open });
        break;
      default:
    }
  }
  unsettle(state, reach, work);
  giveAway(solver, state, reach);
}

/** Whether an object is handed over within another one rather than by itself. */
function isWithin(value: Value, id: ObjectId): boolean {
  return value.kind === 'ref' && value.id !== id;
}

/** Promises that code can settle which is not followed wait for that code. */
export function unsettle(state: State, reach: Reach, work: Work): void {
  for (const id of reach.objects) {
    const object = state.heap.get(id);
    if (object?.type === 'promise' && object.state === 'pending')
      state.heap.set(id, { ...object, state: 'unsettled', work });
  }
}

/**
 * A value is put where code that runs at another time finds it: it belongs to that code from now on. `unknown` where
 * nothing is known of the place, so that what others do with the value cannot be seen.
 */
export function keepWith(solver: Solver, state: State, frame: Frame, value: Value, unknown: boolean): void {
  if (unknown) {
    escape(solver, state, frame, value, { kind: 'unknown', handles: [] }, true);
    return;
  }
  if (value.kind !== 'ref') return;
  for (const id of reachableFrom(state, [value]).objects) {
    const object = state.heap.get(id);
    if (object?.type === 'connection' && object.ownership === 'owned') {
      solver.recorder.handed(object, object.holder, 'kept');
      state.heap.set(id, { ...object, ownership: 'escaped' });
    } else if (object?.type === 'transaction' && object.ownership === 'owned') {
      solver.recorder.handedTransaction(object, object.holder);
      state.heap.set(id, { ...object, ownership: 'escaped' });
    }
  }
}

/** Functions that code outside can call from now on. */
export function giveAway(solver: Solver, state: State, reach: Reach): void {
  for (const closure of reach.closures) {
    unsetFlags(state, closure);
    solver.escapes.add(closure, state);
  }
}

function isOfObject(value: Value): boolean {
  return value.kind === 'function' && value.self?.kind === 'ref';
}

/** Database handles that values lead to. */
export function handlesIn(solver: Solver, state: State, values: readonly Value[]): ObjectId[] {
  if (
    !values.some(
      (value) =>
        value.kind === 'ref' ||
        value.kind === 'choice' ||
        value.kind === 'function' ||
        value.kind === 'method' ||
        value.kind === 'derived',
    )
  )
    return [];
  const handles: ObjectId[] = [];
  for (const value of values) if (value.kind === 'derived') handles.push(value.from);
  // What a callback of a method does, it does with what its object holds, which may be an object of the module.
  const reach = reachableFrom(state, values, values.some(isOfObject) ? solver.heap : null);
  // A query that a closure captures runs on the handle that built it, and does not hand that one over.
  for (const key of reach.variables) {
    const held = state.variables.get(key);
    if (held?.kind === 'derived') handles.push(held.from);
  }
  for (const id of reach.objects) {
    const object = solver.object(state, id);
    switch (object?.type) {
      case 'connection':
      case 'transaction':
      case 'layer':
      case 'statement':
      case 'transaction function':
      case 'stack':
      case 'iterator':
        handles.push(id);
        break;
      case 'promise':
        if (object.state === 'pending') handles.push(id);
        break;
      default:
    }
  }
  return handles;
}
