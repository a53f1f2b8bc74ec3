import { slotKey } from './activation.ts';
import { call } from './calls.ts';
import { construct, invokeSuper } from './construction.ts';
import { invoke } from './methods.ts';
import { equals, negate, nullishness, typeName } from './conditions.ts';
import { escape } from './escape.ts';
import { getField, hasField, makeClass, makeList, makeRecord, setField } from './objects.ts';
import { awaitValue, yieldValue } from './promises.ts';
import { fieldAs, materialize } from './typed.ts';
import { isNullish, primitive, text, textOf, UNDEFINED, UNKNOWN, type Value } from './values.ts';
import { load, store, unfold } from './variables.ts';
import type { Frame, Outcome } from './frame.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { Instruction, Slot } from '../ir.ts';
import type { SqlText } from '../sql/tokens.ts';
import type { TypeInfo } from '../types.ts';

/** Runs an instruction that computes a value or does something with one, and goes on to the next instruction. */
export function evaluate(solver: Solver, instruction: Instruction, state: State, frame: Frame): State[] {
  switch (instruction.op) {
    case 'constant':
      solver.give(
        state,
        instruction.to,
        typeof instruction.value === 'string'
          ? text([instruction.value], instruction.site ?? null)
          : primitive(instruction.value),
        frame,
      );
      return [state];
    case 'text':
      solver.give(state, instruction.to, evaluateText(solver, state, instruction, frame), frame);
      return [state];
    case 'unknown':
      solver.give(state, instruction.to, UNKNOWN, frame);
      return [state];
    case 'argument':
      return evaluateArgument(solver, instruction, state, frame);
    case 'self':
      solver.give(state, instruction.to, frame.self, frame);
      return [state];
    case 'copy':
      solver.give(state, instruction.to, state.temporaries.peek(slotKey(frame.activation, instruction.from)), frame);
      return [state];
    case 'drop':
      solver.take(state, instruction.from, frame);
      return [state];
    case 'escape':
      escape(
        solver,
        state,
        frame,
        solver.take(state, instruction.from, frame),
        { kind: 'unknown', handles: [] },
        instruction.stored,
      );
      return [state];
    case 'load':
      return finish(solver, load(solver, state, instruction.variable, frame), instruction.to, frame);
    case 'store':
      store(solver, state, instruction.variable, solver.take(state, instruction.from, frame), frame);
      return [state];
    case 'global':
      solver.give(state, instruction.to, { kind: 'global', path: [instruction.name] }, frame);
      return [state];
    case 'field': {
      const object = solver.take(state, instruction.object, frame);
      if (instruction.optional && isNullish(object)) {
        solver.give(state, instruction.to, UNDEFINED, frame);
        return [state];
      }
      return finish(solver, getField(solver, state, frame, object, instruction.name), instruction.to, frame);
    }
    case 'set field': {
      const object = solver.take(state, instruction.object, frame);
      setField(solver, state, frame, object, instruction.name, solver.take(state, instruction.from, frame));
      return [state];
    }
    case 'function':
      solver.give(
        state,
        instruction.to,
        {
          kind: 'function',
          fn: instruction.fn,
          scope: frame.activation,
          self: instruction.fn.arrow ? frame.self : null,
        },
        frame,
      );
      return [state];
    case 'class': {
      const parent = instruction.parent === null ? null : solver.take(state, instruction.parent, frame);
      return finish(solver, makeClass(solver, state, frame, instruction.cls, parent), instruction.to, frame);
    }
    case 'object': {
      const values = takeAll(solver, state, instruction.entries, frame);
      const entries = instruction.entries.map((entry, index) => ({ ...entry, value: values[index] ?? UNKNOWN }));
      solver.give(state, instruction.to, makeRecord(solver, state, frame, instruction.site, entries), frame);
      return [state];
    }
    case 'array': {
      const values = takeAll(solver, state, instruction.elements, frame);
      const elements = instruction.elements.map(
        (element, index) => element && { value: values[index] ?? UNKNOWN, spread: element.spread },
      );
      solver.give(state, instruction.to, makeList(solver, state, frame, instruction.site, elements), frame);
      return [state];
    }
    case 'call': {
      const callee = solver.take(state, instruction.callee, frame);
      const args = takeArguments(solver, state, instruction.args, frame);
      frame.at = instruction.site;
      return finish(
        solver,
        call(solver, state, frame, callee, UNDEFINED, args, instruction.site),
        instruction.to,
        frame,
      );
    }
    case 'construct': {
      const callee = solver.take(state, instruction.callee, frame);
      const args = takeArguments(solver, state, instruction.args, frame);
      frame.at = instruction.site;
      return finish(solver, construct(solver, state, frame, callee, args, instruction.site), instruction.to, frame);
    }
    case 'invoke': {
      const object = solver.take(state, instruction.object, frame);
      const args = takeArguments(solver, state, instruction.args, frame);
      if (instruction.optional && isNullish(object)) {
        solver.give(state, instruction.to, UNDEFINED, frame);
        return [state];
      }
      frame.at = instruction.site;
      return finish(
        solver,
        invoke(solver, state, frame, object, instruction.name, args, instruction.site),
        instruction.to,
        frame,
      );
    }
    case 'super': {
      const args = takeArguments(solver, state, instruction.args, frame);
      frame.at = instruction.site;
      return finish(
        solver,
        invokeSuper(solver, state, frame, instruction.name, args, instruction.site),
        instruction.to,
        frame,
      );
    }
    case 'cast':
      return evaluateCast(solver, instruction, state, frame);
    case 'await':
      frame.at = instruction.site;
      return finish(
        solver,
        awaitValue(solver, state, frame, solver.take(state, instruction.from, frame), instruction.site),
        instruction.to,
        frame,
      );
    case 'yield':
      return finish(
        solver,
        yieldValue(
          solver,
          state,
          frame,
          solver.take(state, instruction.from, frame),
          instruction.delegates,
          instruction.site,
        ),
        instruction.to,
        frame,
      );
    case 'using': {
      const id = frame.scopes.at(-1);
      const stack = id === undefined ? undefined : state.heap.get(id);
      const run = solver.take(state, instruction.from, frame);
      if (id !== undefined && stack?.type === 'stack')
        state.heap.set(id, { type: 'stack', actions: [...stack.actions, { run, on: null }] });
      return [state];
    }
    case 'not': {
      solver.give(state, instruction.to, negate(solver.take(state, instruction.from, frame)), frame);
      return [state];
    }
    case 'is nullish':
      solver.give(state, instruction.to, nullishness(state, solver.take(state, instruction.from, frame)), frame);
      return [state];
    case 'compare': {
      const left = solver.take(state, instruction.left, frame);
      const right = solver.take(state, instruction.right, frame);
      const equal = equals(solver, state, left, right, instruction.loose);
      solver.give(state, instruction.to, instruction.negated ? negate(equal) : equal, frame);
      return [state];
    }
    case 'typeof':
      solver.give(state, instruction.to, typeName(solver.take(state, instruction.from, frame)), frame);
      return [state];
    case 'has':
      solver.give(
        state,
        instruction.to,
        hasField(solver, state, solver.take(state, instruction.object, frame), instruction.name),
        frame,
      );
      return [state];
    default:
      return [state];
  }
}

