import { resolve } from 'node:path';
import { conclude } from './conclude.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { encoded } from '../files/source-file.ts';
import { guardTree } from '../files/git.ts';
import { textSummary } from '../report/text.ts';
import { styleOf } from '../terminal/style.ts';
import { colouredDiff, unifiedDiff } from '../terminal/diff.ts';
import { askOnTerminal } from '../terminal/interactive.ts';
import { progressOn, type Progress } from '../terminal/progress.ts';
import { applyChanges, resumeChanges, type ApplyOptions, type Change } from '../write/apply.ts';
import { Journal } from '../write/journal.ts';
import { examine, readTargets, runOf, type Examined } from './examine.ts';
import { examineOrRecall } from './known.ts';
import type { Run } from '../model.ts';
import type { MigrateOptions } from '../options.ts';

/** Where a command reads and writes. */
export interface Streams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly errors: NodeJS.WriteStream;
}

/** Shows what is to change, or changes it. Throws `CodemodError` where nothing, or not all, could be done. */
export async function migrate(
  root: string,
  paths: readonly string[],
  options: MigrateOptions,
  streams: Streams,
): Promise<ExitCode> {
  if (options.resume) return resume(root, options, streams);
  new Journal(root).expectNone();
  const isOnlyShown = !options.write && !options.interactive && !options.todo;
  return isOnlyShown ? preview(root, paths, options, streams) : change(root, paths, options, streams);
}

/** Writes what a run that was killed has not written any more. */
async function resume(root: string, options: MigrateOptions, { output, errors }: Streams): Promise<ExitCode> {
  const { done, all } = await resumeChanges(writing(root, options, progressOn(errors)));
  output.write(`${all - done} of ${all} files written; the others had been before the run was killed.\n`);
  return EXIT.ok;
}

async function preview(
  root: string,
  paths: readonly string[],
  options: MigrateOptions,
  { output, errors }: Streams,
): Promise<ExitCode> {
  const { run, warnings } = await examineOrRecall(root, paths, options, progressOn(errors));
  for (const warning of warnings) errors.write(`${warning}\n`);
  show(run, output);
  output.write(textSummary(run, styleOf(output)));
  return conclude(root, run, options, output);
}

async function change(
  root: string,
  paths: readonly string[],
  options: MigrateOptions,
  { input, output, errors }: Streams,
): Promise<ExitCode> {
  const progress = progressOn(errors);
  const read = await readTargets(root, paths, options);
  const terminal = options.interactive ? askOnTerminal(input, output) : null;
  const examined = await examine(root, read, options, { ask: terminal?.ask ?? null, progress }).finally(() => {
    terminal?.close();
  });
  const { plan } = examined;
  try {
    for (const warning of plan.warnings) errors.write(`${warning}\n`);
    if (options.todo) plan.leaveTodos();
    const changes = changesOf(examined);
    if (!options.interactive && !options.write) show(runOf(examined, options, false), output);
    if (options.write && changes.length > 0) {
      if (!options.allowDirty)
        guardTree(
          root,
          changes.map(({ absolute }) => absolute),
        );
      await applyChanges(changes, writing(root, options, progress));
    }
    const run = runOf(examined, options, options.write);
    output.write(textSummary(run, styleOf(output)));
    return conclude(root, run, options, output);
  } finally {
    plan.dispose();
  }
}

/** How files are written. */
function writing(root: string, { verify }: MigrateOptions, progress: Progress): ApplyOptions {
  return {
    journal: new Journal(root),
    verify: verify === null ? null : { command: verify, cwd: root },
    onProgress(done, all) {
      progress.show('Writing', done, all);
      if (done === all) progress.end();
    },
  };
}

/** The changes of a run that has written nothing. */
function show({ files }: Run, output: NodeJS.WriteStream): void {
  const colors = output.isTTY && output.hasColors();
  for (const { path, before, after } of files) {
    if (before === after) continue;
    const diff = unifiedDiff(path, before, after);
    output.write(`${colors ? colouredDiff(diff) : diff}\n`);
  }
}

function changesOf({ plan, marked }: Examined): Change[] {
  return plan.files
    .filter(({ isChanged }) => isChanged)
    .map(({ absolute, before, text }) => ({
      absolute: resolve(absolute),
      before: encoded(before, marked.has(absolute)),
      after: encoded(text, marked.has(absolute)),
    }));
}
