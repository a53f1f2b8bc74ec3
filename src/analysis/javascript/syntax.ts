import type { TSESTree } from '@typescript-eslint/types';

/** The syntax trees that the front end reads: ESTree with TypeScript's nodes, from whichever parser made them. */
export type Node = TSESTree.Node;
export type FunctionNode =
  | TSESTree.FunctionDeclaration
  | TSESTree.FunctionExpression
  | TSESTree.ArrowFunctionExpression
  | TSESTree.TSEmptyBodyFunctionExpression
  | TSESTree.TSDeclareFunction;
export type ClassNode = TSESTree.ClassDeclaration | TSESTree.ClassExpression;

/** The decorators of a class or method, which parsers of plain JavaScript leave out. */
export function decoratorsOf(node: ClassNode | TSESTree.MethodDefinition): readonly TSESTree.Decorator[] {
  const { decorators } = node as { readonly decorators?: readonly TSESTree.Decorator[] };
  return decorators ?? [];
}
export type { TSESTree };

/** Keys of a node that lead out of its own subtree or hold no nodes. */
const NO_CHILD = new Set([
  'parent',
  'type',
  'range',
  'loc',
  'start',
  'end',
  'tokens',
  'comments',
  'raw',
  'value',
  'regex',
]);

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/**
 * The nodes directly below one, in source order of their keys. It needs no list of known types, so that syntax of
 * tomorrow is walked like any other.
 */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  // By far the most work on a large file: `for in` makes no array of the keys.
  for (const key in node) {
    const value: unknown = node[key as keyof Node];
    // `value` is a child of properties and class members, and a plain value of literals.
    if (typeof value !== 'object' || value === null || NO_CHILD.has(key)) {
      if (key === 'value' && isNode(value)) children.push(value);
    } else if (Array.isArray(value)) {
      for (const item of value as unknown[]) if (isNode(item)) children.push(item);
    } else if (isNode(value)) {
      children.push(value);
    }
  }
  return children;
}

export function isFunction(node: Node): node is FunctionNode {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'TSEmptyBodyFunctionExpression':
    case 'TSDeclareFunction':
      return true;
    default:
      return false;
  }
}

/** The module that `import('./database').Handle` names. */
export function sourceOfType(node: TSESTree.TSImportType): string | null {
  // Older parsers of typescript-eslint 8 have it only as the argument.
  const { source, argument } = node as { readonly source?: Node; readonly argument?: Node };
  const literal = source ?? (argument?.type === 'TSLiteralType' ? argument.literal : null);
  return literal?.type === 'Literal' && typeof literal.value === 'string' ? literal.value : null;
}

/** The type that is written behind a pattern or a field. */
export function annotationOf(node: Node): Node | null {
  const annotation = 'typeAnnotation' in node ? node.typeAnnotation : undefined;
  return annotation?.type === 'TSTypeAnnotation' ? annotation.typeAnnotation : null;
}

/** What some parsers keep of parentheses. */
interface ParenthesizedExpression {
  readonly type: 'ParenthesizedExpression';
  readonly expression: Node;
}

/** The expression without the wrappers that only concern types or grouping. */
export function bare(node: Node | ParenthesizedExpression): Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'TSInstantiationExpression':
    case 'ParenthesizedExpression':
      return bare(node.expression);
    default:
      return node;
  }
}

/** Stands for the function that computes a field's first value. */
export interface FieldInitializer {
  readonly type: 'FieldInitializer';
  readonly range: TSESTree.Range;
  readonly value: Node;
}

/**
 * Name of a property key where the source tells it: `a.b`, `a['b']`, `a[0]`, `{ b }`, `#b`, `[Symbol.dispose]` (as
 * `@@dispose`).
 */
export function keyName(key: Node, computed: boolean): string | null {
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  if (!computed && key.type === 'Identifier') return key.name;
  if (key.type === 'Literal') return key.value === null ? null : String(key.value);
  if (key.type === 'TemplateLiteral' && key.quasis.length === 1) return key.quasis[0]?.value.cooked ?? null;
  if (
    key.type === 'MemberExpression' &&
    !key.computed &&
    key.object.type === 'Identifier' &&
    key.object.name === 'Symbol' &&
    key.property.type === 'Identifier'
  ) {
    return `@@${key.property.name}`;
  }
  return null;
}

/** Names that a pattern binds. */
export function boundNames(pattern: Node, into: TSESTree.Identifier[] = []): TSESTree.Identifier[] {
  switch (pattern.type) {
    case 'Identifier':
      into.push(pattern);
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        boundNames(property.type === 'Property' ? property.value : property.argument, into);
      }
      break;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) boundNames(element, into);
      break;
    case 'AssignmentPattern':
      boundNames(pattern.left, into);
      break;
    case 'RestElement':
      boundNames(pattern.argument, into);
      break;
    case 'TSParameterProperty':
      boundNames(pattern.parameter, into);
      break;
    default:
      break;
  }
  return into;
}
