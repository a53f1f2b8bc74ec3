import { meaningOf } from '../reasons.ts';
import { CAUSES, causesOf, CHAPTERS, type Cause } from './causes.ts';
import { databasesOf, type DatabaseUse } from './databases.ts';
import { foundIn, type Found } from './found.ts';
import { phasesOf, type Phase } from './phases.ts';
import { byPath, count, groupedBy } from './words.ts';
import type { Outcome, Run } from '../model.ts';

/** A root cause with the places that show it. */
export interface RootCause extends Cause {
  readonly places: readonly Found[];
}

/** A file with what is to be done in it. */
export interface FileWork {
  readonly path: string;
  readonly hazards: number;
  /** Numbers of phases, from 1. */
  readonly phases: readonly number[];
  readonly isRewritten: boolean;
}

/** What a run means: the same for all documents. */
export interface Analysis {
  /** What it comes to, in a few sentences. */
  readonly summary: readonly string[];
  readonly hazards: number;
  readonly rewritten: number;
  /** Left, with at least one change to choose. */
  readonly decisions: number;
  /** Left without one. */
  readonly byHand: number;
  readonly databases: readonly DatabaseUse[];
  readonly chapters: readonly { readonly title: string; readonly causes: readonly RootCause[] }[];
  /** Files by the number of their hazards. */
  readonly areas: readonly { readonly path: string; readonly places: readonly Found[] }[];
  readonly phases: readonly Phase[];
  readonly files: readonly FileWork[];
  /** What was left alone, by its reason. */
  readonly left: readonly { readonly reason: string; readonly meaning: string; readonly places: readonly Found[] }[];
  readonly tests: readonly string[];
}

export function analysisOf(run: Run): Analysis {
  const found = foundIn(run);
  const outcomes = found.map(({ site }) => site.outcome);
  const phases = phasesOf(found, run.written);
  const causes = CAUSES.map((cause) => ({
    ...cause,
    places: found.filter(({ site }) => causesOf(site).includes(cause)),
  })).filter(({ places }) => places.length > 0);
  const figures = {
    hazards: found.length,
    rewritten: outcomes.filter(({ kind }) => kind === 'rewritten').length,
    decisions: outcomes.filter((outcome) => outcome.kind === 'left' && outcome.suggestions.length > 0).length,
    byHand: outcomes.filter((outcome) => outcome.kind === 'left' && outcome.suggestions.length === 0).length,
  };
  const areas = [...groupedBy(found, ({ path }) => path)]
    .map(([path, places]) => ({ path, places: places.toSorted((one, other) => one.place.line - other.place.line) }))
    .toSorted((one, other) => other.places.length - one.places.length || byPath(one, other));
  return {
    ...figures,
    summary: summaryOf(run, figures, areas.length, causes),
    databases: databasesOf(run.connections, found),
    chapters: Object.entries(CHAPTERS)
      .map(([chapter, title]) => ({ title, causes: causes.filter((cause) => cause.chapter === chapter) }))
      .filter(({ causes }) => causes.length > 0),
    areas,
    phases,
    files: filesOf(run, phases),
    left: leftOf(found),
    tests: testsOf(causes),
  };
}

function summaryOf(
  { examined, written, files }: Run,
  { hazards, rewritten, decisions, byHand }: Pick<Analysis, 'hazards' | 'rewritten' | 'decisions' | 'byHand'>,
  affected: number,
  causes: readonly RootCause[],
): string[] {
  const looked = `${count(examined, 'file')} looked at`;
  if (hazards === 0) return [`${looked}, no hazard found.`];
  const changed = files.filter(({ before, after }) => before !== after).length;
  const [most] = causes.toSorted((one, other) => other.places.length - one.places.length);
  return [
    `${count(hazards, 'hazard')} in ${count(affected, 'file')}, of ${looked}.`,
    ...(most && causes.length > 1
      ? [
          `${count(causes.length, 'root cause')}; the one with the most places is: ${lowered(most.title)} (${most.places.length}).`,
        ]
      : []),
    ...(rewritten > 0
      ? [
          `${rewritten} ${written ? 'are rewritten' : 'can be rewritten now'}, in ${count(changed, 'file')}${decisions + byHand > 0 ? '' : '; nothing is left'}.`,
        ]
      : []),
    ...(decisions > 0 ? [`${decisions} ${verb(decisions)} a decision: the changes to choose from are ready.`] : []),
    ...(byHand > 0 ? [`${byHand} ${verb(byHand)} work by hand.`] : []),
  ];
}

function verb(number: number): string {
  return number === 1 ? 'needs' : 'need';
}

function lowered(title: string): string {
  return /^[A-Z]{2}/.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1);
}

/** Files that something is to be done in, the first phase first. */
function filesOf(run: Run, phases: readonly Phase[]): readonly FileWork[] {
  return run.files
    .map(({ path, before, after, sites }) => ({
      path,
      hazards: sites.length,
      phases: phases.flatMap(({ files }, index) => (files.includes(path) ? [index + 1] : [])),
      isRewritten: before !== after,
    }))
    .filter(({ phases, isRewritten }) => phases.length > 0 || isRewritten)
    .toSorted((one, other) => (one.phases[0] ?? 0) - (other.phases[0] ?? 0) || byPath(one, other));
}

function leftOf(found: readonly Found[]): Analysis['left'] {
  const left = found.flatMap((each) => {
    const { outcome } = each.site;
    return outcome.kind === 'left' ? [{ each, reason: outcome.reason }] : [];
  });
  return [...groupedBy(left, ({ reason }) => reason)]
    .map(([reason, group]) => ({ reason, meaning: meaningOf(reason), places: group.map(({ each }) => each) }))
    .toSorted((one, other) => other.places.length - one.places.length);
}

/** What was done, or why it was not. */
export function outcomeText(outcome: Outcome): string {
  return outcome.kind === 'rewritten' ? outcome.text : `${meaningOf(outcome.reason)} (\`${outcome.reason}\`)`;
}

/** How to see that it got better, as far as what was found asks for it. */
function testsOf(causes: readonly RootCause[]): readonly string[] {
  if (causes.length === 0) return [];
  return [
    'Run the project\'s own tests before and after: `unbusy-codemod --write --verify "npm test"` puts all back if they fail.',
    ...new Set(causes.map(({ test }) => test)),
    'Keep it: `unbusy-codemod report --baseline unbusy-baseline.json --fail-on findings` in CI fails on new hazards only.',
  ];
}
