import { escape } from './escape.ts';
import { NO_WORK, allocate, fulfilled, rejected, settlePromise, workOf } from './promises.ts';
import { combine, UNKNOWN, type Value, type Work } from './values.ts';
import type { Call, Outcome } from './frame.ts';
import type { State } from './state.ts';

/** `Promise.all` and the like over a list of promises. */
export function allOf(call: Call): Outcome[] {
  return call.solver.pinning(call.args, () => settleAll(call));
}

function settleAll(call: Call): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const list = solver.read(state, args[0] ?? UNKNOWN);
  if (list?.type !== 'list') {
    const value = args[0] ?? UNKNOWN;
    escape(solver, state, frame, value, { kind: 'unknown', handles: [] });
    return [
      {
        state,
        value: value.kind === 'work' || value.kind === 'derived' || value.kind === 'external' ? value : UNKNOWN,
      },
    ];
  }
  let outcomes: { state: State; values: Value[]; work: Work }[] = [{ state, values: [], work: NO_WORK }];
  const { ends, channels } = solver.within(frame, () => {
    for (const item of list.items) {
      outcomes = outcomes.flatMap(({ state: current, values, work }) => {
        const promise = solver.read(current, item);
        const more = combine(work, promise?.type === 'promise' ? promise.work : workOf(item));
        if (promise?.type !== 'promise') return [{ state: current, values: [...values, item], work: more }];
        return settlePromise(solver, current, frame, item as Value & { kind: 'ref' }, site, false).map((outcome) => ({
          state: outcome.state,
          values: [...values, outcome.value],
          work: more,
        }));
      });
    }
    return [];
  });
  const results: Outcome[] = outcomes.map(({ state: current, values, work }) => {
    const items = solver.allocate(current, frame, site, 'results', { type: 'list', items: values, exact: list.exact });
    return {
      state: current,
      value: allocate(call, current, { ...fulfilled(items, work), safe: work.kind === 'none' }),
    };
  });
  const work = outcomes[0]?.work ?? NO_WORK;
  for (const thrown of channels.throws) {
    const explicit = thrown.thrown?.explicit ?? false;
    thrown.thrown = thrown.thrown?.outer ?? null;
    results.push({ state: thrown, value: allocate(call, thrown, rejected(explicit, work)) });
  }
  results.push(...ends.map((end) => ({ state: end, value: UNKNOWN })));
  return results;
}

/** `Promise.allSettled`: whatever becomes of its promises, it fulfils. */
export function allSettled(call: Call): Outcome[] {
  return call.solver.pinning(call.args, () => settleEach(call));
}

function settleEach(call: Call): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const list = solver.read(state, args[0] ?? UNKNOWN);
  if (list?.type !== 'list') return settleAll(call);
  let states: State[] = [state];
  let work: Work = NO_WORK;
  for (const item of list.items) {
    const promise = solver.read(state, item);
    work = combine(work, promise?.type === 'promise' ? promise.work : workOf(item));
    if (promise?.type !== 'promise') continue;
    const { ends, channels } = solver.within(frame, () =>
      states.flatMap((current) =>
        settlePromise(solver, current, frame, item as Value & { kind: 'ref' }, site, false).map((end) => end.state),
      ),
    );
    for (const thrown of channels.throws) thrown.thrown = thrown.thrown?.outer ?? null;
    states = solver.merge([...ends, ...channels.throws]);
  }
  return states.map((end) => ({ state: end, value: allocate(call, end, fulfilled(UNKNOWN, work)) }));
}
