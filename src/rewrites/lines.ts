import { insertion, type Edit } from './rewrite.ts';
import { listIn } from './statements.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';

/** Takes a range of whole lines out, with one of the blank lines around them. */
export function withoutLines(source: Source, [start, end]: readonly [number, number]): Edit {
  const blank = /\n([ \t]*\r?\n)$/.exec(source.text.slice(Math.max(0, start - 200), start))?.[1] ?? '';
  const isBlankBehind = /^[ \t]*(?:\r?\n|\})/.test(source.text.slice(end));
  return { range: [isBlankBehind ? start - blank.length : start, end], text: '' };
}

/** Takes a statement out, with the line that it stands on where nothing else is there. */
export function withoutStatement(source: Source, statement: Node): Edit {
  const start = source.startOfLine(statement);
  const isAlone = source.text.slice(start, statement.range[0]).trim() === '';
  const rest = /^[ \t]*\r?\n/.exec(source.text.slice(statement.range[1]));
  return isAlone && rest
    ? withoutLines(source, [start, statement.range[1] + rest[0].length])
    : { range: statement.range, text: '' };
}

/** Puts a line in front of a statement, with braces where that stands alone; `indent` is that of the statement. */
export function inFront(source: Source, statement: Node, line: string, indent = source.indentOf(statement)): Edit[] {
  if (listIn(statement.parent)) return [insertion(statement.range[0], `${line}${source.newline}${indent}`)];
  const inner = indent + source.indentUnit;
  return [
    insertion(statement.range[0], `{${source.newline}${inner}${line}${source.newline}${inner}`),
    insertion(statement.range[1], `${source.newline}${indent}}`),
  ];
}
