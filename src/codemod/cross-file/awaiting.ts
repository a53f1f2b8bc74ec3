import { ts } from 'ts-morph';
import { Stop } from './boundary.ts';
import { functionAround, type AsyncCapable } from './functions.ts';
import { checkKept } from './kept.ts';
import type { Insertions } from './insertions.ts';

/** Statements that end with a semicolon, or with the line. */
const SEMICOLON = new Set([
  ts.SyntaxKind.VariableStatement,
  ts.SyntaxKind.ExpressionStatement,
  ts.SyntaxKind.ReturnStatement,
  ts.SyntaxKind.ThrowStatement,
  ts.SyntaxKind.BreakStatement,
  ts.SyntaxKind.ContinueStatement,
  ts.SyntaxKind.DoStatement,
  ts.SyntaxKind.ImportDeclaration,
  ts.SyntaxKind.ImportEqualsDeclaration,
  ts.SyntaxKind.ExportDeclaration,
  ts.SyntaxKind.ExportAssignment,
  ts.SyntaxKind.TypeAliasDeclaration,
]);

/** Awaits a call, unless the promise is handed on as it is. */
export function writeAwait(
  call: ts.CallExpression | ts.TaggedTemplateExpression,
  fn: AsyncCapable | null,
  insertions: Insertions,
): void {
  let outer: ts.Node = call;
  while (ts.isParenthesizedExpression(outer.parent)) outer = outer.parent;
  if (ts.isAwaitExpression(outer.parent)) return;
  if (isHandedOn(outer)) return;
  if (fn) checkKept(call, fn);
  const { parent } = call;
  if (call.flags & ts.NodeFlags.OptionalChain && isPartOfChain(call))
    throw new Stop(call, 'The call is part of an optional chain, which awaiting would cut in two.');
  if (!bindsCloser(parent, call)) {
    insertions.before(call, 'await ');
    return;
  }
  insertions.before(call, `${needsSemicolonBefore(call) ? ';' : ''}(await `);
  insertions.behind(call, ')');
}

/** Whether the promise of the function around is the same as that of the call. */
function isHandedOn(node: ts.Node): boolean {
  if (ts.isArrowFunction(node.parent)) return node.parent.body === node;
  if (!ts.isReturnStatement(node.parent)) return false;
  // Behind a `return` in a `try` block something may be caught, or done in the end.
  for (let outer: ts.Node = node.parent; !ts.isFunctionLike(outer); outer = outer.parent)
    if (ts.isTryStatement(outer.parent) && outer !== outer.parent.finallyBlock) {
      if (outer === outer.parent.tryBlock || outer.parent.finallyBlock) return false;
    }
  return true;
}

/** `a?.f().x`: what comes behind belongs to the same chain. */
function isPartOfChain({ parent }: ts.Node): boolean {
  return Boolean(parent.flags & ts.NodeFlags.OptionalChain) || ts.isNonNullExpression(parent);
}

/** Whether what is around an expression takes hold of it before `await` would. */
function bindsCloser(parent: ts.Node, node: ts.Node): boolean {
  if (
    ts.isPropertyAccessExpression(parent) ||
    ts.isElementAccessExpression(parent) ||
    ts.isCallExpression(parent) ||
    ts.isNewExpression(parent)
  )
    return parent.expression === node;
  if (ts.isTaggedTemplateExpression(parent)) return parent.tag === node;
  if (ts.isBinaryExpression(parent))
    return parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken;
  return ts.isNonNullExpression(parent) || ts.isExpressionWithTypeArguments(parent);
}

/** Whether a parenthesis in front of an expression would be taken for the arguments of a call on the line before. */
function needsSemicolonBefore(node: ts.Node): boolean {
  const start = node.getStart();
  let statement = node;
  while (!ts.isStatement(statement)) {
    if (statement.getStart() !== start) return false;
    statement = statement.parent;
  }
  if (statement.getStart() !== start) return false;
  const { parent } = statement;
  if (!ts.isBlock(parent) && !ts.isSourceFile(parent) && !ts.isCaseOrDefaultClause(parent)) return false;
  const before = parent.statements[parent.statements.indexOf(statement) - 1];
  return before !== undefined && SEMICOLON.has(before.kind) && !before.getText().endsWith(';');
}

/** Who has to be asynchronous for a place to await; null where it may. Throws `Stop` where nobody can. */
export function whoAwaits(node: ts.Node, program: ts.Program): AsyncCapable | null {
  const fn = functionAround(node);
  if (fn) return fn;
  const source = node.getSourceFile();
  const { module = ts.ModuleKind.CommonJS, target = ts.ScriptTarget.ES2015 } = program.getCompilerOptions();
  const isNode = module >= ts.ModuleKind.Node16 && module <= ts.ModuleKind.NodeNext;
  const isModule = isNode
    ? source.impliedNodeFormat === ts.ModuleKind.ESNext
    : module >= ts.ModuleKind.ES2022 && ts.isExternalModule(source) && target >= ts.ScriptTarget.ES2017;
  if (!isModule || !hasModuleSyntax(source))
    throw new Stop(node, 'It is called while a module is loaded that is no ES module, which cannot wait for anything.');
  return null;
}

/** A file that imports and exports nothing in the way of ES modules could be a script, whatever else says so. */
function hasModuleSyntax(source: ts.SourceFile): boolean {
  return ts.isExternalModule(source) || /\.m[jt]s$/.test(source.fileName);
}
