import type { ts } from 'ts-morph';
import type { Boundary } from './index.ts';

/** Thrown where a chain of functions cannot go on, so that nothing of it is changed. */
export class Stop extends Error {
  readonly boundary: Boundary;

  /** `why` is a sentence about the place of the node. */
  constructor(node: ts.Node, why: string) {
    super(why);
    this.boundary = { kind: 'boundary', ...placeOf(node), why };
  }
}

export function placeOf(node: ts.Node): { readonly path: string; readonly line: number } {
  const source = node.getSourceFile();
  return { path: source.fileName, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 };
}
