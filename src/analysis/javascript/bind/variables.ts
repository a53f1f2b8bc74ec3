import { fieldWriters, memberFlow, memberOfThis } from './classes.ts';
import { visitNamed } from './functions.ts';
import { visit } from './visit.ts';
import { boundNames, isFunction, keyName, type Node, type TSESTree } from '../syntax.ts';
import type { Binder, Place } from './binder.ts';
import type { Flow } from './relevance.ts';
import type { Binding, Scope } from '../scope.ts';

/** Binds the variables that a declaration declares, and visits what they begin with. */
export function bindVariables(binder: Binder, node: TSESTree.VariableDeclaration, place: Place): void {
  const scope = node.kind === 'var' ? place.scope.hoisting() : place.scope;
  for (const declarator of node.declarations) {
    const bindings = bindPattern(binder, declarator.id, place, scope);
    const only = declarator.id.type === 'Identifier' ? bindings[0] : undefined;
    if (only && declarator.init && isFunction(declarator.init)) {
      only.names = declarator.init;
      binder.functionVariables.push(only);
    }
    if (node.kind === 'var') for (const binding of bindings) if (!declarator.init) binding.constant = false;
    if (!declarator.init && node.kind !== 'var') for (const binding of bindings) binding.constant = node.declare;
    if (declarator.init)
      visitNamed(binder, declarator.init, only?.name ?? '', { ...place, targets: [...bindings, ...place.targets] });
  }
}

/** Declares a pattern's names and visits what it computes. */
export function bindPattern(binder: Binder, pattern: Node, place: Place, scope: Scope): Binding[] {
  const bindings = boundNames(pattern).map((name) => scope.declare(name.name));
  visitPattern(binder, pattern, { ...place, targets: bindings }, scope);
  return bindings;
}

function visitPattern(binder: Binder, pattern: Node, place: Place, scope: Scope): void {
  switch (pattern.type) {
    case 'Identifier': {
      const type = binder.typeOf(pattern);
      if (!type) return;
      visit(binder, type, place);
      const binding = scope.lookup(pattern.name);
      if (binding) binding.type = binder.typeRef(type, place.scope);
      return;
    }
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'Property' && property.computed) visit(binder, property.key, place);
        visitPattern(binder, property.type === 'Property' ? property.value : property.argument, place, scope);
      }
      break;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) visitPattern(binder, element, place, scope);
      break;
    case 'AssignmentPattern':
      visitPattern(binder, pattern.left, place, scope);
      visit(binder, pattern.right, place);
      return;
    case 'RestElement':
      visitPattern(binder, pattern.argument, place, scope);
      break;
    case 'TSParameterProperty':
      visitPattern(binder, pattern.parameter, place, scope);
      return;
    default:
      visit(binder, pattern, place);
      return;
  }
  const type = binder.typeOf(pattern);
  if (type) visit(binder, type, place);
}

export function visitForEach(
  binder: Binder,
  node: TSESTree.ForInStatement | TSESTree.ForOfStatement,
  place: Place,
): void {
  let targets: readonly Flow[] = [];
  if (node.left.type === 'VariableDeclaration') {
    bindVariables(binder, node.left, place);
    const scope = node.left.kind === 'var' ? place.scope.hoisting() : place.scope;
    targets = node.left.declarations.flatMap((declarator) => {
      const names = boundNames(declarator.id);
      return names.map((name) =>
        Object.assign(scope.declare(name.name), {
          constant: node.left.type === 'VariableDeclaration' && node.left.kind !== 'var',
        }),
      );
    });
  } else {
    visitTarget(binder, node.left, place);
  }
  visit(binder, node.right, { ...place, targets: [...targets, ...place.targets] });
  visit(binder, node.body, place);
}

export function visitAssignment(binder: Binder, node: TSESTree.AssignmentExpression, place: Place): void {
  const targets = visitTarget(binder, node.left, place);
  const name =
    node.left.type === 'Identifier'
      ? node.left.name
      : node.left.type === 'MemberExpression'
        ? (keyName(node.left.property, node.left.computed) ?? '')
        : '';
  visitNamed(binder, node.right, name, { ...place, targets: [...targets, ...place.targets] });
}

/** Visits the left side of an assignment and tells what receives the value. */
function visitTarget(binder: Binder, left: Node, place: Place): Flow[] {
  switch (left.type) {
    case 'Identifier': {
      binder.refer(left.name, 'write', place);
      const binding = place.scope.lookup(left.name);
      return binding ? [binding] : [];
    }
    case 'MemberExpression': {
      visit(binder, left, place);
      const root = rootOf(left);
      if (root.type === 'ThisExpression') {
        const member = memberOfThis(left);
        if (!place.cls || member === null) return place.cls ? [place.cls] : [];
        if (left.object.type === 'ThisExpression') fieldWriters(place.cls, member).add(place.fn);
        return [memberFlow(place.cls, member)];
      }
      const binding = root.type === 'Identifier' ? place.scope.lookup(root.name) : null;
      return binding ? [binding] : [];
    }
    case 'ObjectPattern':
      return left.properties.flatMap((property) =>
        visitTarget(binder, property.type === 'Property' ? property.value : property.argument, place),
      );
    case 'ArrayPattern':
      return left.elements.flatMap((element) => (element ? visitTarget(binder, element, place) : []));
    case 'AssignmentPattern':
      visit(binder, left.right, place);
      return visitTarget(binder, left.left, place);
    case 'RestElement':
      return visitTarget(binder, left.argument, place);
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'TSSatisfiesExpression':
      return visitTarget(binder, left.expression, place);
    default:
      visit(binder, left, place);
      return [];
  }
}

function rootOf(node: Node): Node {
  let root = node;
  while (root.type === 'MemberExpression' || root.type === 'TSNonNullExpression' || root.type === 'TSAsExpression') {
    root = root.type === 'MemberExpression' ? root.object : root.expression;
  }
  return root;
}
