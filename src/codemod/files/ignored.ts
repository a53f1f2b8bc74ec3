import ignore, { type Ignore } from 'ignore';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { withSlashes } from './slashes.ts';

/** What git ignores: the files `.gitignore` of each folder up to the repository's, and `.git/info/exclude`. */
export class GitIgnored {
  readonly #rules = new Map<string, { readonly parent: string | null; readonly ignores: Ignore | null }>();
  readonly #answers = new Map<string, boolean>();

  /** Whether git ignores a file, or a folder that it is in. `path` is absolute. */
  has(path: string): boolean {
    const folder = dirname(path);
    return this.#hasFolder(folder) || this.#isIgnored(path, folder, false);
  }

  #hasFolder(folder: string): boolean {
    const known = this.#answers.get(folder);
    if (known !== undefined) return known;
    const { parent } = this.#rulesOf(folder);
    const answer = parent !== null && (this.#hasFolder(parent) || this.#isIgnored(folder, parent, true));
    this.#answers.set(folder, answer);
    return answer;
  }

  /** By the rules of a folder and of those above it: the nearest that says something decides. */
  #isIgnored(path: string, from: string, isFolder: boolean): boolean {
    for (let folder: string | null = from; folder !== null;) {
      const { parent, ignores }: { parent: string | null; ignores: Ignore | null } = this.#rulesOf(folder);
      if (ignores) {
        const { ignored, unignored } = ignores.test(withSlashes(relative(folder, path)) + (isFolder ? '/' : ''));
        if (ignored || unignored) return ignored;
      }
      folder = parent;
    }
    return false;
  }

  /** The rules of a folder; above the repository there are none. */
  #rulesOf(folder: string): { readonly parent: string | null; readonly ignores: Ignore | null } {
    let known = this.#rules.get(folder);
    if (!known) {
      const isTop = existsSync(join(folder, '.git')) || dirname(folder) === folder;
      const files = [join(folder, '.gitignore'), ...(isTop ? [join(folder, '.git', 'info', 'exclude')] : [])];
      const texts = files.map(textOf).filter((text) => text !== null);
      known = {
        parent: isTop ? null : dirname(folder),
        ignores: texts.length > 0 ? ignore().add(texts.join('\n')) : null,
      };
      this.#rules.set(folder, known);
    }
    return known;
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
