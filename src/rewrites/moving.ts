import { withoutLines } from './lines.ts';
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
  const start = source.startOfLines(first);
  const rest = /^[ \t]*\r?\n/.exec(text.slice(source.behind(last)));
  if (!source.isFirstOnLine(first) || !rest) return null;
  return { statements, range: [start, source.behind(last) + rest[0].length] };
}

export function removal({ range }: Moving, source: Source): Edit {
  return withoutLines(source, range);
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
  return insertion(source.startOfLines(statement), indented(what, source.indentOf(statement), source));
}

/** Puts them behind a statement, as lines of their own; where a condition is given, in a block that runs if it is true. */
export function insertedBehind(what: Moving, statement: Node, source: Source, condition: string | null = null): Edit {
  const { newline, indentUnit } = source;
  const outer = source.indentOf(statement);
  const lines = indented(what, condition === null ? outer : outer + indentUnit, source).replace(/\r?\n$/, '');
  const text = condition === null ? lines : [`${outer}if (${condition}) {`, lines, `${outer}}`].join(newline);
  return insertion(source.behind(statement), newline + text);
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

/** Whether the names that statements declare mean nothing yet where they go, or the same as where they stand. */
export function areNamesFree(statements: readonly Node[], at: Node, source: Source): boolean {
  return statements.every((statement) =>
    source
      .declaredBy(statement)
      .every((variable) => source.isFree(variable.name, at) || source.isVisible(variable, at)),
  );
}
