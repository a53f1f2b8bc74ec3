import { statementsOf, type Pragma } from '../analysis/sql/statements.ts';
import { withoutStatement } from './lines.ts';
import { makingOf } from './making.ts';
import { listOf } from './statements.ts';
import { methodOf } from './walk.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Edit } from './rewrite.ts';
import type { Source } from './source.ts';

/** What the wrapper sets by itself, and reads back. */
const DEFAULTS: Readonly<Record<string, RegExp>> = {
  journal_mode: /^wal$/i,
  synchronous: /^(?:normal|1)$/i,
  busy_timeout: /^5000$/,
};

/** Options that belong to the opening itself, or that change nothing but the setting that they name. */
const HARMLESS: Readonly<Record<string, string | null>> = { filename: null, driver: null, busyTimeout: 'busy_timeout' };

/**
 * Takes out the statements right behind the opening that set nothing but what the wrapper sets by itself; where an option
 * such as `readOnly`, of those that are passed to it, makes the wrapper do something else, all of them stay.
 */
export function superfluousSettings(opening: Node, passed: readonly string[], source: Source): Edit[] {
  const making = makingOf(opening, source);
  const list = making && listOf(making.statement);
  if (!making || !list || passed.some((option) => HARMLESS[option] === undefined)) return [];
  const setOtherwise = new Set(passed.map((option) => HARMLESS[option]));
  const edits: Edit[] = [];
  for (const statement of list.behind) {
    const pragmas = pragmasOf(statement, making.handle, source);
    if (!pragmas) break;
    const isSuperfluous = pragmas.every(
      ({ name, value }) => name !== null && !setOtherwise.has(name) && DEFAULTS[name]?.test(String(value)) === true,
    );
    const isAlone = source.behind(statement) === statement.range[1];
    if (isSuperfluous && isAlone && !source.hasComment(statement.range))
      edits.push(withoutStatement(source, statement));
  }
  return edits;
}

/** The PRAGMAs of a statement that does nothing but set some on a connection. */
export function pragmasOf(statement: Node, handle: string, source: Source): Pragma[] | null {
  if (statement.type !== 'ExpressionStatement') return null;
  const { expression } = statement;
  const call = expression.type === 'AwaitExpression' ? expression.argument : expression;
  const method = methodOf(call);
  if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression' || call.arguments.length !== 1)
    return null;
  const [text] = call.arguments;
  if (source.textOf(call.callee.object) !== handle || text?.type !== 'Literal' || typeof text.value !== 'string')
    return null;
  if (method !== 'pragma' && method !== 'exec' && method !== 'run') return null;
  const statements = statementsOf([method === 'pragma' ? `PRAGMA ${text.value}` : text.value]);
  const pragmas = statements.flatMap((item) => (item.does === 'pragma' ? [item.pragma] : []));
  return pragmas.length > 0 && pragmas.length === statements.length ? pragmas : null;
}
