import { closeOf, closingsIn } from './closings.ts';
import { beforeLeaving, onError } from './close-partly.ts';
import { inFinally, type Closing } from './close-finally.ts';
import { byUsing } from './close-using.ts';
import { extentOf, holds, type Extent } from './extent.ts';
import { handleOf, type Handle } from './handle.ts';
import { isHarmless } from './harmless.ts';
import { whenUsed } from './lateness.ts';
import { insertion, isRewrite, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { inConnection } from './with-connection.ts';
import { visit, visitNow } from './walk.ts';
import type { LeakFact, OpenFact } from '../analysis/facts.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Reason } from './reasons.ts';
import type { Source } from './source.ts';
import type { Wrapper } from './wrapper.ts';

/** How a connection is to be closed, and what the wrapper needs to know. */
export interface Wanted {
  readonly style: 'finally' | 'using' | 'wrapper';
  /** What is known of the call that opens it, where it stands in this file. */
  readonly open: OpenFact | null;
  readonly wrapper: Wrapper | null;
}

function notSafe(proposal: Proposal): Proposal {
  return isRewrite(proposal) ? { ...proposal, safe: false } : proposal;
}

/** The ways to close a connection that a function leaves open, the best one first. */
export function closing(source: Source, leak: LeakFact, { style, open, wrapper }: Wanted): Proposal[] {
  const node = source.find(leak.site.node);
  if (!node) return [withdrawn('not-in-source')];
  const handle = handleOf(node, source);
  if (typeof handle === 'string') return [withdrawn(handle)];
  const found = closingOf(handle, leak, source, node);
  if (typeof found !== 'string') {
    const always = inFinally(found, leak.driver, source);
    if (!leak.direct) return [always];
    const using = byUsing(found, leak.driver, source);
    const safely = inConnection(found, leak.driver, open, wrapper, source);
    // The style that is asked for may be the fix, and otherwise `finally`, which always works.
    if (style === 'using') return [using, always, notSafe(safely)];
    return style === 'wrapper' ? [safely, always, notSafe(using)] : [always, notSafe(using), notSafe(safely)];
  }
  if (!leak.direct) return [withdrawn(found)];
  const others = found === 'handed-over' ? [onError(handle, leak, source)] : [];
  return [withdrawn(found), ...others, beforeLeaving(handle, leak, source)];
}

/** What closes a handle; a reason where no block around all that uses it can. */
export function closingOf(
  handle: Handle,
  { driver, direct, means, exits, handedOver }: Pick<LeakFact, 'driver' | 'direct' | 'means' | 'exits' | 'handedOver'>,
  source: Source,
  node: Node,
): Closing | Reason {
  const fn = source.functionAround(node);
  const { answers } = closeOf(driver);
  const isAsync = fn ? fn.async : true;
  if (direct && answers === 'promise' && !isAsync) return 'not-asynchronous';
  const extent = extentOf(handle, driver, source);
  if (extent.isHandedOver || handedOver) return 'handed-over';
  if (extent.isSeenOutside) return 'used-outside';
  const closings = closingsIn(extent, handle, direct ? driver : null, source);
  const neverClosed = exits.some(({ kind }) => kind === 'normal');
  const isClosed = closings.others.length + closings.needless.length > 0 || closings.maybe;
  const own = direct || isClosed ? null : (means?.close ?? null);
  // An object that has the connection is closed as it closes already, or by the method that it has for that.
  if (!direct && !own && (closings.others.length > 1 || (neverClosed && closings.others.length === 0)))
    return 'within-an-object';
  if (own && handle.awaited !== means?.promised) return 'not-awaited';
  if (own?.answers === 'promise' && !isAsync) return 'not-asynchronous';
  if (direct && driver.closesAfterStatements && isPrepared(extent)) return 'statements-open';
  const when = whenUsed(handle.uses, fn, source);
  if (when === 'later' || (answers === 'callback' && when !== 'at once')) return 'used-by-callbacks';
  const isGivenAway = neverClosed && handle.uses.some(isArgument);
  const returned = returnsOf(extent, driver);
  if (returned.length > 0 && !isAsync && !driver.synchronous) return 'not-asynchronous';
  const awaits = isAsync ? returned.flatMap((argument) => awaiting(argument)) : [];
  const isDataReturned = isAsync || returned.length === 0;
  const safe = when === 'at once' && !isGivenAway && isDataReturned && !handle.naming?.isEarlier && !own;
  return { handle, extent, closings, direct, own, safe, awaits };
}

function isPrepared({ statements }: Extent): boolean {
  const names = new Set<string>();
  for (const statement of statements)
    visit(statement, (node) => {
      if (node.type === 'MemberExpression' && node.property.type === 'Identifier') names.add(node.property.name);
    });
  return names.has('prepare') && !names.has('finalize');
}

/** Whether the connection is given to a function that may use it later. */
function isArgument(use: Node): boolean {
  const { parent } = use;
  if (parent?.type !== 'CallExpression' && parent?.type !== 'NewExpression') return false;
  return parent.arguments.some((argument) => argument === use) && parent.parent.type !== 'AwaitExpression';
}

/** What is returned and still needs the connection, such as a promise of rows. */
function returnsOf({ statements, isHolder }: Extent, driver: Driver): Node[] {
  const returned: Node[] = [];
  for (const statement of statements)
    visitNow(statement, (node) => {
      if (node.type !== 'ReturnStatement' || !node.argument) return;
      if (
        node.argument.type !== 'AwaitExpression' &&
        !isHarmless(node.argument) &&
        holds(node.argument, driver, isHolder)
      )
        returned.push(node.argument);
    });
  return returned;
}

function awaiting(node: Node): Edit[] {
  const [start, end] = node.range;
  const isSimple = ['CallExpression', 'Identifier', 'MemberExpression'].includes(node.type);
  return isSimple ? [insertion(start, 'await ')] : [insertion(start, 'await ('), insertion(end, ')')];
}
