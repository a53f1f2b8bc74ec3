import { lowerEffect, lowerExpression } from './expressions.ts';
import { bare, keyName, type Node, type TSESTree } from '../syntax.ts';
import type { Builder } from './builder.ts';
import type { Argument, Slot } from '../../ir.ts';

/** Lowers a call of a function, of a method or of `super`. */
export function lowerCall(builder: Builder, node: TSESTree.CallExpression): Slot {
  const callee = bare(node.callee);
  const site = builder.siteOfCall(node);
  if (callee.type === 'Super' || (callee.type === 'MemberExpression' && callee.object.type === 'Super')) {
    const args = lowerArguments(builder, node.arguments);
    const to = builder.temporary();
    const name = callee.type === 'Super' ? null : (keyName(callee.property, callee.computed) ?? '');
    builder.emit({ op: 'super', to, name, args, site });
    return to;
  }
  const member = callee.type === 'ChainExpression' ? callee.expression : callee;
  if (member.type === 'MemberExpression') {
    const object = lowerExpression(builder, member.object);
    const name = keyName(member.property, member.computed);
    if (name === null && member.computed) lowerEffect(builder, member.property);
    const args = lowerArguments(builder, node.arguments);
    const to = builder.temporary();
    builder.emit({ op: 'invoke', to, object, name, optional: isOptional(node), args, site });
    return to;
  }
  const from = lowerExpression(builder, callee);
  const args = lowerArguments(builder, node.arguments);
  const to = builder.temporary();
  builder.emit({ op: 'call', to, callee: from, args, site });
  return to;
}

export function lowerNew(builder: Builder, node: TSESTree.NewExpression): Slot {
  const callee = lowerExpression(builder, node.callee);
  const args = lowerArguments(builder, node.arguments);
  const to = builder.temporary();
  builder.emit({ op: 'construct', to, callee, args, site: builder.site(node) });
  return to;
}

/** `import()`, as a call of a global of that name. */
export function lowerImport(builder: Builder, node: TSESTree.ImportExpression): Slot {
  const callee = builder.temporary();
  builder.emit({ op: 'global', to: callee, name: 'import' });
  const to = builder.temporary();
  builder.emit({ op: 'call', to, callee, args: lowerArguments(builder, [node.source]), site: builder.site(node) });
  return to;
}

/** A tag receives the text with its holes first, then the values. */
export function lowerTagged(builder: Builder, node: TSESTree.TaggedTemplateExpression): Slot {
  const tag = bare(node.tag);
  const object = tag.type === 'MemberExpression' ? lowerExpression(builder, tag.object) : lowerExpression(builder, tag);
  const values = node.quasi.expressions.map((expression) => lowerExpression(builder, expression));
  const parts: (string | Slot)[] = [];
  for (const [index, quasi] of node.quasi.quasis.entries()) {
    parts.push(quasi.value.cooked ?? quasi.value.raw);
    const value = values[index];
    if (value !== undefined) parts.push(builder.copy(value));
  }
  const text = builder.temporary();
  builder.emit({ op: 'text', to: text, parts, site: builder.site(node.quasi) });
  const args = [text, ...values].map((from) => ({ from, spread: false }));
  const to = builder.temporary();
  const site = builder.site(node);
  if (tag.type === 'MemberExpression')
    builder.emit({ op: 'invoke', to, object, name: keyName(tag.property, tag.computed), optional: false, args, site });
  else builder.emit({ op: 'call', to, callee: object, args, site });
  return to;
}

/** Lowers the reading of a member. */
export function lowerMember(builder: Builder, node: TSESTree.MemberExpression): Slot {
  if (node.object.type === 'Super') return builder.unknown();
  const object = lowerExpression(builder, node.object);
  const name = keyName(node.property, node.computed);
  if (name === null && node.computed) lowerEffect(builder, node.property);
  const to = builder.temporary();
  builder.emit({ op: 'field', to, object, name, optional: isOptional(node) });
  return to;
}

function lowerArguments(builder: Builder, nodes: readonly Node[]): Argument[] {
  return nodes.map((node) => lowerArgument(builder, node));
}

export function lowerArgument(builder: Builder, node: Node): Argument {
  if (node.type === 'SpreadElement') return { from: lowerExpression(builder, node.argument), spread: true };
  return { from: lowerExpression(builder, node), spread: false };
}

/** Whether a link of a chain, or one before it, may find nothing and end the chain. */
export function isOptional(node: Node): boolean {
  switch (node.type) {
    case 'MemberExpression':
      return node.optional || isOptional(node.object);
    case 'CallExpression':
      return node.optional || isOptional(node.callee);
    case 'TSNonNullExpression':
      return isOptional(node.expression);
    default:
      return false;
  }
}
