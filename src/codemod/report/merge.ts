import { CodemodError, EXIT } from '../exit-codes.ts';
import { byPath } from './words.ts';
import type { Run } from '../model.ts';

/** The report of a part, with the name of its file. */
export interface Part {
  readonly name: string;
  readonly run: Run;
}

/**
 * The reports of all parts as one. Throws `CodemodError` where a part is missing or there twice, where two have looked at
 * the same file, or where they were not made alike.
 */
export function mergeRuns(parts: readonly Part[]): Run {
  const [first] = parts;
  if (!first) throw new CodemodError(EXIT.usage, 'There is nothing to merge: name the reports of all parts.');
  for (const part of parts) checkAlike(first, part);
  checkComplete(parts);
  checkDisjoint(parts);
  const all = parts.map(({ run }) => run);
  return {
    version: 1,
    tool: first.run.tool,
    written: first.run.written,
    examined: all.reduce((sum, { examined }) => sum + examined, 0),
    paths: all.flatMap(({ paths }) => paths).toSorted(),
    files: all.flatMap(({ files }) => files).toSorted(byPath),
    connections: all.flatMap(({ connections }) => connections).toSorted(byPath),
    skipped: all.flatMap(({ skipped }) => skipped).toSorted(byPath),
    notes: all.flatMap(({ notes }) => notes).toSorted(byPath),
    shard: null,
  };
}

function checkAlike({ name: firstName, run: first }: Part, { name, run }: Part): void {
  if (!run.shard || !first.shard)
    throw refused(`${run.shard ? firstName : name} is not the report of a part (--shard).`);
  if (run.tool.version !== first.tool.version)
    throw refused(
      `${name} was made by version ${run.tool.version} and ${firstName} by ${first.tool.version}: make all parts with one.`,
    );
  if (run.shard.count !== first.shard.count)
    throw refused(`${name} is one of ${run.shard.count} parts and ${firstName} of ${first.shard.count}.`);
  if (run.written !== first.written) {
    const [written, other] = run.written ? [name, firstName] : [firstName, name];
    throw refused(`${written} was made with --write and ${other} without: make all parts alike.`);
  }
}

function checkComplete(parts: readonly Part[]): void {
  const count = parts[0]?.run.shard?.count ?? 0;
  const names = new Map<number, string>();
  for (const { name, run } of parts) {
    const index = run.shard?.index ?? 0;
    const other = names.get(index);
    if (other !== undefined) throw refused(`${name} and ${other} are both part ${index} of ${count}.`);
    names.set(index, name);
  }
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((index) => !names.has(index));
  if (missing.length > 0) throw refused(`There is no report of part ${missing.join(', ')} of ${count}.`);
}

/** Parts are made of paths: the same one in two means that they were not made from the same folder. */
function checkDisjoint(parts: readonly Part[]): void {
  const names = new Map<string, string>();
  for (const { name, run } of parts)
    for (const path of run.paths) {
      const other = names.get(path);
      if (other !== undefined)
        throw refused(`${name} and ${other} have both looked at ${path}: make all parts from the same folder.`);
      names.set(path, name);
    }
}

function refused(why: string): CodemodError {
  return new CodemodError(EXIT.usage, why);
}
