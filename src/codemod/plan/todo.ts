import { listIn } from '../../rewrites/statements.ts';
import { insertion, type Edit } from '../../rewrites/rewrite.ts';
import { withoutLines } from '../../rewrites/lines.ts';
import { sourceOf } from '../../rewrites/offer.ts';
import { meaningOf } from '../reasons.ts';
import { applyEdits } from './edits.ts';
import type { Node } from '../../analysis/javascript/syntax.ts';
import type { Source } from '../../rewrites/source.ts';
import type { SourceCode } from 'eslint';
import type { Outcome } from '../model.ts';

/** A place that no rewrite is made for, in the text as it stands. */
export interface Left {
  readonly rule: string;
  readonly start: number;
  readonly outcome: Extract<Outcome, { readonly kind: 'left' }>;
}

const MARK = 'TODO(unbusy)';
const WRITTEN = /^\s*TODO\(unbusy\) ([\w-]+):/;

/**
 * Leaves one comment above the statement of each place, and takes away those of an earlier run that say nothing true any
 * more. A comment that is there already stays as it is, whatever somebody has added to it.
 */
export function withTodos(code: SourceCode, places: readonly Left[]): string {
  const source = sourceOf(code);
  const wanted = new Map<string, { readonly at: Node; readonly left: Left }>();
  for (const left of places) {
    const at = statementAt(source, left.start);
    if (at) wanted.set(keyOf(left.rule, at), { at, left });
  }
  const edits: Edit[] = [];
  for (const comment of code.getAllComments()) {
    const rule = WRITTEN.exec(comment.value)?.[1];
    if (rule === undefined || !comment.range) continue;
    const at = code.getTokenAfter(comment);
    const statement = at && statementAt(source, at.range[0]);
    const isTrue = statement !== null && wanted.delete(keyOf(rule, statement));
    if (!isTrue) edits.push(withoutLine(source, comment.range));
  }
  for (const { at, left } of wanted.values())
    edits.push(insertion(source.startOfLines(at), `${source.indentOf(at)}${textOf(left)}${source.newline}`));
  return applyEdits(code.text, edits);
}

function keyOf(rule: string, { range }: Node): string {
  return `${rule}:${range[0]}`;
}

function textOf({ rule, outcome: { reason, suggestions } }: Left): string {
  const advice = suggestions[0] ?? meaningOf(reason);
  return `// ${MARK} ${rule}: ${advice} (${reason})`;
}

/** The statement around a place that has a line of its own. */
function statementAt(source: Source, start: number): Node | null {
  let node = source.code.getNodeByRangeIndex(start) as Node | null;
  while (node && !(listIn(node.parent) && source.isFirstOnLine(node))) node = node.parent ?? null;
  return node;
}

function withoutLine(source: Source, [start, end]: readonly [number, number]): Edit {
  const lineStart = source.text.lastIndexOf('\n', start - 1) + 1;
  const rest = /^[ \t]*\r?\n/.exec(source.text.slice(end));
  const isAlone = source.text.slice(lineStart, start).trim() === '' && rest;
  return isAlone ? withoutLines(source, [lineStart, end + rest[0].length]) : { range: [start, end], text: '' };
}
