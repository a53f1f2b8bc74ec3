import { enclose } from './enclose.ts';
import { insertion, type Edit } from './rewrite.ts';
import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';

/** `try { … } catch (error) { … throw error; }` around statements, with lines in front of it. */
export function caught(
  source: Source,
  statements: readonly Node[],
  lines: readonly string[],
  head: readonly string[] = [],
): Edit[] {
  const [first] = statements;
  return first ? enclose(source, statements, [...head, 'try {'], handlerLines(source, lines, first)) : [];
}

/** A `catch` for a `try` that has none; it goes behind the block. */
export function handlerText(source: Source, lines: readonly string[], at: TSESTree.TryStatement): string {
  const indent = source.indentOf(at);
  const [head = '', ...rest] = handlerLines(source, lines, at);
  return ` ${head.slice(2)}${rest.map((line) => source.newline + indent + line).join('')}`;
}

/** Lines at the beginning of a `catch` that is there already. */
export function inHandler(source: Source, { body, parent }: TSESTree.CatchClause, lines: readonly string[]): Edit[] {
  const outer = source.indentOf(parent);
  const text = lines.map((line) => source.newline + outer + source.indentUnit + line).join('');
  const isEmpty = body.body.length === 0 && !source.hasComment(body.range);
  if (!isEmpty) return [insertion(body.range[0] + 1, text)];
  return [{ range: [body.range[0] + 1, body.range[1] - 1], text: `${text}${source.newline}${outer}` }];
}

function handlerLines(source: Source, lines: readonly string[], at: Node): string[] {
  const end = source.usesSemicolons ? ';' : '';
  const error = ['error', 'cause', 'problem'].find((name) => source.isFreeWithin(name, at)) ?? 'thrown';
  const unit = source.indentUnit;
  return [`} catch (${error}) {`, ...lines.map((line) => unit + line), `${unit}throw ${error}${end}`, '}'];
}
