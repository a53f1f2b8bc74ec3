import { styleText } from 'node:util';
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
