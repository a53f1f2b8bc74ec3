import { insertion, type Edit } from './rewrite.ts';
import { visit, contains } from './walk.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Source, Variable } from './source.ts';

/** Statements of one list that go to another place, with the comments that belong to them. */
export interface Moving {
  readonly statements: readonly Node[];
  /** From the beginning of the first line to the end of the last one, line break included. */
  readonly range: readonly [number, number];
}

/** Null where they share their lines with others. */
export function moving(statements: readonly Node[], source: Source): Moving | null {
  const [first] = statements;
  const last = statements.at(-1);
  if (!first || !last) return null;
  const { text } = source;
  const begin = source.startWithComments(first);
  const start = text.lastIndexOf('\n', begin - 1) + 1;
  const rest = /^[ \t]*\r?\n/.exec(text.slice(source.behind(last)));
  if (text.slice(start, begin).trim() !== '' || !rest) return null;
  return { statements, range: [start, source.behind(last) + rest[0].length] };
}

/** Takes them out, with one of the blank lines around them. */
export function removal({ range: [start, end] }: Moving, source: Source): Edit {
  const blank = /\n([ \t]*\r?\n)$/.exec(source.text.slice(Math.max(0, start - 200), start))?.[1] ?? '';
  const isBlankBehind = /^[ \t]*(?:\r?\n|\})/.test(source.text.slice(end));
  return { range: [isBlankBehind ? start - blank.length : start, end], text: '' };
}

/** Their lines as they are with another indentation. */
function indented({ statements, range: [start, end] }: Moving, indent: string, source: Source): string {
  const [first] = statements;
  const own = first ? source.indentOf(first) : '';
  const lines: string[] = [];
  for (let at = start; at < end;) {
    const next = source.text.indexOf('\n', at) + 1 || end;
    const line = source.text.slice(at, Math.min(next, end));
    const isText = source.multilineTexts.some((range) => at > range[0] && at < range[1]);
    lines.push(!isText && line.startsWith(own) ? indent + line.slice(own.length) : line);
    at = next;
  }
  return lines.join('');
}

/** Puts them in front of a statement, as lines of their own. */
export function insertedBefore(what: Moving, statement: Node, source: Source): Edit {
  const start = source.startWithComments(statement);
  const line = source.text.lastIndexOf('\n', start - 1) + 1;
  return insertion(line, indented(what, source.indentOf(statement), source));
}

export function insertedBehind(what: Moving, statement: Node, source: Source): Edit {
  const text = indented(what, source.indentOf(statement), source).replace(/\r?\n$/, '');
  return insertion(source.behind(statement), source.newline + text);
}

/** Whether statements read variables that others declare or write. */
export function dependsOn(statements: readonly Node[], others: readonly Node[], source: Source): boolean {
  const written = new Set<Variable>();
  for (const other of others)
    visit(other, (node) => {
      for (const variable of source.declaredBy(node)) written.add(variable);
      if (node.type === 'AssignmentExpression')
        for (const variable of source.variablesIn(node.left)) written.add(variable);
      if (node.type === 'UpdateExpression')
        for (const variable of source.variablesIn(node.argument)) written.add(variable);
    });
  return [...written].some(({ references }) =>
    references.some(({ identifier }) => statements.some((statement) => contains(statement, identifier))),
  );
}

/** Whether the names that statements declare mean nothing yet where they go. */
export function areNamesFree(statements: readonly Node[], at: Node, source: Source): boolean {
  return statements.every((statement) => source.declaredBy(statement).every(({ name }) => source.isFree(name, at)));
}
