import { bindClass, noteThis } from './classes.ts';
import { bindFunction } from './functions.ts';
import {
  bindAllExport,
  bindDefaultExport,
  bindExportAssignment,
  bindImport,
  bindImportEquals,
  bindNamedExport,
} from './imports-exports.ts';
import { markText } from './relevance.ts';
import { bindPattern, bindVariables, visitAssignment, visitForEach } from './variables.ts';
import { boundNames, childrenOf, keyName, sourceOfType, type Node, type TSESTree } from '../syntax.ts';
import type { Binder, Place } from './binder.ts';

function visitAll(binder: Binder, nodes: readonly (Node | null)[], place: Place): void {
  for (const node of nodes) if (node) visit(binder, node, place);
}

/** Declares what a list of statements declares, then visits them: a function above may assign a variable below. */
export function visitStatements(binder: Binder, statements: readonly Node[], place: Place): void {
  for (const statement of statements) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration') continue;
    const scope = declaration.kind === 'var' ? place.scope.hoisting() : place.scope;
    for (const { id } of declaration.declarations) for (const { name } of boundNames(id)) scope.declare(name);
  }
  visitAll(binder, statements, place);
}

/** Visits a node: declares what it declares, and notes the names that it uses. */
export function visit(binder: Binder, node: Node, place: Place): void {
  switch (node.type) {
    case 'Identifier':
      binder.refer(node.name, 'value', place);
      if (node.typeAnnotation) visit(binder, node.typeAnnotation, place);
      return;
    case 'Literal':
      if (typeof node.value === 'string') markText(binder, node.value, place);
      return;
    case 'TemplateLiteral':
      for (const quasi of node.quasis) markText(binder, quasi.value.raw, place);
      visitAll(binder, node.expressions, place);
      return;
    case 'ImportDeclaration':
      bindImport(binder, node, place);
      return;
    case 'ExportNamedDeclaration':
      bindNamedExport(binder, node, place);
      return;
    case 'ExportDefaultDeclaration':
      bindDefaultExport(binder, node, place);
      return;
    case 'ExportAllDeclaration':
      bindAllExport(binder, node);
      return;
    case 'TSImportEqualsDeclaration':
      bindImportEquals(binder, node, place);
      return;
    case 'TSExportAssignment':
      bindExportAssignment(binder, node, place);
      return;
    case 'VariableDeclaration':
      bindVariables(binder, node, place);
      return;
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'TSDeclareFunction':
    case 'TSEmptyBodyFunctionExpression':
      bindFunction(binder, node, place);
      return;
    case 'ClassDeclaration':
    case 'ClassExpression':
      bindClass(binder, node, place);
      return;
    case 'BlockStatement':
    case 'StaticBlock':
    case 'TSModuleBlock':
      visitStatements(binder, node.body, binder.open(node, place));
      return;
    case 'ForStatement':
    case 'SwitchStatement':
      visitAll(binder, childrenOf(node), binder.open(node, place));
      return;
    case 'ForInStatement':
    case 'ForOfStatement':
      visitForEach(binder, node, binder.open(node, place));
      return;
    case 'CatchClause': {
      const inner = binder.open(node, place);
      if (node.param) bindPattern(binder, node.param, inner, inner.scope);
      // The parameter shares the block's scope: `catch (e) { let e }` is an error in any case.
      visitStatements(binder, node.body.body, binder.open(node.body, inner));
      return;
    }
    case 'AssignmentExpression':
      visitAssignment(binder, node, place);
      return;
    case 'UpdateExpression':
      if (node.argument.type === 'Identifier') binder.refer(node.argument.name, 'write', place);
      else visit(binder, node.argument, place);
      return;
    case 'MemberExpression':
      if (node.object.type === 'ThisExpression') noteThis(keyName(node.property, node.computed), place);
      else visit(binder, node.object, place);
      if (node.computed) visit(binder, node.property, place);
      return;
    case 'ThisExpression':
    case 'Super':
      noteThis(null, place);
      return;
    case 'Property':
      if (node.computed) visit(binder, node.key, place);
      visit(binder, node.value, place);
      return;
    case 'CallExpression':
      visitCall(binder, node, place);
      return;
    case 'LabeledStatement':
      visit(binder, node.body, place);
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
      bindType(binder, node, node.id.name, place);
      return;
    case 'TSEnumDeclaration':
      place.scope.declare(node.id.name);
      bindType(binder, node, node.id.name, place);
      return;
    case 'TSModuleDeclaration':
      if (node.id.type === 'Identifier') place.scope.declareType(node.id.name, node);
      if (node.body) visit(binder, node.body, place);
      return;
    case 'TSTypeReference':
      visitTypeName(binder, node.typeName, place);
      if (node.typeArguments) visit(binder, node.typeArguments, place);
      return;
    case 'TSTypeQuery':
      if (node.exprName.type === 'TSImportType') visit(binder, node.exprName, place);
      else visitTypeName(binder, node.exprName, place);
      return;
    case 'TSClassImplements':
    case 'TSInterfaceHeritage':
      if (node.expression.type === 'Identifier') binder.refer(node.expression.name, 'type', place);
      return;
    case 'TSPropertySignature':
    case 'TSMethodSignature':
      visitAll(
        binder,
        childrenOf(node).filter((child) => child !== (node.key as Node)),
        place,
      );
      return;
    case 'TSImportType':
      importType(binder, node, place);
      return;
    default:
      visitAll(binder, childrenOf(node), place);
  }
}

