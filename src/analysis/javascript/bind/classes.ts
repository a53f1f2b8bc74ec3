import { bindFunction, visitNamed } from './functions.ts';
import { connect } from './relevance.ts';
import { bindTypeParameters, visit, visitStatements } from './visit.ts';
import { newFlow, Scope, type Binding } from '../scope.ts';
import { boundNames, decoratorsOf, keyName, type ClassNode, type Node, type TSESTree } from '../syntax.ts';
import { ClassUnit, FunctionUnit } from '../units.ts';
import type { Binder, Place } from './binder.ts';
import type { FunctionIR, MemberIR, TypeRef } from '../../ir.ts';

/** Binds a class: its own name, its parent and its members. */
export function bindClass(binder: Binder, node: ClassNode, place: Place, name = ''): void {
  const cls = new ClassUnit(binder.module, node, place.fn, node.id?.name ?? name);
  binder.module.classOf.set(node, cls);
  for (const target of place.targets) cls.flowsTo.add(target);
  cls.flowsTo.add(place.fn);
  for (const { expression } of decoratorsOf(node)) visit(binder, expression, { ...place, targets: [] });
  if (node.superClass) visit(binder, node.superClass, { ...place, targets: [cls] });
  const scope = new Scope(place.scope, place.fn, false);
  if (node.id) {
    const binding = node.type === 'ClassDeclaration' ? place.scope.declare(node.id.name) : scope.declare(node.id.name);
    binding.names = node;
    cls.flowsTo.add(binding);
  }
  binder.module.scopes.set(node, scope);
  const inner: Place = { scope, fn: place.fn, cls, targets: [cls] };
  bindTypeParameters(binder, node, inner);
  // Parsers of plain JavaScript leave it out.
  const interfaces = node.implements as TSESTree.TSClassImplements[] | undefined;
  for (const implemented of interfaces ?? []) visit(binder, implemented, inner);
  for (const member of node.body.body) bindMember(binder, member, cls, inner);
}

function bindMember(binder: Binder, node: TSESTree.ClassElement, cls: ClassUnit, place: Place): void {
  switch (node.type) {
    case 'MethodDefinition':
    case 'TSAbstractMethodDefinition': {
      if (node.computed) visit(binder, node.key, place);
      const name = keyName(node.key, node.computed);
      const fn = bindFunction(
        binder,
        node.value,
        { ...place, targets: [name === null ? cls : memberFlow(cls, name)] },
        name ?? '',
        cls,
      );
      if (node.kind === 'constructor') {
        if (node.value.body) cls.constructorFunction = fn;
        for (const parameter of node.value.params) {
          if (parameter.type === 'TSParameterProperty') bindParameterProperty(binder, parameter, cls, fn);
        }
        return;
      }
      if (!node.value.body) return;
      cls.members.push(memberOf(node, name, node.kind, fn, null));
      return;
    }
    case 'PropertyDefinition':
    case 'AccessorProperty':
    case 'TSAbstractPropertyDefinition':
    case 'TSAbstractAccessorProperty': {
      if (node.computed) visit(binder, node.key, place);
      const name = keyName(node.key, node.computed);
      const inner: Place = { ...place, targets: [name === null ? cls : memberFlow(cls, name)] };
      const told = binder.typeOf(node);
      if (told) visit(binder, told, inner);
      const type = told && binder.typeRef(told, place.scope);
      const fn = node.value ? bindInitializer(binder, node.value, cls, inner, name ?? '') : null;
      cls.members.push({ ...memberOf(node, name, 'field', fn, type), optional: node.optional });
      return;
    }
    case 'StaticBlock': {
      const unit = new FunctionUnit(binder.module, node, place.fn, cls, cls);
      binder.module.functionOf.set(node, unit);
      unit.flowsTo.add(cls);
      unit.scope = new Scope(place.scope, unit, true);
      binder.module.scopes.set(node, unit.scope);
      visitStatements(binder, node.body, { scope: unit.scope, fn: unit, cls, targets: [cls] });
      cls.members.push({ name: null, kind: 'static block', isStatic: true, isPrivate: false, fn: unit, type: null });
      return;
    }
    default:
      return; // signatures
  }
}

function memberOf(
  node: { static: boolean; accessibility?: string | undefined },
  name: string | null,
  kind: MemberIR['kind'],
  fn: FunctionUnit | null,
  type: TypeRef | null,
): MemberIR {
  return {
    name,
    kind,
    isStatic: node.static,
    isPrivate: node.accessibility === 'private' || (name?.startsWith('#') ?? false),
    fn,
    type,
  };
}

/** The function that computes a field's first value; it stands at the value's node. */
function bindInitializer(binder: Binder, value: Node, cls: ClassUnit, place: Place, name: string): FunctionUnit {
  const unit = new FunctionUnit(
    binder.module,
    { type: 'FieldInitializer', range: value.range, value },
    place.fn,
    cls,
    cls,
  );
  unit.name = name;
  for (const target of place.targets) unit.flowsTo.add(target);
  unit.scope = new Scope(place.scope, unit, true);
  binder.module.scopes.set(unit.node, unit.scope);
  visitNamed(binder, value, name, { scope: unit.scope, fn: unit, cls, targets: place.targets });
  return unit;
}

/** A parameter of a constructor that is a field as well. */
function bindParameterProperty(
  binder: Binder,
  node: TSESTree.TSParameterProperty,
  cls: ClassUnit,
  fn: FunctionUnit,
): void {
  const [name] = boundNames(node);
  if (!name) return;
  fieldWriters(cls, name.name).add(fn);
  fn.scope?.declare(name.name).flowsTo.add(memberFlow(cls, name.name));
  const type = name.typeAnnotation && fn.scope ? binder.typeRef(name.typeAnnotation.typeAnnotation, fn.scope) : null;
  cls.members.push({
    name: name.name,
    kind: 'field',
    isStatic: false,
    isPrivate: node.accessibility === 'private',
    fn: null,
    type,
  });
}

/** A use of `this`: of one of its members, or of all. */
export function noteThis(name: string | null, place: Place): void {
  for (let fn: FunctionUnit | null = place.fn; fn; fn = fn.arrow ? fn.outer : null) {
    if (name === null) fn.wholeThis = true;
    else fn.members.add(name);
  }
  if (!place.cls) return;
  if (name !== null) connect(memberFlow(place.cls, name), place);
  // What is inherited is known to be there, and no more.
  if (name === null || place.cls.hasParent) connect(place.cls, place);
}

/** The member of `this` that a chain of members starts with. */
export function memberOfThis(node: Node): string | null {
  let current = node;
  while (
    current.type === 'MemberExpression' ||
    current.type === 'TSNonNullExpression' ||
    current.type === 'TSAsExpression'
  ) {
    if (current.type !== 'MemberExpression') current = current.expression;
    else if (current.object.type === 'ThisExpression') return keyName(current.property, current.computed);
    else current = current.object;
  }
  return null;
}

/** The functions that assign a field. */
export function fieldWriters(cls: ClassUnit, name: string): Set<FunctionIR> {
  let writers = cls.assigned.get(name);
  if (!writers) cls.assigned.set(name, (writers = new Set()));
  return writers;
}

/** What stands for a member of a class in the flow of values. */
export function memberFlow(cls: ClassUnit, name: string): Binding {
  let flow = cls.memberFlows.get(name);
  if (!flow) {
    flow = newFlow(name, cls.outer);
    flow.flowsTo.add(cls);
    cls.memberFlows.set(name, flow);
  }
  return flow;
}
