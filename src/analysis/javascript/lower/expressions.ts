import { lowerAssignment, lowerUpdate } from './assignments.ts';
import { isOptional, lowerArgument, lowerCall, lowerImport, lowerMember, lowerNew, lowerTagged } from './calls.ts';
import { lowerBinary, lowerConditional, lowerLogical, lowerUnary } from './operators.ts';
import { lowerStatement } from './statements.ts';
import { bare, childrenOf, decoratorsOf, keyName, type ClassNode, type Node, type TSESTree } from '../syntax.ts';
import type { Builder } from './builder.ts';
import type { Entry, Slot } from '../../ir.ts';

/** Lowers an expression; the slot that holds its value, or null where the value is not wanted and none was made. */
export function lowerExpression(builder: Builder, node: Node): Slot;
export function lowerExpression(builder: Builder, node: Node, wanted: boolean): Slot | null;
export function lowerExpression(builder: Builder, node: Node, wanted = true): Slot | null {
  switch (node.type) {
    case 'Identifier':
      return builder.load(node.name);
    case 'Literal':
      return lowerLiteral(builder, node);
    case 'TemplateLiteral':
      return lowerTemplate(builder, node);
    case 'ThisExpression': {
      const to = builder.temporary();
      builder.emit({ op: 'self', to });
      return to;
    }
    case 'ChainExpression':
      return lowerExpression(builder, node.expression, wanted);
    case 'MemberExpression':
      return lowerMember(builder, node);
    case 'CallExpression':
      return lowerCall(builder, node);
    case 'NewExpression':
      return lowerNew(builder, node);
    case 'ImportExpression':
      return lowerImport(builder, node);
    case 'TaggedTemplateExpression':
      return lowerTagged(builder, node);
    case 'AssignmentExpression':
      return lowerAssignment(builder, node, wanted);
    case 'UpdateExpression':
      return lowerUpdate(builder, node);
    case 'LogicalExpression':
      return lowerLogical(builder, node);
    case 'ConditionalExpression':
      return lowerConditional(builder, node);
    case 'BinaryExpression':
      return lowerBinary(builder, node);
    case 'UnaryExpression':
      return lowerUnary(builder, node);
    case 'AwaitExpression': {
      const site = builder.siteOfAwait(node);
      const from = lowerExpression(builder, node.argument);
      const to = builder.temporary();
      builder.emit({ op: 'await', to, from, site });
      return to;
    }
    case 'YieldExpression': {
      const from = node.argument ? lowerExpression(builder, node.argument) : builder.constant(undefined);
      const to = builder.temporary();
      builder.emit({ op: 'yield', to, from, delegates: node.delegate, site: builder.site(node) });
      return to;
    }
    case 'SequenceExpression': {
      const last = node.expressions.at(-1);
      for (const expression of node.expressions.slice(0, -1)) lowerEffect(builder, expression);
      return last ? lowerExpression(builder, last, wanted) : builder.unknown();
    }
    case 'ObjectExpression':
      return lowerObject(builder, node);
    case 'ArrayExpression': {
      const elements = node.elements.map((element) => (element ? lowerArgument(builder, element) : null));
      const to = builder.temporary();
      builder.emit({ op: 'array', to, elements, site: builder.site(node) });
      return to;
    }
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return lowerFunctionValue(builder, node);
    case 'ClassExpression':
      return lowerClass(builder, node);
    case 'TSAsExpression':
    case 'TSTypeAssertion':
    case 'TSSatisfiesExpression':
      return lowerCast(builder, node);
    case 'TSNonNullExpression':
    case 'TSInstantiationExpression':
      return lowerExpression(builder, node.expression);
    case 'Super':
    case 'MetaProperty':
      return builder.unknown();
    default: {
      const inner = bare(node);
      return inner === node ? lowerOther(builder, node) : lowerExpression(builder, inner, wanted);
    }
  }
}

/** Lowers an expression whose value nobody takes. */
export function lowerEffect(builder: Builder, node: Node): void {
  const slot = lowerExpression(builder, node, false);
  if (slot !== null) builder.drop(slot);
}

