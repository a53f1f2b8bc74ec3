import { holdingOf, type Holding } from './holding.ts';
import { areNamesFree, dependsOn, insertedBefore, insertedBehind, moving, removal } from './moving.ts';
import { merged } from './enclose.ts';
import { splitConnection } from './split-connection.ts';
import { splitTransaction } from './split-transaction.ts';
import { isRewrite, withdrawn, type Proposal } from './rewrite.ts';
import { waitAroundCall, waitsInCallback } from './waiting-callback.ts';
import { contains, someNow } from './walk.ts';
import type { WaitFact } from '../analysis/facts.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';

/**
 * The ways to wait without holding a lock or a connection. All of them change the order in which things happen, so that
 * they are only suggested: what waits goes behind, where nothing needs what comes of it, or in front, where it needs
 * nothing; or else what holds is ended before it and begun again.
 */
export function waiting(source: Source, wait: WaitFact): Proposal[] {
  if (wait.holds === 'rows') return [allRows(source, wait)];
  if (waitsInCallback(wait, source)) return [waitAroundCall(wait, source)];
  const holding = holdingOf(source, wait);
  if (typeof holding === 'string') return [withdrawn(holding)];
  const behind = waitBehind(holding, source);
  if (isRewrite(behind)) return [behind];
  const before = waitBefore(holding, source);
  const split =
    holding.kind === 'connection' ? splitConnection(holding, wait, source) : splitTransaction(holding, wait, source);
  return [before, split];
}

const WORDS = {
  connection: { begin: 'the connection is opened', end: 'the connection is closed' },
  transaction: { begin: 'the transaction begins', end: 'the transaction has ended' },
};

function waitBehind({ kind, waits, before, after, end, block }: Holding, source: Source): Proposal {
  const place = block ?? end;
  const what = moving(waits, source);
  if (!place || !what || !isLeftAtItsEnd(block, after)) return withdrawn('waits-in-between');
  if (dependsOn(after, waits, source) || tellTheTime(after, source)) return withdrawn('waits-in-between');
  // What the block declares is not seen behind it.
  if (block && readsNamesOf(before, waits, source)) return withdrawn('waits-in-between');
  const edits = merged([removal(what, source), insertedBehind(what, place, source)]);
  return { title: 'waitBehind', data: { end: WORDS[kind].end }, safe: false, edits };
}

/** Whether code behind a block runs if, and only if, it comes to its end. */
function isLeftAtItsEnd(block: Holding['block'], after: readonly Node[]): boolean {
  if (after.some(leaves)) return false;
  if (!block?.handler) return true;
  const last = block.handler.body.body.at(-1)?.type;
  return last === 'ThrowStatement' || last === 'ReturnStatement';
}

/** Whether what comes behind a statement may not run, other than because of an error. */
function leaves(statement: Node): boolean {
  const exits = ['ReturnStatement', 'ThrowStatement', 'BreakStatement', 'ContinueStatement'];
  return someNow(statement, ({ type }) => exits.includes(type));
}

const TIME = /\b(?:Date|performance|hrtime|now|unixepoch|julianday|current_(?:time|date|timestamp))\b/i;

/** Whether statements write when they ran, which is on the other side of the wait: `started_at`, `finished_at`. */
function tellTheTime(statements: readonly Node[], source: Source): boolean {
  return statements.some((statement) => TIME.test(source.textOf(statement)));
}

/** Whether statements mention what others declare. */
function readsNamesOf(others: readonly Node[], statements: readonly Node[], source: Source): boolean {
  const isRead = ({ identifier }: { identifier: Node }): boolean =>
    statements.some((statement) => contains(statement, identifier));
  return others.some((other) => source.declaredBy(other).some(({ references }) => references.some(isRead)));
}

function waitBefore({ kind, waits, before, begin }: Holding, source: Source): Proposal {
  const what = moving(waits, source);
  if (!begin || !what || dependsOn(waits, [begin, ...before], source) || dependsOn(before, waits, source))
    return withdrawn('waits-in-between');
  // It would wait on ways as well on which it did not come to that.
  if (before.some(leaves) || !areNamesFree(waits, begin, source)) return withdrawn('waits-in-between');
  if (tellTheTime(before, source)) return withdrawn('waits-in-between');
  const edits = merged([insertedBefore(what, begin, source), removal(what, source)]);
  return { title: 'waitBefore', data: { begin: WORDS[kind].begin }, safe: false, edits };
}

/** `.iterate()` holds a lock or a snapshot for as long as it takes; `.all()` has them in memory. */
function allRows(source: Source, { since }: WaitFact): Proposal {
  const call = source.find(since.node);
  const callee = call?.type === 'CallExpression' ? call.callee : null;
  if (callee?.type !== 'MemberExpression' || callee.property.type !== 'Identifier')
    return withdrawn('waits-in-between');
  if (callee.property.name !== 'iterate') return withdrawn('waits-in-between');
  return {
    title: 'readAllFirst',
    data: { call: '.all()' },
    safe: false,
    edits: [{ range: callee.property.range, text: 'all' }],
  };
}
