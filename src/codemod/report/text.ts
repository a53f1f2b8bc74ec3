import { styleText } from 'node:util';
import { analysisOf, type Found } from './analysis.ts';
import { meaningOf } from '../reasons.ts';
import { SKIPS, type Outcome, type Run, type Site } from '../model.ts';

/** How a summary looks. */
export interface TextStyle {
  readonly colors: boolean;
}

const DOCS = 'https://github.com/unbusy/unbusy/blob/main/docs/reasons.md';

/** What a run has done and left alone, for a terminal or a log. */
export function textSummary(run: Run, { colors }: TextStyle): string {
  const paint = (format: 'bold' | 'dim', text: string): string => (colors ? styleText(format, text) : text);
  const sites = run.files.flatMap(({ path, sites }) => sites.map((site) => ({ path, site })));
  const rewritten = sites.filter(({ site }) => site.outcome.kind === 'rewritten');
  const left = sites.flatMap(({ path, site }) =>
    site.outcome.kind === 'left' ? [{ path, site, outcome: site.outcome }] : [],
  );
  const changed = run.files.filter(({ before, after }) => before !== after);
  const lines: string[] = [];
  if (rewritten.length > 0) {
    lines.push(paint('bold', `${count(rewritten.length, 'hazard')} ${run.written ? 'removed' : 'would be removed'}`));
    for (const [text, times] of tally(rewritten.map(({ site }) => titleOf(site)))) lines.push(`  ${times} x ${text}`);
    lines.push('');
  }
  if (left.length > 0) {
    lines.push(paint('bold', `${count(left.length, 'hazard')} left alone`));
    for (const { path, site, outcome } of left) {
      lines.push(`  ${path}:${site.place.line}:${site.place.column} ${paint('dim', site.rule)}`);
      lines.push(`    ${meaningOf(outcome.reason)} (${outcome.reason})`);
      for (const suggestion of outcome.suggestions) lines.push(`    Possible: ${suggestion}`);
    }
    lines.push(paint('dim', `  What to do by hand, by reason: ${DOCS}`), '');
  }
  if (run.skipped.length > 0) {
    lines.push(paint('bold', `${count(run.skipped.length, 'file')} not looked at`));
    for (const { path, why, detail } of run.skipped)
      lines.push(`  ${path}: ${SKIPS[why]}${detail === null ? '' : ` (${detail})`}`);
    lines.push('');
  }
  for (const { path, line, text } of run.notes) lines.push(`${path}${line === null ? '' : `:${line}`}: ${text}`, '');
  lines.push(closingLine(run, changed.length, sites.length));
  return `${lines.join('\n')}\n`;
}

/** Characters of a line. */
const WIDTH = 100;

/** The analysis of a run as text. */
export function analysisText(run: Run): string {
  const { hazards, databases, causes, areas, phases, tests } = analysisOf(run);
  const lines: string[] = [
    `${count(hazards, 'hazard')} in ${count(areas.length, 'file')} of ${run.examined} looked at`,
    '',
  ];
  const section = (title: string, body: readonly string[]): void => {
    if (body.length > 0) lines.push(title.toUpperCase(), ...body, '');
  };
  section(
    'Databases',
    databases.flatMap(({ database, places, problems }) => [
      `  ${database ?? 'file not known'}`,
      ...places.map(({ path, line, journal, busyTimeout, driver }) => {
        const wait = busyTimeout === 'unknown' ? 'waits for an unknown time' : `waits ${busyTimeout} ms`;
        return `    ${path}:${line} (${driver}): journal mode ${journal === 'unset' ? 'not set' : journal}, ${wait}`;
      }),
      ...problems.flatMap((problem) => wrapped(problem, 4)),
    ]),
  );
  section(
    'Root causes',
    causes.flatMap(({ title, effect, cure, places }) => [
      `  ${title} (${places.length})`,
      ...wrapped(effect, 4),
      ...wrapped(`Cure: ${cure}`, 4),
      ...wrapped(listed(places), 4),
    ]),
  );
  section(
    'Problem areas',
    areas.flatMap(({ path, places }) => [
      `  ${path}`,
      ...places.map(({ site }) => `    line ${site.place.line}: ${site.rule}`),
    ]),
  );
  section(
    'Recommended changes',
    phases.flatMap(({ title, risk, how, changes }, index) => [
      `  Phase ${index + 1}: ${title}`,
      ...wrapped(`Risk: ${risk}. ${how}`, 4),
      ...changes.flatMap(({ what, places }) => [...wrapped(`- ${what}`, 4), ...wrapped(listed(places), 6)]),
    ]),
  );
  section(
    'Not looked at',
    run.skipped.flatMap(({ path, why }) => wrapped(`${path}: ${SKIPS[why]}`, 2)),
  );
  section(
    'How to test it',
    tests.flatMap((test) => wrapped(`- ${test}`, 2)),
  );
  return `${lines.join('\n').trimEnd()}\n`;
}

function listed(places: readonly Found[]): string {
  return places.map(({ path, site }) => `${path}:${site.place.line}`).join(', ');
}

/** Lines of words, indented. */
function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each);
}

function closingLine({ examined, written }: Run, changed: number, sites: number): string {
  const seen = `${count(examined, 'file')} looked at`;
  if (sites === 0 && changed === 0) return `${seen}, no hazard found.`;
  const files = `${count(changed, 'file')} ${written ? 'changed' : 'would change'}`;
  return `${seen}, ${files}.${changed > 0 && !written ? ' Run it with --write to change them.' : ''}`;
}

function titleOf({ outcome }: Site): string {
  return (outcome as Extract<Outcome, { readonly kind: 'rewritten' }>).text;
}

function tally(texts: readonly string[]): [string, number][] {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times].sort(([, first], [, second]) => second - first);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
