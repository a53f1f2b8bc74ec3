import { promiseKept } from './keep-promise.ts';
import { insertion, type Edit } from './rewrite.ts';
import { listIn } from './statements.ts';
import { visit } from './walk.ts';
import { isFunction, type FunctionNode, type Node } from '../analysis/javascript/syntax.ts';
import type { Reason } from './reasons.ts';
import type { Source } from './source.ts';

/** What is written around the call that opens. */
interface Waiting {
  readonly before: string;
  readonly edits: readonly Edit[];
}

/**
 * How an expression that opens a connection can be a promise: it is awaited in its place, or the variable that keeps the
 * connection keeps the promise. A reason where neither can be.
 */
export function awaitOpen(node: Node, source: Source): Waiting | Reason {
  const fn = waitingFunction(node, source);
  if (fn === 'none') return 'asynchronous-form';
  if (fn && isKeptFor(node, fn, source)) return promiseKept(node, fn, source) ?? 'opened-twice';
  if (!bindsCloser(node)) return { before: 'await ', edits: [] };
  const before = `${needsSemicolonBefore(node, source) ? ';' : ''}(await `;
  return { before, edits: [insertion(node.range[1], ')')] };
}

/** The asynchronous function around a place, null at the level of an ES module; `none` where nothing can wait. */
function waitingFunction(node: Node, source: Source): FunctionNode | null | 'none' {
  let inner = node;
  for (let outer = node.parent; outer; inner = outer, outer = outer.parent) {
    if (isFunction(outer)) {
      const isDefault = (outer.params as readonly Node[]).includes(inner);
      return outer.async && !isDefault ? outer : 'none';
    }
    if (outer.type === 'StaticBlock' || outer.type === 'TSModuleBlock') return 'none';
    if ((outer.type === 'PropertyDefinition' || outer.type === 'AccessorProperty') && outer.value === inner)
      return 'none';
  }
  return source.code.ast.sourceType === 'module' && source.isModule ? null : 'none';
}

/**
 * Whether a function looks first whether it has a connection already: `if (!db) db = …`. Others would look as well while
 * this one waits, and open another one.
 */
function isKeptFor(node: Node, fn: FunctionNode, source: Source): boolean {
  const written = new Set<string>();
  const read = new Set<string>();
  visit(fn, (inner) => {
    const target = targetOf(inner);
    if (target && inner.range[1] >= node.range[1] && isOutside(target, fn, source)) written.add(source.textOf(target));
    if (isPlace(inner) && inner.range[1] <= node.range[0] && !isOnlyWritten(inner)) read.add(source.textOf(inner));
  });
  return [...written].some((place) => read.has(place));
}

/** What a node gives a value to: a variable, a property, a collection. */
function targetOf(node: Node): Node | null {
  if (node.type === 'AssignmentExpression') return node.left;
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null;
  const { property, object } = node.callee;
  return property.type === 'Identifier' && ['set', 'push', 'add', 'unshift'].includes(property.name) ? object : null;
}

function isOutside(target: Node, fn: FunctionNode, source: Source): boolean {
  let root = target;
  while (root.type === 'MemberExpression') root = root.object;
  if (root.type !== 'Identifier') return true;
  const declared = source.variableAt(root)?.identifiers ?? [];
  return declared.every(({ range }) => range[0] < fn.range[0] || range[1] > fn.range[1]);
}

/** A variable or a property, as a whole. */
function isPlace(node: Node): boolean {
  if (node.type !== 'Identifier') return node.type === 'MemberExpression';
  return node.parent.type !== 'MemberExpression' || node.parent.object === node || node.parent.computed;
}

function isOnlyWritten(node: Node): boolean {
  const { parent } = node;
  return parent?.type === 'AssignmentExpression' && parent.left === node && parent.operator === '=';
}

/** Whether what is around an expression takes hold of it before `await` would. */
function bindsCloser(node: Node): boolean {
  const { parent } = node;
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.object === node;
    case 'CallExpression':
    case 'NewExpression':
      return parent.callee === node;
    case 'TaggedTemplateExpression':
    case 'TSNonNullExpression':
      return true;
    case 'BinaryExpression':
      return parent.operator === '**' && parent.left === node;
    default:
      return false;
  }
}

/** Whether a parenthesis in front of an expression would be taken for the arguments of a call on the line before. */
function needsSemicolonBefore(node: Node, source: Source): boolean {
  let statement: Node | undefined = node;
  while (statement && statement.type !== 'ExpressionStatement') statement = statement.parent;
  if (statement?.range[0] !== node.range[0]) return false;
  const list = listIn(statement.parent) ?? [];
  const before = list[list.indexOf(statement) - 1];
  const isEnded = (before?.type ?? '').endsWith('Declaration') && before?.type !== 'VariableDeclaration';
  return before !== undefined && !isEnded && !/[;}]$/.test(source.textOf(before));
}
