import { isFunction, type Node, type TSESTree } from '../analysis/javascript/syntax.ts';
import { closingsIn } from './closings.ts';
import { maybeDatabaseCall } from './database-calls.ts';
import { extentOf, type Extent } from './extent.ts';
import { handleOf, type Handle } from './handle.ts';
import { makingOf } from './making.ts';
import { beginningAt, commitsIn, type Beginning } from './transaction.ts';
import { listOf, tryAround } from './statements.ts';
import { someNow, someWithin, contains, methodOf } from './walk.ts';
import type { WaitFact } from '../analysis/facts.ts';
import type { Reason } from './reasons.ts';
import type { Source } from './source.ts';

/** A stretch of statements that holds a transaction or a connection, cut where it waits. */
export interface Holding {
  readonly kind: 'transaction' | 'connection';
  /** The statement that begins or opens; null where more than that lies between it and what the block does. */
  readonly begin: Node | null;
  /** What stands between it and what waits, in the same list as that. */
  readonly before: readonly Node[];
  /** The statements that wait, none of which has to do with the database. */
  readonly waits: readonly Node[];
  /** What comes behind them, up to the statement that ends or closes. */
  readonly after: readonly Node[];
  /** The statement that commits or closes, where it stands in the same list. */
  readonly end: Node | null;
  /** The `try` that all but the beginning stands in. */
  readonly block: TSESTree.TryStatement | null;
  readonly handle: Handle | null;
  readonly beginning: Beginning | null;
}

export function holdingOf(source: Source, wait: WaitFact): Holding | Reason {
  // A function of another module begins it, and ends it once the callback that it is given has run.
  if (wait.since.module !== wait.site.module) return 'end-elsewhere';
  const since = source.find(wait.since.node);
  if (!since) return 'not-in-source';
  if (wait.holds === 'connection') return connectionHeld(since, wait, source);
  const beginning = beginningAt(wait.since.node, null, source);
  if (typeof beginning !== 'string')
    return transactionHeld(beginning.statement, beginning.following, beginning, wait, source);
  // `const tx = await client.transaction('write')`
  const making = makingOf(since, source);
  const list = making && listOf(making.statement);
  if (!making || !list) return 'end-elsewhere';
  return transactionHeld(making.statement, list.behind, null, wait, source);
}

function transactionHeld(
  begin: Node,
  following: readonly Node[],
  beginning: Beginning | null,
  wait: WaitFact,
  source: Source,
): Holding | Reason {
  const [next] = following;
  const block = next?.type === 'TryStatement' ? next : tryAround(begin);
  const list = next?.type === 'TryStatement' ? next.block.body : following;
  const isEnd = (statement: Node): boolean =>
    statement.type === 'ExpressionStatement' &&
    (beginning ? commitsIn(statement, source).length > 0 : isCommit(statement));
  const end = list.findIndex(isEnd);
  if (end < 0) return 'end-elsewhere';
  const cut = cutAt(list.slice(0, end), list.slice(end), wait, source);
  if (!cut) return 'waits-in-between';
  const base = { kind: 'transaction', begin, end: list[end] ?? null, block, handle: null, beginning } as const;
  return { ...base, before: cut.before, waits: cut.waits, after: cut.after };
}

/** `await tx.commit()` */
function isCommit({ expression }: TSESTree.ExpressionStatement): boolean {
  return methodOf(expression.type === 'AwaitExpression' ? expression.argument : expression) === 'commit';
}

function connectionHeld(since: Node, wait: WaitFact, source: Source): Holding | Reason {
  const { driver } = wait;
  const handle = handleOf(since, source);
  if (typeof handle === 'string') return handle;
  if (!driver) return 'waits-in-between';
  const extent = extentOf(handle, driver, source);
  const whole = openedAndClosed(handle, extent, wait, source);
  return typeof whole === 'string' ? (closedAround(handle, extent, wait, source) ?? whole) : whole;
}

/** It is opened and closed in the list of what waits, or closed by a `try` that comes next to its opening. */
function openedAndClosed(handle: Handle, extent: Extent, wait: WaitFact, source: Source): Holding | Reason {
  if (!handle.behind || handle.optional || handle.conditional) return 'waits-in-between';
  const first = handle.following.find((statement) => !isEmptyDeclaration(statement));
  const block = first?.type === 'TryStatement' ? first : null;
  const list = block ? block.block.body : extent.statements;
  const closings = closingsIn(block ? { ...extent, statements: [block] } : extent, handle, wait.driver, source);
  const all = [...closings.needless, ...closings.others];
  const end = block ? list.length : list.findIndex((statement) => all.includes(statement));
  if (end < 0 || (block && !isClosedIn(block, all))) return 'end-elsewhere';
  const cut = cutAt(list.slice(0, end), list.slice(end), wait, source);
  if (!cut) return 'waits-in-between';
  return { kind: 'connection', begin: handle.behind, end: list[end] ?? null, block, handle, beginning: null, ...cut };
}

