import type { WaitFact } from './analysis/facts.ts';
import type { Site } from './analysis/ir.ts';

/** Line of a place, for a message: `line 12`, with the file where it is another one. */
export function lineOf(place: Site, from: Site): string {
  const line = `line ${place.module.lineOf(place.node.range[0])}`;
  if (place.module === from.module) return line;
  const name = place.module.path.split(/[\\/]/).at(-1) ?? place.module.path;
  return `${line} of ${name}`;
}

/** The way to the work, where it lies in another function. */
export function traceOf(wait: WaitFact): string {
  const steps = wait.trace.map((site) => lineOf(site, wait.site));
  return steps.length > 0 ? ` (by ${steps.join(', then ')})` : '';
}
