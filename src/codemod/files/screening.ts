import { basename } from 'node:path';
import type { SKIPS } from '../model.ts';

/** Folders of other people's code. */
const VENDORED = /(?:^|\/)(?:vendor|vendored|third[_-]party|bower_components)\//;
const MINIFIED = /\.min\.[cm]?js$/;
/** Words by which generators ask not to be edited, in a comment at the top of the file. */
const GENERATED = /@generated\b|\bdo not (?:edit|modify)\b|\b(?:auto-?|automatically )generated\b/i;
/** Compilers end a file with where the source of it is (ECMA-426, "Linking generated code to source maps"). */
const COMPILED = /(?:^|\n)\/\/[#@] sourceMappingURL=\S+\s*$/;
const TOP = /^(?:\s*(?:#![^\n]*\n|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|['"]use \w+['"];?))+/;

/** Why a file is better left alone, by its path and text; null where it is not. */
export function screen(path: string, text: string): keyof typeof SKIPS | null {
  if (VENDORED.test(path) || MINIFIED.test(basename(path))) return 'vendored';
  if (COMPILED.test(text.slice(-5_000))) return 'generated';
  const comments = TOP.exec(text.slice(0, 5_000))?.[0];
  return comments !== undefined && GENERATED.test(comments) ? 'generated' : null;
}

/** Drivers as they are named by components whose language is not supported. */
export function namesDriver(text: string, modules: readonly string[]): boolean {
  return modules.some((module) => text.includes(`'${module}'`) || text.includes(`"${module}"`));
}
