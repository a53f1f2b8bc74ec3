import { escape } from './escape.ts';
import { ref, type ObjectId } from './values.ts';
import type { Call, Outcome } from './frame.ts';
import type { BuilderObject } from './heap.ts';
import type { TypeInfo } from '../types.ts';

/** The call that begins a builder of functions with a context, where its type argument can be read. */
export function beginBuilder(call: Call, module: string, path: string): Outcome[] | null {
  const { solver, state, frame, site } = call;
  const builder = solver.world.catalogue.contextBuilderOf(module);
  const property = builder?.begins[path];
  const [type] = site.types ?? [];
  const info = builder && property !== undefined && type ? solver.world.typeOf(type) : null;
  if (!builder || property === undefined || !info) return null;
  const given: TypeInfo =
    property === null ? info : { kind: 'object', member: (name) => (name === property ? info : null) };
  solver.raise(state, frame, site);
  return [{ state, value: solver.allocate(state, frame, site, 'builder', { type: 'builder', builder, given }) }];
}

export function invokeBuilder(call: Call, id: ObjectId, { builder, given }: BuilderObject, name: string): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const [first] = args;
  if (first?.kind === 'function' && builder.methods.includes(name)) solver.world.giveContext(first.fn, given);
  for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
  solver.raise(state, frame, site);
  return [{ state, value: ref(id) }];
}
