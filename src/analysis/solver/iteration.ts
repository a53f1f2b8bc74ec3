import { invoke } from './methods.ts';
import { awaited } from './hold.ts';
import { awaitValue, workOf } from './promises.ts';
import { UNKNOWN, type ObjectId, type Value } from './values.ts';
import type { Instruction } from '../ir.ts';
import type { Solver } from './solver.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';

/** Longer lists are gone through like ones of unknown length. */
const LONGEST_LIST = 16;

/** `for (element of list)`: each element of a list that is known, otherwise any number of any elements. */
export function iterate(solver: Solver, loop: Instruction & { op: 'each' }, state: State, frame: Frame): State[] {
  const over = solver.take(state, loop.over, frame);
  const object = solver.read(state, over);
  if (object?.type === 'iterator' && over.kind === 'ref') return overRows(solver, loop, state, frame, over.id);
  if (object?.type === 'statement' && object.driver.statement['@@iterator'] && over.kind === 'ref') {
    // A statement that is iterated over itself.
    return invoke(solver, state, frame, over, '@@iterator', [], loop.site).flatMap((outcome) =>
      outcome.value.kind === 'ref' ? overRows(solver, loop, outcome.state, frame, outcome.value.id) : [outcome.state],
    );
  }
  if (object?.type === 'list' && !loop.names) {
    if (object.exact && object.items.length <= LONGEST_LIST) return overKnown(solver, loop, state, frame, object.items);
    return overUnknown(solver, loop, state, frame, object.items.length > 0 ? object.items : [UNKNOWN], over);
  }
  return overUnknown(solver, loop, state, frame, [UNKNOWN], over);
}

function body(
  solver: Solver,
  loop: Instruction & { op: 'each' },
  states: State[],
  frame: Frame,
  element: Value,
): { next: State[]; broken: State[] } {
  return solver.loopBody(frame, loop.label, () => {
    const ready = loop.awaits
      ? states.flatMap((state) =>
          awaitValue(solver, state, frame, element, loop.site).map((outcome) => {
            solver.give(outcome.state, loop.element, outcome.value, frame);
            return outcome.state;
          }),
        )
      : states;
    if (!loop.awaits) for (const state of ready) solver.give(state, loop.element, element, frame);
    return solver.run(loop.body, ready, frame);
  });
}

function overKnown(
  solver: Solver,
  loop: Instruction & { op: 'each' },
  state: State,
  frame: Frame,
  items: readonly Value[],
): State[] {
  const left: State[] = [];
  let current = [state];
  for (const item of items) {
    const { next, broken } = body(solver, loop, current, frame, item);
    left.push(...broken);
    current = solver.merge(next);
  }
  return solver.merge([...left, ...current]);
}

function overUnknown(
  solver: Solver,
  loop: Instruction & { op: 'each' },
  state: State,
  frame: Frame,
  items: readonly Value[],
  over: Value,
): State[] {
  return solver.rounds([state], (states) => {
    const left: State[] = states.map((current) => current.fork());
    const next: State[] = [];
    for (const item of items) {
      const entry = states.map((current) => current.fork());
      if (loop.awaits) for (const current of entry) waitForNext(solver, loop, current, frame, over);
      const result = body(solver, loop, entry, frame, item);
      next.push(...result.next);
      left.push(...result.broken);
    }
    return { next, left };
  });
}

/** `for await` waits for each element. */
function waitForNext(
  solver: Solver,
  loop: Instruction & { op: 'each' },
  state: State,
  frame: Frame,
  over: Value,
): void {
  awaited(solver, state, frame, workOf(over), loop.site);
  solver.raise(state, frame, loop.site);
}

/** Rows that the database hands out one by one: it holds its lock or snapshot until the loop is left. */
function overRows(
  solver: Solver,
  loop: Instruction & { op: 'each' },
  state: State,
  frame: Frame,
  id: ObjectId,
): State[] {
  setActive(solver, state, id, true);
  const guarded = solver.within(frame, () => {
    solver.raise(state, frame, loop.site);
    return overUnknown(solver, loop, state, frame, [UNKNOWN], UNKNOWN);
  });
  return solver.finally(guarded, frame, (states) => {
    for (const ended of states) setActive(solver, ended, id, false);
    return states;
  });
}

function setActive(solver: Solver, state: State, id: ObjectId, active: boolean): void {
  const iterator = solver.object(state, id);
  if (iterator?.type === 'iterator') state.heap.set(id, { ...iterator, active });
}
