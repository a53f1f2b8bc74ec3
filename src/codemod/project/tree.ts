import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { GitIgnored } from '../files/ignored.ts';
import { withSlashes } from '../files/slashes.ts';
import type { Texts } from './types.ts';

/** Files with code in them that the type checker does not read. */
const COMPONENTS = ['.vue', '.svelte', '.astro'];

/** The files with code below a folder, whatever a config says of them. */
export class Tree {
  readonly #root: string;
  #files: Promise<readonly string[]> | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  /** Those that have one of some words in them, but for some; absolute, with slashes. */
  async mentioning(
    words: ReadonlySet<string>,
    texts: Texts,
    isKnown: (path: string) => boolean,
  ): Promise<{ readonly modules: readonly string[]; readonly components: readonly string[] }> {
    const wanted = [...words];
    const found = (await (this.#files ??= this.#find())).filter((path) => {
      if (isKnown(path)) return false;
      const text = texts.get(path) ?? textOf(path);
      return wanted.some((word) => text.includes(word));
    });
    const isComponent = (path: string): boolean => COMPONENTS.includes(extname(path));
    return { modules: found.filter((path) => !isComponent(path)), components: found.filter(isComponent) };
  }

  async #find(): Promise<readonly string[]> {
    const found = await glob('**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx,vue,svelte,astro}', {
      cwd: this.#root,
      absolute: true,
      followSymbolicLinks: false,
      ignore: ['**/node_modules/**', '**/.git/**', '**/*.d.{ts,mts,cts}', '**/*.min.js'],
    });
    const ignored = new GitIgnored();
    return found
      .map((path) => resolve(path))
      .filter((path) => !ignored.has(path))
      .map(withSlashes)
      .toSorted();
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
