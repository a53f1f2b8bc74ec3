// Which files are sources, and how the linter has to be told to parse them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as typescriptParser from '@typescript-eslint/parser';

/** The files that a configuration is for. */
export const SOURCES = '**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}';

/** All source files below a folder, in the same order everywhere. Links are not followed. */
export function* sourcesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== '.git') yield* sourcesIn(path);
    else if (entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name)) yield path;
  }
}

export function isDeclaration(file) {
  return /\.d\.[cm]?ts$/.test(file);
}

/** Language options to try in turn: the name of a file does not tell whether it is a module, or has JSX in it. */
export function waysToParse(file) {
  const parserOptions = { ecmaFeatures: { jsx: !/\.[cm]?ts$/.test(file) } };
  const typescript = { parser: typescriptParser, parserOptions };
  if (/\.[cm]?tsx?$/.test(file)) return [typescript];
  return [{ sourceType: 'module', parserOptions }, { sourceType: 'commonjs', parserOptions }, typescript];
}
