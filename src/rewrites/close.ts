import { listIn } from './statements.ts';
import { whenUsed } from './lateness.ts';
import { isFunction, type Node } from '../analysis/javascript/syntax.ts';
import { closeOf, closingsIn, type Closings } from './closings.ts';
import { enclose, merged, withoutStatement } from './enclose.ts';
import { extentOf, holds, visit, visitNow, type Extent } from './extent.ts';
import { handleOf, type Handle } from './handle.ts';
import { isHarmless } from './harmless.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import type { Driver } from '../drivers/driver.ts';
import type { LeakFact } from '../analysis/facts.ts';
import type { SourceNode } from '../analysis/ir.ts';
import type { Reason } from './reasons.ts';
import type { Source } from './source.ts';

/** What closes a connection, found once for all ways to write it. */
interface Closing {
  readonly handle: Handle;
  readonly extent: Extent;
  readonly closings: Closings;
  /** Nothing but the leak goes away. */
  readonly safe: boolean;
  /** `await` in front of what is returned, which would be awaited only when the connection is closed. */
  readonly awaits: readonly Edit[];
}

/** The ways to close a connection that a function leaves open. */
export function closing(source: Source, leak: LeakFact): Proposal[] {
  const node = source.find(leak.site.node);
  if (!node) return [withdrawn('not-in-source')];
  const handle = handleOf(node, source);
  if (typeof handle === 'string') return [withdrawn(handle)];
  const found = closingOf(handle, leak, source, node);
  if (typeof found !== 'string') return [inFinally(found, leak.driver, source), byUsing(found, leak.driver, source)];
  const others = found === 'handed-over' ? [onError(handle, leak, source)] : [];
  return [withdrawn(found), ...others, beforeLeaving(handle, leak, source)];
}

function closingOf(handle: Handle, { driver, exits }: LeakFact, source: Source, node: Node): Closing | Reason {
  const fn = source.functionAround(node);
  const { answers } = closeOf(driver);
  const isAsync = fn ? fn.async : true;
  if (!driver.synchronous && answers === 'promise' && !isAsync) return 'not-asynchronous';
  const extent = extentOf(handle, driver, source);
  if (extent.isHandedOver) return 'handed-over';
  const closings = closingsIn(extent.statements, handle, driver);
  if (driver.closesAfterStatements && isPrepared(extent)) return 'statements-open';
  const when = whenUsed(handle.uses, fn, source);
  if (when === 'later' || (answers === 'callback' && when !== 'at once')) return 'used-by-callbacks';
  const neverClosed = exits.some(({ kind }) => kind === 'normal');
  const isGivenAway = neverClosed && handle.uses.some(isArgument);
  const returned = returnsOf(extent, driver);
  if (returned.length > 0 && !isAsync && !driver.synchronous) return 'not-asynchronous';
  const awaits = isAsync ? returned.flatMap((argument) => awaiting(argument)) : [];
  const isDataReturned = isAsync || returned.length === 0;
  return { handle, extent, closings, safe: when === 'at once' && !isGivenAway && isDataReturned && !handle.naming?.isEarlier, awaits };
}

/** `try { … } finally { db.close(); }` */
function inFinally({ handle, extent, closings, safe, awaits }: Closing, driver: Driver, source: Source): Proposal {
  const { statements } = extent;
  const guard = closings.others ? guardOf(handle, driver) : '';
  if (guard === null) return withdrawn('closed-twice');
  const end = source.usesSemicolons ? ';' : '';
  const line = `${guard ?? ''}${callOf(handle, driver, guard !== '')}${end}`;
  const removed = closings.needless.map((statement) => withoutStatement(source, statement));
  const named = handle.naming?.edits ?? [];
  const head = [...(handle.naming?.line ? [handle.naming.line] : []), 'try {'];
  const title = { title: 'closeInFinally', safe } as const;
  const [only] = statements;
  const indent = source.indentUnit;
  const outer = source.indentOf(handle.behind ?? only ?? source.program);
  if (!only || !statements.some((statement) => !closings.needless.includes(statement))) {
    if (!handle.behind) return withdrawn('no-statement');
    const at = source.behind(handle.behind);
    return { ...title, edits: merged([...named, insertion(at, source.newline + outer + line)]) };
  }
  // A `try` that is there already gets the block.
  if (statements.length === 1 && only.type === 'TryStatement' && !only.finalizer) {
    const { newline } = source;
    const block = ` finally {${newline}${outer}${indent}${line}${newline}${outer}}`;
    return { ...title, edits: merged([...removed, ...awaits, insertion(only.range[1], block)]) };
  }
  const last = statements.at(-1);
  const isLastClose = last !== undefined && closings.needless.includes(last);
  const enclosed = isLastClose ? statements.slice(0, -1) : statements;
  const others = isLastClose ? removed.slice(0, -1) : removed;
  const tail = isLastClose ? ['} finally {'] : ['} finally {', `${indent}${line}`, '}'];
  const edits = enclose(source, enclosed, head, tail, others);
  const more = isLastClose ? finalizer(source, last, outer) : [];
  return { ...title, edits: merged([...edits, ...named, ...awaits, ...more]) };
}

