import { SKIPS, type ConnectionPlace, type Run } from '../model.ts';
import { unifiedDiff } from '../terminal/diff.ts';
import { analysisOf, reasonText, type Found } from './analysis.ts';

/** The analysis of a run as a document for people. */
export function markdownReport(run: Run): string {
  const { hazards, databases, causes, areas, phases, changed, tests } = analysisOf(run);
  const changes = `${count(changed.length, 'file')} ${run.written ? 'changed' : 'would change'}`;
  const parts: string[] = [
    '# SQLite lock hazards',
    `${count(hazards, 'hazard')} in ${count(areas.length, 'file')} of ${run.examined} looked at; ${changes}.`,
  ];
  if (databases.length > 0)
    parts.push(
      '## Databases',
      table(
        ['Database', 'Opened at', 'Journal', 'Busy timeout', 'Driver'],
        databases.flatMap(({ places }) => places.map(row)),
      ),
      ...databases.flatMap(({ database, problems }) =>
        problems.map((problem) => `- **${code(database ?? '?')}**: ${problem}`),
      ),
    );
  if (causes.length > 0) parts.push('## Root causes');
  for (const { title, rule, effect, cure, places } of causes)
    parts.push(
      `### ${title} (${places.length})`,
      effect,
      `**Cure:** ${cure}`,
      `Rule: \`${rule}\`. ${places.map(link).join(', ')}`,
    );
  if (areas.length > 0) parts.push('## Problem areas');
  for (const { path, places } of areas) parts.push(`### ${code(path)}`, places.map(line).join('\n'));
  if (phases.length > 0) parts.push('## Recommended changes');
  for (const [index, { title, risk, how, changes }] of phases.entries()) {
    parts.push(`### Phase ${index + 1}: ${title}`, `Risk: ${risk}. ${how}`);
    parts.push(changes.map(({ what, places }) => `- ${escaped(what)} ${places.map(link).join(', ')}`).join('\n'));
  }
  if (changed.length > 0) {
    parts.push('## Files that change', changed.map((path) => `- ${code(path)}`).join('\n'));
    for (const { path, before, after } of run.files)
      if (before !== after) parts.push(fenced(unifiedDiff(path, before, after)));
  }
  if (run.skipped.length > 0)
    parts.push(
      '## Not looked at',
      run.skipped
        .map(
          ({ path, why, detail }) => `- ${code(path)}: ${SKIPS[why]}${detail === null ? '' : ` (${escaped(detail)})`}`,
        )
        .join('\n'),
    );
  if (run.notes.length > 0)
    parts.push(
      '## Notes',
      run.notes
        .map(({ path, line, text }) => `- ${code(line === null ? path : `${path}:${line}`)}: ${escaped(text)}`)
        .join('\n'),
    );
  if (tests.length > 0) parts.push('## How to test it', tests.map((test) => `- ${test}`).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function row({ database, path, line, journal, busyTimeout, driver }: ConnectionPlace): string[] {
  const timeout = busyTimeout === 'unknown' ? 'unknown' : `${busyTimeout} ms`;
  return [
    database === null ? 'unknown' : code(database),
    code(`${path}:${line}`),
    journal === 'unset' ? 'not set' : journal,
    timeout,
    driver,
  ];
}

function line({ site }: Found): string {
  const { place, rule, message, outcome } = site;
  const what = outcome.kind === 'rewritten' ? outcome.text : reasonText(outcome);
  return `- line ${place.line}, \`${rule}\`: ${escaped(message)}\n  **${outcome.kind === 'rewritten' ? 'Rewritten' : 'Left'}:** ${escaped(what)}`;
}

function link({ path, site }: Found): string {
  return code(`${path}:${site.place.line}`);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/** In a fence that is longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${text.trimEnd()}\n${fence}`;
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** Text of the project must not become markup; code in it stays code. */
function escaped(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[<>*_[\]|]/g, (char) => `\\${char}`)))
    .join('');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
