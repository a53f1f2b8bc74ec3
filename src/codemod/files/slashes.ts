import { sep } from 'node:path';

/** A path as reports and globs have it, on every system. */
export function withSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
