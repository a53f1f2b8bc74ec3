import { DRIVERS } from '../drivers/index.ts';
import { methodOf } from './walk.ts';
import type { Node } from '../analysis/javascript/syntax.ts';

/** What methods do that read or write, begin or end; closing and callbacks apart. */
const WORK = new Set(['execute', 'batch', 'run', 'prepare', 'iterate', 'pragma', 'commit', 'rollback', 'begin']);

/** The names of all such methods, of whatever driver. */
const METHODS = new Set(
  DRIVERS.flatMap(({ connection, statement, transaction = {} }) =>
    [connection, statement, transaction].flatMap((methods) =>
      Object.entries(methods).flatMap(([name, { does }]) => (WORK.has(does) ? [name] : [])),
    ),
  ),
);

/** Whether a node is a call that may be one of a database, going by its name. */
export function maybeDatabaseCall(node: Node): boolean {
  const method = methodOf(node);
  return method !== null && METHODS.has(method);
}
