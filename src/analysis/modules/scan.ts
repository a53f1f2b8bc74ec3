import type { Catalogue } from '../../drivers/catalogue.ts';

/** One module that a source names, and what it takes from it. */
interface ImportScan {
  readonly specifier: string;
  /** Names as the other module exports them; `*` for all of it. Read when asked for: most imports are of packages. */
  readonly names: readonly string[];
  /** It hands on what it takes. */
  readonly reexports: boolean;
}

/** What a source's text tells before it is parsed. */
export interface Scan {
  readonly namesDatabase: boolean;
  readonly imports: readonly ImportScan[];
}

/** What every import and re-export has in it, and every call: without a match there is nothing for the longer pattern. */
const SOURCE = /from\s*["']/;
const CALL = /(?:require|import)\s*\(/;
const FROM = /\b(?:import|export)\s+(?:type\s+)?([\w$*{}\s,]*?)\s*from\s*(["'])([^"'\n]+)\2/g;
const CALLED = /\b(?:require|import)\s*\(\s*(["'`])([^"'`\n]+)\1\s*\)(?:\.([\w$]+))?/g;
/** Members of what a dynamic import returns, as opposed to those of the module. */
const OF_PROMISE = new Set(['then', 'catch', 'finally']);
/** What stands before such a call, and how far before it at the most. */
const ASSIGNED = /(?:const|let|var)\s+(\{[^}=]*\}|[\w$]+)\s*=\s*(?:await\s+)?$/;
const LONGEST_PATTERN = 400;

/** Reads imports, re-exports and `require` calls by pattern: fast, and no worse than too many names. */
export function scanSource(text: string, catalogue: Catalogue): Scan {
  const imports: ImportScan[] = [];
  if (SOURCE.test(text)) {
    for (const match of text.matchAll(FROM)) {
      const reexports = match[0].startsWith('export');
      imports.push(imported(match[3] ?? '', reexports, () => namesOf(match[1] ?? '')));
    }
  }
  if (CALL.test(text)) {
    for (const match of text.matchAll(CALLED)) {
      const [, , specifier = '', member = 'then'] = match;
      const names = OF_PROMISE.has(member) ? () => namesAssigned(text, match.index) : () => [member];
      imports.push(imported(specifier, false, names));
    }
  }
  return { namesDatabase: catalogue.namesDatabase(text, imports), imports };
}

function imported(specifier: string, reexports: boolean, read: () => string[]): ImportScan {
  let names: readonly string[] | null = null;
  return {
    specifier,
    reexports,
    get names() {
      return (names ??= read());
    },
  };
}

/** What becomes of a call that loads a module. */
function namesAssigned(text: string, call: number): string[] {
  const before = text.slice(Math.max(0, call - LONGEST_PATTERN), call);
  const pattern = ASSIGNED.exec(before)?.[1] ?? '';
  return pattern.startsWith('{') ? namesOf(pattern) : ['*'];
}

/** `a, { b, c as d }`, `* as e`, `{ f: g }` */
function namesOf(clause: string): string[] {
  if (clause.includes('*')) return ['*'];
  const braces = /\{([^}]*)\}/.exec(clause);
  const names = braces ? (braces[1] ?? '').split(',') : [];
  const found = names
    .map(
      (name) =>
        name
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+|\s*:\s*/)[0] ?? '',
    )
    .filter(Boolean);
  const outside = clause
    .replace(/\{[^}]*\}/, '')
    .replace(/,/g, ' ')
    .trim();
  return outside ? ['default', ...found] : found;
}