function visitCall(binder: Binder, node: TSESTree.CallExpression, place: Place): void {
  if (node.callee.type === 'Identifier') {
    binder.refer(node.callee.name, 'callee', place);
    const specifier = node.arguments[0];
    if (node.callee.name === 'require' && specifier?.type === 'Literal' && typeof specifier.value === 'string') {
      binder.module.imports.add(specifier.value);
      if (binder.relevance(specifier.value, '*')) binder.seeds.push(place.fn, ...place.targets);
    }
  } else {
    visit(binder, node.callee, place);
  }
  visitAll(binder, node.arguments, place);
  if (node.typeArguments) visit(binder, node.typeArguments, place);
}

/** `import('./database').Handle` */
function importType(binder: Binder, node: TSESTree.TSImportType, place: Place): void {
  const specifier = sourceOfType(node);
  if (specifier === null) return;
  let first: Node | null = node.qualifier;
  while (first?.type === 'TSQualifiedName') first = first.left;
  binder.module.imports.add(specifier);
  if (binder.relevance(specifier, first?.type === 'Identifier' ? first.name : '*'))
    binder.seeds.push(place.fn, ...place.targets);
  if (node.typeArguments) visit(binder, node.typeArguments, place);
}

/** Declares an interface, a type alias or an enum, and visits what it mentions. */
function bindType(binder: Binder, node: Node, name: string, place: Place): void {
  const symbol = place.scope.declareType(name, node);
  const inner: Place = { ...binder.open(node, place), targets: [symbol.flows] };
  if ('typeParameters' in node) bindTypeParameters(binder, node, inner);
  for (const child of childrenOf(node)) if (!('id' in node) || child !== node.id) visit(binder, child, inner);
}

/** Declares the type parameters of a function, a class or a type within it. */
export function bindTypeParameters(
  binder: Binder,
  { typeParameters }: { readonly typeParameters?: TSESTree.TSTypeParameterDeclaration | undefined },
  place: Place,
): void {
  for (const parameter of typeParameters?.params ?? []) {
    const symbol = place.scope.declareType(parameter.name.name, parameter);
    const inner: Place = { ...place, targets: [symbol.flows, ...place.targets] };
    if (parameter.constraint) visit(binder, parameter.constraint, inner);
  }
}

function visitTypeName(binder: Binder, name: Node, place: Place): void {
  let first = name;
  while (first.type === 'TSQualifiedName') first = first.left;
  if (first.type === 'Identifier') binder.refer(first.name, 'type', place);
}
