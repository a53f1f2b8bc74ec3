import { assignTo } from './assignments.ts';
import { Builder } from './builder.ts';
import { lowerExpression } from './expressions.ts';
import { lowerStatements } from './statements.ts';
import { annotationOf, boundNames, isFunction, type FieldInitializer, type Node, type TSESTree } from '../syntax.ts';
import type { Block } from '../../ir.ts';
import type { FunctionUnit } from '../units.ts';

/** Lowers a function of a bound module: its parameters, then its body. */
export function lowerFunction(unit: FunctionUnit): Block {
  const builder = new Builder(unit);
  return builder.nested(() => lowerBody(builder, unit.node));
}

function lowerBody(builder: Builder, node: Node | FieldInitializer): void {
  if (node.type === 'Program') lowerStatements(builder, node.body);
  else if (node.type === 'StaticBlock') lowerStatements(builder, node.body);
  else if (node.type === 'FieldInitializer') lowerResult(builder, node.value);
  else if (isFunction(node)) lowerFunctionBody(builder, node);
}

function lowerFunctionBody(
  builder: Builder,
  node: Node & { params: TSESTree.Parameter[]; body?: Node | null | undefined },
): void {
  for (const [index, parameter] of node.params.entries()) lowerParameter(builder, parameter, index);
  if (!node.body) return;
  if (node.body.type === 'BlockStatement') lowerStatements(builder, node.body.body);
  else lowerResult(builder, node.body);
}

/** A body without statements: its value is returned. */
function lowerResult(builder: Builder, value: Node): void {
  builder.emit({ op: 'return', from: lowerExpression(builder, value), site: builder.site(value) });
}

function lowerParameter(builder: Builder, parameter: Node, index: number): void {
  const rest = parameter.type === 'RestElement';
  const target = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
  const pattern = target.type === 'AssignmentPattern' ? target.left : target;
  const type = annotationOf(pattern) ?? builder.module.documentation.types.get(pattern);
  const to = builder.temporary();
  builder.emit({
    op: 'argument',
    to,
    index,
    rest,
    type: type ? builder.type(type) : null,
    optional: ('optional' in pattern && pattern.optional === true) || target.type === 'AssignmentPattern',
    site: builder.site(parameter),
  });
  const property = parameter.type === 'TSParameterProperty' ? boundNames(parameter)[0] : undefined;
  assignTo(builder, rest ? parameter.argument : target, to);
  if (!property) return;
  const object = builder.temporary();
  builder.emit({ op: 'self', to: object });
  const from = builder.load(property.name);
  builder.emit({ op: 'set field', object, name: property.name, from, site: builder.site(property) });
}
