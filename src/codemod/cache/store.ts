import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CodemodError, EXIT } from '../exit-codes.ts';
import { parseRun } from '../report/json.ts';
import type { Run } from '../model.ts';

/** What a run has found, and what it said of the settings. */
export interface Kept {
  readonly run: Run;
  readonly warnings: readonly string[];
}

/** Where it is kept if nothing else is said: with the caches of other tools, which git ignores. */
function defaultLocation(root: string): string {
  const modules = join(root, 'node_modules');
  return existsSync(modules)
    ? join(modules, '.cache', 'unbusy-codemod.json')
    : join(root, '.unbusy-codemod-cache.json');
}

/** One run, with what it rests on. */
export class Store {
  readonly #path: string;

  constructor(root: string, location: string | null) {
    this.#path = location === null ? defaultLocation(root) : resolve(root, location);
  }

  /** What was kept under a fingerprint; null where there is nothing, or it is not of this version. */
  read(fingerprint: string): Kept | null {
    try {
      const kept = JSON.parse(readFileSync(this.#path, 'utf8')) as Partial<Record<string, unknown>>;
      if (kept.fingerprint !== fingerprint || !Array.isArray(kept.warnings)) return null;
      const warnings = kept.warnings.filter((warning) => typeof warning === 'string');
      return { run: parseRun(JSON.stringify(kept.run), this.#path), warnings };
    } catch {
      return null; // it is made anew
    }
  }

  /** Throws `CodemodError` where it cannot be written. */
  write(fingerprint: string, { run, warnings }: Kept): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(this.#path, `${JSON.stringify({ fingerprint, run, warnings })}\n`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CodemodError(EXIT.writing, `The cache ${this.#path} could not be written: ${why}`, { cause: error });
    }
  }
}
