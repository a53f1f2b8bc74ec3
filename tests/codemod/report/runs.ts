import type { FileReport, Run, Site } from '../../../src/codemod/model.ts';

/** A site as a plan reports it; what is not said is that of a connection that is closed by a rewrite. */
export function site(given: Partial<Site> & { readonly line?: number } = {}): Site {
  const { line = 2, ...rest } = given;
  return {
    fingerprint: `f${line}`,
    rule: 'require-close',
    messageId: 'implicit',
    message: 'This connection stays open when the call at line 3 fails. Close it in a `finally` block.',
    driver: 'better-sqlite3',
    place: { line, column: 14, endLine: line, endColumn: 36, start: 20, end: 42 },
    isNew: false,
    outcome: { kind: 'rewritten', title: 'closeInFinally', text: 'Close it in a `finally` block.', safe: true },
    ...rest,
  };
}

export const LEFT: Site['outcome'] = { kind: 'left', reason: 'handed-over', suggestions: [] };

export function file(path: string, sites: readonly Site[], texts: Partial<FileReport> = {}): FileReport {
  const before = 'import Database from "better-sqlite3";\nconst db = new Database("app.db");\ndb.exec("x");\n';
  return { path, before, after: before, sites, ...texts };
}

export function run(files: readonly FileReport[], given: Partial<Run> = {}): Run {
  return {
    version: 1,
    tool: { name: 'unbusy-codemod', version: '0.1.0' },
    written: false,
    examined: files.length,
    paths: files.map(({ path }) => path),
    files,
    connections: [],
    skipped: [],
    notes: [],
    shard: null,
    ...given,
  };
}
