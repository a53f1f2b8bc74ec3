import { DRIVERS } from '../drivers/index.ts';
import { methodOf } from './walk.ts';
import { isFunction, type Node } from '../analysis/javascript/syntax.ts';

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
  return method !== null && METHODS.has(method) && !isOfTheLanguage(node);
}

/** Objects of the language that have methods of such names. */
const BUILT_IN = new Set(['Promise', 'Object', 'Array', 'Reflect', 'JSON', 'Math']);

/** `Promise.all(…)`, and `names.map((name) => …)`: no driver takes a function where the SQL goes. */
function isOfTheLanguage(node: Node): boolean {
  const call = node.type === 'ChainExpression' ? node.expression : node;
  if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return false;
  const { object } = call.callee;
  if (object.type === 'Identifier' && BUILT_IN.has(object.name)) return true;
  const [first] = call.arguments;
  return methodOf(call) === 'map' && first !== undefined && isFunction(first);
}
