import { isFunction, type Node } from '../analysis/javascript/syntax.ts';
import { closeOf } from './closings.ts';
import { closeCall } from './close-finally.ts';
import { enclose, merged } from './enclose.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { listIn } from './statements.ts';
import type { LeakFact } from '../analysis/facts.ts';
import type { SourceNode } from '../analysis/ir.ts';
import type { Handle } from './handle.ts';
import type { Source } from './source.ts';

/** `try { … } catch (error) { db.close(); throw error; }` around what comes before somebody else gets the connection. */
export function onError(handle: Handle, { driver, ways }: LeakFact, source: Source): Proposal {
  const { behind, following, optional, conditional, naming } = handle;
  if (!behind || optional || conditional || naming || following.length === 0) return withdrawn('handed-over');
  // Another way without an exception has to close it as well.
  if (ways.some(({ kind }) => kind === 'normal') && !isCaught(behind)) return withdrawn('handed-over');
  if (closeOf(driver).answers === 'callback') return withdrawn('not-asynchronous');
  const end = source.usesSemicolons ? ';' : '';
  const error = ['error', 'cause', 'problem'].find((candidate) => source.isFree(candidate, behind)) ?? 'thrown';
  const unit = source.indentUnit;
  const tail = [
    `} catch (${error}) {`,
    `${unit}${closeCall(handle, driver)}${end}`,
    `${unit}throw ${error}${end}`,
    '}',
  ];
  return { title: 'closeOnError', safe: false, edits: merged(enclose(source, following, ['try {'], tail)) };
}

/** Whether the function goes on behind an exception that a statement throws. */
function isCaught(statement: Node): boolean {
  for (let node: Node | undefined = statement; node && !isFunction(node); node = node.parent)
    if (node.parent?.type === 'TryStatement' && node.parent.block === node && node.parent.handler) return true;
  return false;
}

/** `db.close(); return;` at each place where the connection is left open. */
export function beforeLeaving(handle: Handle, { driver, ways }: LeakFact, source: Source): Proposal {
  const { variable, uses } = handle;
  if (!variable) return withdrawn('used-by-callbacks');
  const end = source.usesSemicolons ? ';' : '';
  const edits: Edit[] = [];
  for (const { kind, site } of ways) {
    const exit = kind === 'implicit' ? null : statementAt(site.node, source);
    if (!exit || !source.isVisible(variable, exit)) return withdrawn('used-by-callbacks');
    const isUsed = uses.some(({ range }) => range[0] >= exit.range[0] && range[1] <= exit.range[1]);
    if (isUsed) return withdrawn('used-by-callbacks');
    if (closeOf(driver).answers === 'promise' && !source.functionAround(exit)?.async)
      return withdrawn('not-asynchronous');
    edits.push(...before(exit, closeCall(handle, driver) + end, source));
  }
  return { title: 'closeBeforeLeaving', safe: false, edits: merged(edits) };
}

function statementAt(place: SourceNode, source: Source): Node | null {
  let node: Node | null | undefined = source.find(place);
  while (node && node.type !== 'ReturnStatement' && node.type !== 'ThrowStatement') {
    if (isFunction(node)) return null;
    node = node.parent;
  }
  return node ?? null;
}

/** Puts a statement in front of another, with braces where it stands alone. */
function before(statement: Node, line: string, source: Source): Edit[] {
  const indent = source.indentOf(statement);
  if (listIn(statement.parent)) return [insertion(statement.range[0], `${line}${source.newline}${indent}`)];
  const inner = indent + source.indentUnit;
  return [
    insertion(statement.range[0], `{${source.newline}${inner}${line}${source.newline}${inner}`),
    insertion(statement.range[1], `${source.newline}${indent}}`),
  ];
}
