import { lowerEffect, lowerExpression } from './expressions.ts';
import { shortCircuitCondition } from './operators.ts';
import { bare, keyName, type Node, type TSESTree } from '../syntax.ts';
import type { Builder } from './builder.ts';
import type { Slot } from '../../ir.ts';

/** Lowers `=` and its compound forms; the slot of the value, where it is wanted. */
export function lowerAssignment(builder: Builder, node: TSESTree.AssignmentExpression, wanted: boolean): Slot | null {
  const { operator, left, right } = node;
  if (operator === '=') {
    const value = lowerExpression(builder, right);
    const result = wanted ? builder.copy(value) : null;
    assignTo(builder, left, value);
    return result;
  }
  const old = lowerExpression(builder, left);
  if (operator === '??=' || operator === '||=' || operator === '&&=') {
    const to = builder.temporary();
    const condition = shortCircuitCondition(builder, operator, old);
    const assign = builder.nested(() => {
      builder.drop(old);
      const value = lowerExpression(builder, right);
      builder.move(builder.copy(value), to);
      assignTo(builder, left, value);
    });
    const keep = builder.nested(() => builder.move(old, to));
    const assignsWhenTrue = operator !== '||=';
    builder.emit({
      op: 'branch',
      condition,
      then: assignsWhenTrue ? assign : keep,
      otherwise: assignsWhenTrue ? keep : assign,
    });
    return to;
  }
  const value = lowerExpression(builder, right);
  const to = builder.temporary();
  if (operator === '+=') {
    builder.emit({ op: 'text', to, parts: [old, value], continues: true, site: builder.site(node) });
  } else {
    builder.drop(old);
    builder.drop(value);
    builder.emit({ op: 'unknown', to });
  }
  const result = wanted ? builder.copy(to) : null;
  assignTo(builder, left, to);
  return result;
}

/** `x++` and the like: what they store is a number, which is not followed. */
export function lowerUpdate(builder: Builder, node: TSESTree.UpdateExpression): Slot {
  lowerEffect(builder, node.argument);
  assignTo(builder, node.argument, builder.unknown());
  return builder.unknown();
}

/** Assigns the value of a slot, which it takes, to a pattern or any other target of an assignment. */
export function assignTo(builder: Builder, target: Node, value: Slot): void {
  switch (target.type) {
    case 'Identifier':
      builder.store(target.name, value, target);
      return;
    case 'MemberExpression':
      assignMember(builder, target, value);
      return;
    case 'AssignmentPattern':
      assignTo(builder, target.left, orDefault(builder, value, target.right));
      return;
    case 'ObjectPattern':
      for (const property of target.properties) {
        if (property.type === 'RestElement') {
          assignTo(builder, property.argument, builder.copy(value));
          continue;
        }
        if (property.computed) lowerEffect(builder, property.key);
        const to = builder.temporary();
        builder.emit({
          op: 'field',
          to,
          object: builder.copy(value),
          name: keyName(property.key, property.computed),
          optional: false,
        });
        assignTo(builder, property.value, to);
      }
      builder.drop(value);
      return;
    case 'ArrayPattern':
      for (const [index, element] of target.elements.entries()) {
        if (!element) continue;
        if (element.type === 'RestElement') {
          assignTo(builder, element.argument, builder.copy(value));
          continue;
        }
        const to = builder.temporary();
        builder.emit({ op: 'field', to, object: builder.copy(value), name: String(index), optional: false });
        assignTo(builder, element, to);
      }
      builder.drop(value);
      return;
    default: {
      const inner = bare(target);
      if (inner === target) builder.emit({ op: 'escape', from: value, stored: true });
      else assignTo(builder, inner, value);
    }
  }
}

function assignMember(builder: Builder, target: TSESTree.MemberExpression, value: Slot): void {
  const object = lowerExpression(builder, target.object);
  const name = keyName(target.property, target.computed);
  if (name === null && target.computed) lowerEffect(builder, target.property);
  builder.emit({ op: 'set field', object, name, from: value, site: builder.site(target) });
}

/** A value, or another one where it is missing. */
function orDefault(builder: Builder, value: Slot, otherwise: Node): Slot {
  const to = builder.temporary();
  const missing = builder.temporary();
  builder.emit({ op: 'is nullish', to: missing, from: builder.copy(value) });
  builder.emit({
    op: 'branch',
    condition: missing,
    then: builder.nested(() => {
      builder.drop(value);
      builder.move(lowerExpression(builder, otherwise), to);
    }),
    otherwise: builder.nested(() => builder.move(value, to)),
  });
  return to;
}
