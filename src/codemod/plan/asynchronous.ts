import { relative } from 'node:path';
import { makeAsynchronous, type Boundary, type Note } from '../cross-file/index.ts';
import { withSlashes } from '../files/slashes.ts';
import { readSource } from '../files/source-file.ts';
import type { Edit } from '../../rewrites/rewrite.ts';
import { waitsForCallers } from './policy.ts';
import type { Projects } from '../project/projects.ts';
import type { TypeCheck } from '../project/types.ts';
import type { Plan } from './plan.ts';
import type { PlannedFile } from './planned-file.ts';
import type { Tracked } from './tracked-sites.ts';

/** What a person should know of a change of the whole project. */
export type PlanNote = Note;

/**
 * Makes the functions asynchronous that open a connection which the wrapper opens asynchronously, with all that call them, and
 * has the connections opened by the wrapper then. One place after the other: where that stops somewhere, where it brings a
 * type error, or where the connection is not opened by the wrapper in the end, all files are as they were before.
 */
export async function openAsynchronously(
  plan: Plan,
  projects: Projects,
  types: TypeCheck | null,
): Promise<readonly PlanNote[]> {
  const notes: PlanNote[] = [];
  for (const file of [...plan.files])
    for (const site of file.sites.all)
      if (site.current && waitsForCallers(site.current))
        notes.push(...(await openAt(file, site, plan, projects, types)));
  return notes;
}

async function openAt(
  file: PlannedFile,
  site: Tracked,
  plan: Plan,
  projects: Projects,
  types: TypeCheck | null,
): Promise<readonly PlanNote[]> {
  const found = await makeAsynchronous(projects, plan.texts, { path: file.absolute, offset: site.start });
  if (found.kind === 'boundary') return [stopped(found, file, site, projects.root)];
  const before = plan.snapshot();
  if (!(await applyTo(plan, found.edits))) return [];
  plan.refresh();
  await plan.settle();
  const isOpened = site.current === null;
  const isRight = isOpened && (!types || (await types.errorsAdded(plan.texts)).size === 0);
  if (isRight) return found.notes;
  plan.restore(before);
  plan.refresh();
  return [];
}

function stopped({ path, line, why }: Boundary, file: PlannedFile, site: Tracked, root: string): PlanNote {
  const { line: opened } = site.finding.place;
  return {
    path: file.absolute,
    line: opened,
    text: `It cannot become asynchronous: ${withSlashes(relative(root, path))}:${line} stops that. ${why}`,
  };
}

/** False where a file cannot be changed. */
async function applyTo(plan: Plan, edits: ReadonlyMap<string, readonly Edit[]>): Promise<boolean> {
  for (const [path, own] of edits) {
    const file = plan.find(path) ?? (await adopt(plan, path));
    if (!file) return false;
    file.edit(own);
  }
  return true;
}

async function adopt(plan: Plan, path: string): Promise<PlannedFile | null> {
  const source = readSource(path);
  return 'why' in source ? null : plan.add(path, source.text);
}
