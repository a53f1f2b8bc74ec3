import { ts } from 'ts-morph';
import { checkKept } from './kept.ts';
import type { Insertions } from './insertions.ts';

/** A call in the function that a `new Promise` is given, which can as well be made in front of that. */
interface Hoistable {
  readonly call: ts.CallExpression;
  readonly executor: ts.ArrowFunction | ts.FunctionExpression;
  /** What is evaluated when the promise is made, and has nothing before that. */
  readonly outer: ts.Statement | ts.Expression;
}

/**
 * `return new Promise((resolve) => open().all(sql, resolve))`: what calls the function does not wait, but the call is the
 * first thing that happens there. Null for calls that are not.
 */
export function hoistable(call: ts.Node): Hoistable | null {
  const executor = ts.findAncestor(call, ts.isFunctionLike);
  const isFunction = executor && (ts.isArrowFunction(executor) || ts.isFunctionExpression(executor));
  if (!ts.isCallExpression(call) || !isFunction || !isExecutor(executor)) return null;
  if (!isFirst(call, executor) || !call.arguments.every(isPlain) || !isPlain(call.expression)) return null;
  if (usesWithin(call, executor)) return null;
  const outer = outerOf(executor.parent);
  return outer && { call, executor, outer };
}

/** Makes the call in front of the promise, in the function that waits for it. */
export function hoist(
  { call, executor, outer }: Hoistable,
  fn: ts.SignatureDeclaration | null,
  insertions: Insertions,
): void {
  if (fn) checkKept(executor.parent, fn);
  const around = fn ?? outer.getSourceFile();
  const declaration = movable(call, around);
  const name = declaration?.name.getText() ?? freeName(around);
  if (declaration) insertions.remove(declaration.parent.parent);
  else insertions.replace(call, name);
  const { text, statements } = outer.getSourceFile();
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const end = (ts.isStatement(outer) ? outer : statements[0])?.getText().endsWith(';') === true ? ';' : '';
  const opening = `const ${name} = await ${call.getText()}${end}`;
  const indent = indentAt(outer.getStart(), text);
  if (ts.isStatement(outer)) insertions.before(outer, opening + newline + indent);
  else {
    // What the arrow function answers becomes a block.
    const { equalsGreaterThanToken: arrow } = outer.parent as ts.ArrowFunction;
    const outside = indentAt(arrow.getStart(), text);
    const unit = /^\t/m.test(text) ? '\t' : '  ';
    const isOnLine = text.slice(arrow.getEnd(), outer.getStart()).includes('\n');
    const inner = newline + (isOnLine ? indent : indent + unit);
    insertions.replace(arrow, `=> {${inner}${opening}${inner}return `, [arrow.getStart(), outer.getStart()]);
    insertions.behind(outer, `${end}${newline}${outside}}`);
  }
}

function isExecutor(fn: ts.Expression): boolean {
  const { parent } = fn;
  return ts.isNewExpression(parent) && parent.arguments?.[0] === fn && parent.expression.getText() === 'Promise';
}

/** Whether nothing else is evaluated in a function before a call. */
function isFirst(call: ts.CallExpression, fn: ts.ArrowFunction | ts.FunctionExpression): boolean {
  let node: ts.Node = call;
  for (let { parent } = node; parent !== fn; node = parent, parent = node.parent) {
    if (ts.isBlock(parent)) {
      const before = parent.statements.slice(0, parent.statements.indexOf(node as ts.Statement));
      return parent.parent === fn && before.every(isConstant);
    }
    if (!isEvaluatedFirst(node, parent)) return false;
  }
  return true;
}

/** A function or a literal with a name. */
function isConstant(statement: ts.Statement): boolean {
  if (ts.isFunctionDeclaration(statement)) return true;
  if (!ts.isVariableStatement(statement)) return false;
  return statement.declarationList.declarations.every(({ initializer }) => !initializer || isPlain(initializer));
}

function isEvaluatedFirst(node: ts.Node, parent: ts.Node): boolean {
  if (ts.isVariableDeclarationList(parent)) return parent.declarations[0] === node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isCallExpression(parent))
    return parent.expression === node || (parent.arguments[0] === node && isPlain(parent.expression));
  return (
    ts.isExpressionStatement(parent) ||
    ts.isVariableStatement(parent) ||
    ts.isVariableDeclaration(parent) ||
    ts.isReturnStatement(parent) ||
    ts.isParenthesizedExpression(parent) ||
    ts.isNonNullExpression(parent)
  );
}

/** Names, literals and properties: evaluating them does nothing. */
function isPlain(node: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(node)) return isPlain(node.expression);
  return (
    ts.isIdentifier(node) ||
    ts.isLiteralExpression(node) ||
    node.kind === ts.SyntaxKind.ThisKeyword ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    node.kind === ts.SyntaxKind.NullKeyword
  );
}

/** Whether a call needs something that only its function has. */
function usesWithin(call: ts.CallExpression, fn: ts.ArrowFunction | ts.FunctionExpression): boolean {
  const declared = new Set<string>(ts.isArrowFunction(fn) ? [] : ['this', 'arguments']);
  const declare = (node: ts.Node): void => {
    const isDeclaration =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node);
    if (isDeclaration && node.name) declared.add(node.name.getText());
    ts.forEachChild(node, declare);
  };
  declare(fn);
  let isUsed = false;
  const look = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword) isUsed ||= declared.has(node.getText());
    ts.forEachChild(node, look);
  };
  look(call);
  return isUsed;
}

/** The statement, or what an arrow function answers, that begins with making a promise. */
function outerOf(promise: ts.Node): ts.Statement | ts.Expression | null {
  let node = promise;
  for (;;) {
    const { parent } = node;
    if (ts.isArrowFunction(parent) && parent.body === node) return node as ts.Expression;
    if (ts.isBlock(parent) || ts.isSourceFile(parent)) return node as ts.Statement;
    if (!isEvaluatedFirst(node, parent) && !ts.isAwaitExpression(parent) && !ts.isAsExpression(parent)) return null;
    node = parent;
  }
}

/** `const db = open();`, if the name means nothing around the promise. */
function movable(call: ts.CallExpression, fn: ts.Node): ts.VariableDeclaration | null {
  const declaration = call.parent;
  if (!ts.isVariableDeclaration(declaration) || !ts.isVariableDeclarationList(declaration.parent)) return null;
  if (declaration.parent.declarations.length > 1 || declaration.type) return null;
  const executor = ts.findAncestor(call, ts.isFunctionLike);
  const name = declaration.name.getText();
  if (!ts.isIdentifier(declaration.name) || !(declaration.parent.flags & ts.NodeFlags.Const)) return null;
  return namesIn(fn, executor).has(name) ? null : declaration;
}

function freeName(fn: ts.Node): string {
  const taken = namesIn(fn);
  for (let count = 1; ; count += 1)
    for (const name of ['db', 'database', 'connection', 'opened'])
      if (!taken.has(count === 1 ? name : `${name}${count}`)) return count === 1 ? name : `${name}${count}`;
}

/** All names in a node, but for those in another one. */
function namesIn(node: ts.Node, but?: ts.Node): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (inner: ts.Node): void => {
    if (inner === but) return;
    if (ts.isIdentifier(inner)) names.add(inner.text);
    ts.forEachChild(inner, visit);
  };
  visit(node);
  return names;
}

function indentAt(at: number, text: string): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))?.[0] ?? '';
}