/** Takes temporaries, the last one first: it was put there last, and lies on top. */
function takeAll(
  solver: Solver,
  state: State,
  parts: readonly ({ readonly from: Slot } | null)[],
  frame: Frame,
): Value[] {
  return parts
    .reduceRight<Value[]>((values, part) => {
      values.push(part ? solver.take(state, part.from, frame) : UNKNOWN);
      return values;
    }, [])
    .reverse();
}

function takeArguments(
  solver: Solver,
  state: State,
  args: readonly { from: Slot; spread: boolean }[],
  frame: Frame,
): Value[] {
  const taken = takeAll(solver, state, args, frame);
  if (!args.some(({ spread }) => spread)) return taken;
  const values: Value[] = [];
  for (const [index, value] of taken.entries()) {
    if (!args[index]?.spread) {
      values.push(value);
      continue;
    }
    const list = solver.read(state, value);
    if (list?.type === 'list' && list.exact) values.push(...list.items);
    else values.push(UNKNOWN, UNKNOWN, UNKNOWN);
  }
  return values;
}

/** Gives a result to the temporary that receives it, in each of the states that it came with. */
function finish(solver: Solver, outcomes: readonly Outcome[], to: Slot, frame: Frame): State[] {
  if (outcomes.length === 1 && outcomes[0]) {
    solver.give(outcomes[0].state, to, outcomes[0].value, frame);
    return [outcomes[0].state];
  }
  for (const { state, value } of outcomes) solver.give(state, to, value, frame);
  const states = outcomes.map((outcome) => outcome.state);
  // With a handle and without it: what comes next mostly asks which.
  return states.length <= 2 ? states : solver.merge(states);
}

