import { handlesIn } from './escape.ts';
import { isNullish, type Value } from './values.ts';
import { fieldPlace, functionName, parameterPlace } from '../told.ts';
import type { Call } from './frame.ts';
import type { ClassValue } from './objects.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { FunctionIR, ModuleIR } from '../ir.ts';
import type { TypeInfo } from '../types.ts';

/** Objects in objects that are looked into. */
const DEEPEST = 3;

/** Tells what a function of another module is given. */
export function tellArguments({ solver, state, frame, args }: Call, fn: FunctionIR): void {
  if (!isElsewhere(solver, frame.fn.module, fn.module)) return;
  const name = functionName(fn);
  if (name === null) return;
  for (const [index, arg] of args.entries()) {
    const info = infoOf(solver, state, arg, 0);
    if (info !== undefined) solver.recorder.told({ module: fn.module.path, place: parameterPlace(name, index), info });
  }
}

/** Tells what a new instance of another module's class holds. */
export function tellFields({ solver, frame }: Call, state: State, cls: ClassValue, instance: Value): void {
  const record = solver.read(state, instance);
  if (record?.type !== 'record') return;
  for (let current: Value | null = cls; current?.kind === 'class'; current = current.parent) {
    const { module, name: className, outer } = current.cls;
    if (!isElsewhere(solver, frame.fn.module, module) || outer !== module.program || className === '') continue;
    for (const [name, value] of record.fields) {
      const info = infoOf(solver, state, value, 0);
      if (info !== undefined) solver.recorder.told({ module: module.path, place: fieldPlace(className, name), info });
    }
  }
}

/** A module knows its own callers. */
function isElsewhere(solver: Solver, from: ModuleIR, to: ModuleIR): boolean {
  return from !== to && to !== solver.module;
}

/** A value as a type; null for what has nothing to do with SQLite, undefined where that is not known. */
function infoOf(solver: Solver, state: State, value: Value, depth: number): TypeInfo | null | undefined {
  switch (value.kind) {
    case 'external':
    case 'global':
    case 'function':
    case 'class':
    case 'text':
      return null;
    case 'primitive':
      return isNullish(value) ? undefined : null;
    case 'ref':
      return infoOfObject(solver, state, value, depth);
    default:
      return undefined;
  }
}

function infoOfObject(
  solver: Solver,
  state: State,
  value: Value & { readonly kind: 'ref' },
  depth: number,
): TypeInfo | undefined {
  const object = solver.object(state, value.id);
  switch (object?.type) {
    case 'connection':
      if (object.settings.alone === 'yes' || object.status === 'closed') return undefined;
      return { kind: 'handle', driver: object.driver };
    case 'layer':
      return { kind: 'layer', layer: object.layer };
    case 'record': {
      if (depth > DEEPEST || handlesIn(solver, state, [value]).length === 0) return undefined;
      if (object.cls) {
        const { cls } = object.cls;
        return cls.outer === cls.module.program ? { kind: 'class', cls } : undefined;
      }
      const members = new Map<string, TypeInfo>();
      for (const [name, field] of object.fields) {
        const info = infoOf(solver, state, field, depth + 1);
        if (info) members.set(name, info);
      }
      return members.size > 0 ? { kind: 'object', member: (name) => members.get(name) ?? null } : undefined;
    }
    default:
      return undefined;
  }
}
