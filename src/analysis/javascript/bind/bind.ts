import { Binder } from './binder.ts';
import { resolveReferences } from './references.ts';
import { spreadRelevance, type Relevance } from './relevance.ts';
import { visitStatements } from './visit.ts';
import { Scope } from '../scope.ts';
import type { ModuleUnit } from '../units.ts';

/**
 * Finds scopes, functions, classes, imports and exports of a module, and marks what has to do with SQLite: whatever is
 * computed from, or mentions, an import that does. The mark decides only where the solver looks, never what it finds.
 */
export function bind(module: ModuleUnit, relevance: Relevance): void {
  const binder = new Binder(module, relevance);
  const { program, ast } = module;
  const scope = new Scope(null, program, true);
  program.scope = scope;
  module.scopes.set(ast, scope);
  module.functionOf.set(ast, program);
  for (const name of ['module', 'exports']) scope.declare(name);
  visitStatements(binder, ast.body, { scope, fn: program, cls: null, targets: [] });
  resolveReferences(binder);
  spreadRelevance(binder.seeds);
}
