import { isFunction, type Node, type TSESTree } from '../analysis/javascript/syntax.ts';
import { merged, withoutStatement } from './enclose.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { sqlAt } from './sql-text.ts';
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
  const rollbacks = block ? rollbacksIn(block, source) : [];
  const isGuarded = rollbacks.length === 0 || rollbacks.every((rollback) => isGuardedRollback(rollback));
  // While it waits there is no transaction that could be rolled back.
  const guards = isGuarded ? [] : rollbacks.flatMap((rollback) => guarded(rollback, wait, source));
  const committed = insertion(start, `${commit}${source.newline}${indent}`);
  // Nothing is left to be done in a second transaction.
  if (ending && after.length === 1 && after[0] === ending) {
    const edits = merged([committed, withoutStatement(source, ending), ...guards]);
    return { title: 'waitBehind', data: { end: 'the transaction has ended' }, safe: false, edits };
  }
  const edits: Edit[] = [committed, insertion(source.behind(last), `${source.newline}${indent}${begin}`), ...guards];
  return { title: 'splitTransaction', safe: false, edits: merged(edits) };
}

function rollbacksIn({ handler, finalizer }: TSESTree.TryStatement, source: Source): TSESTree.ExpressionStatement[] {
  const statements = [...(handler?.body.body ?? []), ...(finalizer?.body ?? [])];
  return statements.flatMap((statement) => {
    if (statement.type === 'ExpressionStatement' && runsRollback(statement.expression, source)) return [statement];
    return [];
  });
}

function runsRollback(expression: Node, source: Source): boolean {
  return /^\s*ROLLBACK\b/i.test(sqlAt(expression, source)?.raw ?? '');
}

function isGuardedRollback(statement: Node): boolean {
  for (let node: Node | undefined = statement.parent; node && !isFunction(node); node = node.parent)
    if (node.type === 'IfStatement') return true;
  return false;
}

function guarded(statement: Node, { driver }: WaitFact, source: Source): Edit[] {
  const indent = source.indentOf(statement);
  const inner = indent + source.indentUnit;
  const { newline } = source;
  const connection = handleOf(statement, source);
  if (connection !== null && driver?.properties?.inTransaction === 'in transaction')
    return [insertion(statement.range[0], `if (${connection}.inTransaction) `)];
  return [
    insertion(statement.range[0], `try {${newline}${inner}`),
    insertion(
      source.behind(statement),
      `${newline}${indent}} catch {${newline}${inner}// There is no transaction while it waits.${newline}${indent}}`,
    ),
  ];
}

/** `db` of `db.exec('ROLLBACK')` */
function handleOf(statement: Node, source: Source): string | null {
  const expression = statement.type === 'ExpressionStatement' ? statement.expression : null;
  if (expression?.type !== 'CallExpression' || expression.callee.type !== 'MemberExpression') return null;
  const { object } = expression.callee;
  return object.type === 'CallExpression' ? null : source.textOf(object);
}
