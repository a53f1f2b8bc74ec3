import { isFunction, type Node } from '../analysis/javascript/syntax.ts';
import { closeOf } from './closings.ts';
import { closeCall } from './close-finally.ts';
import { caught } from './catch.ts';
import { merged } from './enclose.ts';
import { extentOf } from './extent.ts';
import { inFront } from './lines.ts';
import { withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { contains } from './walk.ts';
import type { LeakFact } from '../analysis/facts.ts';
import type { SourceNode } from '../analysis/ir.ts';
import type { Handle } from './handle.ts';
import type { Source } from './source.ts';

/** `try { … } catch (error) { db.close(); throw error; }` around what comes before somebody else gets the connection. */
export function onError(handle: Handle, { driver, exits }: LeakFact, source: Source): Proposal {
  const { behind, following, optional, conditional, naming } = handle;
  if (!behind || optional || conditional || naming || following.length === 0) return withdrawn('handed-over');
  // Another way without an exception has to close it as well.
  if (exits.some(({ kind }) => kind === 'normal') && !isCaught(behind)) return withdrawn('handed-over');
  if (closeOf(driver).answers === 'callback') return withdrawn('not-asynchronous');
  const line = closeCall(handle, driver) + (source.usesSemicolons ? ';' : '');
  return { title: 'closeOnError', safe: false, edits: merged(caught(source, following, [line])) };
}

/** Whether the function goes on behind an exception that a statement throws. */
function isCaught(statement: Node): boolean {
  for (let node: Node | undefined = statement; node && !isFunction(node); node = node.parent)
    if (node.parent?.type === 'TryStatement' && node.parent.block === node && node.parent.handler) return true;
  return false;
}

/** `db.close(); return;` at each place where the connection is left open. */
export function beforeLeaving(handle: Handle, { driver, exits }: LeakFact, source: Source): Proposal {
  const { variable } = handle;
  const { connected } = extentOf(handle, driver, source);
  if (!variable) return withdrawn('used-by-callbacks');
  const end = source.usesSemicolons ? ';' : '';
  const edits: Edit[] = [];
  for (const { kind, site } of exits) {
    const exit = kind === 'implicit' ? null : statementAt(site.node, source);
    if (!exit || !source.isVisible(variable, exit)) return withdrawn('used-by-callbacks');
    if (connected.some((node) => contains(exit, node))) return withdrawn('used-by-callbacks');
    if (closeOf(driver).answers === 'promise' && !source.functionAround(exit)?.async)
      return withdrawn('not-asynchronous');
    edits.push(...inFront(source, exit, closeCall(handle, driver) + end));
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
