import { bind } from './bind/bind.ts';
import { lowerFunction } from './lower/functions.ts';
import { ModuleUnit } from './units.ts';
import type { Relevance } from './bind/relevance.ts';
import type { Told } from '../told.ts';
import type { TSESTree } from './syntax.ts';

/** The front end: a module's syntax tree as IR. Functions are lowered when the solver first reads them. */
export function lowerModule(
  path: string,
  text: string,
  ast: TSESTree.Program,
  relevance: Relevance,
  told: Told | null = null,
): ModuleUnit {
  const module = new ModuleUnit(path, text, ast, lowerFunction);
  bind(module, relevance, told);
  return module;
}
