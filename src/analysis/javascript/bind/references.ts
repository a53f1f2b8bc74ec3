import { connect, type Flow } from './relevance.ts';
import { isTypeSymbol, type ClassFlow } from '../scope.ts';
import type { Binder } from './binder.ts';
import type { FunctionUnit } from '../units.ts';

/** Stands among the targets of a variable that has a use other than a direct call. */
const NOT_ONLY_CALLED = { cls: { relevant: true }, flowsTo: new Set<Flow>() } satisfies ClassFlow;

/** Resolves the names that are used, and the exports of the module's own variables, once all are declared. */
export function resolveReferences(binder: Binder): void {
  for (const { name, role, place } of binder.references) {
    if (role === 'type') {
      const found = place.scope.lookupType(name);
      if (found) connect(isTypeSymbol(found) ? found.flows : found, place);
      if (!found || !isTypeSymbol(found)) continue;
      const value = place.scope.lookup(name);
      if (value) connect(value, place);
      continue;
    }
    const binding = place.scope.lookup(name);
    if (!binding) continue;
    for (let fn: FunctionUnit | null = place.fn; fn && fn !== binding.owner; fn = fn.outer) {
      fn.free.add(binding);
      binding.captured = true;
    }
    if (role === 'write') binding.constant = false;
    if (role !== 'callee') binding.flowsTo.add(NOT_ONLY_CALLED);
    if (role !== 'export') connect(binding, place);
  }
  for (const { exported, local, scope } of binder.localExports) {
    const variable = scope.lookup(local);
    const type = scope.lookupType(local);
    if (type && isTypeSymbol(type)) binder.module.typeExports.set(exported, type);
    if (variable) binder.module.exports.set(exported, { kind: 'variable', variable });
  }
  for (const binding of binder.functionVariables) {
    binding.calledOnly = binding.constant && !binding.flowsTo.has(NOT_ONLY_CALLED);
    const fn = binding.names && binder.module.functionOf.get(binding.names);
    if (fn) fn.calledOnly = binding.calledOnly;
  }
}
