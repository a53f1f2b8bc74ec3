import { POOLS } from '../drivers/pools.ts';
import { methodOf } from './walk.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';

/** A piece of text between quotes in the source, and where it stands. */
export interface SqlPiece {
  /** As it is written, escapes included. */
  readonly raw: string;
  readonly start: number;
  readonly end: number;
}

/** A statement that a call runs: by its text, or by a method of its own. */
export interface RunStatement extends SqlPiece {
  /** The methods that run such statements, by statement, where it is one of these, whose name stands at the place. */
  readonly methods: ReadonlyMap<string, string> | null;
}

/** The method names of handles that run a statement each: `queryRunner.startTransaction()` of TypeORM. */
const METHODS = new Map<string, { readonly sql: string; readonly methods: ReadonlyMap<string, string> }>();
for (const layer of POOLS.flatMap(({ exports }) => Object.values(exports).map((fact) => fact.layer))) {
  const facts = Object.entries(layer?.handles?.connection ?? {});
  const found = facts.flatMap(([name, fact]) => (fact.does === 'statement' ? [[fact.sql, name] as const] : []));
  for (const [sql, name] of found) METHODS.set(name, { sql, methods: new Map(found) });
}

/** The statement that a call runs, as far as it stands there. */
export function statementAt(node: Node, source: Source): RunStatement | null {
  const sql = sqlAt(node, source);
  if (sql) return { ...sql, methods: null };
  const call = node.type === 'AwaitExpression' ? node.argument : node;
  if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression' || call.arguments.length > 0)
    return null;
  const known = METHODS.get(methodOf(call) ?? '');
  if (!known) return null;
  const [start, end] = call.callee.property.range;
  return { raw: known.sql, start, end, methods: known.methods };
}

/** The text of SQL that a place runs: it stands there itself, or in the call that prepared what the place runs. */
export function sqlAt(node: Node, source: Source): SqlPiece | null {
  if (node.type === 'AwaitExpression') return sqlAt(node.argument, source);
  if (node.type === 'Literal' || node.type === 'TemplateLiteral') return pieceOf(node, source);
  if (node.type !== 'CallExpression') return null;
  const [first] = node.arguments;
  const own = first && pieceOf(first, source);
  if (own) return own;
  // `db.prepare('BEGIN').run()`
  const { callee } = node;
  if (first || callee.type !== 'MemberExpression' || callee.object.type !== 'CallExpression') return null;
  return sqlAt(callee.object, source);
}

/** Text that is written whole: constants that are put in could hold anything. */
function pieceOf(node: Node, source: Source): SqlPiece | null {
  const isText =
    (node.type === 'Literal' && typeof node.value === 'string') ||
    (node.type === 'TemplateLiteral' && node.expressions.length === 0);
  if (!isText) return null;
  const [start, end] = node.range;
  return { raw: source.text.slice(start + 1, end - 1), start: start + 1, end: end - 1 };
}

/** Comments and white space of SQL; `\n` may be written as an escape. */
const BETWEEN = String.raw`(?:\s|\\n|\\t|--[^\n]*\n|\/\*[^]*?\*\/)`;
const BEGIN = new RegExp(
  `(^|;)${BETWEEN}*(BEGIN)(${BETWEEN}+DEFERRED\\b)?(?=${BETWEEN}*(?:TRANSACTION${BETWEEN}*)?(?:;|$))`,
  'gi',
);

/** Where a piece of SQL begins its only deferred transaction: behind the word, and what says that it is deferred. */
export function deferredBegin({ raw, start }: SqlPiece): readonly [number, number] | null {
  const found = [...raw.matchAll(BEGIN)];
  const [match] = found;
  if (!match || found.length > 1) return null;
  const [whole, , begin = '', deferred = ''] = match;
  const end = start + match.index + whole.length;
  return begin === '' ? null : [end - deferred.length, end];
}
