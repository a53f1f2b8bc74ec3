import { bind } from './bind/bind.ts';
import { readDeclarations } from './declarations.ts';
import { lowerFunction } from './lower/functions.ts';
import { NO_DOCUMENTATION, readDocumentation, type Documentation } from './jsdoc.ts';
import { ModuleUnit } from './units.ts';
import { isJavaScript } from '../../source-paths.ts';
import type { Relevance } from './bind/relevance.ts';
import type { Told } from '../told.ts';
import type { TSESTree } from './syntax.ts';

/** A module as it is read. */
export interface ModuleSource {
  readonly path: string;
  readonly text: string;
  readonly ast: TSESTree.Program;
  /** The text of its declaration file, where it is JavaScript and has one. */
  readonly declarations: string | null;
}

/** The front end: a module's syntax tree as IR. Functions are lowered when the solver first reads them. */
export function lowerModule(source: ModuleSource, relevance: Relevance, told: Told | null = null): ModuleUnit {
  const module = new ModuleUnit(source.path, source.text, source.ast, lowerFunction, documentationOf(source));
  bind(module, relevance, told);
  return module;
}

/** A comment beside the code goes before the declaration file. */
function documentationOf({ path, text, ast, declarations }: ModuleSource): Documentation {
  if (!isJavaScript(path)) return NO_DOCUMENTATION;
  const comments = readDocumentation(ast, text);
  if (declarations === null) return comments;
  const declared = readDeclarations(ast, declarations);
  return {
    types: new Map([...declared.types, ...comments.types]),
    declarations: [...declared.declarations, ...comments.declarations],
  };
}
