import { Scope, isTypeSymbol, newFlow, type Binding, type ClassFlow } from './scope.ts';
import { boundNames, childrenOf, isFunction, keyName } from './syntax.ts';
import { ClassUnit, FunctionUnit, type ModuleUnit } from './units.ts';
import type { ClassNode, FunctionNode, Node, TSESTree } from './syntax.ts';
import type { FunctionIR, MemberIR, TypeRef } from '../ir.ts';

/** Whether what a module exports under a name has to do with SQLite. */
export type Relevance = (specifier: string, name: string) => boolean;

/** Text that names a driver, wherever it stands (`require(name)`, `getBuiltinModule`, joined strings). */
const NAMES_DRIVER = /sqlite|libsql/i;
const LONGEST_SPECIFIER = 60;

type Flow = Binding | FunctionUnit | ClassFlow;

interface Place {
  readonly scope: Scope;
  readonly fn: FunctionUnit;
  readonly cls: ClassUnit | null;
  /** Variables, classes and functions that receive the value being computed. */
  readonly targets: readonly Flow[];
}

type Role = 'callee' | 'write' | 'value' | 'type' | 'export';

interface Reference {
  readonly name: string;
  readonly role: Role;
  readonly place: Place;
}

/**
 * Finds scopes, functions, classes, imports and exports of a module, and marks what has to do with SQLite: whatever is
 * computed from, or mentions, an import that does. The mark decides only where the solver looks, never what it finds.
 */
export function bind(module: ModuleUnit, relevance: Relevance): void {
  new Binder(module, relevance).run();
}

class Binder {
  readonly #module: ModuleUnit;
  readonly #relevance: Relevance;
  readonly #references: Reference[] = [];
  readonly #seeds: Flow[] = [];
  readonly #functionVariables: Binding[] = [];
  readonly #localExports: { readonly exported: string; readonly local: string; readonly scope: Scope }[] = [];

  constructor(module: ModuleUnit, relevance: Relevance) {
    this.#module = module;
    this.#relevance = relevance;
  }

  run(): void {
    const { program, ast } = this.#module;
    const scope = new Scope(null, program, true);
    program.scope = scope;
    this.#module.scopes.set(ast, scope);
    this.#module.functionOf.set(ast, program);
    const place: Place = { scope, fn: program, cls: null, targets: [] };
    for (const name of ['module', 'exports']) scope.declare(name);
    this.#statements(ast.body, place);
    this.#resolve();
    this.#spread();
  }

