import { activationOf, slotKey } from './activation.ts';
import type { State } from './state.ts';
import type { Value } from './values.ts';
import type { Block, FunctionIR, Instruction, Variable } from '../ir.ts';

const assigned = new WeakMap<FunctionIR, ReadonlySet<Variable>>();

/**
 * A function goes to code that may call it at once, as `_.forEach` does: flags and counters that it sets are not known to
 * be what they were.
 */
export function unsetFlags(state: State, { fn, scope }: Value & { readonly kind: 'function' }): void {
  for (const variable of fn.free) {
    if (variable.constant || variable.owner === variable.owner.module.program) continue;
    const activation = activationOf(variable.owner, scope);
    const key = activation && slotKey(activation, variable.slot);
    if (key === null || state.variables.get(key)?.kind !== 'primitive' || !assignedBy(fn).has(variable)) continue;
    state.variables.delete(key);
    state.facts.delete(key);
  }
}

/** Variables of functions around it that a function, or one within it, assigns. */
function assignedBy(fn: FunctionIR): ReadonlySet<Variable> {
  let known = assigned.get(fn);
  if (!known) {
    const found = new Set<Variable>();
    collect(fn.body, found);
    assigned.set(fn, (known = found));
  }
  return known;
}

function collect(block: Block, found: Set<Variable>): void {
  for (const instruction of block) {
    if (instruction.op === 'store') found.add(instruction.variable);
    else if (instruction.op === 'function') for (const inner of assignedBy(instruction.fn)) found.add(inner);
    for (const inner of blocksOf(instruction)) collect(inner, found);
  }
}

function blocksOf(instruction: Instruction): readonly Block[] {
  switch (instruction.op) {
    case 'branch':
      return [instruction.then, instruction.otherwise];
    case 'loop':
      return [...(instruction.test ? [instruction.test.block] : []), instruction.body, instruction.update];
    case 'switch':
      return instruction.cases.flatMap(({ test, body }) => (test ? [test.block, body] : [body]));
    case 'try':
      return [
        instruction.body,
        ...(instruction.handler ? [instruction.handler.body] : []),
        instruction.finalizer ?? [],
      ];
    case 'each':
    case 'labelled':
    case 'block':
    case 'scope':
      return [instruction.body];
    default:
      return [];
  }
}
