import { readFileSync, realpathSync, statSync } from 'node:fs';
import { extname, relative, resolve } from 'node:path';
import { escapePath, glob, isDynamicPattern } from 'tinyglobby';
import { DRIVERS } from '../../drivers/index.ts';
import { CodemodError, EXIT } from '../exit-codes.ts';
import { GitIgnored } from './ignored.ts';
import { namesDriver, screen } from './screening.ts';
import { withSlashes } from './slashes.ts';
import type { SkippedFile } from '../model.ts';

/** A file to look at. */
export interface Target {
  /** From the root, with slashes. */
  readonly path: string;
  /** The file itself, where links lead to it. */
  readonly absolute: string;
}

export interface TargetOptions {
  readonly root: string;
  /** Files, folders and globs as they were given, from the root or absolute. */
  readonly paths: readonly string[];
  /** Globs from the root. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Leave out what git ignores. */
  readonly gitignore: boolean;
  /** Bytes. */
  readonly maxSize: number;
}

const SUPPORTED = ['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx'];
/** Files with code in them that is not theirs alone: named where they have to do with SQLite. */
const COMPONENTS = ['.vue', '.svelte', '.astro'];
const DECLARATIONS = /\.d\.[cm]?ts$/;
const MODULES = DRIVERS.flatMap(({ modules }) => modules);

/**
 * The files that paths stand for, in the order of their names, each once. A file that is named itself is taken even where
 * git ignores it or it says that it is generated. Throws `CodemodError` for a path that is not there, and where nothing
 * is found: that was not meant.
 */
export async function findTargets(
  options: TargetOptions,
): Promise<{ readonly files: readonly Target[]; readonly skipped: readonly SkippedFile[] }> {
  const { root, maxSize } = options;
  const named = new Set<string>();
  const found = new Set<string>();
  for (const path of options.paths) for (const file of await filesOf(path, options, named)) found.add(file);
  const wanted = await chosen([...found], options);
  const ignored = options.gitignore ? new GitIgnored() : null;
  const files = new Map<string, Target>();
  const skipped: SkippedFile[] = [];
  for (const file of wanted) {
    const isNamed = named.has(file);
    if (!isNamed && ignored?.has(file)) continue;
    const path = withSlashes(relative(root, file));
    const real = realpathSync(file);
    const skip = whySkipped(path, real, maxSize, isNamed);
    if (skip?.isToTell) skipped.push({ path, why: skip.why, detail: skip.detail });
    else if (!skip && SUPPORTED.includes(extname(file)) && !files.has(real)) files.set(real, { path, absolute: real });
  }
  if (files.size === 0 && skipped.length === 0) throw nothingFound(options);
  return { files: [...files.values()].toSorted(byPath), skipped };
}

async function filesOf(path: string, { root }: TargetOptions, named: Set<string>): Promise<readonly string[]> {
  const absolute = resolve(root, path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats?.isFile()) {
    if (![...SUPPORTED, ...COMPONENTS].includes(extname(absolute)))
      throw new CodemodError(
        EXIT.usage,
        `${path} is not a file of JavaScript or TypeScript (${SUPPORTED.join(', ')}).`,
      );
    named.add(absolute);
    return [absolute];
  }
  const pattern = stats ? `${escapePath(withSlashes(absolute))}/**` : withSlashes(path);
  if (!stats && !isDynamicPattern(pattern))
    throw new CodemodError(EXIT.usage, `There is no file or folder ${path} (looked in ${root}).`);
  const files = await glob(pattern, {
    cwd: root,
    absolute: true,
    dot: false,
    // Links to folders may lead out of the project, or in circles.
    followSymbolicLinks: false,
    ignore: ['**/node_modules/**', '**/.git/**'],
  });
  if (!stats && files.length === 0) throw new CodemodError(EXIT.usage, `Nothing matches ${path} (looked in ${root}).`);
  return files
    .map((file) => resolve(file))
    .filter((file) => [...SUPPORTED, ...COMPONENTS].includes(extname(file)) && !DECLARATIONS.test(file));
}

/** Those that `--include` and `--exclude` leave. */
async function chosen(files: readonly string[], { root, include, exclude }: TargetOptions): Promise<readonly string[]> {
  const matching = async (patterns: readonly string[]): Promise<Set<string>> => {
    const ignore = ['**/node_modules/**', '**/.git/**'];
    const found = await glob([...patterns], { cwd: root, absolute: true, ignore, followSymbolicLinks: false });
    return new Set(found.map((file) => resolve(file)));
  };
  const included = include.length > 0 ? await matching(include) : null;
  const excluded = exclude.length > 0 ? await matching(exclude) : null;
  return files.filter((file) => included?.has(file) !== false && !excluded?.has(file));
}

interface Skip extends Omit<SkippedFile, 'path'> {
  /** It has to do with SQLite, or might have. */
  readonly isToTell: boolean;
}

function whySkipped(path: string, file: string, maxSize: number, isNamed: boolean): Skip | null {
  try {
    const { size } = statSync(file);
    if (size > maxSize) return { why: 'too-large', detail: `${size} bytes`, isToTell: true };
    const extension = extname(file);
    const isComponent = COMPONENTS.includes(extension);
    if (isNamed && !isComponent) return null;
    const text = readFileSync(file, 'utf8');
    const isToTell = namesDriver(text, MODULES);
    if (isComponent) return { why: 'unsupported-language', detail: extension, isToTell };
    const why = screen(path, text);
    return why && { why, detail: null, isToTell };
  } catch (error) {
    return { why: 'unreadable', detail: error instanceof Error ? error.message : String(error), isToTell: true };
  }
}

function nothingFound({ root, paths, include, exclude, gitignore }: TargetOptions): CodemodError {
  const filters = [
    ...(include.length > 0 ? ['--include'] : []),
    ...(exclude.length > 0 ? ['--exclude'] : []),
    ...(gitignore ? ['.gitignore (see --no-gitignore)'] : []),
  ];
  return new CodemodError(
    EXIT.usage,
    `No file of JavaScript or TypeScript in ${paths.join(', ')} (looked in ${root}); left out are node_modules${filters.length > 0 ? ` and what ${filters.join(', ')} say` : ''}.`,
  );
}

function byPath(first: Target, second: Target): number {
  return first.path < second.path ? -1 : first.path > second.path ? 1 : 0;
}
