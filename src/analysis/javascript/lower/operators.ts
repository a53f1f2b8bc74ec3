import { lowerExpression } from './expressions.ts';
import { keyName, type TSESTree } from '../syntax.ts';
import type { Builder } from './builder.ts';
import type { Slot } from '../../ir.ts';

export function lowerLogical(builder: Builder, node: TSESTree.LogicalExpression): Slot {
  const left = lowerExpression(builder, node.left);
  const to = builder.temporary();
  const condition = shortCircuitCondition(builder, node.operator, left);
  const right = builder.nested(() => {
    builder.drop(left);
    builder.move(lowerExpression(builder, node.right), to);
  });
  const keep = builder.nested(() => builder.move(left, to));
  const rightWhenTrue = node.operator !== '||';
  builder.emit({
    op: 'branch',
    condition,
    then: rightWhenTrue ? right : keep,
    otherwise: rightWhenTrue ? keep : right,
  });
  return to;
}

export function lowerConditional(builder: Builder, node: TSESTree.ConditionalExpression): Slot {
  const condition = lowerExpression(builder, node.test);
  const to = builder.temporary();
  builder.emit({
    op: 'branch',
    condition,
    then: builder.nested(() => builder.move(lowerExpression(builder, node.consequent), to)),
    otherwise: builder.nested(() => builder.move(lowerExpression(builder, node.alternate), to)),
  });
  return to;
}

/** The condition of a short-circuit operator: nullish for `??`, truthy for the others. */
export function shortCircuitCondition(builder: Builder, operator: string, value: Slot): Slot {
  const copy = builder.copy(value);
  if (!operator.startsWith('??')) return copy;
  const to = builder.temporary();
  builder.emit({ op: 'is nullish', to, from: copy });
  return to;
}

export function lowerBinary(builder: Builder, node: TSESTree.BinaryExpression): Slot {
  if (node.operator === 'in' && node.left.type !== 'PrivateIdentifier') {
    const object = lowerExpression(builder, node.right);
    const name = keyName(node.left, true);
    const to = builder.temporary();
    builder.emit({ op: 'has', to, object, name });
    return to;
  }
  const left = node.left.type === 'PrivateIdentifier' ? builder.unknown() : lowerExpression(builder, node.left);
  const right = lowerExpression(builder, node.right);
  const to = builder.temporary();
  switch (node.operator) {
    case '===':
    case '!==':
    case '==':
    case '!=':
      builder.emit({
        op: 'compare',
        to,
        left,
        right,
        loose: node.operator.length === 2,
        negated: node.operator.startsWith('!'),
      });
      return to;
    case '+':
      builder.emit({ op: 'text', to, parts: [left, right], site: builder.site(node) });
      return to;
    default:
      builder.drop(left);
      builder.drop(right);
      builder.emit({ op: 'unknown', to });
      return to;
  }
}

export function lowerUnary(builder: Builder, node: TSESTree.UnaryExpression): Slot {
  const { operator, argument } = node;
  if (operator === '-' && argument.type === 'Literal' && typeof argument.value === 'number')
    return builder.constant(-argument.value);
  const from = lowerExpression(builder, argument);
  const to = builder.temporary();
  if (operator === '!' || operator === 'typeof') {
    builder.emit({ op: operator === '!' ? 'not' : 'typeof', to, from });
    return to;
  }
  builder.drop(from);
  builder.emit(operator === 'void' ? { op: 'constant', to, value: undefined } : { op: 'unknown', to });
  return to;
}
