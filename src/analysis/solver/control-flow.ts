import { slotKey } from './activation.ts';
import { equals, split } from './conditions.ts';
import { disposeOf } from './disposal.ts';
import { evaluate } from './evaluate.ts';
import { unwind, type Frame } from './frame.ts';
import { iterate } from './iteration.ts';
import { forgetVariables } from './leaks.ts';
import { Exhausted } from './limits.ts';
import { UNDEFINED } from './values.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { Instruction } from '../ir.ts';

/** Runs one instruction; the states in which control goes on to the next one. */
export function step(solver: Solver, instruction: Instruction, state: State, frame: Frame): State[] {
  solver.steps += 1;
  if (solver.steps > solver.limit) throw new Exhausted();
  switch (instruction.op) {
    case 'branch':
      return runBranch(solver, instruction, state, frame);
    case 'loop':
      return runLoop(solver, instruction, state, frame);
    case 'each':
      return iterate(solver, instruction, state, frame);
    case 'switch':
      return runSwitch(solver, instruction, state, frame);
    case 'labelled':
      return runLabelled(solver, instruction, state, frame);
    case 'block':
      return runBlock(solver, instruction, state, frame);
    case 'try':
      return runTry(solver, instruction, state, frame);
    case 'scope':
      return runScope(solver, instruction, state, frame);
    case 'return': {
      const value = instruction.from === null ? UNDEFINED : solver.take(state, instruction.from, frame);
      state.returned = instruction.site;
      solver.returnValue(state, frame, value);
      frame.channels.returns.push(state);
      return [];
    }
    case 'throw':
      solver.take(state, instruction.from, frame);
      solver.raise(state, frame, instruction.site, true);
      return [];
    case 'break':
    case 'continue':
      frame.channels.jumps.push({ kind: instruction.op, label: instruction.label, state });
      return [];
    default:
      return evaluate(solver, instruction, state, frame);
  }
}

function runBranch(solver: Solver, instruction: Instruction & { op: 'branch' }, state: State, frame: Frame): State[] {
  const [yes, no] = split(solver.take(state, instruction.condition, frame), state);
  const ends: State[] = [];
  if (yes) ends.push(...solver.run(instruction.then, [yes], frame));
  if (no) ends.push(...solver.run(instruction.otherwise, [no], frame));
  return solver.merge(ends);
}

function runLoop(solver: Solver, instruction: Instruction & { op: 'loop' }, state: State, frame: Frame): State[] {
  const { test, body, update, label, bodyFirst } = instruction;
  const runTest = (states: State[]): { stay: State[]; leave: State[] } => {
    if (!test) return { stay: states, leave: [] };
    const stay: State[] = [];
    const leave: State[] = [];
    for (const tested of solver.run(test.block, states, frame)) {
      const [yes, no] = split(solver.take(tested, test.slot, frame), tested);
      if (yes) stay.push(yes);
      if (no) leave.push(no);
    }
    return { stay, leave };
  };
  const runBody = (states: State[]): { next: State[]; broken: State[] } => {
    const { next, broken } = solver.loopBody(frame, label, () => solver.run(body, states, frame));
    return { next: solver.run(update, solver.merge(next), frame), broken };
  };
  return solver.rounds([state], (states) => {
    if (bodyFirst) {
      const { next, broken } = runBody(states);
      const { stay, leave } = runTest(next);
      return { next: stay, left: [...broken, ...leave] };
    }
    const { stay, leave } = runTest(states);
    const { next, broken } = runBody(stay);
    return { next, left: [...leave, ...broken] };
  });
}

function runSwitch(solver: Solver, instruction: Instruction & { op: 'switch' }, state: State, frame: Frame): State[] {
  const subject = solver.take(state, instruction.subject, frame);
  const { next, broken } = runSwitchBody(solver, frame, instruction.label, () => {
    const entries: State[][] = instruction.cases.map(() => []);
    let waiting: State[] = [state];
    for (const [index, entry] of instruction.cases.entries()) {
      if (!entry.test) continue;
      const rest: State[] = [];
      for (const tested of solver.run(entry.test.block, waiting, frame)) {
        const [yes, no] = split(
          equals(solver, tested, subject, solver.take(tested, entry.test.slot, frame), false),
          tested,
        );
        if (yes) entries[index]?.push(yes);
        if (no) rest.push(no);
      }
      waiting = rest;
    }
    const otherwise = instruction.cases.findIndex((entry) => !entry.test);
    let current: State[] = [];
    if (otherwise >= 0) entries[otherwise]?.push(...waiting);
    for (const [index, entry] of instruction.cases.entries()) {
      current = solver.run(entry.body, solver.merge([...current, ...(entries[index] ?? [])]), frame);
    }
    return otherwise >= 0 ? current : [...current, ...waiting];
  });
  return solver.merge([...next, ...broken]);
}

