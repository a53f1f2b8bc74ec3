import { shifted } from './indentation.ts';
import { insertion, type Edit } from './rewrite.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';

/**
 * Puts statements one step to the right, between lines of their own. What they say is not touched. `next` is a statement
 * that the last of the lines leads to.
 */
export function enclose(
  source: Source,
  statements: readonly Node[],
  head: readonly string[],
  tail: readonly string[],
  removed: readonly Edit[] = [],
  next: Node | null = null,
): Edit[] {
  const [first] = statements;
  const last = statements.at(-1);
  if (!first || !last) return [];
  const start = source.startWithComments(first);
  const end = source.behind(last);
  const { newline } = source;
  const indent = source.indentOf(first);
  const lineStart = source.startOfLines(first);
  const isFirstOfLine = source.isFirstOnLine(first);
  if (!isFirstOfLine && !source.text.slice(start, end).includes('\n')) return inLine(first, last, head, tail, removed);
  const isLastOfLine = /^[ \t]*(?:\r?\n|$)/.test(source.text.slice(end));
  const gap = /[ \t]*$/.exec(source.text.slice(lineStart, start))?.[0].length ?? 0;
  const before: Edit = isFirstOfLine
    ? insertion(lineStart, head.map((line) => indent + line + newline).join(''))
    : {
        range: [start - gap, start],
        text: head.map((line) => newline + indent + line).join('') + newline + indent + source.indentUnit,
      };
  const outer = isLastOfLine ? '' : newline + indent.slice(0, -source.indentUnit.length);
  const after = tail.map((line) => newline + indent + line).join('');
  const inner = shifted(source, isFirstOfLine ? lineStart : start, end).filter(
    ({ range: [at] }) => !removed.some(({ range }) => at >= range[0] && at < range[1]),
  );
  if (!next) return [before, ...inner, ...removed, insertion(end, after + outer)];
  // Blank lines in front of what comes next would stand at the beginning of its block.
  const line = source.startOfLines(next);
  const between: Edit = { range: [end, Math.max(end, line)], text: after + newline };
  return [before, ...inner, ...removed, between];
}

/** Statements that share a line with others stay on it. */
function inLine(
  first: Node,
  last: Node,
  head: readonly string[],
  tail: readonly string[],
  removed: readonly Edit[],
): Edit[] {
  const before = head.map((line) => `${line} `).join('');
  const after = tail.map((line) => ` ${line.trim()}`).join('');
  return [insertion(first.range[0], before), ...removed, insertion(last.range[1], after)];
}

/** Edits that insert at the same place become one. */
export function merged(edits: readonly Edit[]): Edit[] {
  const byPlace = new Map<number, number>();
  const result: Edit[] = [];
  for (const edit of edits) {
    const [start, end] = edit.range;
    const at = start === end ? byPlace.get(start) : undefined;
    const known = at === undefined ? undefined : result[at];
    if (known && at !== undefined) {
      result[at] = insertion(start, known.text + edit.text);
    } else {
      if (start === end) byPlace.set(start, result.length);
      result.push(edit);
    }
  }
  return result;
}
