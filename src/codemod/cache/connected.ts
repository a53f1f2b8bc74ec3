import { readFileSync, realpathSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { Resolver } from '../../analysis/modules/resolve.ts';
import { scanSource } from '../../analysis/modules/scan.ts';
import type { Catalogue } from '../../drivers/catalogue.ts';

const SOURCES = '**/*.{js,jsx,mjs,cjs,ts,tsx,mts,cts}';
const IGNORED = ['**/node_modules/**', '**/.git/**'];
const DECLARATION = /\.d\.([cm]?)ts$/;
/** Speaks of what a database file keeps, for whoever opens it. */
const WAL = /journal_?mode|enableWAL/i;
/** `jest.mock('./database')`: a file that changes with another one without importing it. */
const MOCKED = /\b(?:mock|doMock|unstable_mockModule|setMock|module|proxyquire|esmock)\s*\(\s*(["'])([^"'\n]+)\1/g;

/** Files that findings and rewrites may rest on, by absolute path, with their texts. */
export type Connected = ReadonlyMap<string, string>;

/**
 * The sources below a folder that have to do with SQLite, and all that are connected with one of them by imports, in either
 * direction and over any number of files: what one of the others says changes nothing of a run. Declaration files are
 * connected with everything. `seeds` have to do with SQLite whatever their text says.
 */
export function connectedSources(root: string, catalogue: Catalogue, seeds: ReadonlySet<string>): Connected {
  const texts = new Map<string, string>();
  for (const path of globSync(SOURCES, { cwd: root, absolute: true, ignore: IGNORED, dot: true }).toSorted()) {
    const source = sourceAt(path);
    if (source) texts.set(...source);
  }
  const found = new Set<string>();
  const neighbours = new Map<string, string[]>();
  const resolver = new Resolver();
  for (const [path, text] of texts) {
    const { namesDatabase, imports } = scanSource(text, catalogue);
    if (namesDatabase || seeds.has(path) || WAL.test(text) || DECLARATION.test(path)) found.add(path);
    const mocked = [...text.matchAll(MOCKED)].map((match) => match[2] ?? '');
    for (const specifier of [...imports.map((imported) => imported.specifier), ...mocked]) {
      const to = resolver.resolve(path, specifier);
      if (to === null || !texts.has(to)) continue;
      connect(neighbours, path, to);
      connect(neighbours, to, path);
    }
  }
  // Of a declaration file nothing follows for what it imports.
  const open = [...found].filter((path) => !DECLARATION.test(path));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const neighbour of neighbours.get(path) ?? []) {
      if (found.has(neighbour)) continue;
      found.add(neighbour);
      open.push(neighbour);
    }
  }
  return new Map([...texts].filter(([path]) => found.has(path)));
}

function connect(neighbours: Map<string, string[]>, from: string, to: string): void {
  const there = neighbours.get(from);
  if (there) there.push(to);
  else neighbours.set(from, [to]);
}

/** A file itself, where links lead to it, with its text. */
function sourceAt(path: string): [string, string] | null {
  try {
    const file = realpathSync(path);
    return [file, readFileSync(file, 'utf8')];
  } catch {
    return null; // not ours to read, for the run neither
  }
}