/** `await db.close()` */
function callOf({ name, optional }: Handle, driver: Driver, guarded: boolean): string {
  const { method, answers } = closeOf(driver);
  return `${answers === 'promise' ? 'await ' : ''}${name}${optional && !guarded ? '?.' : '.'}${method}()`;
}

/** The statement that closes at the end stays where it is, in a block of its own. */
function finalizer(source: Source, statement: Node, indent: string): Edit[] {
  const start = source.startOfLine(statement);
  return [insertion(start, source.indentUnit), insertion(source.behind(statement), `${source.newline}${indent}}`)];
}

/** `try { … } catch (error) { db.close(); throw error; }` around what comes before somebody else gets the connection. */
function onError(handle: Handle, { driver, exits }: LeakFact, source: Source): Proposal {
  if (handle.optional || handle.naming) return withdrawn('handed-over');
  // A way without an exception has to be closed on its own.
  if (exits.some(({ kind }) => kind === 'normal')) return withdrawn('handed-over');
  const { following, name, behind } = handle;
  if (!behind || !closesOnError(driver)) return withdrawn('not-asynchronous');
  const end = source.usesSemicolons ? ';' : '';
  const error = ['error', 'cause', 'problem'].find((candidate) => source.isFree(candidate, behind)) ?? 'thrown';
  const unit = source.indentUnit;
  const tail = [`} catch (${error}) {`, `${unit}${callOf(handle, driver, true)}${end}`, `${unit}throw ${error}${end}`, '}'];
  if (following.length === 0 || name === '') return withdrawn('handed-over');
  return { title: 'closeOnError', safe: false, edits: merged(enclose(source, following, ['try {'], tail)) };
}

function closesOnError(driver: Driver): boolean {
  return closeOf(driver).answers !== 'callback';
}

/** `db.close(); return;` */
function beforeLeaving(handle: Handle, { driver, exits }: LeakFact, source: Source): Proposal {
  const end = source.usesSemicolons ? ';' : '';
  const edits: Edit[] = [];
  for (const { kind, site } of exits) {
    const exit = kind === 'implicit' ? null : statementAt(site.node, source);
    if (!exit || !handle.variable) return withdrawn('used-by-callbacks');
    const isSeen = source.isVisible(handle.variable, exit);
    const isLast = !handle.uses.some(({ range }) => range[0] >= exit.range[0] && range[1] <= exit.range[1]);
    const fn = source.functionAround(exit);
    if (!isSeen || !isLast) return withdrawn('used-by-callbacks');
    if (closeOf(driver).answers === 'promise' && !fn?.async) return withdrawn('not-asynchronous');
    edits.push(...before(exit, callOf(handle, driver, false) + end, source));
  }
  return edits.length > 0 ? { title: 'closeBeforeLeaving', safe: false, edits: merged(edits) } : withdrawn('used-by-callbacks');
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

/** `using db = …` */
function byUsing({ handle, extent, closings, safe }: Closing, driver: Driver, source: Source): Proposal {
  const { declaration } = handle;
  if (!driver.disposable) return withdrawn('not-disposable');
  if (!declaration || closings.others || extent.statements.length === 0) return withdrawn('closed-twice');
  if (declaration.parent.type === 'SwitchCase') return withdrawn('used-outside');
  const keyword = closeOf(driver).answers === 'value' ? 'using' : 'await using';
  const [start] = declaration.range;
  const edits: Edit[] = [
    { range: [start, start + declaration.kind.length], text: keyword },
    ...closings.needless.map((statement) => withoutStatement(source, statement)),
  ];
  return { title: 'declareUsing', data: { keyword }, safe: safe && false, edits };
}

/** What keeps a connection from being closed twice; null where nothing does. */
function guardOf({ name, optional }: Handle, driver: Driver): string | null {
  if (driver.closesAgain) return '';
  const open = Object.entries(driver.properties ?? {}).find(([, fact]) => fact === 'open')?.[0];
  return open === undefined ? null : `if (${name}${optional ? '?.' : '.'}${open}) `;
}

function isPrepared({ statements }: Extent): boolean {
  let prepared = false;
  let finalized = false;
  for (const statement of statements)
    visit(statement, (node) => {
      if (node.type !== 'MemberExpression' || node.property.type !== 'Identifier') return;
      prepared ||= node.property.name === 'prepare';
      finalized ||= node.property.name === 'finalize';
    });
  return prepared && !finalized;
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
      if (node.argument.type !== 'AwaitExpression' && !isHarmless(node.argument) && holds(node.argument, driver, isHolder)) returned.push(node.argument);
    });
  return returned;
}

function awaiting(node: Node): Edit[] {
  const [start, end] = node.range;
  const isSimple = ['CallExpression', 'Identifier', 'MemberExpression'].includes(node.type);
  return isSimple ? [insertion(start, 'await ')] : [insertion(start, 'await ('), insertion(end, ')')];
}
