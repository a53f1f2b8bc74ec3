import { CodemodError, EXIT } from '../exit-codes.ts';
import { remaining, type Found } from './found.ts';
import { list, number, object, orNull, text } from '../shape.ts';
import type { Run } from '../model.ts';

/** A hazard that a project has decided to live with for now. */
export interface BaselineEntry {
  readonly path: string;
  readonly rule: string;
  /** Classes and functions around it, for whoever reads the file. */
  readonly within: string;
  readonly fingerprint: string;
}

export interface Comparison {
  /** Hazards that the baseline does not have. */
  readonly added: readonly Found[];
  /** Entries whose hazard is not there any more. */
  readonly gone: readonly BaselineEntry[];
  /** Entries of files that the run has not looked at: nothing is known of them. */
  readonly unseen: readonly BaselineEntry[];
  /** How many hazards are as the baseline has them. */
  readonly unchanged: number;
}

const BASELINE = object({
  version: number(1),
  hazards: list(orNull(object({ path: text, rule: text, within: text, fingerprint: text }))),
});

/**
 * The hazards that are in the files after a run. Each is known by itself and not by number: one that goes does not make
 * room for another. `kept` are entries of files that the run has not looked at.
 *
 * One line for each, sorted, and the last line is always the same, so that a new one changes no other line: branches that
 * add hazards merge, also by `merge=union` of git.
 */
export function baselineOf(run: Run, kept: readonly BaselineEntry[] = []): string {
  const found = remaining(run).map(({ path, site: { rule, within = '', fingerprint } }) => ({
    path,
    rule,
    within,
    fingerprint,
  }));
  const lines = [...found, ...kept].toSorted(inOrder).map((entry) => `${JSON.stringify(entry)},\n`);
  return `{ "version": 1, "hazards": [\n${lines.join('')}null] }\n`;
}

/** Throws `CodemodError` that says what is wrong; `name` is the file's. */
export function parseBaseline(source: string, name: string): readonly BaselineEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw wrong(name, error instanceof Error ? error.message : String(error));
  }
  const problem = BASELINE(value, '');
  if (problem !== null) throw wrong(name, problem);
  const { version, hazards } = value as { version: number; hazards: (BaselineEntry | null)[] };
  if (version !== 1) throw wrong(name, `it has version ${version} of the format, and this version reads 1`);
  return hazards.filter((entry) => entry !== null);
}

/** `exists` says whether a file, by its path from the root, is still there. */
export function compareWithBaseline(
  run: Run,
  baseline: readonly BaselineEntry[],
  exists: (path: string) => boolean = () => true,
): Comparison {
  const known = new Set(baseline.map(({ fingerprint }) => fingerprint));
  const there = remaining(run);
  const found = new Set(there.map(({ site }) => site.fingerprint));
  const looked = new Set(run.paths);
  const absent = baseline.filter(({ fingerprint }) => !found.has(fingerprint));
  const isGone = ({ path }: BaselineEntry): boolean => looked.has(path) || !exists(path);
  return {
    added: there.filter(({ site }) => !known.has(site.fingerprint)),
    gone: absent.filter(isGone),
    unseen: absent.filter((entry) => !isGone(entry)),
    unchanged: there.filter(({ site }) => known.has(site.fingerprint)).length,
  };
}

function inOrder(one: BaselineEntry, other: BaselineEntry): number {
  const [first, second] = [keyOf(one), keyOf(other)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function keyOf({ path, rule, within, fingerprint }: BaselineEntry): string {
  return [path, rule, within, fingerprint].join('\0');
}

function wrong(name: string, why: string): CodemodError {
  return new CodemodError(
    EXIT.usage,
    `${name} is not a baseline: ${why}. Mend it, or delete it and write it anew with --update-baseline.`,
  );
}