function evaluateArgument(
  solver: Solver,
  instruction: Instruction & { op: 'argument' },
  state: State,
  frame: Frame,
): State[] {
  const { index, rest, type, optional } = instruction;
  let value: Value = UNKNOWN;
  if (frame.args) {
    if (rest) {
      const elements = frame.args.slice(index).map((item) => ({ value: item, spread: false }));
      value = makeList(solver, state, frame, instruction.site, elements);
    } else {
      value = frame.args[index] ?? UNDEFINED;
    }
  }
  if (value.kind === 'unknown' && !rest) {
    const info = parameterType(solver, frame, type && solver.world.typeOf(type), index);
    if (info) value = materialize(solver, state, frame, instruction.site, info);
    if (value.kind === 'ref' && optional && !frame.args) value = { ...value, nullable: true };
  }
  return finish(solver, unfold(state, value), instruction.to, frame);
}

/** What a parameter holds: its type says so, or whoever calls it, also where the type only names some methods of it. */
function parameterType(solver: Solver, frame: Frame, type: TypeInfo | null, index: number): TypeInfo | null {
  if (frame.args || (type && type.kind !== 'object')) return type;
  const told = solver.world.toldParameter(frame.fn, index);
  return type && told?.kind !== 'handle' && told?.kind !== 'layer' ? type : told;
}

function evaluateCast(solver: Solver, instruction: Instruction & { op: 'cast' }, state: State, frame: Frame): State[] {
  let value = solver.take(state, instruction.from, frame);
  const holder = instruction.field && solver.take(state, instruction.field.object, frame);
  const info = solver.world.typeOf(instruction.type);
  if (
    solver.read(state, value)?.type === 'layer' &&
    info?.kind === 'external' &&
    !solver.world.catalogue.isDatabaseModule(info.module)
  ) {
    value = UNKNOWN; // the code knows better: a layer over another database
  } else if (value.kind === 'unknown' || value.kind === 'symbol') {
    if (info) {
      const typed =
        instruction.field && holder?.kind === 'ref'
          ? fieldAs(solver, state, frame, holder, instruction.field.name, instruction.site, info)
          : materialize(solver, state, frame, instruction.site, info);
      if (typed.kind !== 'unknown') value = typed;
    }
  }
  return finish(solver, unfold(state, value), instruction.to, frame);
}

function evaluateText(solver: Solver, state: State, instruction: Instruction & { op: 'text' }, frame: Frame): Value {
  const parts: (string | null)[] = [];
  let temporary = false;
  let known = false;
  let { site } = instruction;
  for (const part of instruction.parts) {
    const value = typeof part === 'string' ? text([part]) : solver.take(state, part, frame);
    if (value.kind === 'text') {
      known ||= typeof part !== 'string' || instruction.parts.length !== 2;
      temporary ||= value.temporary;
      // What is added to stays where it begins.
      if (instruction.continues && parts.length === 0 && !isEmpty(value.parts)) site = value.site ?? site;
    }
    append(parts, textOf(value));
  }
  // A sum of two numbers looks the same as two texts put together.
  if (!known && !parts.some((part) => part !== null && part !== '')) return UNKNOWN;
  return text(parts, site, temporary);
}

function isEmpty(parts: SqlText): boolean {
  return parts.every((part) => part === '');
}

function append(parts: (string | null)[], more: SqlText): void {
  for (const part of more) {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else parts.push(part);
  }
}
