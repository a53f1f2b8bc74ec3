import { ts } from 'ts-morph';
import { Stop } from './boundary.ts';

const COLLECTING = new Set(['set', 'push', 'add', 'unshift']);

/**
 * Throws `Stop` where a function looks first whether it has done something already, and then keeps what comes of a call:
 * `if (!store) store = open()`.
 */
export function checkKept(call: ts.Node, fn: ts.Node): void {
  if (isKept(call, fn))
    throw new Stop(call, 'While it waits another call could come here as well, and make what is kept a second time.');
}

function isKept(call: ts.Node, fn: ts.Node): boolean {
  const written = new Set<string>();
  const read = new Set<string>();
  const visit = (node: ts.Node): void => {
    const target = targetOf(node);
    if (target && node.getEnd() >= call.getEnd() && isOutside(target, fn)) written.add(target.getText());
    if (isPlace(node) && node.getEnd() <= call.getStart() && !isOnlyWritten(node)) read.add(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(fn);
  return [...written].some((place) => read.has(place));
}

/** What a node gives a value to: a variable, a property, a collection. */
function targetOf(node: ts.Node): ts.Expression | null {
  if (ts.isBinaryExpression(node)) return isAssignment(node) ? node.left : null;
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  return COLLECTING.has(node.expression.name.text) ? node.expression.expression : null;
}

function isAssignment({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function isOutside(target: ts.Expression, fn: ts.Node): boolean {
  let root = target;
  while (ts.isPropertyAccessExpression(root) || ts.isElementAccessExpression(root)) root = root.expression;
  if (!ts.isIdentifier(root)) return true;
  const { text } = root;
  let isDeclared = false;
  const visit = (node: ts.Node): void => {
    const isDeclaration = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node);
    if (isDeclaration && ts.isIdentifier(node.name) && node.name.text === text) isDeclared = true;
    ts.forEachChild(node, visit);
  };
  visit(fn);
  return !isDeclared;
}

/** A variable or a property, as a whole. */
function isPlace(node: ts.Node): boolean {
  if (!ts.isIdentifier(node)) return ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
  return !ts.isPropertyAccessExpression(node.parent) || node.parent.expression === node;
}

function isOnlyWritten(node: ts.Node): boolean {
  const { parent } = node;
  return (
    ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
  );
}