/** Like a loop's body, but `continue` belongs to a loop further out. */
function runSwitchBody(
  solver: Solver,
  frame: Frame,
  label: string | null,
  run: () => State[],
): { next: State[]; broken: State[] } {
  const { ends, channels } = solver.within(frame, run, frame.channels.observed);
  frame.channels.returns.push(...channels.returns);
  frame.channels.throws.push(...channels.throws);
  const broken: State[] = [];
  for (const jump of channels.jumps) {
    if (jump.kind === 'break' && (jump.label === null || jump.label === label)) broken.push(jump.state);
    else frame.channels.jumps.push(jump);
  }
  return { next: ends, broken };
}

function runLabelled(
  solver: Solver,
  instruction: Instruction & { op: 'labelled' },
  state: State,
  frame: Frame,
): State[] {
  const { ends, channels } = solver.within(
    frame,
    () => solver.run(instruction.body, [state], frame),
    frame.channels.observed,
  );
  frame.channels.returns.push(...channels.returns);
  frame.channels.throws.push(...channels.throws);
  for (const jump of channels.jumps) {
    if (jump.kind === 'break' && jump.label === instruction.label) ends.push(jump.state);
    else frame.channels.jumps.push(jump);
  }
  return solver.merge(ends);
}

function runTry(solver: Solver, instruction: Instruction & { op: 'try' }, state: State, frame: Frame): State[] {
  const { body, handler, finalizer } = instruction;
  const guarded = solver.within(
    frame,
    () => {
      const tried = solver.within(
        frame,
        () => solver.run(body, [state], frame),
        handler !== null || frame.channels.observed,
      );
      frame.channels.returns.push(...tried.channels.returns);
      frame.channels.jumps.push(...tried.channels.jumps);
      if (!handler) {
        frame.channels.throws.push(...tried.channels.throws);
        return tried.ends;
      }
      const caught = solver.merge(tried.channels.throws.map((thrown) => catchException(thrown, frame)));
      return [...tried.ends, ...solver.run(handler.body, caught, frame)];
    },
    finalizer !== null || frame.channels.observed,
  );
  if (!finalizer) {
    frame.channels.returns.push(...guarded.channels.returns);
    frame.channels.throws.push(...guarded.channels.throws);
    frame.channels.jumps.push(...guarded.channels.jumps);
    return solver.merge(guarded.ends);
  }
  return solver.finally(guarded, frame, (states) => solver.run(finalizer, states, frame));
}

/** The state in which a handler begins. */
function catchException(state: State, frame: Frame): State {
  unwind(state, frame);
  state.thrown = state.thrown?.outer ?? null;
  return state;
}

/** Variables end with the block that declares them, whichever way it is left. */
function runBlock(solver: Solver, instruction: Instruction & { op: 'block' }, state: State, frame: Frame): State[] {
  const { body, variables, site } = instruction;
  const { ends, channels } = solver.within(frame, () => solver.run(body, [state], frame), frame.channels.observed);
  const keys = variables.map((variable) => slotKey(frame.activation, variable.slot));
  const forget = (left: State): State => {
    forgetVariables(solver, left, frame, keys, site);
    return left;
  };
  for (const left of channels.returns) frame.channels.returns.push(forget(left));
  for (const left of channels.throws) frame.channels.throws.push(forget(left));
  for (const jump of channels.jumps) frame.channels.jumps.push({ ...jump, state: forget(jump.state) });
  return solver.merge(ends.map(forget));
}

/** What `using` declared is closed, whichever way the scope is left. */
function runScope(solver: Solver, instruction: Instruction & { op: 'scope' }, state: State, frame: Frame): State[] {
  const id = solver.activations.object(frame.activation, instruction.site, 'scope');
  state.heap.set(id, { type: 'stack', actions: [] });
  frame.scopes.push(id);
  const guarded = solver.within(frame, () => solver.run(instruction.body, [state], frame));
  frame.scopes.pop();
  return solver.finally(guarded, frame, (states) => states.flatMap((ended) => disposeOf(solver, ended, frame, id)));
}
