import { resolve } from 'node:path';
import { conclude } from './conclude.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { encoded } from '../files/source-file.ts';
import { guardTree } from '../files/git.ts';
import { textSummary } from '../report/text.ts';
import { styleOf } from '../terminal/style.ts';
import { colouredDiff, unifiedDiff } from '../terminal/diff.ts';
import { askOnTerminal } from '../terminal/interactive.ts';
import { progressOn } from '../terminal/progress.ts';
import { applyChanges, resumeChanges, type Change } from '../write/apply.ts';
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
  { input, output, errors }: Streams,
): Promise<ExitCode> {
  const progress = progressOn(errors);
  const journal = new Journal(root);
  const verify = options.verify === null ? null : { command: options.verify, cwd: root };
  const onProgress = (done: number, all: number): void => progress.show('Writing', done, all);
  if (options.resume) {
    const { done, all } = await resumeChanges({ journal, verify, onProgress });
    progress.end();
    output.write(`${all - done} of ${all} files written; the others had been before the run was killed.\n`);
    return EXIT.ok;
  }
  journal.expectNone();
  const colors = output.isTTY && output.hasColors();
  if (!options.write && !options.interactive && !options.todo) {
    const { run, warnings } = await examineOrRecall(root, paths, options, progress);
    for (const warning of warnings) errors.write(`${warning}\n`);
    show(run, output, colors);
    output.write(textSummary(run, styleOf(output)));
    return conclude(root, run, options, output);
  }
  const terminal = options.interactive ? askOnTerminal(input, output) : null;
  const read = await readTargets(root, paths, options);
  const examined = await examine(root, read, options, { ask: terminal?.ask ?? null, progress }).finally(() => {
    terminal?.close();
  });
  const { plan } = examined;
  try {
    for (const warning of plan.warnings) errors.write(`${warning}\n`);
    if (options.todo) plan.leaveTodos();
    const changes = changesOf(examined);
    if (!options.interactive && !options.write) show(runOf(examined, options, false), output, colors);
    if (options.write && changes.length > 0) {
      if (!options.allowDirty)
        guardTree(
          root,
          changes.map(({ absolute }) => absolute),
        );
      await applyChanges(changes, { journal, verify, onProgress });
      progress.end();
    }
    const run = runOf(examined, options, options.write);
    output.write(textSummary(run, styleOf(output)));
    return conclude(root, run, options, output);
  } finally {
    plan.dispose();
  }
}

/** The changes of a run that has written nothing. */
function show({ files }: Run, output: NodeJS.WritableStream, colors: boolean): void {
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
