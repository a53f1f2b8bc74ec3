import { assignTo } from './assignments.ts';
import { lowerLabelled, lowerLoop, lowerSwitch, lowerTry } from './control-flow.ts';
import { lowerClass, lowerEffect, lowerExpression } from './expressions.ts';
import { boundNames, keyName, type Node, type TSESTree } from '../syntax.ts';
import type { Builder } from './builder.ts';
import type { Entry, Slot } from '../../ir.ts';

/** Lowers a list of statements: the functions that it declares come first. */
export function lowerStatements(builder: Builder, statements: readonly Node[]): void {
  const emitAll = (): void => {
    hoistFunctions(builder, statements);
    for (const statement of statements) lowerStatement(builder, statement);
  };
  const using = statements.find(isUsing);
  if (using) builder.emit({ op: 'scope', body: builder.nested(emitAll), site: builder.site(using) });
  else emitAll();
}

function hoistFunctions(builder: Builder, statements: readonly Node[]): void {
  for (const statement of statements) {
    const node =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
        ? statement.declaration
        : statement;
    if (node?.type !== 'FunctionDeclaration') continue;
    const unit = builder.module.functionOf.get(node);
    if (!unit) continue;
    const to = builder.temporary();
    builder.emit({ op: 'function', to, fn: unit });
    builder.store(node.id ? node.id.name : '*default*', to, node);
  }
}

export function lowerStatement(builder: Builder, node: Node): void {
  switch (node.type) {
    case 'ExpressionStatement':
      lowerEffect(builder, node.expression);
      return;
    case 'VariableDeclaration':
      lowerVariables(builder, node);
      return;
    case 'FunctionDeclaration':
      return;
    case 'ClassDeclaration':
      builder.store(node.id?.name ?? '*default*', lowerClass(builder, node), node);
      return;
    case 'ExportNamedDeclaration':
      if (node.declaration) lowerStatement(builder, node.declaration);
      return;
    case 'ExportDefaultDeclaration':
      lowerDefaultExport(builder, node.declaration);
      return;
    case 'TSExportAssignment':
      builder.store('*export=*', lowerExpression(builder, node.expression), node);
      return;
    case 'BlockStatement':
      builder.inScope(node, () => builder.blockOf(node, () => lowerStatements(builder, node.body)));
      return;
    case 'IfStatement':
      builder.emit({
        op: 'branch',
        condition: lowerExpression(builder, node.test),
        then: builder.nested(() => lowerStatement(builder, node.consequent)),
        otherwise: builder.nested(() => node.alternate && lowerStatement(builder, node.alternate)),
      });
      return;
    case 'ReturnStatement':
      builder.emit({
        op: 'return',
        from: node.argument ? lowerExpression(builder, node.argument) : null,
        site: builder.site(node),
      });
      return;
    case 'ThrowStatement':
      builder.emit({ op: 'throw', from: lowerExpression(builder, node.argument), site: builder.site(node) });
      return;
    case 'BreakStatement':
      builder.emit({ op: 'break', label: node.label?.name ?? null });
      return;
    case 'ContinueStatement':
      builder.emit({ op: 'continue', label: node.label?.name ?? null });
      return;
    case 'LabeledStatement':
      lowerLabelled(builder, node);
      return;
    case 'TryStatement':
      lowerTry(builder, node);
      return;
    case 'SwitchStatement':
      lowerSwitch(builder, node, null);
      return;
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
      lowerLoop(builder, node, null);
      return;
    case 'TSModuleDeclaration':
      if (node.body) builder.inScope(node.body, () => lowerStatements(builder, node.body?.body ?? []));
      return;
    case 'TSEnumDeclaration':
      builder.store(node.id.name, lowerEnum(builder, node), node);
      return;
    case 'WithStatement':
      builder.drop(lowerExpression(builder, node.object));
      lowerStatement(builder, node.body);
      return;
    case 'EmptyStatement':
    case 'DebuggerStatement':
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSDeclareFunction':
    case 'TSImportEqualsDeclaration':
    case 'TSNamespaceExportDeclaration':
      return;
    default:
      lowerEffect(builder, node);
  }
}

function lowerDefaultExport(builder: Builder, node: Node): void {
  if (node.type === 'FunctionDeclaration' || node.type === 'TSInterfaceDeclaration' || node.type === 'Identifier')
    return;
  if (node.type === 'ClassDeclaration') {
    lowerStatement(builder, node);
    return;
  }
  builder.store('*default*', lowerExpression(builder, node), node);
}

export function lowerVariables(builder: Builder, node: TSESTree.VariableDeclaration): void {
  for (const declarator of node.declarations) {
    if (!declarator.init) {
      // A `var` without a value keeps the one it has; the others begin as undefined.
      if (node.kind === 'var' || node.declare) continue;
      for (const { name } of boundNames(declarator.id)) builder.store(name, builder.constant(undefined), declarator);
      continue;
    }
    const value = lowerExpression(builder, declarator.init);
    if (node.kind === 'using' || node.kind === 'await using') {
      builder.emit({
        op: 'using',
        from: builder.copy(value),
        awaits: node.kind === 'await using',
        site: builder.site(declarator),
      });
    }
    assignTo(builder, declarator.id, value);
  }
}

function lowerEnum(builder: Builder, node: TSESTree.TSEnumDeclaration): Slot {
  const members = 'body' in node ? node.body.members : [];
  const entries = members.map((entry): Entry => {
    const from = entry.initializer ? lowerExpression(builder, entry.initializer) : builder.unknown();
    return { name: keyName(entry.id, false), from, kind: 'value', site: builder.site(entry) };
  });
  const to = builder.temporary();
  builder.emit({ op: 'object', to, entries, site: builder.site(node) });
  return to;
}

export function isUsing(node: Node): boolean {
  return node.type === 'VariableDeclaration' && (node.kind === 'using' || node.kind === 'await using');
}
