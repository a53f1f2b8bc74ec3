import { OptionError } from './errors.ts';

/**
 * Refuses options that do not exist, and names the nearest one that does.
 *
 * @param where what takes the options, as the message should call it: `createMonitor`
 * @throws {OptionError}
 */
export function checkOptions(given: object | undefined, known: readonly string[], where: string): void {
  if (given === undefined) return;
  // JavaScript's callers are not held to the type.
  if (typeof given !== 'object' || (given as object | null) === null || Array.isArray(given)) {
    throw new OptionError(`${where} takes its options as an object, and got ${kindOf(given)}.`);
  }
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) throw new OptionError(`${where} has no option '${name}'. ${cure(name, known)}`);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function cure(name: string, known: readonly string[]): string {
  const right = nearest(name, known);
  if (right !== undefined) return `Did you mean '${right}'?`;
  return known.length === 0 ? 'It has none.' : `It has: ${known.join(', ')}.`;
}

/** The name that was probably meant: some slips of the keys away, or one that holds or is held by what was written. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const written = plain(name);
  const ranked = known
    .map((candidate) => ({ candidate, slips: editDistance(written, plain(candidate)) }))
    .filter(({ candidate, slips }) => slips <= Math.max(1, Math.floor(Math.max(written.length, candidate.length) / 3)))
    .sort((one, other) => one.slips - other.slips);
  if (ranked[0] !== undefined) return ranked[0].candidate;
  if (written.length < 4) return undefined;
  return known.find((candidate) => plain(candidate).includes(written) || written.includes(plain(candidate)));
}

/** Without case and separators: `busy_timeout` is `busyTimeout`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/** How many letters have to be put in, taken out, replaced or swapped with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[line - 1] === to[column - 1];
      let cost = Math.min(at(row, column) + 1, at(next, column - 1) + 1, at(row, column - 1) + (same ? 0 : 1));
      const swapped = from[line - 1] === to[column - 2] && from[line - 2] === to[column - 1];
      if (line > 1 && column > 1 && swapped) cost = Math.min(cost, at(before, column - 2) + 1);
      next.push(cost);
    }
    [before, row] = [row, next];
  }
  return at(row, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
