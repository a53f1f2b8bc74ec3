import { CodemodError, EXIT } from '../exit-codes.ts';
import { isObject } from './json.ts';
import type { Run, Site } from '../model.ts';

/** A hazard that a project has decided to live with for now. */
export interface BaselineEntry {
  readonly fingerprint: string;
  readonly rule: string;
  readonly path: string;
}

export interface Comparison {
  /** Hazards that the baseline does not have. */
  readonly added: readonly { readonly path: string; readonly site: Site }[];
  /** Entries whose hazard is not there any more. */
  readonly gone: readonly BaselineEntry[];
}

/**
 * The hazards that are in the files after a run, one a line and sorted, so that branches merge well. Each is known by
 * itself and not by number: one that goes does not make room for another.
 */
export function baselineOf(run: Run): string {
  const entries = remaining(run)
    .map(({ path, site: { fingerprint, rule } }) => JSON.stringify({ path, rule, fingerprint }))
    .toSorted();
  return `{ "version": 1, "hazards": [\n${entries.join(',\n')}${entries.length > 0 ? '\n' : ''}] }\n`;
}

/** Throws `CodemodError` that says what is wrong; `name` is the file's. */
export function parseBaseline(text: string, name: string): readonly BaselineEntry[] {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && value.version === 1 && Array.isArray(value.hazards) && value.hazards.every(isEntry))
      return value.hazards;
  } catch {
    // Told below, as for any other text that is not one.
  }
  throw new CodemodError(EXIT.usage, `${name} is not a baseline: write it anew with --update-baseline.`);
}

export function compareWithBaseline(run: Run, baseline: readonly BaselineEntry[]): Comparison {
  const known = new Set(baseline.map(({ fingerprint }) => fingerprint));
  const there = remaining(run);
  const found = new Set(there.map(({ site }) => site.fingerprint));
  return {
    added: there.filter(({ site }) => !known.has(site.fingerprint)),
    gone: baseline.filter(({ fingerprint }) => !found.has(fingerprint)),
  };
}

/** What is in the files now: all that was found, but for what was rewritten in them. */
export function remaining({ files, written }: Run): { readonly path: string; readonly site: Site }[] {
  return files.flatMap(({ path, sites }) =>
    sites.filter(({ outcome, isNew }) => (written ? outcome.kind === 'left' : !isNew)).map((site) => ({ path, site })),
  );
}

function isEntry(value: unknown): value is BaselineEntry {
  return isObject(value) && ['fingerprint', 'rule', 'path'].every((name) => typeof value[name] === 'string');
}