  #visitAll(nodes: readonly (Node | null)[], place: Place): void {
    for (const node of nodes) if (node) this.#visit(node, place);
  }

  /** Declares what a list of statements declares, then visits them: a function above may assign a variable below. */
  #statements(statements: readonly Node[], place: Place): void {
    for (const statement of statements) {
      const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
      if (declaration?.type !== 'VariableDeclaration') continue;
      const scope = declaration.kind === 'var' ? place.scope.hoisting() : place.scope;
      for (const { id } of declaration.declarations) for (const { name } of boundNames(id)) scope.declare(name);
    }
    this.#visitAll(statements, place);
  }

  #visit(node: Node, place: Place): void {
    switch (node.type) {
      case 'Identifier':
        this.#refer(node.name, 'value', place);
        if (node.typeAnnotation) this.#visit(node.typeAnnotation, place);
        return;
      case 'Literal':
        if (typeof node.value === 'string') this.#text(node.value, place);
        return;
      case 'TemplateLiteral':
        for (const quasi of node.quasis) this.#text(quasi.value.raw, place);
        this.#visitAll(node.expressions, place);
        return;
      case 'ImportDeclaration':
        this.#import(node, place);
        return;
      case 'ExportNamedDeclaration':
        this.#exportNamed(node, place);
        return;
      case 'ExportDefaultDeclaration':
        this.#exportDefault(node, place);
        return;
      case 'ExportAllDeclaration':
        this.#module.imports.add(node.source.value);
        if (node.exported) this.#exportFrom(nameOf(node.exported), node.source.value, '*');
        else this.#module.exportsAllOf.push(node.source.value);
        return;
      case 'TSImportEqualsDeclaration':
        this.#importEquals(node, place);
        return;
      case 'TSExportAssignment': {
        const binding = this.#pseudoVariable('*export=*', place);
        this.#visit(node.expression, { ...place, targets: [binding] });
        this.#module.exports.set('module.exports', { kind: 'variable', variable: binding });
        return;
      }
      case 'VariableDeclaration':
        this.#variables(node, place);
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
      case 'TSDeclareFunction':
      case 'TSEmptyBodyFunctionExpression':
        this.#function(node, place);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.#class(node, place);
        return;
      case 'BlockStatement':
      case 'StaticBlock':
      case 'TSModuleBlock':
        this.#statements(node.body, this.#open(node, place));
        return;
      case 'ForStatement':
      case 'SwitchStatement':
        this.#visitAll(childrenOf(node), this.#open(node, place));
        return;
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#forEach(node, this.#open(node, place));
        return;
      case 'CatchClause': {
        const inner = this.#open(node, place);
        if (node.param) this.#pattern(node.param, inner, inner.scope);
        // The parameter shares the block's scope: `catch (e) { let e }` is an error in any case.
        this.#statements(node.body.body, this.#open(node.body, inner));
        return;
      }
      case 'AssignmentExpression':
        this.#assignment(node, place);
        return;
      case 'UpdateExpression':
        if (node.argument.type === 'Identifier') this.#refer(node.argument.name, 'write', place);
        else this.#visit(node.argument, place);
        return;
      case 'MemberExpression':
        if (node.object.type === 'ThisExpression') this.#thisMember(keyName(node.property, node.computed), place);
        else this.#visit(node.object, place);
        if (node.computed) this.#visit(node.property, place);
        return;
      case 'ThisExpression':
      case 'Super':
        this.#thisMember(null, place);
        return;
      case 'Property':
        if (node.computed) this.#visit(node.key, place);
        this.#visit(node.value, place);
        return;
      case 'CallExpression':
        this.#call(node, place);
        return;
      case 'LabeledStatement':
        this.#visit(node.body, place);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'MetaProperty':
      case 'JSXIdentifier':
      case 'PrivateIdentifier':
      case 'TSTypeParameter':
        return;
      case 'JSXMemberExpression':
        return;
      case 'TSInterfaceDeclaration':
      case 'TSTypeAliasDeclaration':
        this.#type(node, node.id.name, place);
        return;
      case 'TSEnumDeclaration':
        place.scope.declare(node.id.name);
        this.#type(node, node.id.name, place);
        return;
      case 'TSModuleDeclaration':
        if (node.id.type === 'Identifier') place.scope.declareType(node.id.name, node);
        if (node.body) this.#visit(node.body, place);
        return;
      case 'TSTypeReference':
        this.#typeName(node.typeName, place);
        if (node.typeArguments) this.#visit(node.typeArguments, place);
        return;
      case 'TSTypeQuery':
        if (node.exprName.type !== 'TSImportType') this.#typeName(node.exprName, place);
        return;
      case 'TSClassImplements':
      case 'TSInterfaceHeritage':
        if (node.expression.type === 'Identifier') this.#refer(node.expression.name, 'type', place);
        return;
      case 'TSPropertySignature':
      case 'TSMethodSignature':
        this.#visitAll(
          childrenOf(node).filter((child) => child !== (node.key as Node)),
          place,
        );
        return;
      case 'TSImportType':
        this.#visitAll(childrenOf(node), place);
        return;
      default:
        this.#visitAll(childrenOf(node), place);
    }
  }

  /** A use of `this`: of one of its members, or of all. */
  #thisMember(name: string | null, place: Place): void {
    for (let fn: FunctionUnit | null = place.fn; fn; fn = fn.arrow ? fn.outer : null) {
      if (name === null) fn.wholeThis = true;
      else fn.members.add(name);
    }
    if (!place.cls) return;
    if (name !== null) this.#connect(memberFlow(place.cls, name), place);
    // What is inherited is known to be there, and no more.
    if (name === null || place.cls.hasParent) this.#connect(place.cls, place);
  }

  #open(node: Node, place: Place): Place {
    const scope = new Scope(place.scope, place.fn, false);
    this.#module.scopes.set(node, scope);
    return { ...place, scope };
  }

  #refer(name: string, role: Role, place: Place): void {
    this.#references.push({ name, role, place });
  }

  #text(text: string, place: Place): void {
    if (text.length <= LONGEST_SPECIFIER && NAMES_DRIVER.test(text)) this.#seeds.push(place.fn, ...place.targets);
  }

  #typeName(name: Node, place: Place): void {
    let first = name;
    while (first.type === 'TSQualifiedName') first = first.left;
    if (first.type === 'Identifier') this.#refer(first.name, 'type', place);
  }

  #type(node: Node, name: string, place: Place): void {
    const symbol = place.scope.declareType(name, node);
    const inner: Place = { ...place, targets: [symbol.flows] };
    for (const child of childrenOf(node)) if (!('id' in node) || child !== node.id) this.#visit(child, inner);
  }

  #call(node: TSESTree.CallExpression, place: Place): void {
    if (node.callee.type === 'Identifier') {
      this.#refer(node.callee.name, 'callee', place);
      const specifier = node.arguments[0];
      if (node.callee.name === 'require' && specifier?.type === 'Literal' && typeof specifier.value === 'string') {
        this.#module.imports.add(specifier.value);
        if (this.#relevance(specifier.value, '*')) this.#seeds.push(place.fn, ...place.targets);
      }
    } else {
      this.#visit(node.callee, place);
    }
    this.#visitAll(node.arguments, place);
    if (node.typeArguments) this.#visit(node.typeArguments, place);
  }

  #variables(node: TSESTree.VariableDeclaration, place: Place): void {
    const scope = node.kind === 'var' ? place.scope.hoisting() : place.scope;
    for (const declarator of node.declarations) {
      const bindings = this.#pattern(declarator.id, place, scope);
      const only = declarator.id.type === 'Identifier' ? bindings[0] : undefined;
      if (only && declarator.init && isFunction(declarator.init)) {
        only.names = declarator.init;
        this.#functionVariables.push(only);
      }
      if (node.kind === 'var') for (const binding of bindings) if (!declarator.init) binding.constant = false;
      if (!declarator.init && node.kind !== 'var') for (const binding of bindings) binding.constant = node.declare;
      if (declarator.init)
        this.#named(declarator.init, only?.name ?? '', { ...place, targets: [...bindings, ...place.targets] });
    }
  }

  /** Declares a pattern's names and visits what it computes. */
  #pattern(pattern: Node, place: Place, scope: Scope): Binding[] {
    const bindings = boundNames(pattern).map((name) => scope.declare(name.name));
    this.#patternParts(pattern, { ...place, targets: bindings }, scope);
    return bindings;
  }

  #patternParts(pattern: Node, place: Place, scope: Scope): void {
    switch (pattern.type) {
      case 'Identifier':
        if (pattern.typeAnnotation) {
          this.#visit(pattern.typeAnnotation, place);
          const binding = scope.lookup(pattern.name);
          if (binding) binding.type = this.#typeRef(pattern.typeAnnotation.typeAnnotation, place.scope);
        }
        return;
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'Property' && property.computed) this.#visit(property.key, place);
          this.#patternParts(property.type === 'Property' ? property.value : property.argument, place, scope);
        }
        break;
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) this.#patternParts(element, place, scope);
        break;
      case 'AssignmentPattern':
        this.#patternParts(pattern.left, place, scope);
        this.#visit(pattern.right, place);
        return;
      case 'RestElement':
        this.#patternParts(pattern.argument, place, scope);
        break;
      case 'TSParameterProperty':
        this.#patternParts(pattern.parameter, place, scope);
        return;
      default:
        this.#visit(pattern, place);
        return;
    }
    if (pattern.typeAnnotation) this.#visit(pattern.typeAnnotation, place);
  }

  #forEach(node: TSESTree.ForInStatement | TSESTree.ForOfStatement, place: Place): void {
    let targets: readonly Flow[] = [];
    if (node.left.type === 'VariableDeclaration') {
      this.#variables(node.left, place);
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
      this.#write(node.left, place);
    }
    this.#visit(node.right, { ...place, targets: [...targets, ...place.targets] });
    this.#visit(node.body, place);
  }

  #assignment(node: TSESTree.AssignmentExpression, place: Place): void {
    const targets = this.#write(node.left, place);
    const name =
      node.left.type === 'Identifier'
        ? node.left.name
        : node.left.type === 'MemberExpression'
          ? (keyName(node.left.property, node.left.computed) ?? '')
          : '';
    this.#named(node.right, name, { ...place, targets: [...targets, ...place.targets] });
  }

  /** Visits the left side of an assignment and tells what receives the value. */
  #write(left: Node, place: Place): Flow[] {
    switch (left.type) {
      case 'Identifier': {
        this.#refer(left.name, 'write', place);
        const binding = place.scope.lookup(left.name);
        return binding ? [binding] : [];
      }
      case 'MemberExpression': {
        this.#visit(left, place);
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
          this.#write(property.type === 'Property' ? property.value : property.argument, place),
        );
      case 'ArrayPattern':
        return left.elements.flatMap((element) => (element ? this.#write(element, place) : []));
      case 'AssignmentPattern':
        this.#visit(left.right, place);
        return this.#write(left.left, place);
      case 'RestElement':
        return this.#write(left.argument, place);
      case 'TSAsExpression':
      case 'TSNonNullExpression':
      case 'TSTypeAssertion':
      case 'TSSatisfiesExpression':
        return this.#write(left.expression, place);
      default:
        this.#visit(left, place);
        return [];
    }
  }

  /** Visits an expression that is given a name, which a function or class in it takes. */
  #named(node: Node, name: string, place: Place): void {
    if (isFunction(node)) this.#function(node, place, name);
    else if (node.type === 'ClassExpression') this.#class(node, place, name);
    else if (node.type === 'LogicalExpression') {
      this.#visit(node.left, place);
      this.#named(node.right, name, place);
    } else this.#visit(node, place);
  }

  #function(node: FunctionNode, place: Place, name = '', cls: ClassUnit | null = null): FunctionUnit {
    const unit = new FunctionUnit(this.#module, node, place.fn, cls, place.cls);
    unit.name = ('id' in node && node.id ? node.id.name : name) || name;
    this.#module.functionOf.set(node, unit);
    unit.flowsTo.add(place.fn);
    for (const target of place.targets) unit.flowsTo.add(target);
    let outerScope = place.scope;
    if (node.type === 'FunctionDeclaration' || node.type === 'TSDeclareFunction') {
      if (node.id) {
        const binding = place.scope.declare(node.id.name);
        binding.names ??= node;
        if (node.type === 'FunctionDeclaration') binding.names = node;
        unit.flowsTo.add(binding);
        this.#functionVariables.push(binding);
      }
    } else if ('id' in node && node.id) {
      outerScope = new Scope(place.scope, unit, false);
      outerScope.declare(node.id.name).names = node;
    }
    const scope = new Scope(outerScope, unit, true);
    unit.scope = scope;
    this.#module.scopes.set(node, scope);
    const inner: Place = { scope, fn: unit, cls: place.cls, targets: [] };
    for (const parameter of node.params) {
      for (const binding of this.#pattern(parameter, inner, scope))
        Object.assign(binding, { constant: true, parameter: true });
    }
    if (node.returnType) this.#visit(node.returnType, inner);
    if (node.body) {
      if (node.body.type === 'BlockStatement') {
        this.#module.scopes.set(node.body, scope);
        this.#statements(node.body.body, inner);
      } else {
        this.#visit(node.body, inner);
      }
    }
    return unit;
  }

  #class(node: ClassNode, place: Place, name = ''): void {
    const cls = new ClassUnit(this.#module, node, place.fn, node.id?.name ?? name);
    this.#module.classOf.set(node, cls);
    for (const target of place.targets) cls.flowsTo.add(target);
    cls.flowsTo.add(place.fn);
    if (node.superClass) this.#visit(node.superClass, { ...place, targets: [cls] });
    const scope = new Scope(place.scope, place.fn, false);
    if (node.id) {
      const binding =
        node.type === 'ClassDeclaration' ? place.scope.declare(node.id.name) : scope.declare(node.id.name);
      binding.names = node;
      cls.flowsTo.add(binding);
    }
    this.#module.scopes.set(node, scope);
    const inner: Place = { scope, fn: place.fn, cls, targets: [cls] };
    // Parsers of plain JavaScript leave it out.
    const interfaces = node.implements as TSESTree.TSClassImplements[] | undefined;
    for (const implemented of interfaces ?? []) this.#visit(implemented, inner);
    for (const member of node.body.body) this.#member(member, cls, inner);
  }

  #member(node: TSESTree.ClassElement, cls: ClassUnit, place: Place): void {
    switch (node.type) {
      case 'MethodDefinition':
      case 'TSAbstractMethodDefinition': {
        if (node.computed) this.#visit(node.key, place);
        const name = keyName(node.key, node.computed);
        const fn = this.#function(
          node.value,
          { ...place, targets: [name === null ? cls : memberFlow(cls, name)] },
          name ?? '',
          cls,
        );
        if (node.kind === 'constructor') {
          if (node.value.body) cls.constructorFunction = fn;
          for (const parameter of node.value.params) {
            if (parameter.type === 'TSParameterProperty') this.#parameterProperty(parameter, cls, fn);
          }
          return;
        }
        if (!node.value.body) return;
        cls.members.push(member(node, name, node.kind, fn, null));
        return;
      }
      case 'PropertyDefinition':
      case 'AccessorProperty':
      case 'TSAbstractPropertyDefinition':
      case 'TSAbstractAccessorProperty': {
        if (node.computed) this.#visit(node.key, place);
        const name = keyName(node.key, node.computed);
        const inner: Place = { ...place, targets: [name === null ? cls : memberFlow(cls, name)] };
        if (node.typeAnnotation) this.#visit(node.typeAnnotation, inner);
        const type = node.typeAnnotation ? this.#typeRef(node.typeAnnotation.typeAnnotation, place.scope) : null;
        cls.members.push(
          member(node, name, 'field', node.value ? this.#initializer(node.value, cls, inner, name ?? '') : null, type),
        );
        return;
      }
      case 'StaticBlock': {
        const unit = new FunctionUnit(this.#module, node, place.fn, cls, cls);
        this.#module.functionOf.set(node, unit);
        unit.flowsTo.add(cls);
        unit.scope = new Scope(place.scope, unit, true);
        this.#module.scopes.set(node, unit.scope);
        this.#statements(node.body, { scope: unit.scope, fn: unit, cls, targets: [cls] });
        cls.members.push({ name: null, kind: 'static block', isStatic: true, isPrivate: false, fn: unit, type: null });
        return;
      }
      default:
        return; // signatures
    }
  }

  /** The function that computes a field's first value; it stands at the value's node. */
  #initializer(value: Node, cls: ClassUnit, place: Place, name: string): FunctionUnit {
    const unit = new FunctionUnit(
      this.#module,
      { type: 'FieldInitializer', range: value.range, value } as unknown as Node,
      place.fn,
      cls,
      cls,
    );
    unit.name = name;
    for (const target of place.targets) unit.flowsTo.add(target);
    unit.scope = new Scope(place.scope, unit, true);
    this.#module.scopes.set(unit.node, unit.scope);
    this.#named(value, name, { scope: unit.scope, fn: unit, cls, targets: place.targets });
    return unit;
  }

  #parameterProperty(node: TSESTree.TSParameterProperty, cls: ClassUnit, fn: FunctionUnit): void {
    const [name] = boundNames(node);
    if (!name) return;
    fieldWriters(cls, name.name).add(fn);
    fn.scope?.declare(name.name).flowsTo.add(memberFlow(cls, name.name));
    const type = name.typeAnnotation && fn.scope ? this.#typeRef(name.typeAnnotation.typeAnnotation, fn.scope) : null;
    cls.members.push({
      name: name.name,
      kind: 'field',
      isStatic: false,
      isPrivate: node.accessibility === 'private',
      fn: null,
      type,
    });
  }

  #typeRef(node: Node, scope: Scope): TypeRef {
    return { module: this.#module, node, scope };
  }

  #import(node: TSESTree.ImportDeclaration, place: Place): void {
    const specifier = node.source.value;
    this.#module.imports.add(specifier);
    for (const item of node.specifiers) {
      const name =
        item.type === 'ImportDefaultSpecifier'
          ? 'default'
          : item.type === 'ImportNamespaceSpecifier'
            ? '*'
            : nameOf(item.imported);
      const binding = place.scope.declare(item.local.name, { specifier, name });
      if (this.#relevance(specifier, name)) this.#seeds.push(binding);
    }
  }

  #importEquals(node: TSESTree.TSImportEqualsDeclaration, place: Place): void {
    const reference = node.moduleReference;
    if (reference.type !== 'TSExternalModuleReference') {
      const binding = place.scope.declare(node.id.name);
      this.#visit(reference, { ...place, targets: [binding] });
      return;
    }
    if (typeof reference.expression.value !== 'string') return;
    const specifier = reference.expression.value;
    this.#module.imports.add(specifier);
    const binding = place.scope.declare(node.id.name, { specifier, name: '*' });
    if (this.#relevance(specifier, '*')) this.#seeds.push(binding);
  }

  #exportNamed(node: TSESTree.ExportNamedDeclaration, place: Place): void {
    if (node.source) {
      this.#module.imports.add(node.source.value);
      for (const item of node.specifiers)
        this.#exportFrom(nameOf(item.exported), node.source.value, nameOf(item.local));
      return;
    }
    for (const item of node.specifiers) {
      this.#refer(nameOf(item.local), 'export', place);
      this.#exportLocal(nameOf(item.exported), nameOf(item.local), place);
    }
    const declaration = node.declaration;
    if (!declaration) return;
    this.#visit(declaration, place);
    for (const name of declaredNames(declaration)) {
      this.#refer(name, 'export', place);
      this.#exportLocal(name, name, place);
    }
  }

  #exportDefault(node: TSESTree.ExportDefaultDeclaration, place: Place): void {
    const declaration = node.declaration;
    if (declaration.type === 'Identifier') {
      this.#refer(declaration.name, 'export', place);
      this.#exportLocal('default', declaration.name, place);
      return;
    }
    if ('id' in declaration && declaration.id?.type === 'Identifier') {
      this.#visit(declaration, place);
      this.#refer(declaration.id.name, 'export', place);
      this.#exportLocal('default', declaration.id.name, place);
      return;
    }
    const binding = this.#pseudoVariable('*default*', place);
    this.#named(declaration, 'default', { ...place, targets: [binding] });
    this.#module.exports.set('default', { kind: 'variable', variable: binding });
  }

  #pseudoVariable(name: string, place: Place): Binding {
    return place.scope.declare(name);
  }

  /** Resolved at the end, as the declaration may stand below. */
  #exportLocal(exported: string, local: string, place: Place): void {
    this.#localExports.push({ exported, local, scope: place.scope });
  }

  #exportFrom(exported: string, specifier: string, name: string): void {
    this.#module.exports.set(exported, { kind: 'from', specifier, name });
  }

  #resolve(): void {
    for (const { name, role, place } of this.#references) {
      if (role === 'type') {
        const found = place.scope.lookupType(name);
        if (found) this.#connect(isTypeSymbol(found) ? found.flows : found, place);
        if (!found || !isTypeSymbol(found)) continue;
        const value = place.scope.lookup(name);
        if (value) this.#connect(value, place);
        continue;
      }
      const binding = place.scope.lookup(name);
      if (!binding) continue;
      for (let fn: FunctionUnit | null = place.fn; fn && fn !== binding.owner; fn = fn.outer) {
        fn.free.add(binding);
        binding.captured = true;
      }
      if (role === 'write') binding.constant = false;
      if (role !== 'callee') binding.flowsTo.add(NOT_ONLY_CALLED);
      if (role !== 'export') this.#connect(binding, place);
    }
    for (const { exported, local, scope } of this.#localExports) {
      const variable = scope.lookup(local);
      const type = scope.lookupType(local);
      if (type && isTypeSymbol(type)) this.#module.typeExports.set(exported, type);
      if (variable) this.#module.exports.set(exported, { kind: 'variable', variable });
    }
    for (const binding of this.#functionVariables) {
      binding.calledOnly = binding.constant && !binding.flowsTo.has(NOT_ONLY_CALLED);
      const fn = binding.names && this.#module.functionOf.get(binding.names);
      if (fn) fn.calledOnly = binding.calledOnly;
    }
  }

  #connect(flow: Binding | ClassFlow, place: Place): void {
    flow.flowsTo.add(place.fn);
    for (const target of place.targets) flow.flowsTo.add(target);
  }

  /** Spreads relevance from the seeds along what holds, computes or mentions what. */
  #spread(): void {
    const work: Flow[] = [...this.#seeds];
    for (let flow = work.pop(); flow; flow = work.pop()) {
      const item = 'cls' in flow && !(flow instanceof FunctionUnit) ? flow.cls : flow;
      if (item.relevant) continue;
      item.relevant = true;
      work.push(...flow.flowsTo);
    }
  }
}

