import { childrenOf, isFunction, type Node } from '../analysis/javascript/syntax.ts';

/** Calls a function with a node and all below it. */
export function visit(node: Node, seen: (node: Node) => void): void {
  seen(node);
  for (const child of childrenOf(node)) visit(child, seen);
}

/** The same without what functions within it do later. */
export function visitNow(node: Node, seen: (node: Node) => void): void {
  seen(node);
  for (const child of childrenOf(node)) if (!isFunction(child)) visitNow(child, seen);
}

/** Whether a node, or one below it, is wanted: also in functions, which may run before it is over. */
export function someWithin(node: Node, wanted: (node: Node) => boolean): boolean {
  return wanted(node) || childrenOf(node).some((child) => someWithin(child, wanted));
}

/** Whether a node, or one below it outside of functions, is wanted. */
export function someNow(node: Node, wanted: (node: Node) => boolean): boolean {
  return wanted(node) || childrenOf(node).some((child) => !isFunction(child) && someNow(child, wanted));
}

export function contains(outer: Node, inner: Node): boolean {
  return outer.range[0] <= inner.range[0] && outer.range[1] >= inner.range[1];
}

/** The name of the method that a node calls; null for other nodes. */
export function methodOf(node: Node): string | null {
  const call = node.type === 'ChainExpression' ? node.expression : node;
  if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return null;
  const { property, computed } = call.callee;
  return !computed && property.type === 'Identifier' ? property.name : null;
}
