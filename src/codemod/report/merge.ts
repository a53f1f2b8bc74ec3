import { CodemodError, EXIT } from '../exit-codes.ts';
import type { Run } from '../model.ts';

/** The reports of all parts as one. Throws `CodemodError` where a part is missing, there twice, or made by another version. */
export function mergeRuns(runs: readonly { readonly name: string; readonly run: Run }[]): Run {
  const [first] = runs;
  if (!first) throw new CodemodError(EXIT.usage, 'There is nothing to merge: name the reports of all parts.');
  const { tool, shard } = first.run;
  const parts = new Map<number, string>();
  for (const { name, run } of runs) {
    if (!run.shard || !shard) throw new CodemodError(EXIT.usage, `${name} is not the report of a part (--shard).`);
    if (run.tool.version !== tool.version)
      throw new CodemodError(
        EXIT.usage,
        `${name} was made by version ${run.tool.version} and ${first.name} by ${tool.version}: make all parts with one.`,
      );
    if (run.shard.count !== shard.count)
      throw new CodemodError(
        EXIT.usage,
        `${name} is one of ${run.shard.count} parts and ${first.name} of ${shard.count}.`,
      );
    const other = parts.get(run.shard.index);
    if (other !== undefined)
      throw new CodemodError(EXIT.usage, `${name} and ${other} are both part ${run.shard.index} of ${shard.count}.`);
    parts.set(run.shard.index, name);
  }
  const missing = Array.from({ length: shard?.count ?? 0 }, (_, index) => index + 1).filter(
    (index) => !parts.has(index),
  );
  if (missing.length > 0)
    throw new CodemodError(EXIT.usage, `There is no report of part ${missing.join(', ')} of ${shard?.count ?? 0}.`);
  const all = runs.map(({ run }) => run);
  return {
    version: 1,
    tool,
    written: all.every(({ written }) => written),
    examined: all.reduce((sum, { examined }) => sum + examined, 0),
    files: all.flatMap(({ files }) => files).toSorted(byPath),
    connections: all.flatMap(({ connections }) => connections).toSorted(byPath),
    skipped: all.flatMap(({ skipped }) => skipped).toSorted(byPath),
    notes: all.flatMap(({ notes }) => notes),
    shard: null,
  };
}

function byPath(first: { readonly path: string }, second: { readonly path: string }): number {
  return first.path < second.path ? -1 : first.path > second.path ? 1 : 0;
}
