import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import { merged } from './enclose.ts';
import { withoutStatement } from './lines.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { inTransactionTest } from './in-transaction.ts';
import { statementAt } from './sql-text.ts';
import { withStatement } from './transaction.ts';
import type { WaitFact } from '../analysis/facts.ts';
import type { Holding } from './holding.ts';
import type { Source } from './source.ts';

/** COMMIT in front of what waits, and BEGIN behind it. */
export function splitTransaction(holding: Holding, wait: WaitFact, source: Source): Proposal {
  const { waits, after, end: ending, beginning, block } = holding;
  const [first] = waits;
  const last = waits.at(-1);
  if (!beginning || !first || !last) return withdrawn('waits-in-between');
  const end = source.semicolonOf(beginning.statement);
  const indent = source.indentOf(first);
  const commit = withStatement(beginning, 'COMMIT', source) + end;
  const begin = source.textOf(beginning.expression) + end;
  const start = source.startWithComments(first);
  // While it waits there is no transaction that could be rolled back.
  const rollbacks = block ? rollbacksIn(block, source) : [];
  const guards = rollbacks.flatMap((rollback) => guarded(rollback, beginning.handle, wait, source));
  const committed = insertion(start, `${commit}${source.newline}${indent}`);
  // Nothing is left to be done in a second transaction.
  if (ending && after.length === 1 && after[0] === ending) {
    const edits = merged([committed, withoutStatement(source, ending), ...guards]);
    return { title: 'waitBehind', data: { end: 'the transaction has ended' }, safe: false, edits };
  }
  const edits: Edit[] = [committed, insertion(source.behind(last), `${source.newline}${indent}${begin}`), ...guards];
  return { title: 'splitTransaction', safe: false, edits: merged(edits) };
}

/** Statements of the `catch` and `finally` that roll back without a condition. */
function rollbacksIn({ handler, finalizer }: TSESTree.TryStatement, source: Source): readonly Node[] {
  const statements = [...(handler?.body.body ?? []), ...(finalizer?.body ?? [])];
  return statements.filter(
    (statement) =>
      statement.type === 'ExpressionStatement' &&
      /^\s*ROLLBACK\b/i.test(statementAt(statement.expression, source)?.raw ?? ''),
  );
}

function guarded(statement: Node, handle: Node | null, { driver }: WaitFact, source: Source): Edit[] {
  const test = inTransactionTest(handle, driver, source);
  if (test !== null) return [insertion(statement.range[0], `if (${test}) `)];
  const indent = source.indentOf(statement);
  const inner = indent + source.indentUnit;
  const { newline } = source;
  return [
    insertion(statement.range[0], `try {${newline}${inner}`),
    insertion(
      source.behind(statement),
      `${newline}${indent}} catch {${newline}${inner}// There is no transaction while it waits.${newline}${indent}}`,
    ),
  ];
}
