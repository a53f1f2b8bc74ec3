import { UNKNOWN, ref, type ObjectId, type Value } from './values.ts';
import type { Call, Outcome, Target } from './frame.ts';
import type { Undo } from './heap.ts';
import type { State } from './state.ts';
import type { Answer } from '../../drivers/driver.ts';

export function answered(
  call: Call,
  target: Target,
  answers: Answer | undefined,
  undo: readonly Undo[],
  safe: boolean,
): Outcome[] {
  const { state, args } = call;
  if (target.object.type !== 'transaction' && target.connection !== null && !safe) use(call, target.connection);
  switch (answers) {
    case 'promise':
      return promiseOf(call, UNKNOWN, target.connection ?? target.id, undo, safe);
    case 'callback':
      pend(call, lastCallback(args), undo, args.filter((arg) => arg.kind === 'function').length > 1);
      return [{ state, value: ref(target.id) }];
    default:
      return [{ state, value: result(target) }];
  }
}

export function promiseOf(call: Call, value: Value, handle: ObjectId, undo: readonly Undo[], safe = false): Outcome[] {
  const { solver, state, frame, site } = call;
  const promise = solver.allocate(state, frame, site, 'promise', {
    type: 'promise',
    state: 'unsettled',
    value,
    work: { kind: 'database', handle },
    explicit: false,
    undo,
    safe,
  });
  return [{ state, value: promise }];
}

export function lastCallback(args: readonly Value[]): Value | null {
  const last = args.at(-1);
  return last && (last.kind === 'function' || last.kind === 'settle' || last.kind === 'method') ? last : null;
}

/** The callback is called when the database is done. */
export function pend(call: Call, callback: Value | null, undo: readonly Undo[], rows: boolean): void {
  if (!callback) return;
  call.state.pending = [...call.state.pending, { callback, site: call.site, undo, rows }];
}

export function raise(call: Call): void {
  call.solver.raise(call.state, call.frame, call.site);
}

/** Puts back what a failed call of the database would have left behind. */
export function undo(state: State, changes: readonly Undo[]): void {
  for (const { id, before, after } of changes) {
    const current = state.heap.get(id);
    if (current?.type === 'connection' && before.type === 'connection' && after.type === 'connection') {
      state.heap.set(id, {
        ...current,
        transaction: current.transaction === after.transaction ? before.transaction : current.transaction,
        status: current.status === after.status ? before.status : current.status,
      });
    } else if (current?.type === 'transaction' && before.type === 'transaction' && after.type === 'transaction') {
      if (current.status === after.status || (after.status === 'opening' && current.status === 'open'))
        state.heap.set(id, { ...current, status: before.status });
    }
  }
}

/** The database call worked: what it opened is open. */
export function settle(state: State, changes: readonly Undo[]): void {
  for (const { id } of changes) {
    const current = state.heap.get(id);
    if ((current?.type === 'connection' || current?.type === 'transaction') && current.status === 'opening')
      state.heap.set(id, { ...current, status: 'open' });
  }
}

/** What a synchronous query returns; waiting for it is waiting for the database. */
export function result(target: Target): Value {
  return { kind: 'work', work: { kind: 'database', handle: target.connection ?? target.id } };
}

/** Notes that something other than set-up is done with a connection. */
export function use(call: Call, id: ObjectId): void {
  const connection = call.solver.object(call.state, id);
  if (connection?.type === 'connection' && !connection.used) call.state.heap.set(id, { ...connection, used: true });
}
