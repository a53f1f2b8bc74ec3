import { Binder, type Place } from './binder.ts';
import { declareLocals } from './locals.ts';
import { resolveReferences } from './references.ts';
import { spreadRelevance, type Flow, type Relevance } from './relevance.ts';
import { visit, visitStatements } from './visit.ts';
import { Scope } from '../scope.ts';
import { boundNames, isFunction } from '../syntax.ts';
import type { ModuleUnit } from '../units.ts';
import type { Told } from '../../told.ts';

/**
 * Finds scopes, functions, classes, imports and exports of a module, and marks what has to do with SQLite: whatever is
 * computed from, or mentions, an import that does. The mark decides only where the solver looks, never what it finds.
 */
export function bind(module: ModuleUnit, relevance: Relevance, told: Told | null): void {
  const binder = new Binder(module, relevance);
  const { program, ast } = module;
  const scope = new Scope(null, program, true);
  program.scope = scope;
  module.scopes.set(ast, scope);
  module.functionOf.set(ast, program);
  for (const name of ['module', 'exports']) scope.declare(name);
  const place: Place = { scope, fn: program, cls: null, targets: [] };
  for (const declaration of module.documentation.declarations) visit(binder, declaration, place);
  visitStatements(binder, ast.body, place);
  declareLocals(binder);
  resolveReferences(binder);
  if (told) binder.seeds.push(...seedsOf(module, told));
  spreadRelevance(binder.seeds);
}

/** Parameters and fields that hold a handle by what other modules tell. */
function* seedsOf(module: ModuleUnit, told: Told): Iterable<Flow> {
  for (const fn of module.functions) {
    if (!fn.scope || fn.node.type === 'FieldInitializer' || !isFunction(fn.node)) continue;
    for (const [index, parameter] of fn.node.params.entries()) {
      if (!told.parameter(fn, index)) continue;
      yield fn;
      for (const { name } of boundNames(parameter)) yield fn.scope.declare(name);
    }
  }
  for (const cls of module.classes)
    for (const [name, flow] of cls.memberFlows) if (told.field(cls.name, name)) yield flow;
}
