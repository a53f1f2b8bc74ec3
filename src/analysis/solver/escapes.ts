import { activationOf, slotKey, standsIn } from './activation.ts';
import type { FunctionValue } from './objects.ts';
import type { State } from './state.ts';
import type { FunctionIR } from '../ir.ts';

/** A function given away, to be called by nobody knows whom. */
export interface Escape {
  readonly value: FunctionValue;
  /** What its free variables held when it was given away first. */
  readonly state: State;
  /** Functions of its callers that it has in its variables. */
  readonly callbacks: ReadonlySet<FunctionIR>;
}

/** Callers of a helper, each with callbacks of its own, for which what the helper gives away is run. */
const MOST_CALLERS = 12;

/**
 * Functions given away. One that a helper gives away for its callers (`(work) => retry(() => inTransaction(work))`) does
 * what they tell it to: it is there once for each of their callbacks.
 */
export class Escapes {
  readonly #byFunction = new Map<FunctionIR, Escape[]>();

  add(value: FunctionValue, state: State): void {
    const known = this.#byFunction.get(value.fn);
    const callbacks = callbacksOf(value, state);
    if (!known) this.#byFunction.set(value.fn, [{ value, state: state.fork(), callbacks }]);
    else if (
      known.length < MOST_CALLERS &&
      [...callbacks].some((callback) => known.every((escape) => !escape.callbacks.has(callback)))
    )
      known.push({ value, state: state.fork(), callbacks });
  }

  all(): readonly Escape[] {
    return [...this.#byFunction.values()].flat();
  }
}

/** Functions in the variables of a function that stand elsewhere, and what those have in turn. */
function callbacksOf(value: FunctionValue, state: State, found = new Set<FunctionIR>()): ReadonlySet<FunctionIR> {
  const { fn, scope } = value;
  for (const variable of fn.free) {
    if (variable.owner === variable.owner.module.program) continue;
    const activation = activationOf(variable.owner, scope);
    const held = activation && state.variables.get(slotKey(activation, variable.slot));
    if (held?.kind !== 'function' || found.has(held.fn) || standsIn(held.fn, variable.owner)) continue;
    found.add(held.fn);
    callbacksOf(held, state, found);
  }
  return found;
}
