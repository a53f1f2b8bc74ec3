import { visitNamed } from './functions.ts';
import { visit } from './visit.ts';
import { boundNames, type Node, type TSESTree } from '../syntax.ts';
import type { Binder, Place } from './binder.ts';

/** Declares what an import names. */
export function bindImport(binder: Binder, node: TSESTree.ImportDeclaration, place: Place): void {
  const specifier = node.source.value;
  binder.module.imports.add(specifier);
  for (const item of node.specifiers) {
    const name =
      item.type === 'ImportDefaultSpecifier'
        ? 'default'
        : item.type === 'ImportNamespaceSpecifier'
          ? '*'
          : nameOf(item.imported);
    const binding = place.scope.declare(item.local.name, { specifier, name });
    if (binder.relevance(specifier, name)) binder.seeds.push(binding);
  }
}

export function bindImportEquals(binder: Binder, node: TSESTree.TSImportEqualsDeclaration, place: Place): void {
  const reference = node.moduleReference;
  if (reference.type !== 'TSExternalModuleReference') {
    const binding = place.scope.declare(node.id.name);
    visit(binder, reference, { ...place, targets: [binding] });
    return;
  }
  if (typeof reference.expression.value !== 'string') return;
  const specifier = reference.expression.value;
  binder.module.imports.add(specifier);
  const binding = place.scope.declare(node.id.name, { specifier, name: '*' });
  if (binder.relevance(specifier, '*')) binder.seeds.push(binding);
}

export function bindNamedExport(binder: Binder, node: TSESTree.ExportNamedDeclaration, place: Place): void {
  if (node.source) {
    binder.module.imports.add(node.source.value);
    for (const item of node.specifiers)
      exportFrom(binder, nameOf(item.exported), node.source.value, nameOf(item.local));
    return;
  }
  for (const item of node.specifiers) {
    binder.refer(nameOf(item.local), 'export', place);
    exportLocal(binder, nameOf(item.exported), nameOf(item.local), place);
  }
  const declaration = node.declaration;
  if (!declaration) return;
  visit(binder, declaration, place);
  for (const name of declaredNames(declaration)) {
    binder.refer(name, 'export', place);
    exportLocal(binder, name, name, place);
  }
}

export function bindDefaultExport(binder: Binder, node: TSESTree.ExportDefaultDeclaration, place: Place): void {
  const declaration = node.declaration;
  if (declaration.type === 'Identifier') {
    binder.refer(declaration.name, 'export', place);
    exportLocal(binder, 'default', declaration.name, place);
    return;
  }
  if ('id' in declaration && declaration.id?.type === 'Identifier') {
    visit(binder, declaration, place);
    binder.refer(declaration.id.name, 'export', place);
    exportLocal(binder, 'default', declaration.id.name, place);
    return;
  }
  const binding = place.scope.declare('*default*');
  visitNamed(binder, declaration, 'default', { ...place, targets: [binding] });
  binder.module.exports.set('default', { kind: 'variable', variable: binding });
}

export function bindAllExport(binder: Binder, node: TSESTree.ExportAllDeclaration): void {
  binder.module.imports.add(node.source.value);
  if (node.exported) exportFrom(binder, nameOf(node.exported), node.source.value, '*');
  else binder.module.exportsAllOf.push(node.source.value);
}

/** TypeScript's `export =`, which stands for `module.exports`. */
export function bindExportAssignment(binder: Binder, node: TSESTree.TSExportAssignment, place: Place): void {
  const binding = place.scope.declare('*export=*');
  visit(binder, node.expression, { ...place, targets: [binding] });
  binder.module.exports.set('module.exports', { kind: 'variable', variable: binding });
}

/** Resolved at the end, as the declaration may stand below. */
function exportLocal(binder: Binder, exported: string, local: string, place: Place): void {
  binder.localExports.push({ exported, local, scope: place.scope });
}

function exportFrom(binder: Binder, exported: string, specifier: string, name: string): void {
  binder.module.exports.set(exported, { kind: 'from', specifier, name });
}

function nameOf(node: TSESTree.Identifier | TSESTree.StringLiteral): string {
  return node.type === 'Identifier' ? node.name : node.value;
}

/** The names that an exported declaration declares. */
function declaredNames(declaration: Node): string[] {
  if (declaration.type === 'VariableDeclaration') {
    return declaration.declarations.flatMap((declarator) => boundNames(declarator.id).map((name) => name.name));
  }
  return 'id' in declaration && declaration.id?.type === 'Identifier' ? [declaration.id.name] : [];
}
