import type { PlannedFile } from './planned-file.ts';
import type { Plan } from './plan.ts';
import type { TypeCheck } from '../project/types.ts';

/** Rounds in which files are looked at anew: one is enough, unless what one file lost leads to an error in another. */
const MOST_ROUNDS = 5;

/**
 * Takes back the rewrites that bring a type error with them. All are checked at once first; only a file with an error is
 * rewritten again, one rewrite at a time, to see which of them it comes from.
 */
export async function dropTypeErrors(plan: Plan, types: TypeCheck): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const guilty = await withErrors(plan, types);
    if (guilty.length === 0) return;
    for (const file of guilty) await rewriteCarefully(file, plan, types);
    plan.refresh();
    await plan.settle();
  }
  for (const file of await withErrors(plan, types)) file.giveUp('type-error');
}

/** Files that have an error they did not have, or whose change has led to one in a file that imports them. */
async function withErrors(plan: Plan, types: TypeCheck): Promise<readonly PlannedFile[]> {
  const changed = plan.files.filter(({ isChanged }) => isChanged);
  const errors = await types.errorsAdded(plan.texts);
  const own = changed.filter(({ absolute }) => errors.has(absolute.replaceAll('\\', '/')));
  return own.length > 0 || errors.size === 0 ? own : changed;
}

async function rewriteCarefully(file: PlannedFile, plan: Plan, types: TypeCheck): Promise<void> {
  file.restart();
  plan.refresh([file]);
  while (await plan.advanceOne(file)) {
    if ((await types.errorsAdded(plan.texts)).size > 0) file.undo('type-error');
    plan.refresh([file]);
  }
}
