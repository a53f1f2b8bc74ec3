import { unifiedDiff } from '../terminal/diff.ts';
import { analysisOf, outcomeText, type Analysis, type FileWork, type RootCause } from './analysis.ts';
import { JOURNALS, spotOf, waitOf, type DatabaseUse } from './databases.ts';
import { spot, type Found } from './found.ts';
import { phasesText, skipText } from './text.ts';
import { count } from './words.ts';
import type { FileReport, Run } from '../model.ts';
import type { Phase } from './phases.ts';

/** The analysis of a run as a document for people. */
export function markdownReport(run: Run): string {
  const analysis = analysisOf(run);
  const changed = run.files.filter(({ before, after }) => before !== after);
  const chapters: readonly (readonly [title: string, parts: readonly string[]])[] = [
    ['Databases', databases(analysis.databases)],
    ['Root causes', analysis.chapters.flatMap(chapter)],
    ['Problem areas', analysis.areas.flatMap(area)],
    ['Recommended changes', analysis.phases.flatMap((each, index) => phase(each, index + 1))],
    ['Files that need change', files(analysis.files)],
    ['Left alone, and why', left(analysis)],
    ['Not looked at', list(run.skipped.map((skip) => `${code(skip.path)}: ${escaped(skipText(skip))}`))],
    [
      'Notes',
      list(
        run.notes.map(({ path, line, text }) => `${code(line === null ? path : `${path}:${line}`)}: ${escaped(text)}`),
      ),
    ],
    ['How to test it', list(analysis.tests, (index) => `${index + 1}.`)],
    [run.written ? 'What was changed' : 'What would change', changed.map(diff)],
  ];
  const parts = ['# SQLite lock hazards', escaped(analysis.summary.join(' '))];
  for (const [title, body] of chapters) if (body.length > 0) parts.push(`## ${title}`, ...body);
  return `${parts.join('\n\n')}\n`;
}

function databases(uses: readonly DatabaseUse[]): string[] {
  if (uses.length === 0) return [];
  const rows = uses.flatMap(({ database, places }) =>
    places.map((place) => [
      database === null ? 'not known' : code(database),
      code(spotOf(place)),
      JOURNALS[place.journal],
      waitOf(place),
      place.readOnly ? 'read-only' : '',
      place.driver,
    ]),
  );
  const problems = uses.flatMap(({ database, problems }) =>
    problems.map((problem) => `**${database === null ? 'File not known' : code(database)}**: ${escaped(problem)}`),
  );
  return [table(['Database', 'Opened at', 'Journal mode', 'Busy timeout', '', 'Driver'], rows), ...list(problems)];
}

function chapter({ title, causes }: Analysis['chapters'][number]): string[] {
  return [`### ${title}`, ...causes.flatMap(cause)];
}

function cause({ title, level, rule, effect, cure, places }: RootCause): string[] {
  return [
    `#### ${title} (${count(places.length, 'place')})`,
    effect,
    `**Cure:** ${cure}`,
    [
      `Found by \`${rule}\` (${level}):`,
      '',
      ...places.map(
        (found) => `- ${code(spot(found))}${found.site.within === undefined ? '' : ` in ${code(found.site.within)}`}`,
      ),
    ].join('\n'),
  ];
}

function area({ path, places }: Analysis['areas'][number]): string[] {
  return [`### ${code(path)}`, places.map(line).join('\n')];
}

function line({ site, place }: Found): string {
  const { rule, message, outcome } = site;
  const what = outcome.kind === 'rewritten' ? 'Rewrite' : 'Left alone';
  const choices = outcome.kind === 'left' ? outcome.suggestions : [];
  return [
    `- line ${place.line}, \`${rule}\`: ${escaped(message)}`,
    `  **${what}:** ${escaped(outcomeText(outcome))}`,
    ...choices.map((choice) => `  - Possible: ${escaped(choice)}`),
  ].join('\n');
}

function phase({ title, risk, why, how, changes, files }: Phase, number: number): string[] {
  return [
    `### Phase ${number}: ${title} (${count(files.length, 'file')})`,
    `**Risk:** ${risk.toLowerCase()}, as ${why}. ${how}`,
    ...list(changes.map(({ what, places }) => `${escaped(what)} ${places.map((each) => code(spot(each))).join(', ')}`)),
  ];
}

function files(work: readonly FileWork[]): string[] {
  if (work.length === 0) return [];
  return [
    table(
      ['File', 'Hazards', 'What is to be done'],
      work.map(({ path, hazards, phases }) => [code(path), String(hazards), phasesText(phases)]),
    ),
  ];
}

function left({ left }: Analysis): string[] {
  if (left.length === 0) return [];
  return [
    table(
      ['Reason', 'Meaning', 'Places'],
      left.map(({ reason, meaning, places }) => [
        code(reason),
        meaning,
        places.map((each) => code(spot(each))).join(', '),
      ]),
    ),
  ];
}

function diff({ path, before, after }: FileReport): string {
  return `<details><summary>${entities(path)}</summary>\n\n${fenced(unifiedDiff(path, before, after))}\n\n</details>`;
}

function list(items: readonly string[], mark: (index: number) => string = () => '-'): string[] {
  return items.length > 0 ? [items.map((item, index) => `${mark(index)} ${item}`).join('\n')] : [];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`).join('\n');
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
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\<>*_[\]|&]/g, (char) => `\\${char}`)))
    .join('');
}

function entities(text: string): string {
  return text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}
