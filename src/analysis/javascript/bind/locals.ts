import { isFunction, type Node, type TSESTree } from '../syntax.ts';
import type { Binder } from './binder.ts';
import type { FunctionUnit } from '../units.ts';

/**
 * Declares in a function what it alone uses of the module's variables, and of names that nobody declares, where each call
 * begins by assigning it: what the call before left there nobody can get at any more. Before names are resolved.
 */
export function declareLocals(binder: Binder): void {
  const { program, ast } = binder.module;
  const empty = new Set(ast.body.flatMap(namesWithoutValue));
  const users = new Map<string, FunctionUnit | null>();
  const read = new Set<string>();
  for (const { name, role, place } of binder.references) {
    if (role === 'type') continue;
    const known = users.get(name);
    if (known === null) continue;
    const binding = place.scope.lookup(name);
    if (binding && binding.owner !== program) continue;
    if (role !== 'write') read.add(name);
    const user = outermost(place.fn);
    const mayBeLocal = binding ? empty.has(name) : true;
    if (known === undefined) users.set(name, mayBeLocal && role === 'write' && place.fn === user ? user : null);
    else if (known !== user) users.set(name, null);
  }
  for (const [name, user] of users) {
    // What nobody reads is kept for the sake of being kept.
    if (!user?.scope || !read.has(name) || !assignsAlways(user, name)) continue;
    const type = program.scope?.lookup(name)?.type ?? null;
    Object.assign(user.scope.declare(name), { constant: false, type });
  }
}

function namesWithoutValue(statement: Node): string[] {
  if (statement.type !== 'VariableDeclaration') return [];
  return statement.declarations.flatMap(({ id, init }) => (id.type === 'Identifier' && isEmpty(init) ? [id.name] : []));
}

function isEmpty(init: TSESTree.Expression | null): boolean {
  return (
    init === null ||
    (init.type === 'Literal' && init.value === null) ||
    (init.type === 'Identifier' && init.name === 'undefined')
  );
}

/** The function of the module's top level that another one stands in; null for the statements of the module itself. */
function outermost(fn: FunctionUnit): FunctionUnit | null {
  let current = fn;
  while (current.outer?.outer) current = current.outer;
  return current.outer ? current : null;
}

/** Whether one of a function's own statements, outside of any branch, does nothing but assign a variable. */
function assignsAlways({ node }: FunctionUnit, name: string): boolean {
  if (node.type === 'FieldInitializer' || !isFunction(node) || node.body?.type !== 'BlockStatement') return false;
  return node.body.body.some(
    (statement) =>
      statement.type === 'ExpressionStatement' &&
      statement.expression.type === 'AssignmentExpression' &&
      statement.expression.operator === '=' &&
      statement.expression.left.type === 'Identifier' &&
      statement.expression.left.name === name,
  );
}
