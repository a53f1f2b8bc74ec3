import { readFileSync, statSync } from 'node:fs';

/** Texts that are to be taken for what is on the disk, by absolute path. */
let unwritten: ReadonlyMap<string, string> = new Map();

/**
 * Has the analysis see files as they will be: what a migration has made of them and not written yet. What was concluded
 * before has to be forgotten (`forgetModules`).
 */
export function setUnwritten(texts: ReadonlyMap<string, string>): void {
  unwritten = texts;
}

/** When a file was changed, and its size in bytes; null where there is none. */
export function statSource(path: string): { readonly modified: number; readonly size: number } | null {
  const text = unwritten.get(path);
  if (text !== undefined) return { modified: -1, size: Buffer.byteLength(text) };
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? { modified: stats.mtimeMs, size: stats.size } : null;
}

/** The text of a file; throws where it cannot be read. */
export function readSource(path: string): string {
  return unwritten.get(path) ?? readFileSync(path, 'utf8');
}
