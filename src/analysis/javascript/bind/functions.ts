import { bindClass } from './classes.ts';
import { bindPattern } from './variables.ts';
import { bindTypeParameters, visit, visitStatements } from './visit.ts';
import { Scope } from '../scope.ts';
import { isFunction, type FunctionNode, type Node } from '../syntax.ts';
import { FunctionUnit, type ClassUnit } from '../units.ts';
import type { Binder, Place } from './binder.ts';

/** Binds a function: its own name, its parameters and its body. */
export function bindFunction(
  binder: Binder,
  node: FunctionNode,
  place: Place,
  name = '',
  cls: ClassUnit | null = null,
): FunctionUnit {
  const unit = new FunctionUnit(binder.module, node, place.fn, cls, place.cls);
  unit.name = ('id' in node && node.id ? node.id.name : name) || name;
  binder.module.functionOf.set(node, unit);
  unit.flowsTo.add(place.fn);
  for (const target of place.targets) unit.flowsTo.add(target);
  let outerScope = place.scope;
  if (node.type === 'FunctionDeclaration' || node.type === 'TSDeclareFunction') {
    if (node.id) {
      const binding = place.scope.declare(node.id.name);
      binding.names ??= node;
      if (node.type === 'FunctionDeclaration') binding.names = node;
      unit.flowsTo.add(binding);
      binder.functionVariables.push(binding);
    }
  } else if ('id' in node && node.id) {
    outerScope = new Scope(place.scope, unit, false);
    outerScope.declare(node.id.name).names = node;
  }
  const scope = new Scope(outerScope, unit, true);
  unit.scope = scope;
  binder.module.scopes.set(node, scope);
  const inner: Place = { scope, fn: unit, cls: place.cls, targets: [] };
  bindTypeParameters(binder, node, inner);
  for (const parameter of node.params) {
    for (const binding of bindPattern(binder, parameter, inner, scope))
      Object.assign(binding, { constant: true, parameter: true });
  }
  if (node.returnType) visit(binder, node.returnType, inner);
  if (node.body) {
    if (node.body.type === 'BlockStatement') {
      binder.module.scopes.set(node.body, scope);
      visitStatements(binder, node.body.body, inner);
    } else {
      visit(binder, node.body, inner);
    }
  }
  return unit;
}

/** Visits an expression that is given a name, which a function or class in it takes. */
export function visitNamed(binder: Binder, node: Node, name: string, place: Place): void {
  if (isFunction(node)) bindFunction(binder, node, place, name);
  else if (node.type === 'ClassExpression') bindClass(binder, node, place, name);
  else if (node.type === 'LogicalExpression') {
    visit(binder, node.left, place);
    visitNamed(binder, node.right, name, place);
  } else visit(binder, node, place);
}
