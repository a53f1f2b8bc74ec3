import { existsSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { globSync } from 'tinyglobby';
import { isTestSource } from './test-files.ts';
import { scanSource } from './scan.ts';
import { readSource, statSource, unwrittenChanges } from './sources.ts';
import { lastPart } from '../../source-paths.ts';
import type { Catalogue } from '../../drivers/catalogue.ts';

/** What a file of the project tells at a glance. */
export interface Outline {
  readonly path: string;
  readonly modified: number;
  readonly size: number;
  readonly specifiers: readonly string[];
  /** Those that it hands on. */
  readonly reexports: readonly string[];
  readonly namesDatabase: boolean;
  readonly mentionsWal: boolean;
  readonly isTest: boolean;
}

const SOURCES = '**/*.{js,jsx,mjs,cjs,ts,tsx,mts,cts}';
const WAL = /journal_?mode[^;\n]{0,80}\bwal\b|enableWAL/i;
/** Beyond this many files a folder is not one project, and nothing is concluded from its other files. */
const MOST_FILES = 8_000;
/** Bytes; larger files are bundles. */
const LARGEST = 1_000_000;
/** Milliseconds for which a listing is taken as it was; longer where making one takes long, by so many times as long. */
const FRESH = 5_000;
const FRESH_BY_TIME_TAKEN = 50;

/** The source files of a project, each read once and again when it has changed. */
export class Outlines {
  readonly #root: string;
  readonly #catalogue: Catalogue;
  #byPath = new Map<string, Outline>();
  /** Those outside of tests. */
  #sources: readonly Outline[] = [];
  /** Imports outside of tests, by the last part of what they name. */
  #byLastPart = new Map<string, { readonly outline: Outline; readonly specifier: string }[]>();
  /** When the files are listed again. */
  #due = -Infinity;
  #changes = 0;
  #version = 0;

  constructor(root: string, catalogue: Catalogue) {
    this.#root = root;
    this.#catalogue = catalogue;
  }

  /** All files outside of tests. */
  all(): readonly Outline[] {
    this.#refresh();
    return this.#sources;
  }

  /** Counts changes of the files. */
  get version(): number {
    this.#refresh();
    return this.#version;
  }

  /** Files whose imports may name a file: by the last part of the specifier, which resolving has to confirm. */
  mayImport(path: string): { readonly outline: Outline; readonly specifiers: readonly string[] }[] {
    const wanted = lastPart(path) === 'index' ? [lastPart(dirname(path)), 'index', '.', '..'] : [lastPart(path)];
    this.#refresh();
    const found = new Map<Outline, string[]>();
    for (const part of wanted)
      for (const { outline, specifier } of this.#byLastPart.get(part) ?? [])
        if (outline.path !== path) found.set(outline, [...(found.get(outline) ?? []), specifier]);
    return [...found].map(([outline, specifiers]) => ({ outline, specifiers }));
  }

  #refresh(): void {
    const start = Date.now();
    const changes = unwrittenChanges();
    if (start < this.#due && changes === this.#changes) return;
    this.#changes = changes;
    const paths = start < this.#due ? [...this.#byPath.keys()] : listSources(this.#root);
    // A folder with too many files is not walked through again and again.
    if (paths) this.#take(paths);
    const end = Date.now();
    if (start < this.#due) return;
    this.#due = paths ? end + Math.max(FRESH, (end - start) * FRESH_BY_TIME_TAKEN) : Infinity;
  }

  #take(paths: readonly string[]): void {
    const next = new Map<string, Outline>();
    for (const path of paths) {
      const outline = this.#outlineOf(path);
      if (outline) next.set(path, outline);
    }
    const isSame =
      next.size === this.#byPath.size && [...next].every(([path, outline]) => this.#byPath.get(path) === outline);
    if (isSame) return;
    this.#byPath = next;
    this.#sources = [...next.values()].filter((outline) => !outline.isTest);
    this.#byLastPart = importsByLastPart(this.#sources);
    this.#version += 1;
  }

  #outlineOf(path: string): Outline | null {
    const stats = statSource(path);
    if (!stats || stats.size > LARGEST) return null;
    const known = this.#byPath.get(path);
    if (known?.modified === stats.modified && known.size === stats.size) return known;
    try {
      const text = readSource(path);
      const { imports, namesDatabase } = scanSource(text, this.#catalogue);
      return {
        path,
        modified: stats.modified,
        size: stats.size,
        specifiers: imports.map(({ specifier }) => specifier),
        reexports: imports.filter(({ reexports }) => reexports).map(({ specifier }) => specifier),
        namesDatabase,
        mentionsWal: WAL.test(text),
        isTest: isTestSource(relative(this.#root, path), text),
      };
    } catch {
      return null;
    }
  }
}

function importsByLastPart(
  outlines: readonly Outline[],
): Map<string, { readonly outline: Outline; readonly specifier: string }[]> {
  const found = new Map<string, { readonly outline: Outline; readonly specifier: string }[]>();
  for (const outline of outlines) {
    for (const specifier of new Set(outline.specifiers)) {
      const part = lastPart(specifier);
      const there = found.get(part);
      if (there) there.push({ outline, specifier });
      else found.set(part, [{ outline, specifier }]);
    }
  }
  return found;
}

/** The folder that a file's project is in: the nearest with a package.json, not above the working directory. */
export function projectRoot(path: string, workingDirectory: string): string {
  const inside = `${path}${sep}`.startsWith(workingDirectory.endsWith(sep) ? workingDirectory : workingDirectory + sep);
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (inside && folder === workingDirectory) return folder;
    if (folder === dirname(folder)) return dirname(path);
  }
}

/** Source files below a folder; null where there are too many. */
function listSources(root: string): string[] | null {
  const found = globSync(SOURCES, { cwd: root, absolute: true, ignore: ['**/node_modules/**', '**/*.d.{ts,mts,cts}'] });
  return found.length > MOST_FILES ? null : found.map(normalize).sort();
}
