import { styleText } from 'node:util';
import { meaningOf } from '../reasons.ts';
import { SKIPS, type Run, type Site } from '../model.ts';
import { analysisOf, outcomeText, type Analysis, type RootCause } from './analysis.ts';
import { JOURNALS, spotOf, waitOf, type DatabaseUse } from './databases.ts';
import { foundIn, spot, type Found } from './found.ts';
import { count, first } from './words.ts';
import { wrapped } from './wrap.ts';
import type { Phase } from './phases.ts';

/** How a text looks. */
export interface TextStyle {
  readonly colors: boolean;
  /** Characters of a line, as far as words can be wrapped. */
  readonly width: number;
}

/** For a file, which has neither a width nor colours. */
export const PLAIN: TextStyle = { colors: false, width: 100 };

/** Places that a list names before it counts the rest; the problem areas have them all. */
const NAMED = 12;

const DOCS = 'https://github.com/unbusy/unbusy/blob/main/docs/reasons.md';

type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

function painter({ colors }: TextStyle): Paint {
  return (format, text) => (colors ? styleText(format, text, { validateStream: false }) : text);
}

/** What a run has done and left alone, for a terminal or a log. */
export function textSummary(run: Run, style: TextStyle): string {
  const paint = painter(style);
  const sites = foundIn(run);
  const rewritten = sites.flatMap(({ site }) => (site.outcome.kind === 'rewritten' ? [site.outcome] : []));
  const left = sites.flatMap(({ path, site, place }) =>
    site.outcome.kind === 'left' ? [{ path, site, place, outcome: site.outcome }] : [],
  );
  const changed = run.files.filter(({ before, after }) => before !== after);
  const lines: string[] = [];
  if (rewritten.length > 0) {
    lines.push(paint('bold', `${count(rewritten.length, 'hazard')} ${run.written ? 'removed' : 'would be removed'}`));
    for (const [text, times] of tally(rewritten.map(({ text }) => text))) lines.push(`  ${times} x ${text}`);
    lines.push('');
  }
  if (left.length > 0) {
    lines.push(paint('bold', `${count(left.length, 'hazard')} left alone`));
    for (const { path, site, place, outcome } of left) {
      lines.push(`  ${path}:${place.line}:${place.column} ${paint('dim', site.rule)}`);
      lines.push(`    ${meaningOf(outcome.reason)} (${outcome.reason})`);
      for (const suggestion of outcome.suggestions) lines.push(`    Possible: ${suggestion}`);
    }
    lines.push(paint('dim', `  What to do by hand, by reason: ${DOCS}`), '');
  }
  if (run.skipped.length > 0) {
    lines.push(paint('bold', `${count(run.skipped.length, 'file')} not looked at`));
    for (const skip of run.skipped) lines.push(`  ${skip.path}: ${skipText(skip)}`);
    lines.push('');
  }
  for (const note of run.notes) lines.push(noteText(note), '');
  lines.push(closingLine(run, changed.length, sites.length));
  return `${lines.join('\n')}\n`;
}

/** The analysis of a run as text. */
export function analysisText(run: Run, style: TextStyle): string {
  const analysis = analysisOf(run);
  const paint = painter(style);
  const fill = (text: string, indent: number, hanging = 0): string[] => wrapped(text, style.width, indent, hanging);
  const chapters: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['Databases', analysis.databases.flatMap((database) => databaseLines(database, paint, fill))],
    ['Root causes', analysis.chapters.flatMap((chapter) => chapterLines(chapter, paint, fill))],
    ['Problem areas', analysis.areas.flatMap((area) => areaLines(area, paint, fill))],
    ['Recommended changes', analysis.phases.flatMap((phase, index) => phaseLines(phase, index + 1, paint, fill))],
    ['Files that need change', fileLines(analysis)],
    ['Left alone', analysis.left.flatMap((left) => leftLines(left, fill))],
    ['Not looked at', run.skipped.flatMap((skip) => fill(`${skip.path}: ${skipText(skip)}`, 2, 2))],
    ['Notes', run.notes.flatMap((note) => fill(noteText(note), 2, 2))],
    ['How to test it', analysis.tests.flatMap((test, index) => fill(`${index + 1}. ${test}`, 2, 3))],
  ];
  const lines = [paint('bold', 'SQLite lock hazards'), ...analysis.summary.flatMap((text) => fill(text, 0))];
  for (const [title, body] of chapters)
    if (body.length > 0) lines.push('', paint(['bold', 'cyan'], title.toUpperCase()), ...body);
  return `${lines.join('\n')}\n`;
}

type Fill = (text: string, indent: number, hanging?: number) => string[];

