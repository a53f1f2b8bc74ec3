import { withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { sqlAt } from './sql-text.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { SourceNode } from '../analysis/ir.ts';
import type { Pragma } from '../analysis/sql/statements.ts';
import type { Source } from './source.ts';

/** What may take effect by itself: a wait that is longer, a journal that keeps readers and the writer apart. */
const HARMLESS = new Set(['timeout', 'busyTimeout', 'busy_timeout', 'journal_mode', 'synchronous']);

/**
 * Gives an option its right name. What was ignored until now takes effect, so it is only suggested where that is more
 * than a way of waiting.
 */
export function renameOption(source: Source, place: SourceNode, name: string): Proposal {
  const node = source.find(place);
  const key = node?.type === 'Property' ? node.key : node;
  const rewrite = { title: 'renameOption', data: { name }, safe: HARMLESS.has(name) } as const;
  if (node?.type === 'Property' && node.shorthand && node.key.type === 'Identifier') {
    return { ...rewrite, edits: [{ range: node.range, text: `${name}: ${node.key.name}` }] };
  }
  switch (key?.type) {
    case 'Identifier':
      return { ...rewrite, edits: [{ range: key.range, text: name }] };
    case 'Literal':
      return { ...rewrite, edits: [{ range: [key.range[0] + 1, key.range[1] - 1], text: name }] };
    default:
      return withdrawn('not-in-source');
  }
}

/** Gives a PRAGMA its right name. */
export function renamePragma(source: Source, place: SourceNode, name: string, meant: string): Proposal {
  const edit = respelling(source, place, name, meant);
  if (!edit) return withdrawn('sql-elsewhere');
  return { title: 'renamePragma', data: { name: meant }, safe: HARMLESS.has(meant), edits: [edit] };
}

/** Gives a PRAGMA a value that SQLite knows. */
export function replaceValue(source: Source, place: SourceNode, pragma: Pragma, meant: string): Proposal {
  const edit = respelling(source, place, String(pragma.value), meant);
  if (!edit) return withdrawn('sql-elsewhere');
  const safe = pragma.name !== null && HARMLESS.has(pragma.name);
  return { title: 'replaceValue', data: { value: meant }, safe, edits: [edit] };
}

/** The one place where a word stands in SQL; where it stands twice, the other one may be something else. */
function respelling(source: Source, place: SourceNode, wrong: string, right: string): Edit | null {
  const node = source.find(place);
  const edits = node ? editsOf(node, source, wrong, right) : [];
  const [edit] = edits;
  return edit && edits.length === 1 ? edit : null;
}

function editsOf(node: Node, source: Source, wrong: string, right: string): Edit[] {
  const sql = sqlAt(node, source);
  if (!sql) return [];
  const pattern = new RegExp(String.raw`(?<![\w$])${wrong.replace(/[^\w]/g, String.raw`\$&`)}(?![\w$])`, 'gi');
  return [...sql.raw.matchAll(pattern)].map(({ index, 0: found }) => {
    const start = sql.start + index;
    return { range: [start, start + found.length], text: found === found.toUpperCase() ? right.toUpperCase() : right };
  });
}
