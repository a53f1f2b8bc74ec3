import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CodemodError, EXIT, type ExitCode } from '../exit-codes.ts';
import { baselineOf, compareWithBaseline, parseBaseline, remaining, type Comparison } from '../report/baseline.ts';
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
  if (updateBaseline) {
    writeFileSync(file, baselineOf(run));
    return null;
  }
  return compareWithBaseline(run, parseBaseline(textOf(file, baseline), baseline));
}

function textOf(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CodemodError(EXIT.usage, `There is no baseline ${name}: write it with --update-baseline.`, {
      cause: error,
    });
  }
}

function told({ added, gone }: Comparison): string {
  const lines = [
    ...added.map(
      ({ path, site }) => `New: ${path}:${site.place.line}:${site.place.column} ${site.rule}: ${site.message}`,
    ),
    ...gone.map(({ path, rule }) => `Gone: ${path} ${rule}: take it out of the baseline with --update-baseline.`),
  ];
  return lines.length > 0 ? `${lines.join('\n')}\n` : 'Nothing that the baseline does not have.\n';
}
