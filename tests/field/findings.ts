import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What is known to be wrong about the findings in a package: `# false alarm: src/a.js:3 require-close: why`. */
interface Note {
  readonly kind: 'false alarm' | 'miss';
  /** The finding that should not be there, or should: `src/a.js:3 require-close`. */
  readonly finding: string;
}

/** The findings that a package is expected to have, as its file in this folder holds them. */
export interface Findings {
  /** Lines of comment at the top of the file. */
  readonly comments: readonly string[];
  readonly notes: readonly Note[];
  /** One line a finding: `src/a.js:3 require-close the message`. */
  readonly lines: readonly string[];
}

const NOTE = /^# (false alarm|miss): (\S+:\d+ [a-z-]+): \S/;

export function readFindings(id: string): Findings {
  const path = pathOf(id);
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split(/\r?\n/).filter(Boolean) : [];
  const comments = lines.filter((line) => line.startsWith('#'));
  const notes = comments.flatMap((line): Note[] => {
    const [, kind, finding] = NOTE.exec(line) ?? [];
    return kind && finding ? [{ kind: kind as Note['kind'], finding }] : [];
  });
  return { comments, notes, lines: lines.filter((line) => !line.startsWith('#')) };
}

export function writeFindings(id: string, findings: Pick<Findings, 'comments' | 'lines'>): void {
  writeFileSync(pathOf(id), [...findings.comments, ...findings.lines, ''].join('\n'));
}

/** `src/a.js:3 require-close` of a line. */
export function findingOf(line: string): string {
  return line.split(' ', 2).join(' ');
}

function pathOf(id: string): string {
  const name = id.slice(0, id.lastIndexOf('@')).replace('/', '__');
  return fileURLToPath(new URL(`${name}.findings.txt`, import.meta.url));
}
