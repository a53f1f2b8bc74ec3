import { quietly } from './asides.ts';
import { runConstructor, runFunction } from './roots.ts';
import { methodValue, type ClassValue } from './objects.ts';
import { driverClassOf } from './subclasses.ts';
import { UNKNOWN, type Value } from './values.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';
import type { ModuleIR } from '../ir.ts';

/** Whether an export makes a connection that its caller has to close. */
export function handsOut(world: World, module: ModuleIR, name: string): boolean {
  const solver = world.asideOf(module);
  return makesConnection(solver, world.handedOut(solver, module, name));
}

function makesConnection(solver: Solver, value: Value): boolean {
  switch (value.kind) {
    case 'function':
      return (
        value.fn.relevant &&
        (quietly(() => runFunction(solver, value, value.self ?? UNKNOWN)) ?? []).some((end) =>
          owns(end.state, end.value),
        )
      );
    case 'class':
      return (
        value.cls.relevant &&
        (makesOwner(solver, value) || staticMethods(value).some((fn) => makesConnection(solver, fn)))
      );
    case 'namespace': {
      const { exports } = value.module;
      // What a CommonJS module exports is decided when it runs.
      if (exports.size === 0) return makesConnection(solver, solver.world.handedOut(solver, value.module, 'require'));
      return [...exports.keys()].some((name) => name !== '*' && handsOut(solver.world, value.module, name));
    }
    case 'ref': {
      const object = solver.heap.get(value.id);
      return (
        object?.type === 'record' &&
        [...object.fields.values()].some((field) => field.kind !== 'ref' && makesConnection(solver, field))
      );
    }
    default:
      return false;
  }
}

/** Whether an instance of a class is or keeps a connection that it opens. */
function makesOwner(solver: Solver, cls: ClassValue): boolean {
  if (driverClassOf(solver.world, cls)) return true;
  return (quietly(() => runConstructor(solver, cls)) ?? []).some((end) => owns(end.state, end.value));
}

function staticMethods(cls: ClassValue): Value[] {
  return cls.cls.members.flatMap(({ kind, isStatic, isPrivate, fn }) =>
    kind === 'method' && isStatic && !isPrivate && fn ? [methodValue(cls, fn, cls)] : [],
  );
}

/** Whether a value leads to a connection that was opened and not given away. */
function owns(state: State, value: Value): boolean {
  if (value.kind !== 'ref') return false;
  for (const object of state.heap.map.values()) {
    if (
      object.type === 'connection' &&
      object.ownership === 'owned' &&
      (object.status === 'open' || object.status === 'opening')
    )
      return true;
  }
  return false;
}
