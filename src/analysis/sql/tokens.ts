/**
 * A tokenizer for SQL text as SQLite reads it: quoted names and strings, blob literals, comments, numbers, parameters.
 * Text that is only partly known (a template with expressions) has holes, which become tokens of their own.
 */

/** SQL text: known pieces, and `null` where an expression stands whose value is not known. */
export type SqlText = readonly (string | null)[];

export interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'symbol' | 'hole';
  /** The text: words as written, strings and quoted names without their quotes. */
  readonly text: string;
  /** A hole touches this token without white space, so that the token is only a piece of what SQLite sees. */
  readonly partial?: boolean;
}

const SPACE = /\s/;
const WORD_START = /[A-Za-z_\u0080-\uffff]/;
const WORD_PART = /[A-Za-z0-9_$\u0080-\uffff]/;
const DIGIT = /[0-9]/;
const NUMBER_PART = /[0-9A-Za-z_.]/;
const CLOSING_QUOTE: Readonly<Record<string, string>> = { "'": "'", '"': '"', '`': '`', '[': ']' };

/** Comment, string or name that is still open at the end of a piece, because a hole stands inside it. */
interface Open {
  readonly until: string;
  readonly kind: 'string' | 'word' | 'comment';
}

export function tokenize(sql: SqlText): Token[] {
  const tokens: Token[] = [];
  let open: Open | null = null;
  let before = '';
  for (const piece of joined(sql)) {
    if (piece === null) {
      if (!open) {
        if (WORD_PART.test(before.slice(-1))) touch(tokens, tokens.length - 1);
        tokens.push({ kind: 'hole', text: '' });
      }
      before = '';
      continue;
    }
    const first = tokens.length;
    const follows = first > 0 && open === null;
    open = tokenizePiece(piece, open, tokens);
    if (follows && WORD_PART.test(piece.charAt(0))) touch(tokens, first);
    before = open ? '' : piece;
  }
  return tokens;
}

/** Neighbouring pieces as one. */
function joined(sql: SqlText): SqlText {
  const pieces: (string | null)[] = [];
  for (const piece of sql) {
    const last = pieces.at(-1);
    if (piece !== null && typeof last === 'string') pieces[pieces.length - 1] = last + piece;
    else pieces.push(piece);
  }
  return pieces;
}

/** A hole continues a token. */
function touch(tokens: Token[], at: number): void {
  const token = tokens[at];
  if (token && (token.kind === 'word' || token.kind === 'number')) tokens[at] = { ...token, partial: true };
}

function tokenizePiece(text: string, open: Open | null, tokens: Token[]): Open | null {
  let at = 0;
  if (open) {
    const end = closing(text, 0, open.until);
    if (end < 0) return open;
    if (open.kind !== 'comment') tokens.push({ kind: 'hole', text: '' });
    at = end + open.until.length;
  }
  while (at < text.length) {
    const char = text.charAt(at);
    if (SPACE.test(char)) {
      at += 1;
    } else if (text.startsWith('--', at)) {
      const end = text.indexOf('\n', at);
      if (end < 0) return { until: '\n', kind: 'comment' };
      at = end + 1;
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) return { until: '*/', kind: 'comment' };
      at = end + 2;
    } else if (char in CLOSING_QUOTE) {
      const until = CLOSING_QUOTE[char] ?? char;
      const kind = char === "'" ? 'string' : 'word';
      const end = closing(text, at + 1, until);
      if (end < 0) return { until, kind };
      tokens.push({ kind, text: unescape(text.slice(at + 1, end), until) });
      at = end + 1;
    } else if (WORD_START.test(char)) {
      at = take(text, at, WORD_PART, 'word', tokens);
    } else if (DIGIT.test(char)) {
      at = take(text, at, NUMBER_PART, 'number', tokens);
    } else {
      tokens.push({ kind: 'symbol', text: char });
      at += 1;
    }
  }
  return null;
}

function take(text: string, from: number, part: RegExp, kind: 'word' | 'number', tokens: Token[]): number {
  let to = from + 1;
  while (to < text.length && part.test(text.charAt(to))) to += 1;
  tokens.push({ kind, text: text.slice(from, to) });
  return to;
}

/** Position of the closing quote; a doubled quote is an escaped one. */
function closing(text: string, from: number, until: string): number {
  let at = text.indexOf(until, from);
  if (until.length > 1 || until === '\n' || until === ']') return at;
  while (at >= 0 && text.charAt(at + 1) === until) at = text.indexOf(until, at + 2);
  return at;
}

function unescape(text: string, quote: string): string {
  return quote === ']' ? text : text.replaceAll(quote + quote, quote);
}
