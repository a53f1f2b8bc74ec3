import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { readSource } from '../files/source-file.ts';
import { findTargets, type Target } from '../files/targets.ts';
import { fileReport } from '../plan/file-report.ts';
import { Plan, type SourceText } from '../plan/plan.ts';
import { openAsynchronously } from '../plan/asynchronous.ts';
import { withSlashes } from '../files/slashes.ts';
import { stepsOf, type Ask } from '../plan/policy.ts';
import { dropTypeErrors } from '../plan/type-errors.ts';
import { Projects } from '../project/projects.ts';
import { typeCheck } from '../project/types.ts';
import { Configurations, type Choice } from '../project/configuration.ts';
import { inShard } from '../files/shards.ts';
import { lookAhead } from '../jobs/ahead.ts';
import type { Run, SkippedFile } from '../model.ts';
import type { ExamineOptions } from '../options.ts';
import type { Progress } from '../terminal/progress.ts';

/** The files to look at, and what could not be looked at. */
interface Files {
  readonly targets: readonly Target[];
  /** Those with a byte order mark, which is written back. */
  readonly marked: ReadonlySet<string>;
  readonly skipped: readonly SkippedFile[];
}

/** A project's files as they are. */
interface Read extends Files {
  readonly texts: readonly SourceText[];
  readonly choice: Choice;
  readonly configurations: Configurations;
}

/** A project's files with what is planned for them. */
export interface Examined extends Files {
  readonly plan: Plan;
  readonly notes: Run['notes'];
}

/** Finds the files and reads them. */
export async function readTargets(root: string, paths: readonly string[], options: ExamineOptions): Promise<Read> {
  const { include, exclude, gitignore, maxSize, shard } = options;
  const found = await findTargets({ root, paths, include, exclude, gitignore, maxSize });
  const targets = shard ? found.files.filter(({ path }) => inShard(path, shard)) : found.files;
  const skipped: SkippedFile[] = [...found.skipped];
  const marked = new Set<string>();
  const texts: SourceText[] = [];
  for (const { path, absolute } of targets) {
    const source = readSource(absolute);
    if ('why' in source) {
      skipped.push({ path, ...source });
      continue;
    }
    if (source.hasByteOrderMark) marked.add(absolute);
    texts.push({ path, absolute, text: source.text });
  }
  const { rule: rules, driver: drivers, style, open } = options;
  const choice = { rules, drivers, style, open };
  return { targets, texts, marked, skipped, choice, configurations: new Configurations(root, options.config, choice) };
}

/** Plans the rewrites of files to the end; nothing is written. */
export async function examine(
  root: string,
  { targets, texts, marked, choice, configurations, ...read }: Read,
  options: ExamineOptions,
  { ask = null, progress }: { readonly ask?: Ask | null; readonly progress: Progress },
): Promise<Examined> {
  const { shard, open } = options;
  const skipped: SkippedFile[] = [...read.skipped];
  const isWhole = shard === null && ask === null;
  const widens = options.suggestions && isWhole;
  // PRAGMAs would do as well, but the wrapper was asked for: they come where its way is barred.
  const wrapperFirst = widens && open === 'wrapper';
  const suggestions = options.suggestions || ask !== null;
  const plan = new Plan({
    root,
    configure: (absolute) => configurations.of(absolute),
    steps: stepsOf({ suggestions, ask, wrapperFirst }),
    onProgress: (done, all) => progress.show('Looking', done, all),
  });
  const task = { root, files: texts, config: options.config, choice, suggestions, wrapperFirst };
  const ahead =
    options.jobs > 1 && ask === null
      ? await lookAhead(task, options.jobs, (done, all) => progress.show('Looking', done, all))
      : undefined;
  await plan.examine(texts, ahead);
  progress.end();
  await plan.settle();
  const projects = new Projects(root);
  const types = options.types ? typeCheck(projects) : null;
  if (types) await dropTypeErrors(plan, types);
  const notes = widens ? await openAsynchronously(plan, projects, types) : [];
  if (wrapperFirst) {
    plan.goOn(stepsOf({ suggestions, ask, wrapperFirst: false }));
    await plan.settle();
    if (types) await dropTypeErrors(plan, types);
  }
  projects.dispose();
  skipped.push(
    ...plan.unparsed.map(({ path, problem }) => ({ path, why: 'does-not-parse' as const, detail: problem })),
  );
  return {
    plan,
    targets,
    marked,
    skipped,
    notes: notes.map((note) => ({ ...note, path: withSlashes(relative(root, note.path)) })),
  };
}

/** What a plan comes to, for all outputs. */
export function runOf({ plan, targets, skipped, notes }: Examined, options: ExamineOptions, written: boolean): Run {
  const files = plan.files.map((file) => fileReport(file, written)).toSorted(byPath);
  return runWith({ targets, skipped }, { files, connections: plan.connections, notes }, options, written);
}

/** A run over files of which it is known what comes of them. */
export function runWith(
  { targets, skipped }: Pick<Read, 'targets' | 'skipped'>,
  { files, connections, notes }: Pick<Run, 'files' | 'connections' | 'notes'>,
  { shard }: ExamineOptions,
  written: boolean,
): Run {
  const unseen = new Set(skipped.map(({ path }) => path));
  return {
    version: 1,
    tool: { name: 'unbusy-codemod', version: toolVersion() },
    written,
    examined: targets.length,
    paths: targets.map(({ path }) => path).filter((path) => !unseen.has(path)),
    files,
    connections,
    skipped: skipped.toSorted(byPath),
    notes,
    shard,
  };
}

function byPath(first: { readonly path: string }, second: { readonly path: string }): number {
  return first.path < second.path ? -1 : first.path > second.path ? 1 : 0;
}

/** By the package's own name, so that the sources find it as well as what is built from them. */
export function toolVersion(): string {
  const manifest = createRequire(import.meta.url)('eslint-plugin-unbusy/package.json') as { version: string };
  return manifest.version;
}
