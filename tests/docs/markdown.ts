import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A heading, with the anchor that GitHub gives it. */
interface Heading {
  readonly level: number;
  readonly text: string;
  readonly anchor: string;
}

/** A fenced block of a page. */
export interface Fence {
  readonly language: string;
  /** What stands behind the language: the name of the file that the block is. */
  readonly name: string | null;
  readonly text: string;
  /** Line of the page that the fence begins at, from 1. */
  readonly line: number;
  /** Headings that the block stands under, by level; index 0 is the title. */
  readonly under: readonly string[];
}

/** A page of the documentation, as far as its tests need it. */
export interface Page {
  readonly path: string;
  readonly name: string;
  readonly headings: readonly Heading[];
  readonly fences: readonly Fence[];
  /** Targets of links. */
  readonly links: readonly string[];
  /** Lines outside of fences. */
  readonly prose: readonly string[];
}

export const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));

/** Paths of all pages. */
export function pages(folder = DOCS): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join(folder, path));
}

/** Reads the part of Markdown that the pages use: ATX headings, backtick fences and inline links. */
export function readPage(path: string): Page {
  const headings: Heading[] = [];
  const fences: Fence[] = [];
  const prose: string[] = [];
  const under: string[] = [];
  let open: { readonly line: number; readonly info: readonly string[]; readonly lines: string[] } | null = null;
  for (const [index, line] of readFileSync(path, 'utf8').split(/\r?\n/).entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (open) {
      if (!fence) {
        open.lines.push(line);
        continue;
      }
      const [language = '', name = null] = open.info;
      fences.push({ language, name, text: `${open.lines.join('\n')}\n`, line: open.line, under: [...under] });
      open = null;
      continue;
    }
    if (fence) {
      open = { line: index + 1, info: fence[1]?.trim().split(/\s+/) ?? [], lines: [] };
      continue;
    }
    prose.push(line);
    const [, hashes, text] = /^(#+) (.+)$/.exec(line) ?? [];
    if (hashes === undefined || text === undefined) continue;
    headings.push({ level: hashes.length, text, anchor: anchorOf(text) });
    under.splice(hashes.length - 1, Infinity, text);
  }
  if (open) throw new Error(`${path}: the fence of line ${open.line} is not closed`);
  const links = [...prose.join('\n').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return { path, name: basename(path, '.md'), headings, fences, links, prose };
}

/** Paragraphs, tables and lists below a heading, down to the next one. */
export function textUnder({ prose }: Page, heading: string): string {
  const start = prose.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) return '';
  const rest = prose.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line));
  return rest.slice(0, end < 0 ? rest.length : end).join('\n');
}

/** Rows of the first table in a text, without the head. */
export function tableIn(text: string): string[][] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^\|[\s:|-]+\|$/.test(line));
  if (start < 0) return [];
  const rows: string[][] = [];
  for (const line of lines.slice(start + 1)) {
    if (!line.startsWith('|')) break;
    rows.push(
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}
