import { caught, handlerText, inHandler } from './catch.ts';
import { closingOf } from './close.ts';
import { inFinally } from './close-finally.ts';
import { closeOf } from './closings.ts';
import { merged } from './enclose.ts';
import { handleOf } from './handle.ts';
import { isHarmless } from './harmless.ts';
import { hoisted } from './hoist.ts';
import { inFront } from './lines.ts';
import { insertion, isRewrite, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import {
  beginningAt,
  beginsIn,
  commitsIn,
  endsItself,
  mentionsRollback,
  withStatement,
  type Beginning,
} from './transaction.ts';
import { inTransactionTest } from './in-transaction.ts';
import { contains, someNow } from './walk.ts';
import type { TransactionLeakFact } from '../analysis/facts.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Source } from './source.ts';

/** The ways to end a transaction that is left open when something throws, or on the way out. */
export function rollingBack(source: Source, leak: TransactionLeakFact): Proposal[] {
  if (leak.begins === 'handle') return [closedInFinally(source, leak)];
  const beginning = beginningAt(leak.site.node, leak.ran?.node ?? null, source);
  if (typeof beginning === 'string') return [withdrawn(beginning)];
  if (leak.begins === 'statement' && leak.driver && !leak.driver.synchronous) {
    // Errors of callbacks are not thrown.
    if (closeOf(leak.driver).answers === 'callback') return [withdrawn('used-by-callbacks')];
    if (!beginning.awaited) return [withdrawn('not-awaited')];
  }
  const isNormal = ({ kind }: { readonly kind: string }): boolean => kind === 'normal';
  if (leak.exits.some(({ kind }) => kind === 'committed')) return [committedInTry(beginning, leak, source)];
  // A function that goes on behind its `catch` leaves the transaction open at its end.
  const isThrown = leak.exits.some((way) => {
    const exit = source.find(way.site.node);
    return isNormal(way) ? !exit || isBehind(exit, beginning) : !exit || !isLeftBefore(exit, beginning, source);
  });
  const catching = isThrown ? onError(beginning, leak, source) : NOTHING_CAUGHT;
  if (!('isEnclosed' in catching)) return [catching];
  const before = beforeLeaving(beginning, leak, catching, source);
  if (!Array.isArray(before)) return [before];
  if (!isThrown) return [{ title: 'rollBackBeforeLeaving', safe: false, edits: merged(before) }];
  const safe = catching.safe && before.length === 0;
  return [{ title: 'rollBack', safe, edits: merged([...catching.edits, ...before]) }];
}

/** Lines that roll back, whatever has become of the transaction meanwhile: SQLite itself ends it after some errors. */
function rollbackLines(beginning: Beginning, { driver, begins }: TransactionLeakFact, source: Source): string[] {
  const end = source.semicolonOf(beginning.statement);
  const call = withStatement(beginning, 'ROLLBACK', source);
  const unit = source.indentUnit;
  const test = begins === 'statement' ? inTransactionTest(beginning.handle, driver, source) : null;
  if (test !== null) return [`if (${test}) ${call}${end}`];
  return ['try {', `${unit}${call}${end}`, '} catch {', `${unit}// SQLite has rolled back already.`, '}'];
}

/** How errors are caught. */
interface Caught {
  readonly edits: readonly Edit[];
  /** The statements are one step to the right. */
  readonly isEnclosed: boolean;
  /** What comes behind all of it is only reached with an open transaction where something has thrown. */
  readonly isOnlyThrown: boolean;
  /** Where the transaction did not begin, nothing is rolled back. */
  readonly safe: boolean;
}

const NOTHING_CAUGHT: Caught = { edits: [], isEnclosed: false, isOnlyThrown: false, safe: true };

/**
 * `catch (error) { ROLLBACK; throw error; }` around what comes between BEGIN and COMMIT, COMMIT included. BEGIN stays
 * outside: where it fails because a transaction is open already, that is somebody else's.
 */
function onError(beginning: Beginning, leak: TransactionLeakFact, source: Source): Caught | Proposal {
  const { statement, following } = beginning;
  const lines = rollbackLines(beginning, leak, source);
  if (endsItself(beginning))
    return { ...NOTHING_CAUGHT, edits: caught(source, [statement], lines), isEnclosed: true, safe: false };
  // Up to the last COMMIT in front of another BEGIN.
  const again = following.findIndex((candidate) => beginsIn(candidate, source));
  const own = again < 0 ? following : following.slice(0, again);
  const at = own.findLastIndex((candidate) => commitsIn(candidate, source).length > 0);
  if (at < 0) return withdrawn('end-elsewhere');
  const statements = following.slice(0, at + 1);
  const [only] = statements;
  if (statements.length === 1 && only?.type === 'TryStatement') {
    if (!only.handler)
      return { ...NOTHING_CAUGHT, edits: [insertion(only.block.range[1], handlerText(source, lines, only))] };
    if (!mentionsRollback(only.handler, source))
      return { ...NOTHING_CAUGHT, edits: inHandler(source, only.handler, lines), isOnlyThrown: true };
  }
  const last = statements.at(-1);
  const lifted = last && hoisted(statements, last.range[1], source);
  // What is returned right behind COMMIT is read there already.
  const next = following[at + 1];
  const isReturned = next?.type === 'ReturnStatement' && isHarmless(next) && lifted?.declarations.length !== 0;
  if (!lifted && !isReturned) return withdrawn('used-outside');
  const edits = isReturned
    ? caught(source, [...statements, next], lines)
    : [...caught(source, statements, lines, lifted?.declarations), ...(lifted?.edits ?? [])];
  const isOnlyThrown = last?.type === 'ExpressionStatement' && !statements.some(leavesLoop);
  return { ...NOTHING_CAUGHT, edits, isEnclosed: true, isOnlyThrown };
}

function leavesLoop(statement: Node): boolean {
  return someNow(statement, ({ type }) => type === 'BreakStatement' || type === 'ContinueStatement');
}

/** `ROLLBACK` in front of each `return` that leaves the transaction open. */
function beforeLeaving(
  beginning: Beginning,
  { exits }: TransactionLeakFact,
  { isEnclosed, isOnlyThrown }: Caught,
  source: Source,
): Edit[] | Proposal {
  const end = source.semicolonOf(beginning.statement);
  const fn = source.functionAround(beginning.statement);
  const line = withStatement(beginning, 'ROLLBACK', source) + end;
  const edits: Edit[] = [];
  for (const { kind, site } of exits) {
    if (kind !== 'normal') continue;
    const exit = source.find(site.node);
    if (isOnlyThrown && (!exit || isBehind(exit, beginning))) continue;
    // What is returned may be read from the database still.
    const isSimple = exit?.type === 'ReturnStatement' && !hasCall(exit);
    if (!exit || !isSimple || source.functionAround(exit) !== fn) return withdrawn('end-elsewhere');
    const indent = source.indentOf(exit) + (isEnclosed ? source.indentUnit : '');
    edits.push(...inFront(source, exit, line, indent));
  }
  return edits;
}

/**
 * Whether what fails at a place is in a `finally` whose `catch` rolls back: the transaction is open there on ways alone that
 * have left the block before its end.
 */
function isLeftBefore(place: Node, { following: [block] }: Beginning, source: Source): boolean {
  if (block?.type !== 'TryStatement' || !block.handler || !block.finalizer) return false;
  return contains(block.finalizer, place) && mentionsRollback(block.handler, source);
}

/** Whether a place comes behind the statements that end the transaction. */
function isBehind(exit: Node, { following }: Beginning): boolean {
  const [next] = following;
  const last = next?.type === 'TryStatement' ? next : following.at(-1);
  return last !== undefined && exit.range[0] >= last.range[1];
}

function hasCall(node: Node): boolean {
  return someNow(node, ({ type }) => type === 'CallExpression' || type === 'AwaitExpression');
}

/** `try { … } finally { COMMIT; }` commits half of the work after an error. */
function committedInTry(beginning: Beginning, leak: TransactionLeakFact, source: Source): Proposal {
  const block = beginning.following[0];
  if (block?.type !== 'TryStatement' || block.handler || !block.finalizer) return withdrawn('end-elsewhere');
  const [commit, ...others] = block.finalizer.body;
  const isCommit = commit?.type === 'ExpressionStatement' && commitsIn(commit, source).length > 0;
  if (!isCommit || others.length > 0 || returns(block.block) || source.hasComment(block.finalizer.range))
    return withdrawn('end-elsewhere');
  const indent = source.indentOf(block);
  const inner = indent + source.indentUnit;
  const last = block.block.body.at(-1);
  if (!last) return withdrawn('end-elsewhere');
  const lines = rollbackLines(beginning, leak, source);
  const edits: Edit[] = [
    insertion(source.behind(last), source.newline + inner + source.textOf(commit)),
    { range: [block.block.range[1], block.finalizer.range[1]], text: handlerText(source, lines, block) },
  ];
  return { title: 'commitInTry', safe: false, edits };
}

/** Whether a block can be left before its end, other than by an exception. */
function returns(node: Node): boolean {
  const exits = ['ReturnStatement', 'BreakStatement', 'ContinueStatement', 'YieldExpression'];
  return someNow(node, ({ type }) => exits.includes(type));
}

/** `const tx = await client.transaction(…)`: `tx.close()` rolls back unless it was committed. */
function closedInFinally(source: Source, { site, driver }: TransactionLeakFact): Proposal {
  const node = source.find(site.node);
  if (!node || !driver?.transaction) return withdrawn('not-in-source');
  if (!('close' in driver.transaction)) return withdrawn('by-a-library');
  // The handle of a transaction is closed as that of a connection is.
  const connection = { ...driver.transaction, close: { does: 'close' } } as const;
  const transaction: Driver = { ...driver, closesAgain: true, connection };
  const handle = handleOf(node, source);
  if (typeof handle === 'string') return withdrawn(handle);
  const leak = { driver: transaction, direct: true, means: null, handedOver: false, exits: [] };
  const found = closingOf(handle, leak, source, node);
  if (typeof found === 'string') return withdrawn(found);
  const proposal = inFinally(found, transaction, source);
  return isRewrite(proposal) ? { ...proposal, title: 'closeTransaction' } : proposal;
}
