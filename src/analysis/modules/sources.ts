import { readFileSync, statSync } from 'node:fs';

/** A text that is not on the disk yet, with the change that it came with. */
interface Unwritten {
  readonly text: string;
  readonly change: number;
}

let unwritten: ReadonlyMap<string, Unwritten> = new Map();
let changes = 0;

/**
 * Has the analysis see files as they will be: what a migration has made of them and not written yet, by absolute path.
 * Files that are not among them are as they are on the disk.
 */
export function setUnwritten(texts: ReadonlyMap<string, string>): void {
  changes += 1;
  const known = unwritten;
  unwritten = new Map(
    [...texts].map(([path, text]) => {
      const before = known.get(path);
      return [path, before?.text === text ? before : { text, change: changes }];
    }),
  );
}

/** Counts what `setUnwritten` was told: after a change files have to be looked at again, however short ago they were. */
export function unwrittenChanges(): number {
  return changes;
}

/** When a file was changed, and its size in bytes; null where there is none. */
export function statSource(path: string): { readonly modified: number; readonly size: number } | null {
  const planned = unwritten.get(path);
  // No file on a disk was changed before 1970.
  if (planned) return { modified: -planned.change, size: Buffer.byteLength(planned.text) };
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? { modified: stats.mtimeMs, size: stats.size } : null;
}

/** The text of a file; throws where it cannot be read. */
export function readSource(path: string): string {
  return unwritten.get(path)?.text ?? readFileSync(path, 'utf8');
}
