import { isFunction, type Node, type TSESTree } from '../analysis/javascript/syntax.ts';
import { statementAt, type RunStatement } from './sql-text.ts';
import { listOf } from './statements.ts';
import { contains, someNow, visitNow } from './walk.ts';
import type { SourceNode } from '../analysis/ir.ts';
import type { Reason } from './reasons.ts';
import type { Source } from './source.ts';

/** A statement of the program that begins a transaction by SQL, with the statements behind it. */
export interface Beginning {
  /** The whole expression, its `await` included. */
  readonly expression: Node;
  readonly sql: RunStatement;
  /** The text is written there, rather than named. */
  readonly isText: boolean;
  readonly statement: TSESTree.ExpressionStatement;
  readonly following: readonly Node[];
  /** How code names the connection: `db` of `db.exec('BEGIN')`, or null where a function of the project runs it. */
  readonly handle: Node | null;
  readonly awaited: boolean;
}

/** `place` is reported; `ran` is the call that runs its text, where that is another place. */
export function beginningAt(place: SourceNode, ran: SourceNode | null, source: Source): Beginning | Reason {
  const node = source.find(place);
  if (!node) return 'not-in-source';
  if (ran && (ran.range[0] > place.range[0] || ran.range[1] < place.range[1])) return scriptAt(ran, source);
  let call: Node | undefined = node;
  while (call && call.type !== 'CallExpression') {
    if (call.type.endsWith('Statement') || isFunction(call)) return 'sql-elsewhere';
    call = call.type === 'AwaitExpression' ? call.argument : call.parent;
  }
  const sql = call && statementAt(call, source);
  if (!call || !sql || !/^(?:\s|\\n|--[^\n]*\n|\/\*[^]*?\*\/)*BEGIN\b/i.test(sql.raw)) {
    return sql && /^\s*SAVEPOINT\b/i.test(sql.raw) ? 'savepoint' : 'sql-elsewhere';
  }
  if (call.arguments.some(isFunction)) return 'used-by-callbacks';
  const expression: Node = call.parent.type === 'AwaitExpression' ? call.parent : call;
  const statement = expression.parent;
  if (statement.type !== 'ExpressionStatement') return 'no-statement';
  const list = listOf(statement);
  if (!list) return 'no-statement';
  const handle = connectionOf(call);
  const awaited = expression.type === 'AwaitExpression';
  return { expression, sql, isText: true, statement, following: list.behind, handle, awaited };
}

/** `db.exec(script)`, where the script is a text that begins and ends a transaction. */
function scriptAt(place: SourceNode, source: Source): Beginning | Reason {
  const node = source.find(place);
  const call = node?.type === 'AwaitExpression' ? node.argument : node;
  const statement = call?.parent?.type === 'AwaitExpression' ? call.parent.parent : call?.parent;
  if (call?.type !== 'CallExpression' || statement?.type !== 'ExpressionStatement') return 'sql-elsewhere';
  const list = listOf(statement);
  const [text, ...more] = call.arguments;
  if (!list || text?.type !== 'Identifier' || more.length > 0) return 'sql-elsewhere';
  return {
    expression: statement.expression,
    sql: { raw: source.textOf(text), start: text.range[0], end: text.range[1], methods: null },
    isText: false,
    statement,
    following: list.behind,
    handle: connectionOf(call),
    awaited: statement.expression.type === 'AwaitExpression',
  };
}

/** `db` of `db.exec(…)` and of `db.prepare(…).run()`. */
function connectionOf({ callee }: TSESTree.CallExpression): Node | null {
  if (callee.type !== 'MemberExpression') return null;
  return callee.object.type === 'CallExpression' ? connectionOf(callee.object) : callee.object;
}

/** The same call with another statement. */
export function withStatement({ expression, sql, isText }: Beginning, statement: string, source: Source): string {
  const [start, end] = expression.range;
  const isLower = isText && /[a-z]/.test(sql.raw) && sql.raw === sql.raw.toLowerCase();
  const word = isLower ? statement.toLowerCase() : statement;
  const text = sql.methods?.get(statement) ?? (isText ? word : source.quoted(`'${word}'`));
  return source.text.slice(start, sql.start) + text + source.text.slice(sql.end, end);
}

const END = /^\s*(?:COMMIT|END)\b/i;

/** Whether a script of several statements ends the transaction that it begins. */
export function endsItself({ sql, isText }: Beginning): boolean {
  return !isText || /;\s*(?:COMMIT|END)\b[^;]*;?\s*$/i.test(sql.raw);
}

/** Whether a statement of the program runs BEGIN. */
export function beginsIn(statement: Node, source: Source): boolean {
  return someNow(
    statement,
    (node) => node.type === 'CallExpression' && /^\s*BEGIN\b/i.test(statementAt(node, source)?.raw ?? ''),
  );
}

/** The calls within a statement that run COMMIT. */
export function commitsIn(statement: Node, source: Source): Node[] {
  const commits: Node[] = [];
  visitNow(statement, (node) => {
    if (node.type === 'CallExpression' && END.test(statementAt(node, source)?.raw ?? '')) commits.push(node);
  });
  // `db.prepare('COMMIT').run()` is one call within another.
  return commits.filter((node) => !commits.some((other) => other !== node && contains(other, node)));
}

export function mentionsRollback(node: Node, source: Source): boolean {
  return /\brollback/i.test(source.textOf(node));
}
