import type { Slice } from '../project/slice.ts';
import type { Asynchronous, At, Boundary } from './index.ts';

/** To be written: every place is a boundary until then. */
export function asynchronous(slice: Slice, { path, offset }: At): Asynchronous | Boundary {
  const source = slice.program.getSourceFile(path);
  const line = (source?.getLineAndCharacterOfPosition(offset).line ?? 0) + 1;
  return { kind: 'boundary', path, line, why: 'The callers are not looked at yet.' };
}