/** Syntax that has no meaning of its own here: its parts are computed, and what they give is not followed. */
function lowerOther(builder: Builder, node: Node): Slot {
  for (const child of childrenOf(node)) {
    if (isStatementLike(child)) lowerStatement(builder, child);
    else if (!isTypeLike(child)) builder.emit({ op: 'escape', from: lowerExpression(builder, child), stored: false });
  }
  return builder.unknown();
}

function lowerLiteral(builder: Builder, node: TSESTree.Literal): Slot {
  const { value } = node;
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    if (value === null && 'regex' in node) return builder.unknown();
    return builder.constant(value, typeof value === 'string' ? builder.site(node) : undefined);
  }
  return builder.unknown();
}

function lowerTemplate(builder: Builder, node: TSESTree.TemplateLiteral): Slot {
  const parts: (string | Slot)[] = [];
  for (const [index, quasi] of node.quasis.entries()) {
    parts.push(quasi.value.cooked ?? quasi.value.raw);
    const expression = node.expressions[index];
    if (expression) parts.push(lowerExpression(builder, expression));
  }
  const to = builder.temporary();
  builder.emit({ op: 'text', to, parts, site: builder.site(node) });
  return to;
}

function lowerFunctionValue(builder: Builder, node: Node): Slot {
  const unit = builder.module.functionOf.get(node);
  if (!unit) return builder.unknown();
  const to = builder.temporary();
  builder.emit({ op: 'function', to, fn: unit });
  return to;
}

export function lowerClass(builder: Builder, node: ClassNode): Slot {
  for (const { expression } of decoratorsOf(node)) lowerEffect(builder, expression);
  const cls = builder.module.classOf.get(node);
  const parent = node.superClass ? lowerExpression(builder, node.superClass) : null;
  if (!cls) return builder.unknown();
  const to = builder.temporary();
  builder.emit({ op: 'class', to, cls, parent });
  return to;
}

function lowerObject(builder: Builder, node: TSESTree.ObjectExpression): Slot {
  const entries: Entry[] = [];
  for (const property of node.properties) {
    if (property.type === 'SpreadElement') {
      entries.push({
        name: null,
        from: lowerExpression(builder, property.argument),
        kind: 'spread',
        site: builder.site(property),
      });
      continue;
    }
    const name = keyName(property.key, property.computed);
    if (name === null && property.computed) lowerEffect(builder, property.key);
    const from = lowerExpression(builder, property.value);
    entries.push({
      name,
      from,
      kind: property.kind === 'init' ? 'value' : property.kind,
      site: builder.site(property),
    });
  }
  const to = builder.temporary();
  builder.emit({ op: 'object', to, entries, site: builder.site(node) });
  return to;
}

function lowerCast(
  builder: Builder,
  node: TSESTree.TSAsExpression | TSESTree.TSTypeAssertion | TSESTree.TSSatisfiesExpression,
): Slot {
  if (isConstAssertion(node.typeAnnotation)) return lowerExpression(builder, node.expression);
  const { expression } = node;
  const name = expression.type === 'MemberExpression' ? keyName(expression.property, expression.computed) : null;
  let from: Slot;
  let field: { object: Slot; name: string } | null = null;
  if (expression.type === 'MemberExpression' && expression.object.type !== 'Super' && name !== null) {
    const object = lowerExpression(builder, expression.object);
    from = builder.temporary();
    builder.emit({ op: 'field', to: from, object: builder.copy(object), name, optional: isOptional(expression) });
    field = { object, name };
  } else {
    from = lowerExpression(builder, expression);
  }
  const to = builder.temporary();
  builder.emit({ op: 'cast', to, from, type: builder.type(node.typeAnnotation), field, site: builder.site(node) });
  return to;
}

function isConstAssertion(type: Node): boolean {
  return type.type === 'TSTypeReference' && type.typeName.type === 'Identifier' && type.typeName.name === 'const';
}

function isStatementLike(node: Node): boolean {
  return node.type.endsWith('Statement') || node.type.endsWith('Declaration');
}

function isTypeLike(node: Node): boolean {
  return (
    node.type.startsWith('TS') ||
    node.type === 'JSXIdentifier' ||
    node.type === 'JSXNamespacedName' ||
    node.type === 'JSXText'
  );
}
