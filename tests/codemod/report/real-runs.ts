import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { examine, readTargets, runOf } from '../../../src/codemod/commands/examine.ts';
import { project } from '../command.ts';
import type { Run } from '../../../src/codemod/model.ts';
import type { ExamineOptions } from '../../../src/codemod/options.ts';
import type { ProjectFolder } from '../../project-folder.ts';

// The rules run over a whole project, until nothing changes any more.
vi.setConfig({ testTimeout: 120_000 });

const EXAMPLE = fileURLToPath(new URL('../../../examples/legacy-tasks/src', import.meta.url));

const OPTIONS: ExamineOptions = {
  include: [],
  exclude: [],
  gitignore: true,
  maxSize: 1_000_000,
  config: null,
  rule: [],
  driver: [],
  style: null,
  open: null,
  suggestions: false,
  types: false,
  shard: null,
  jobs: 1,
  cache: false,
  cacheLocation: null,
  report: [],
  baseline: null,
  updateBaseline: false,
  failOn: null,
};

/** How a folder is looked at. */
interface How extends Partial<ExamineOptions> {
  /** Its files get the new texts. */
  readonly write?: boolean;
}

/** What the rules find in a folder, and what becomes of it. */
export async function runIn(folder: ProjectFolder, { write = false, ...given }: How = {}): Promise<Run> {
  const options = { ...OPTIONS, ...given };
  const progress = { show: () => undefined, end: () => undefined };
  const read = await readTargets(folder.path, ['.'], options);
  const examined = await examine(folder.path, read, options, { progress });
  try {
    const run = runOf(examined, options, write);
    if (write) for (const { path, after } of run.files) folder.write(path, after);
    return run;
  } finally {
    examined.plan.dispose();
  }
}

/** The application of the demo, with a copy of its sources for the length of one test. */
export function legacyTasks(): ProjectFolder {
  const files = readdirSync(EXAMPLE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const sources = files.map((file) => [
    `src/${file.slice(EXAMPLE.length + 1).replaceAll('\\', '/')}`,
    readFileSync(file, 'utf8'),
  ]);
  return project(Object.fromEntries(sources) as Record<string, string>, [
    'sqlite',
    'sqlite3',
    'unbusy',
    'typescript',
    '@typescript-eslint/parser',
  ]);
}

let example: Promise<Run> | undefined;

/** The run over the application of the demo that changes nothing, made once for a file of tests. */
export function exampleRun(): Promise<Run> {
  return (example ??= runIn(legacyTasks()));
}
