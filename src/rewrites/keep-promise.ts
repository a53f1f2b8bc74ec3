import { insertion, type Edit } from './rewrite.ts';
import { isFunction, type FunctionNode, type Node, type TSESTree } from '../analysis/javascript/syntax.ts';
import type { Source, Variable } from './source.ts';

/**
 * Has a variable that keeps a connection for later calls keep the promise of it, so that a call in between finds it and
 * opens no other one. Null where something else uses the variable in a way that would have to be another one.
 */
export function promiseKept(
  open: Node,
  fn: FunctionNode,
  source: Source,
): { readonly before: string; readonly edits: readonly Edit[] } | null {
  let value = open;
  while (value.parent?.type === 'LogicalExpression' && value.parent.right === value) value = value.parent;
  const assignment = value.parent;
  if (assignment?.type !== 'AssignmentExpression' || assignment.left.type !== 'Identifier' || !isUnused(assignment, fn))
    return null;
  const variable = source.variableAt(assignment.left);
  const declarator = variable?.identifiers[0]?.parent;
  if (!variable || declarator?.type !== 'VariableDeclarator' || variable.identifiers.length > 1) return null;
  const type = typeEdits(declarator, source);
  if (!type) return null;
  const edits = [...type];
  let isWaitedFor = isReturned(assignment, fn);
  for (const { identifier } of variable.references) {
    const use = identifier === assignment.left ? [] : editsOfUse(identifier, variable, source);
    if (!use) return null;
    edits.push(...use);
    const isBehind = identifier.range[0] > assignment.range[1] && source.functionAround(identifier) === fn;
    isWaitedFor ||= isBehind && (use.length > 0 || isReturned(identifier, fn));
  }
  // Otherwise the function would be over before the connection is there, and nobody would hear of an error.
  return isWaitedFor ? { before: '', edits } : null;
}

/** Whether nothing needs the value of the assignment but who is given the promise anyway. */
function isUnused(assignment: Node, fn: FunctionNode): boolean {
  const { parent } = assignment;
  return (parent?.type === 'ExpressionStatement' && !isInTry(parent)) || isReturned(assignment, fn);
}

/** Whether a value is what an asynchronous function answers: a promise is no other answer. */
function isReturned(node: Node, fn: FunctionNode | null): boolean {
  const { parent } = node;
  switch (parent?.type) {
    case 'ReturnStatement':
      return fn?.async === true && !isInTry(parent);
    case 'ArrowFunctionExpression':
      return parent.body === node && parent.async;
    case 'LogicalExpression':
    case 'TSNonNullExpression':
    case 'TSAsExpression':
      return isReturned(parent, fn);
    default:
      return false;
  }
}

/** In a `try` block the promise would be handed on before it is known to be one of a connection. */
function isInTry(node: Node): boolean {
  for (let outer = node.parent; outer && !isFunction(outer); outer = outer.parent)
    if (outer.type === 'TryStatement') return true;
  return false;
}

/** `sqlite3.Database | null` is a promise of the one, or the other; null where it cannot be told. */
function typeEdits(declarator: TSESTree.VariableDeclarator, source: Source): Edit[] | null {
  const declaration = declarator.parent;
  const isExported = declaration.parent.type === 'ExportNamedDeclaration';
  const isTyped = source.code.getCommentsBefore(declaration as never).some(({ value }) => value.includes('@type'));
  const isEmpty = !declarator.init || isNothing(declarator.init);
  if (declarator.id.type !== 'Identifier' || isExported || isTyped || !isEmpty) return null;
  const type = declarator.id.typeAnnotation?.typeAnnotation;
  if (!type) return [];
  const parts = type.type === 'TSUnionType' ? type.types : [type];
  const values = parts.filter((part) => part.type !== 'TSNullKeyword' && part.type !== 'TSUndefinedKeyword');
  const [only, ...others] = values;
  if (only?.type !== 'TSTypeReference' || others.length > 0) return null;
  return [insertion(only.range[0], 'Promise<'), insertion(only.range[1], '>')];
}

function isNothing(node: Node): boolean {
  return (node.type === 'Literal' && node.value === null) || (node.type === 'Identifier' && node.name === 'undefined');
}

/** What a use of the variable is from then on; null where it cannot be. */
function editsOfUse(use: Node, { name }: Variable, source: Source): Edit[] | null {
  const { parent } = use;
  const fn = source.functionAround(use);
  switch (parent?.type) {
    case 'VariableDeclarator':
      return parent.id === use ? [] : null;
    case 'AssignmentExpression':
      return parent.left === use && isNothing(parent.right) ? [] : null;
    case 'UnaryExpression':
      return parent.operator === '!' ? [] : null;
    case 'BinaryExpression':
      return isNothing(parent.left) || isNothing(parent.right) ? [] : null;
    case 'IfStatement':
      return [];
    case 'LogicalExpression':
      return isReturned(use, fn) || (parent.left === use && parent.right.type === 'AssignmentExpression') ? [] : null;
    case 'MemberExpression':
      return parent.object === use && fn?.async === true && !isInParameters(use, fn)
        ? [{ range: use.range, text: `(await ${name})` }]
        : null;
    default:
      return isReturned(use, fn) ? [] : null;
  }
}

function isInParameters({ range }: Node, fn: FunctionNode): boolean {
  return fn.body !== null && fn.body !== undefined && range[0] < fn.body.range[0];
}
