import { bind } from './bind/bind.ts';
import { lowerFunction } from './lower/functions.ts';
import { NO_DOCUMENTATION, readDocumentation } from './jsdoc.ts';
import { ModuleUnit } from './units.ts';
import { isJavaScript } from '../../source-paths.ts';
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
  const documentation = isJavaScript(path) ? readDocumentation(ast, text) : NO_DOCUMENTATION;
  const module = new ModuleUnit(path, text, ast, lowerFunction, documentation);
  bind(module, relevance, told);
  return module;
}
