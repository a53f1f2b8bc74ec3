import { insertion, type Edit } from './rewrite.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';

/** A statement that makes a handle and gives it a name, so that more can be done with it behind. */
export interface Making {
  readonly statement: Node;
  /** How code names the handle behind it: `db`, `this.db`. */
  readonly handle: string;
  /** The handle is awaited. */
  readonly awaited: boolean;
  /** What has to be around the statement: it is the only one of an `if`, or it returns the handle. */
  readonly around: 'nothing' | 'braces' | 'declaration';
}

/** The statement whose value an expression is: `const db = …`, `db = …`, `this.db = …`, `return …`. */
export function makingOf(expression: Node, source: Source): Making | null {
  let value = expression;
  let awaited = false;
  while (value.parent && isAround(value.parent, value)) {
    value = value.parent;
    awaited ||= value.type === 'AwaitExpression';
  }
  const { parent } = value;
  if (parent?.type === 'VariableDeclarator' && parent.init === value && parent.id.type === 'Identifier') {
    const declaration = parent.parent;
    if (declaration.declarations.length !== 1) return null;
    const statement = declaration.parent.type === 'ExportNamedDeclaration' ? declaration.parent : declaration;
    return isInList(statement) ? { statement, handle: parent.id.name, awaited, around: 'nothing' } : null;
  }
  if (parent?.type === 'AssignmentExpression' && parent.operator === '=' && parent.right === value) {
    const statement = parent.parent;
    if (statement.type !== 'ExpressionStatement' || !isPath(parent.left)) return null;
    const handle = source.textOf(parent.left);
    if (isInList(statement)) return { statement, handle, awaited, around: 'nothing' };
    const outer: Node = statement.parent;
    const isBranch = outer.type === 'IfStatement' && outer.consequent === statement && !outer.alternate;
    return isBranch ? { statement, handle, awaited, around: 'braces' } : null;
  }
  if (parent?.type === 'ReturnStatement' && isInList(parent)) {
    const handle = ['db', 'database', 'connection'].find((name) => source.isFree(name, parent));
    return handle === undefined ? null : { statement: parent, handle, awaited, around: 'declaration' };
  }
  return null;
}

/** The edits that put lines behind the statement that makes a handle. */
export function behindMaking({ statement, handle, around }: Making, lines: readonly string[], source: Source): Edit[] {
  const end = source.semicolonOf(statement);
  const indent = source.indentOf(statement);
  const text = (inner: string): string => lines.map((line) => source.newline + inner + line + end).join('');
  switch (around) {
    case 'nothing':
      return [insertion(source.behind(statement), text(indent))];
    case 'braces': {
      const { parent } = statement;
      const before = source.code.getTokenBefore(statement as never);
      if (!parent || !before) return [];
      const outer = source.indentOf(parent);
      const inner = outer + source.indentUnit;
      return [
        { range: [before.range[1], statement.range[0]], text: ` {${source.newline}${inner}` },
        insertion(source.behind(statement), `${text(inner)}${source.newline}${outer}}`),
      ];
    }
    case 'declaration': {
      const returned = /^return\b/.exec(source.textOf(statement))?.[0] ?? '';
      const [start] = statement.range;
      return [
        { range: [start, start + returned.length], text: `const ${handle} =` },
        insertion(source.behind(statement), `${text(indent)}${source.newline}${indent}return ${handle}${end}`),
      ];
    }
  }
}

/** Whether a node stands for the same value as what it has inside. */
function isAround(node: Node, inside: Node): boolean {
  switch (node.type) {
    case 'AwaitExpression':
      return node.argument === inside;
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
      return node.expression === inside;
    default:
      return false;
  }
}

/** Whether another statement can stand behind it. */
function isInList({ parent }: Node): boolean {
  return (
    parent?.type === 'Program' ||
    parent?.type === 'BlockStatement' ||
    parent?.type === 'StaticBlock' ||
    parent?.type === 'SwitchCase' ||
    parent?.type === 'TSModuleBlock'
  );
}

/** Names and fields, which can be read twice. */
function isPath(node: Node): boolean {
  if (node.type === 'Identifier' || node.type === 'ThisExpression') return true;
  return node.type === 'MemberExpression' && !node.computed && isPath(node.object);
}