function databaseLines({ database, places, problems }: DatabaseUse, paint: Paint, fill: Fill): string[] {
  return [
    `  ${paint('bold', database ?? 'File not known')}`,
    ...places.map(
      (place) =>
        `    ${spotOf(place)} (${place.driver}): journal mode ${JOURNALS[place.journal]}, busy timeout ${waitOf(place)}${place.readOnly ? ', read-only' : ''}`,
    ),
    ...problems.flatMap((problem) => fill(problem, 4).map((line) => paint('yellow', line))),
  ];
}

function chapterLines({ title, causes }: Analysis['chapters'][number], paint: Paint, fill: Fill): string[] {
  return [`  ${paint('bold', title)}`, ...causes.flatMap((cause) => causeLines(cause, paint, fill))];
}

function causeLines({ title, level, effect, cure, places }: RootCause, paint: Paint, fill: Fill): string[] {
  const heading = `    ${paint(level === 'error' ? 'red' : 'yellow', title)} (${count(places.length, 'place')})`;
  return [
    heading,
    ...fill(effect, 6),
    ...fill(`Cure: ${cure}`, 6),
    ...fill(`Seen at: ${first(places.map(spotWithin), NAMED)}`, 6).map((line) => paint('dim', line)),
  ];
}

function areaLines({ path, places }: Analysis['areas'][number], paint: Paint, fill: Fill): string[] {
  return [
    `  ${paint('bold', path)} (${places.length})`,
    ...places.flatMap(({ site, place }) => [
      `    ${place.line}:${place.column} ${paint('dim', site.rule)}${site.within === undefined ? '' : paint('dim', ` in ${site.within}`)}`,
      ...fill(site.message, 6),
      ...fill(`${outcomeWord(site)}: ${outcomeText(site.outcome)}`, 6).map((line) => paint(colourOf(site), line)),
      ...choicesOf(site).flatMap((choice) => fill(`Possible: ${choice}`, 6)),
    ]),
  ];
}

function phaseLines(
  { title, risk, why, how, changes, files }: Phase,
  number: number,
  paint: Paint,
  fill: Fill,
): string[] {
  return [
    `  ${paint('bold', `Phase ${number}: ${title}`)} (${count(files.length, 'file')})`,
    ...fill(`Risk: ${risk.toLowerCase()}, as ${why}.`, 4),
    ...fill(how, 4),
    ...changes.flatMap(({ what, places }) => [
      ...fill(`- ${what}`, 4, 2),
      ...fill(first(places.map(spot), NAMED), 6).map((line) => paint('dim', line)),
    ]),
  ];
}

function fileLines({ files }: Analysis): string[] {
  const widest = Math.max(0, ...files.map(({ path }) => path.length));
  return files.map(
    ({ path, hazards, phases }) => `  ${path.padEnd(widest)}  ${count(hazards, 'hazard')}, ${phasesText(phases)}`,
  );
}

/** `phases 1 and 3`. */
export function phasesText(phases: readonly number[]): string {
  if (phases.length === 0) return 'with a file that it is used by';
  return `${phases.length === 1 ? 'phase' : 'phases'} ${phases.join(' and ')}`;
}

function leftLines({ reason, meaning, places }: Analysis['left'][number], fill: Fill): string[] {
  return [...fill(`${reason}: ${meaning}`, 2, 2), ...fill(first(places.map(spot), NAMED), 4)];
}

function spotWithin(found: Found): string {
  const { within } = found.site;
  return `${spot(found)}${within === undefined ? '' : ` in ${within}`}`;
}

function outcomeWord({ outcome }: Site): string {
  return outcome.kind === 'rewritten' ? 'Rewrite' : 'Left alone';
}

function choicesOf({ outcome }: Site): readonly string[] {
  return outcome.kind === 'left' ? outcome.suggestions : [];
}

function colourOf({ outcome }: Site): 'green' | 'yellow' {
  return outcome.kind === 'rewritten' ? 'green' : 'yellow';
}

export function skipText({ why, detail }: Run['skipped'][number]): string {
  return `${SKIPS[why]}${detail === null ? '' : ` (${detail})`}`;
}

function noteText({ path, line, text }: Run['notes'][number]): string {
  return `${path}${line === null ? '' : `:${line}`}: ${text}`;
}

function closingLine({ examined, written }: Run, changed: number, sites: number): string {
  const seen = `${count(examined, 'file')} looked at`;
  if (sites === 0 && changed === 0) return `${seen}, no hazard found.`;
  const files = `${count(changed, 'file')} ${written ? 'changed' : 'would change'}`;
  return `${seen}, ${files}.${changed > 0 && !written ? ' Run it with --write to change them.' : ''}`;
}

function tally(texts: readonly string[]): [string, number][] {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times].sort(([, one], [, other]) => other - one);
}
