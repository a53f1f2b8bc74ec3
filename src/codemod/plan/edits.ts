import type { Edit, Rewrite } from '../../rewrites/rewrite.ts';

/** The text with edits that do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let done = 0;
  for (const { range, text: replacement } of inOrder(edits)) {
    result += text.slice(done, range[0]) + replacement;
    done = range[1];
  }
  return result + text.slice(done);
}

/** Where a place of the text is once the edits are made; within replaced text as near to its start as before. */
export function mapOffset(offset: number, edits: readonly Edit[]): number {
  let moved = 0;
  for (const { range, text } of inOrder(edits)) {
    const [start, end] = range;
    // What is inserted at a place comes in front of it.
    if (end <= offset) moved += text.length - (end - start);
    else if (start < offset) return start + moved + Math.min(offset - start, text.length);
    else break;
  }
  return offset + moved;
}

/** From the first to the last character that a rewrite touches: another one must not begin or end in between. */
export function spanOf({ edits }: Rewrite): readonly [start: number, end: number] {
  return [Math.min(...edits.map(({ range }) => range[0])), Math.max(...edits.map(({ range }) => range[1]))];
}

function inOrder(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((first, second) => first.range[0] - second.range[0] || first.range[1] - second.range[1]);
}
