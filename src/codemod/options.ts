import { extname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { rules } from '../../rules/index.ts';
import { REPORT_FORMATS } from './report/write.ts';
import { DRIVERS } from '../drivers/index.ts';

/** Options that say what becomes of a run's report. */
export interface ConcludeOptions {
  /** Files to write reports to; their extension is the format. */
  readonly report: readonly string[];
  readonly baseline: string | null;
  readonly updateBaseline: boolean;
  readonly failOn: 'todo' | 'findings' | null;
}

/** Options that say which code is looked at, and how. */
export interface ExamineOptions extends ConcludeOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly gitignore: boolean;
  /** Bytes. */
  readonly maxSize: number;
  /** False for none, null for the one that ESLint finds. */
  readonly config: string | false | null;
  readonly rule: readonly string[];
  readonly driver: readonly string[];
  readonly style: 'finally' | 'using' | 'wrapper' | null;
  readonly open: 'wrapper' | 'pragmas' | null;
  readonly suggestions: boolean;
  readonly types: boolean;
  readonly shard: { readonly index: number; readonly count: number } | null;
  /** Threads that look at files. */
  readonly jobs: number;
  /** Keep what a run that writes nothing has found, and take it where nothing has changed that it rests on. */
  readonly cache: boolean;
  /** Null for the place that others keep their caches in. */
  readonly cacheLocation: string | null;
}

/** Options of a migration. */
export interface MigrateOptions extends ExamineOptions {
  readonly write: boolean;
  readonly interactive: boolean;
  readonly todo: boolean;
  readonly allowDirty: boolean;
  readonly verify: string | null;
  readonly resume: boolean;
}

/** Bytes; what is larger was not written by hand. */
const MAX_SIZE = 1_048_576;

/** Nothing is said of a default that means nothing was said. */
function describeOption({ description, argChoices, defaultValue }: Option): string {
  const choices = argChoices ? ` (${argChoices.join(', ')})` : '';
  const isTold = typeof defaultValue === 'number';
  return `${description}${choices}${isTold ? ` (default: ${String(defaultValue)})` : ''}`;
}

/** The options that a migration and a report have in common. */
export function withExamineOptions(command: Command): Command {
  const examining = command
    .argument('[paths...]', 'files, folders or globs; the working directory if there is none')
    .optionsGroup('Which files:')
    .option('--include <glob>', 'only files that match; may be repeated', collect, [])
    .option('--exclude <glob>', 'no files that match; may be repeated', collect, [])
    .option('--no-gitignore', 'look at files that git ignores as well')
    .option('--max-size <bytes>', 'skip larger files', bytes, MAX_SIZE)
    .option('--shard <i/n>', 'only the i-th of n parts of the files; `merge` puts the reports together', shard, null)
    .optionsGroup('Which findings and rewrites:')
    .option(
      '--config <file>',
      'the ESLint config to read rules and settings from, in place of the one that ESLint finds',
      none,
      null,
    )
    .option('--no-config', 'the recommended rules, whatever the project has configured')
    .addOption(repeated('--rule <name>', 'only findings of this rule; may be repeated', Object.keys(rules)))
    .addOption(repeated('--driver <id>', 'only findings on this driver; may be repeated', idsOfDrivers()))
    .addOption(
      new Option('--style <style>', 'how connections are closed')
        .choices(['finally', 'using', 'wrapper'])
        .default(null),
    )
    .addOption(
      new Option(
        '--open <how>',
        'how connections are opened: by the wrapper where that can be, or with PRAGMAs by hand',
      )
        .choices(['wrapper', 'pragmas'])
        .default(null),
    )
    .addOption(
      new Option('--safe-only', 'only rewrites that change nothing but the hazard (the default)').conflicts(
        'suggestions',
      ),
    )
    .option('--suggestions', 'also rewrites that move statements or change when something is committed', false)
    .option('--no-types', 'do not check types before and after')
    .optionsGroup('How fast:')
    .option('--jobs <n>', 'look at files in so many threads', threads, 1)
    .option('--cache', 'keep what was found, and look again only when something that it rests on has changed', false)
    .option('--cache-location <file>', 'where it is kept (node_modules/.cache if there is one)', none, null);
  return withConcludeOptions(examining);
}

/** The options that all commands with a report have. */
export function withConcludeOptions(command: Command): Command {
  return command
    .configureHelp({ optionDescription: describeOption })
    .optionsGroup('Reports and CI:')
    .addOption(
      new Option('--report <file>', `write a report (${Object.keys(REPORT_FORMATS).join(', ')}); may be repeated`)
        .default([])
        .argParser(reportFile),
    )
    .addOption(
      new Option('--baseline <file>', 'hazards that are known: only others count for --fail-on')
        .default(null)
        .argParser(none)
        // It knows the hazards of all rules: those that are left out would seem to be gone.
        .conflicts(['rule', 'driver']),
    )
    .option('--update-baseline', 'write the baseline anew', false)
    .addOption(
      new Option(
        '--fail-on <what>',
        'exit with 1 when something is left: findings that no rewrite was made for, or any',
      )
        .choices(['todo', 'findings'])
        .default(null),
    );
}

export function withMigrateOptions(command: Command): Command {
  return withExamineOptions(command)
    .optionsGroup('What is done:')
    .option('--write', 'write the files; otherwise the changes are only shown', false)
    .addOption(new Option('--interactive', 'ask about each change').default(false))
    .option('--todo', 'leave a comment at each place that no rewrite was made for', false)
    .option('--allow-dirty', 'write even where git could not bring back what is overwritten', false)
    .option('--verify <command>', 'run this afterwards, and put all files back when it fails', none, null)
    .addOption(
      new Option('--resume', 'write what a run that was killed has not written any more')
        .default(false)
        .conflicts(['write', 'interactive', 'todo', 'report', 'baseline', 'failOn']),
    );
}

function none(value: string): string {
  return value;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function repeated(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, `${description} (${choices.join(', ')})`)
    .default([])
    .argParser((value: string, before: readonly string[]) => {
      if (!choices.includes(value)) throw new InvalidArgumentError(`There is: ${choices.join(', ')}.`);
      return [...before, value];
    });
}

function reportFile(value: string, before: readonly string[]): readonly string[] {
  if (!(extname(value) in REPORT_FORMATS))
    throw new InvalidArgumentError(`The format is told by the extension: ${Object.keys(REPORT_FORMATS).join(', ')}.`);
  return [...before, value];
}

function bytes(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It is a number of bytes.');
  return number;
}

function threads(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It is a number of threads.');
  return number;
}

function shard(value: string): ExamineOptions['shard'] {
  const [, index, all] = /^(\d+)\/(\d+)$/.exec(value)?.map(Number) ?? [];
  if (index === undefined || all === undefined || index < 1 || index > all)
    throw new InvalidArgumentError('It is the number of this part and of all parts: 2/4.');
  return { index, count: all };
}

function idsOfDrivers(): string[] {
  return [...new Set(DRIVERS.map(({ id }) => id))];
}