/** What waits stands in the block of a `try` that closes what was opened somewhere in front of it. */
function closedAround(
  handle: Handle,
  extent: Pick<Extent, 'statements' | 'isHolder'>,
  wait: WaitFact,
  source: Source,
): Holding | null {
  const site = source.find(wait.site.node);
  for (let node = site?.parent; node && !isFunction(node); node = node.parent) {
    if (node.type !== 'TryStatement') continue;
    const { needless, others } = closingsIn({ ...extent, statements: [node] }, handle, wait.driver, source);
    if (!isClosedIn(node, [...needless, ...others])) continue;
    const cut = cutAt(node.block.body, [], wait, source);
    return cut && { kind: 'connection', begin: null, end: null, block: node, handle, beginning: null, ...cut };
  }
  return null;
}

/** `let rows;`, in front of a block that gives it a value. */
function isEmptyDeclaration(statement: Node): boolean {
  return statement.type === 'VariableDeclaration' && statement.declarations.every(({ init }) => init === null);
}

/** A `try` without a `catch`, whose `finally` does nothing but close. */
function isClosedIn({ handler, finalizer }: TSESTree.TryStatement, closings: readonly Node[]): boolean {
  const [only, ...more] = finalizer?.body ?? [];
  return !handler && only !== undefined && more.length === 0 && closings.includes(only);
}

interface Cut {
  readonly before: readonly Node[];
  readonly waits: readonly Node[];
  readonly after: readonly Node[];
}

/** Cuts a list at the statements that wait, from the first to the last; null where they cannot be taken out. */
function cutAt(list: readonly Node[], rest: readonly Node[], wait: WaitFact, source: Source): Cut | null {
  const sites = [wait.site, ...wait.more].map(({ node }) => source.find(node));
  const places = sites.map((site) => list.findIndex((statement) => site && contains(statement, site)));
  const first = Math.min(...places);
  const isOutside = (statement: Node): boolean => isPlain(statement) && !touchesDatabase(statement, wait, source);
  // What is awaited next, such as the body of an answer, belongs to it.
  let last = Math.max(...places);
  for (let at = last + 1; at < list.length; at += 1) {
    const next = list[at];
    if (!next || !isOutside(next)) break;
    if (awaits(next)) last = at;
  }
  const waits = list.slice(first, last + 1);
  if (first < 0 || !waits.every(isOutside)) return null;
  return { before: list.slice(0, first), waits, after: [...list.slice(last + 1), ...rest] };
}

function awaits(statement: Node): boolean {
  return someNow(statement, ({ type }) => type === 'AwaitExpression');
}

const LOOPS = ['ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement'];
const MOVABLE = [
  ...LOOPS,
  'VariableDeclaration',
  'ExpressionStatement',
  'IfStatement',
  'TryStatement',
  'SwitchStatement',
];

/** A statement behind which the next one runs, whatever it does but to throw. */
function isPlain(statement: Node): boolean {
  return MOVABLE.includes(statement.type) && !someNow(statement, (node) => leavesIt(node, statement));
}

function leavesIt(node: Node, statement: Node): boolean {
  if (node.type === 'ReturnStatement') return true;
  if (node.type !== 'BreakStatement' && node.type !== 'ContinueStatement') return false;
  if (node.label) return true;
  const targets = node.type === 'BreakStatement' ? [...LOOPS, 'SwitchStatement'] : LOOPS;
  for (let outer: Node | undefined = node.parent; outer && outer !== statement.parent; outer = outer.parent)
    if (targets.includes(outer.type)) return false;
  return true;
}

/** Whether a statement names what is held, runs a statement, or calls a function of the project that may do so. */
function touchesDatabase(statement: Node, wait: WaitFact, source: Source): boolean {
  const since = source.find(wait.since.node);
  const held = since && nameOf(since, source);
  // What is reported at the call of a project's function may use the transaction inside of it.
  if (wait.trace.length > 0 && source.textOf(statement).includes('this.')) return true;
  return someWithin(statement, (node) => {
    if (maybeDatabaseCall(node)) return true;
    const isName = node.type === 'Identifier' || node.type === 'MemberExpression';
    return held !== null && isName && source.textOf(node) === held;
  });
}

/** How code names what is held: `db` of `db.exec('BEGIN')` and of `const db = open()`. */
function nameOf(since: Node, source: Source): string | null {
  const making = makingOf(since, source);
  if (making) return making.handle;
  const call = since.type === 'AwaitExpression' ? since.argument : since;
  if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return null;
  const { object } = call.callee;
  return object.type === 'CallExpression' ? nameOf(object, source) : source.textOf(object);
}
