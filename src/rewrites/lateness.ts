import { isFunction, type FunctionNode, type Node } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';

/** When functions within a function use something, as seen from the statement that they stand in. */
export type When =
  /** Before the statement is over. */
  | 'at once'
  /** Before it is over as well, as far as what is called there awaits what it is given. */
  | 'awaited'
  | 'later';

const ORDER: readonly When[] = ['at once', 'awaited', 'later'];

/** The latest time at which one of the nodes runs, all of which stand in a function. */
export function whenUsed(nodes: readonly Node[], within: FunctionNode | null, source: Source): When {
  return latest(nodes.map((node) => whenRun(node, within, source, new Set())));
}

function whenRun(node: Node, within: FunctionNode | null, source: Source, known: Set<Node>): When {
  const fn = source.functionAround(node);
  if (!fn || fn === within || known.has(fn)) return 'at once';
  known.add(fn);
  return latest([whenCalled(fn, within, source, known), whenRun(fn, within, source, known)]);
}

function latest(times: readonly When[]): When {
  return ORDER.findLast((when) => times.includes(when)) ?? 'at once';
}

/** Methods that call their argument before they return. */
const CALLED_AT_ONCE = new Set(
  'map filter forEach find findIndex some every reduce flatMap sort transaction serialize parallelize from'.split(' '),
);

/** When a function is called that an expression or a declaration makes. */
function whenCalled(fn: FunctionNode, within: FunctionNode | null, source: Source, known: Set<Node>): When {
  const { parent } = fn;
  if (fn.type === 'FunctionDeclaration') return whenAllCalled(fn, within, source, known);
  if (parent.type === 'VariableDeclarator') return whenAllCalled(parent, within, source, known);
  if (parent.type !== 'CallExpression') return 'later';
  const isAtOnce =
    parent.callee === fn ||
    (parent.callee.type === 'MemberExpression' &&
      parent.callee.property.type === 'Identifier' &&
      CALLED_AT_ONCE.has(parent.callee.property.name));
  if (isAtOnce && !fn.async) return 'at once';
  return isAwaited(parent) ? 'awaited' : 'later';
}

/** A function with a name is used when the places that call it run. */
function whenAllCalled(declaring: Node, within: FunctionNode | null, source: Source, known: Set<Node>): When {
  const [variable] = source.declaredBy(declaring);
  if (!variable) return 'later';
  const times = variable.references
    .filter(({ init }) => init !== true)
    .map(({ identifier }): When => {
      const { parent } = identifier;
      if (parent?.type !== 'CallExpression') return 'later';
      const isCallee = parent.callee === identifier;
      const fn = isFunction(declaring) ? declaring : null;
      const isAsync = fn ? fn.async : declaring.type === 'VariableDeclarator' && isAsyncFunction(declaring.init);
      const time: When = isCallee && !isAsync ? 'at once' : isAwaited(parent) ? 'awaited' : 'later';
      return latest([time, whenRun(identifier, within, source, known)]);
    });
  return latest(times);
}

function isAsyncFunction(node: Node | null): boolean {
  return node !== null && isFunction(node) && node.async;
}

/** Whether the statement around a call awaits it, or what is made of it. */
function isAwaited(call: Node): boolean {
  for (let node: Node | undefined = call; node; node = node.parent) {
    if (node.type === 'AwaitExpression') return true;
    if (isFunction(node) || node.type.endsWith('Statement') || node.type === 'VariableDeclaration') return false;
  }
  return false;
}
