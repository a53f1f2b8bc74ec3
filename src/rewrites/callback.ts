import { childrenOf, isFunction, type FunctionNode, type Node } from '../analysis/javascript/syntax.ts';
import { visit, someNow } from './walk.ts';
import type { Reason } from './reasons.ts';
import type { Source, Variable } from './source.ts';

/** How statements can become the body of a function that something else calls. */
export interface Body {
  /** They await something. */
  readonly isAsync: boolean;
  /** They return from the function around; the call is returned then. */
  readonly returns: boolean;
}

/** `after` are the statements that come behind them in the function. */
export function bodyOf(
  statements: readonly Node[],
  after: readonly Node[],
  fn: FunctionNode | null,
  source: Source,
): Body | Reason {
  const some = (wanted: (node: Node) => boolean): boolean => statements.some((statement) => someNow(statement, wanted));
  const isAsync = some((node) => node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await));
  const returns = some(({ type }) => type === 'ReturnStatement');
  const isBound = (node: Node): boolean => node.type === 'Identifier' && node.name === 'arguments';
  if (
    some((node) => node.type === 'YieldExpression' || isBound(node)) ||
    statements.some((statement) => jumpsOut(statement, false, false))
  )
    return 'leaves-the-function';
  if (returns && (after.length > 0 || !isWholeEnd(statements, fn) || fn?.generator)) return 'leaves-the-function';
  if (isAsync && fn && !fn.async) return 'leaves-the-function';
  if (writesOutside(statements, source)) return 'values-outside';
  return { isAsync, returns };
}

/** `break` and `continue` of loops around. */
function jumpsOut(node: Node, inLoop: boolean, inSwitch: boolean): boolean {
  if (isFunction(node)) return false;
  if (node.type === 'BreakStatement') return node.label !== null || !(inLoop || inSwitch);
  if (node.type === 'ContinueStatement') return node.label !== null || !inLoop;
  const isLoop = /^(?:For|While|DoWhile)/.test(node.type);
  return childrenOf(node).some((child) =>
    jumpsOut(child, inLoop || isLoop, inSwitch || node.type === 'SwitchStatement'),
  );
}

/** Whether the statements are the last ones of a function's body. */
function isWholeEnd(statements: readonly Node[], fn: FunctionNode | null): boolean {
  const last = statements.at(-1);
  return last !== undefined && fn?.body?.type === 'BlockStatement' && last.parent === fn.body;
}

/** TypeScript does not see that a function which is called at once gives a variable its value. */
function writesOutside(statements: readonly Node[], source: Source): boolean {
  const declared = new Set<Variable>();
  const written = new Set<Variable>();
  for (const statement of statements)
    visit(statement, (node) => {
      for (const variable of source.declaredBy(node)) declared.add(variable);
      if (node.type === 'AssignmentExpression')
        for (const variable of source.variablesIn(node.left))
          if (node.left.type === 'Identifier') written.add(variable);
    });
  const end = statements.at(-1)?.range[1] ?? Infinity;
  return [...written].some(
    (variable) => !declared.has(variable) && variable.references.some(({ identifier }) => identifier.range[0] >= end),
  );
}
