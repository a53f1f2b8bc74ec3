import { spanOf } from './edits.ts';
import type { Rewrite } from '../../rewrites/rewrite.ts';

/** A rewrite that is to be made for something. */
export interface Chosen<For> {
  readonly of: For;
  readonly rewrite: Rewrite;
}

/** Those that can be made at once, from the top of the text: without what would touch the text of another. */
export function withoutOverlaps<For>(chosen: readonly Chosen<For>[]): readonly Chosen<For>[] {
  let end = -1;
  return chosen
    .map((each) => ({ ...each, span: spanOf(each.rewrite) }))
    .toSorted((first, second) => first.span[0] - second.span[0] || first.span[1] - second.span[1])
    .filter(({ span }) => {
      if (span[0] <= end) return false;
      end = span[1];
      return true;
    });
}
