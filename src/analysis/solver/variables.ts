import { activationOf, slotKey } from './activation.ts';
import { escape, keepWith } from './escape.ts';
import { FALSY, MISSING, ref, TRUTHY, UNKNOWN, type SlotKey, type Value } from './values.ts';
import type { Frame, Outcome } from './frame.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { Variable } from '../ir.ts';

/** Reads a variable. Where it may hold a handle or nothing, that makes two states. */
export function load(solver: Solver, state: State, variable: Variable, frame: Frame): Outcome[] {
  if (variable.imported) {
    return [
      {
        state,
        value: solver.world.importValue(
          solver,
          variable.owner.module,
          variable.imported.specifier,
          variable.imported.name,
        ),
      },
    ];
  }
  const key = variableKey(solver, variable, frame);
  if (key === null) return [{ state, value: UNKNOWN }];
  let value = state.variables.get(key);
  if (!value) {
    value = solver.variables.get(key);
    // What a variable held when its module was loaded; meanwhile others may have put something else there.
    if (variable.captured && !variable.constant && (!value || value.kind === 'primitive' || value.kind === 'text')) {
      const kept = solver.kept.get(`$${key}`);
      value = kept && solver.adopt(state, kept);
    }
  }
  if (!value) {
    const fact = state.facts.get(key);
    value =
      fact === 'truthy'
        ? TRUTHY
        : fact === 'falsy'
          ? FALSY
          : fact === 'nullish'
            ? MISSING
            : { kind: 'symbol', key, parameter: variable.parameter };
    return [{ state, value }];
  }
  if (value.kind !== 'ref' || !value.nullable) return [{ state, value }];
  const outcomes = unfold(state, value);
  for (const outcome of outcomes) outcome.state.variables.set(key, outcome.value);
  return outcomes;
}

export function store(solver: Solver, state: State, variable: Variable, value: Value, frame: Frame): void {
  const key = variableKey(solver, variable, frame);
  if (key === null) {
    escape(solver, state, frame, value, { kind: 'unknown', handles: [] });
    return;
  }
  state.facts.delete(key);
  if (value.kind === 'unknown' || value.kind === 'symbol' || value.kind === 'test' || isTransient(value)) {
    if (solver.variables.has(key)) state.variables.set(key, UNKNOWN);
    else state.variables.delete(key);
    if (value.kind === 'symbol') copyFact(state, value.key, key);
    return;
  }
  state.variables.set(key, value);
  if (variable.captured && !variable.constant) solver.keep(`$${key}`, state, value);
  // A variable of the module outlives the function that sets it.
  if (variable.owner === variable.owner.module.program && frame.fn !== variable.owner)
    keepWith(solver, state, frame, value, false);
}

/** A handle that may be missing becomes two states: one with it and one without. */
export function unfold(state: State, value: Value): Outcome[] {
  if (value.kind !== 'ref' || !value.nullable) return [{ state, value }];
  return [
    { state: state.fork(), value: MISSING },
    { state, value: ref(value.id) },
  ];
}

function variableKey(solver: Solver, variable: Variable, frame: Frame): SlotKey | null {
  const activation =
    activationOf(variable.owner, frame.activation) ?? solver.world.moduleActivation(solver, variable.owner);
  return activation && slotKey(activation, variable.slot);
}

function isTransient(value: Value): boolean {
  return value.kind === 'work' && value.work.kind === 'database';
}

function copyFact(state: State, from: SlotKey, to: SlotKey): void {
  const fact = state.facts.get(from);
  if (fact) state.facts.set(to, fact);
}
