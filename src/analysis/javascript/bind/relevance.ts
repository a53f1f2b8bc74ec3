import { FunctionUnit } from '../units.ts';
import type { Binder, Place } from './binder.ts';
import type { Binding, ClassFlow } from '../scope.ts';

/** Whether what a module exports under a name has to do with SQLite. */
export type Relevance = (specifier: string, name: string) => boolean;

/** What becomes relevant, and makes relevant what it flows to. */
export type Flow = Binding | FunctionUnit | ClassFlow;

/** Text that names a driver, wherever it stands (`require(name)`, `getBuiltinModule`, joined strings). */
const NAMES_DRIVER = /sqlite|libsql/i;
const LONGEST_SPECIFIER = 60;

/** Text that names a driver makes relevant what it stands in. */
export function markText(binder: Binder, text: string, place: Place): void {
  if (text.length <= LONGEST_SPECIFIER && NAMES_DRIVER.test(text)) binder.seeds.push(place.fn, ...place.targets);
}

/** Something used at a place makes relevant the function there, and what receives the value being computed. */
export function connect(flow: Binding | ClassFlow, place: Place): void {
  flow.flowsTo.add(place.fn);
  for (const target of place.targets) flow.flowsTo.add(target);
}

/** Spreads relevance from the seeds along what holds, computes or mentions what. */
export function spreadRelevance(seeds: readonly Flow[]): void {
  const work: Flow[] = [...seeds];
  for (let flow = work.pop(); flow; flow = work.pop()) {
    const item = 'cls' in flow && !(flow instanceof FunctionUnit) ? flow.cls : flow;
    if (item.relevant) continue;
    item.relevant = true;
    work.push(...flow.flowsTo);
  }
}