/** Stands among the targets of a variable that has a use other than a direct call. */
const NOT_ONLY_CALLED = { cls: { relevant: true }, flowsTo: new Set<Flow>() } satisfies ClassFlow;

function member(
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

function fieldWriters(cls: ClassUnit, name: string): Set<FunctionIR> {
  let writers = cls.assigned.get(name);
  if (!writers) cls.assigned.set(name, (writers = new Set()));
  return writers;
}

/** What stands for a member of a class in the flow of values. */
function memberFlow(cls: ClassUnit, name: string): Binding {
  let flow = cls.memberFlows.get(name);
  if (!flow) {
    flow = newFlow(name, cls.outer);
    flow.flowsTo.add(cls);
    cls.memberFlows.set(name, flow);
  }
  return flow;
}

/** The member of `this` that a chain of members starts with. */
function memberOfThis(node: Node): string | null {
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

function nameOf(node: TSESTree.Identifier | TSESTree.StringLiteral): string {
  return node.type === 'Identifier' ? node.name : node.value;
}

function rootOf(node: Node): Node {
  let root = node;
  while (root.type === 'MemberExpression' || root.type === 'TSNonNullExpression' || root.type === 'TSAsExpression') {
    root = root.type === 'MemberExpression' ? root.object : root.expression;
  }
  return root;
}

function declaredNames(declaration: Node): string[] {
  if (declaration.type === 'VariableDeclaration') {
    return declaration.declarations.flatMap((declarator) => boundNames(declarator.id).map((name) => name.name));
  }
  return 'id' in declaration && declaration.id?.type === 'Identifier' ? [declaration.id.name] : [];
}
