import { callValue } from './calls.ts';
import { escape } from './escape.ts';
import { invokeHandle } from './handles.ts';
import { isAsync } from './managed.ts';
import { UNDEFINED, UNKNOWN, ref, type ObjectId, type Value } from './values.ts';
import type { Call, Outcome } from './frame.ts';
import type { LayerObject } from './heap.ts';
import type { State } from './state.ts';

export function invokeLayer(step: Call, id: ObjectId, target: LayerObject, name: string): Outcome[] {
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
