import type { Node } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';

/** A piece of text between quotes in the source, and where it stands. */
export interface SqlPiece {
  /** As it is written, escapes included. */
  readonly raw: string;
  readonly start: number;
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
  return isText ? { raw: source.textOf(node).slice(1, -1), start: node.range[0] + 1 } : null;
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
