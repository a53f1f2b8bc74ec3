import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CodemodError, EXIT, type ExitCode } from '../exit-codes.ts';
import { parseRun } from '../report/json.ts';
import { mergeRuns } from '../report/merge.ts';
import { analysisText } from '../report/text.ts';
import { progressOn } from '../terminal/progress.ts';
import { styleOf } from '../terminal/style.ts';
import { conclude } from './conclude.ts';
import { examineOrRecall } from './known.ts';
import type { Streams } from './migrate.ts';
import type { ConcludeOptions, ExamineOptions } from '../options.ts';

/** Writes the analysis of a project, and changes nothing in it. */
export async function report(
  root: string,
  paths: readonly string[],
  options: ExamineOptions,
  { output, errors }: Streams,
): Promise<ExitCode> {
  const { run, warnings } = await examineOrRecall(root, paths, options, progressOn(errors));
  for (const warning of warnings) errors.write(`${warning}\n`);
  output.write(analysisText(run, styleOf(output)));
  return conclude(root, run, options, output);
}

/** Puts the reports of all parts of a run together. */
export function merge(root: string, files: readonly string[], options: ConcludeOptions, { output }: Streams): ExitCode {
  const run = mergeRuns(files.map((name) => ({ name, run: parseRun(textOf(resolve(root, name), name), name) })));
  output.write(analysisText(run, styleOf(output)));
  return conclude(root, run, options, output);
}

function textOf(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CodemodError(EXIT.usage, `${name} cannot be read: there is no such report.`, { cause: error });
  }
}
