import { tokenize, type SqlText, type Token } from './tokens.ts';
import type { TransactionMode } from '../../drivers/driver.ts';

/** What a SQL statement does to locks and settings. */
export type Statement =
  | { readonly does: 'begin'; readonly mode: Exclude<TransactionMode, 'read'> }
  | { readonly does: 'commit' }
  | { readonly does: 'rollback' }
  | { readonly does: 'savepoint'; readonly name: string }
  | { readonly does: 'release'; readonly name: string }
  /** ROLLBACK TO: undoes work and leaves the transaction open. */
  | { readonly does: 'rollback to'; readonly name: string }
  | { readonly does: 'pragma'; readonly pragma: Pragma }
  | { readonly does: 'read' }
  | { readonly does: 'write' }
  /** Statement that cannot be told from the known text. */
  | { readonly does: 'unknown' };

/** `PRAGMA name = value`; `value` is null where the PRAGMA only asks, and undefined where the value is not known. */
export interface Pragma {
  /** Name in lower case, without the schema; null where it is not known. */
  readonly name: string | null;
  readonly value: string | null | undefined;
}

const READS = new Set(['select', 'values', 'explain']);
const WRITES = new Set([
  ...['insert', 'update', 'delete', 'replace', 'create', 'drop', 'alter', 'vacuum', 'reindex', 'analyze'],
  ...['attach', 'detach'],
]);

/** Words that only ever begin a statement. */
const STARTS = new Set([
  'begin',
  'commit',
  'end',
  'rollback',
  'savepoint',
  'release',
  'pragma',
  'insert',
  'create',
  'drop',
  'alter',
]);

/** A statement in a loop, or in a function that many call, is read again and again. */
const known = new Map<string, readonly Statement[]>();
const MOST_KNOWN = 500;

/** The statements of SQL text, in order. Empty text has none. */
export function statementsOf(sql: SqlText): readonly Statement[] {
  const text = sql.map((part) => part ?? '\u0000').join('\u0001');
  let statements = known.get(text);
  if (!statements) {
    statements = split(tokenize(sql)).map(classify);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, statements);
  }
  return statements;
}

/** The PRAGMA of text given without the keyword, as `db.pragma('journal_mode = WAL')` takes it. */
export function pragmaOf(sql: SqlText): Pragma {
  return readPragma(split(tokenize(sql))[0] ?? []);
}

/** Cuts at semicolons, but not inside the body of a trigger. */
function split(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [];
  let current: Token[] = [];
  let depth = 0; // BEGIN and CASE of a trigger's body that END has not closed yet
  for (const token of tokens) {
    if (depth === 0 && isSymbol(token, ';')) {
      if (current.length > 0) statements.push(current);
      current = [];
      continue;
    }
    if (
      depth === 0 &&
      token.kind === 'word' &&
      current.length === 1 &&
      current[0]?.kind === 'hole' &&
      STARTS.has(token.text.toLowerCase())
    ) {
      // Statements that are not known, and then one that is.
      statements.push(current);
      current = [];
    }
    current.push(token);
    if (token.kind !== 'word' || !isTrigger(current)) continue;
    const word = token.text.toLowerCase();
    if (word === 'begin' || (word === 'case' && depth > 0)) depth += 1;
    else if (word === 'end' && depth > 0) depth -= 1;
  }
  if (current.length > 0) statements.push(current);
  return statements;
}

function isTrigger(statement: readonly Token[]): boolean {
  if (wordAt(statement, 0) !== 'create') return false;
  const second = wordAt(statement, 1);
  return (second === 'temp' || second === 'temporary' ? wordAt(statement, 2) : second) === 'trigger';
}

function classify(tokens: readonly Token[]): Statement {
  const first = wordAt(tokens, 0);
  const second = wordAt(tokens, 1);
  switch (first) {
    case null:
      return { does: 'unknown' };
    case 'begin':
      return { does: 'begin', mode: beginMode(tokens) };
    case 'commit':
    case 'end':
      return { does: 'commit' };
    case 'rollback':
      return rollback(tokens);
    case 'savepoint':
      return { does: 'savepoint', name: nameAt(tokens, 1) };
    case 'release':
      return { does: 'release', name: nameAt(tokens, second === 'savepoint' ? 2 : 1) };
    case 'pragma':
      return { does: 'pragma', pragma: readPragma(tokens.slice(1)) };
    case 'with':
      return withStatement(tokens);
    default:
      if (READS.has(first)) return { does: 'read' };
      return { does: WRITES.has(first) ? 'write' : 'unknown' };
  }
}

function beginMode(tokens: readonly Token[]): 'deferred' | 'immediate' | 'exclusive' {
  const mode = wordAt(tokens, 1);
  if (mode === 'immediate' || mode === 'exclusive') return mode;
  // `BEGIN ${mode}`: not known, and nothing is reported on what is not known, so take the harmless one.
  return tokens[1]?.kind === 'hole' ? 'immediate' : 'deferred';
}

function rollback(tokens: readonly Token[]): Statement {
  const to = tokens.findIndex((token) => token.kind === 'word' && token.text.toLowerCase() === 'to');
  if (to < 0) return { does: 'rollback' };
  return { does: 'rollback to', name: nameAt(tokens, wordAt(tokens, to + 1) === 'savepoint' ? to + 2 : to + 1) };
}

/** `WITH ... SELECT` reads; with another main verb it writes. The verb is the first one outside of parentheses. */
function withStatement(tokens: readonly Token[]): Statement {
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, '(')) depth += 1;
    else if (isSymbol(token, ')')) depth -= 1;
    else if (depth === 0 && token.kind === 'word') {
      const word = token.text.toLowerCase();
      if (READS.has(word)) return { does: 'read' };
      if (WRITES.has(word)) return { does: 'write' };
    }
  }
  return { does: 'unknown' };
}

/** Reads `schema.name = value`, `name(value)` or `name`. */
function readPragma(tokens: readonly Token[]): Pragma {
  let at = 0;
  if (tokens[0]?.kind === 'word' && isSymbol(tokens[1], '.')) at = 2;
  const name = tokens[at];
  if (name?.kind !== 'word') return { name: null, value: undefined };
  const next = tokens[at + 1];
  if (next?.kind === 'hole') return { name: null, value: undefined };
  if (!next) return { name: name.text.toLowerCase(), value: null };
  if (!isSymbol(next, '=') && !isSymbol(next, '(')) return { name: name.text.toLowerCase(), value: undefined };
  return { name: name.text.toLowerCase(), value: pragmaValue(tokens.slice(at + 2)) };
}

function pragmaValue(tokens: readonly Token[]): string | undefined {
  const sign = isSymbol(tokens[0], '-') || isSymbol(tokens[0], '+') ? (tokens[0]?.text ?? '') : '';
  const value = tokens[sign ? 1 : 0];
  if (!value || value.kind === 'hole' || value.kind === 'symbol') return undefined;
  return sign + value.text.toLowerCase();
}

function wordAt(tokens: readonly Token[], at: number): string | null {
  const token = tokens[at];
  return token?.kind === 'word' ? token.text.toLowerCase() : null;
}

/** A name in lower case; empty where a part of it is not known. */
function nameAt(tokens: readonly Token[], at: number): string {
  const token = tokens[at];
  return token && !token.partial ? token.text.toLowerCase() : '';
}

function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}
