import { existsSync, readFileSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { CodemodError, EXIT } from '../exit-codes.ts';
import { withSlashes } from '../files/slashes.ts';
import { list, object, oneOf, text } from '../shape.ts';
import { removeLeftovers, writeAtomic } from './atomic.ts';
import type { Change } from './apply.ts';

/** Where it is, in the folder that the command was run in. */
const FILE = '.unbusy-codemod-journal.json';
const VERSION = 1;
/** It has the source in it. */
const MODE = 0o600;

/** What a run is about to write, for as long as it writes: a run that is killed leaves it behind. */
export class Journal {
  readonly #root: string;
  readonly #path: string;

  constructor(root: string) {
    this.#root = root;
    this.#path = resolve(root, FILE);
  }

  /** Whether a run was killed while it wrote. */
  get isThere(): boolean {
    return existsSync(this.#path);
  }

  /** The changes of the run that was killed. Throws `CodemodError` where they cannot be read. */
  read(): readonly Change[] {
    const { changes } = parse(textOf(this.#path));
    return changes.map(({ path, before, after }) => ({ absolute: resolve(this.#root, path), before, after }));
  }

  /** Throws what the file system says. */
  write(changes: readonly Change[]): void {
    const entries = changes.map(({ absolute, before, after }) => ({
      path: withSlashes(relative(this.#root, absolute)),
      before,
      after,
    }));
    removeLeftovers(this.#root);
    writeAtomic(this.#path, `${JSON.stringify({ version: VERSION, changes: entries })}\n`, MODE);
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }

  /** Throws `CodemodError` where a run was killed while it wrote: another one would not know what is half done. */
  expectNone(): void {
    if (!this.isThere) return;
    throw new CodemodError(
      EXIT.writing,
      `A run was killed while it wrote: some of its files are new and others old. Write the others with: unbusy-codemod --resume\nOr bring back its files with git and delete ${FILE}.`,
    );
  }
}

interface Kept {
  readonly changes: readonly { readonly path: string; readonly before: string; readonly after: string }[];
}

const JOURNAL = object({
  version: oneOf(VERSION),
  changes: list(object({ path: text, before: text, after: text })),
});

function parse(source: string): Kept {
  try {
    const journal: unknown = JSON.parse(source);
    const problem = JOURNAL(journal, '');
    if (problem !== null) throw new Error(problem);
    return journal as Kept;
  } catch (error) {
    throw new CodemodError(
      EXIT.usage,
      `${FILE} cannot be read: ${messageOf(error)}. Delete it, and bring back with git what the run has written that left it.`,
      { cause: error },
    );
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new CodemodError(
      EXIT.usage,
      isMissing
        ? 'There is nothing to resume: no run was killed here while it wrote.'
        : `${FILE} cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
