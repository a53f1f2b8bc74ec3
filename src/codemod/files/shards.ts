import { createHash } from 'node:crypto';

/**
 * Whether a file belongs to one of several parts: by its path alone, so that machines agree without talking, and a file
 * stays where it is when others come and go.
 */
export function inShard(path: string, { index, count }: { readonly index: number; readonly count: number }): boolean {
  return createHash('sha256').update(path).digest().readUInt32BE(0) % count === index - 1;
}
