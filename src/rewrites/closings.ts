import { isFunction, type Node } from '../analysis/javascript/syntax.ts';
import { isHarmless } from './harmless.ts';
import { listIn } from './statements.ts';
import { visit, methodOf } from './walk.ts';
import type { Answer, Driver } from '../drivers/driver.ts';
import type { Extent } from './extent.ts';
import type { Handle } from './handle.ts';
import type { Source } from './source.ts';

/** Where the statements of an extent close the connection themselves. */
export interface Closings {
  /** Behind them nothing happens that could tell whether it is closed already: `finally` does the same. */
  readonly needless: readonly Node[];
  /** Others, which stay: statements, or calls within others. */
  readonly others: readonly Node[];
  /** A function that is given the connection, or another name of it, may close it. */
  readonly maybe: boolean;
}

/** The method that closes a driver's connections, and how it answers. */
export function closeOf({ connection }: Driver): { readonly method: string; readonly answers: Answer } {
  for (const [method, fact] of Object.entries(connection))
    if (fact.does === 'close') return { method, answers: fact.answers ?? 'value' };
  return { method: 'close', answers: 'value' };
}

/** Methods by which objects that have a connection close it. */
const CLOSING = /^(?:close|end|destroy|dispose|shutdown|release|disconnect)/i;

/** Finds the closings of a connection, or of an object that has one. */
export function closingsIn(
  { statements, isHolder }: Pick<Extent, 'statements' | 'isHolder'>,
  { uses, conditional }: Handle,
  driver: Driver | null,
  source: Source,
): Closings {
  const method = driver && closeOf(driver).method;
  const needless: Node[] = [];
  const others: Node[] = [];
  let maybe = false;
  for (const statement of statements)
    visit(statement, (node) => {
      if (node.type !== 'CallExpression') return;
      maybe ||= node.arguments.some((argument) => isHolder(argument) || uses.includes(argument));
      if (node.callee.type !== 'MemberExpression') return;
      const name = methodOf(node);
      const { object } = node.callee;
      maybe ||= name !== null && CLOSING.test(name) && isHolder(object) && !uses.includes(object);
      if (name === null || !uses.includes(object) || (method ? name !== method : !CLOSING.test(name))) return;
      const whole = node.arguments.length === 0 ? closingStatement(node, object, conditional) : null;
      // With a statement that goes, a comment within it would go as well.
      if (whole && endsWith(whole, statements) && !source.hasComment(whole.range)) needless.push(whole);
      else others.push(whole ?? node);
    });
  return { needless, others, maybe };
}

/** `db.close();`, `await db.close();`, `if (db) db.close();`, or on the condition that it is ours to close. */
function closingStatement(call: Node, handle: Node, conditional: boolean): Node | null {
  let node = call;
  while (node.parent?.type === 'ChainExpression' || node.parent?.type === 'AwaitExpression') node = node.parent;
  const { parent } = node;
  if (parent?.type !== 'ExpressionStatement') return null;
  const block = parent.parent.type === 'BlockStatement' && parent.parent.body.length === 1 ? parent.parent : parent;
  const outer = block.parent;
  const isGuarded =
    outer.type === 'IfStatement' &&
    !outer.alternate &&
    (isAbout(outer.test, handle) || (conditional && isHarmless(outer.test)));
  const whole = isGuarded ? outer : parent;
  return listIn(whole.parent) ? whole : null;
}

/** `db`, `db.open`, `db && db.open` */
function isAbout(test: Node, handle: Node): boolean {
  if (test.type === 'LogicalExpression') return isAbout(test.left, handle) && isAbout(test.right, handle);
  if (test.type === 'ChainExpression') return isAbout(test.expression, handle);
  if (test.type === 'MemberExpression') return isAbout(test.object, handle);
  return test.type === 'Identifier' && handle.type === 'Identifier' && test.name === handle.name;
}

/** Whether nothing but what is harmless runs between a statement and the end of an extent. */
function endsWith(statement: Node, statements: readonly Node[]): boolean {
  let current: Node = statement;
  for (;;) {
    const list = statements.includes(current) ? statements : listIn(current.parent);
    if (!list) {
      // The only statement of an `if` without braces.
      if (current.parent?.type !== 'IfStatement') return false;
      current = current.parent;
      continue;
    }
    for (const next of list.slice(list.indexOf(current) + 1)) {
      if (!isHarmless(next)) return false;
      if (next.type === 'ReturnStatement' || next.type === 'ThrowStatement') return !isCaught(next, statements);
      if (next.type === 'BreakStatement' || next.type === 'ContinueStatement') return false;
    }
    if (list === statements) return true;
    let outer = current.parent;
    while (outer && outer.type !== 'IfStatement' && outer.type !== 'TryStatement' && !isList(outer)) {
      if (isFunction(outer) || (outer.type !== 'BlockStatement' && outer.type !== 'CatchClause')) return false;
      outer = outer.parent;
    }
    if (!outer || outer.type === 'Program') return false;
    if (outer.type === 'TryStatement' && outer.finalizer) return false;
    current = outer;
  }
}

function isList(node: Node): boolean {
  return node.type === 'BlockStatement' && listIn(node.parent) !== null;
}

/** Whether a statement of an extent catches what a `throw` throws, or runs more on the way out. */
function isCaught(exit: Node, statements: readonly Node[]): boolean {
  for (let node: Node | undefined = exit; node && !statements.includes(node); node = node.parent) {
    const parent: Node | undefined = node.parent;
    if (parent?.type !== 'TryStatement') continue;
    if (parent.finalizer && parent.finalizer !== node) return true;
    if (exit.type === 'ThrowStatement' && parent.block === node) return true;
  }
  return false;
}
