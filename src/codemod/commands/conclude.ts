import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CodemodError, EXIT, type ExitCode } from '../exit-codes.ts';
import { baselineOf, compareWithBaseline, parseBaseline, type Comparison } from '../report/baseline.ts';
import { remaining } from '../report/found.ts';
import { writeReports } from '../report/write.ts';
import type { Run } from '../model.ts';
import type { ConcludeOptions } from '../options.ts';

/**
 * Writes what was asked for of a run, says what is not in the baseline, and tells how the process is to end. Throws
 * `CodemodError` where a file cannot be read or written.
 */
export function conclude(root: string, run: Run, options: ConcludeOptions, output: NodeJS.WritableStream): ExitCode {
  writeReports(root, options.report, run);
  const comparison = compare(root, run, options);
  if (comparison) output.write(told(comparison));
  const counted = comparison?.added ?? remaining(run);
  const { failOn } = options;
  const failing = counted.filter(
    ({ site }) => failOn === 'findings' || (failOn === 'todo' && site.outcome.kind === 'left'),
  );
  return failing.length > 0 ? EXIT.findings : EXIT.ok;
}

function compare(root: string, run: Run, { baseline, updateBaseline }: ConcludeOptions): Comparison | null {
  if (baseline === null) {
    if (updateBaseline)
      throw new CodemodError(EXIT.usage, 'Where is the baseline to be written? Name it with --baseline FILE.');
    return null;
  }
  const file = resolve(root, baseline);
  const exists = (path: string): boolean => existsSync(resolve(root, path));
  if (!updateBaseline) return compareWithBaseline(run, parseBaseline(textOf(file, baseline), baseline), exists);
  // One that cannot be read is not overwritten: it may know of files that this run has not looked at.
  const old = existsSync(file) ? parseBaseline(textOf(file, baseline), baseline) : [];
  const { unseen } = compareWithBaseline(run, old, exists);
  try {
    writeFileSync(file, baselineOf(run, unseen));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CodemodError(EXIT.writing, `The baseline ${baseline} could not be written: ${why}`, { cause: error });
  }
  return null;
}

function textOf(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const problem = isMissing
      ? `There is no baseline ${name}: write it with --update-baseline.`
      : `The baseline ${name} could not be read: ${error instanceof Error ? error.message : String(error)}`;
    throw new CodemodError(EXIT.usage, problem, { cause: error });
  }
}

/** What is new comes last, where a log ends. */
function told({ added, gone, unchanged }: Comparison): string {
  const lines = [
    ...gone.map(({ path, rule, within }) => `Gone: ${path}${within === '' ? '' : ` in ${within}`}: ${rule}`),
    ...(gone.length > 0 ? ['Take what is gone out of the baseline with --update-baseline.'] : []),
    ...added.map(({ path, site, place }) => `New: ${path}:${place.line}:${place.column} ${site.rule}: ${site.message}`),
    `Baseline: ${added.length} new, ${unchanged} known, ${gone.length} gone.`,
  ];
  return `${lines.join('\n')}\n`;
}
