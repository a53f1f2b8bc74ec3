import { callExternal } from './externals.ts';
import { assignField, fieldSlot, getField, type ClassValue } from './objects.ts';
import { UNKNOWN, type ObjectId, type Value } from './values.ts';
import type { Call, Frame } from './frame.ts';
import type { Connection } from './heap.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

/**
 * Instances of classes that extend a driver's class: an object with fields and methods of its own, and in it the connection
 * that the driver's constructor makes, which has the methods that are inherited.
 */

type Instance = Value & { readonly kind: 'ref' };

/** Names the connection in an instance; no field of the source has such a name. */
export const INHERITED = '(inherited)';

/** The class of a driver that a class extends, itself or by way of others. */
export function driverClassOf(world: World, cls: ClassValue): (Value & { readonly kind: 'external' }) | null {
  let current: Value | null = cls;
  while (current?.kind === 'class') current = current.parent;
  return current?.kind === 'external' && world.opensConnection(current) ? current : null;
}

/** `super(...)` of a class that extends a driver's: opens the connection. */
export function openInherited(step: Call, self: Instance, driver: Value & { readonly kind: 'external' }): State[] {
  const { solver } = step;
  return callExternal(step, driver, true).map(({ state, value }) => {
    const record = solver.object(state, self.id);
    if (value.kind !== 'ref' || record?.type !== 'record' || !record.cls) return state;
    assignField(state, self, record, INHERITED, value);
    solver.keep(fieldSlot(record.cls.cls, INHERITED, false), state, value, false);
    return state;
  });
}

/** The connection that an object is, where its class extends a driver's. */
export function inheritedOf(solver: Solver, state: State, frame: Frame, value: Value): Value {
  const record = solver.read(state, value);
  if (record?.type !== 'record' || !record.cls || !driverClassOf(solver.world, record.cls)) return UNKNOWN;
  return getField(solver, state, frame, value, INHERITED)[0]?.value ?? UNKNOWN;
}

/** The connection that a value is: a handle of a driver, or an instance of a class that extends the driver's. */
export function connectionOf(
  solver: Solver,
  state: State,
  frame: Frame,
  value: Value,
): { readonly id: ObjectId; readonly connection: Connection } | null {
  const own = solver.read(state, value)?.type === 'record' ? inheritedOf(solver, state, frame, value) : value;
  const connection = solver.read(state, own);
  return own.kind === 'ref' && connection?.type === 'connection' ? { id: own.id, connection } : null;
}
