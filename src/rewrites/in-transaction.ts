import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Source } from './source.ts';

/**
 * The condition by which code tells whether a connection is in a transaction, which SQLite itself ends after some errors;
 * null where nothing tells. node:sqlite has such a property as well, but not in all versions that people use.
 */
export function inTransactionTest(handle: Node | null, driver: Driver | null, source: Source): string | null {
  if (!handle || driver?.properties?.inTransaction !== 'in transaction') return null;
  return isDriversOwn(handle, source) ? `${source.textOf(handle)}.inTransaction` : null;
}

/** Whether a variable or field is the driver's own object by the way it is declared, rather than anything that works like it. */
function isDriversOwn(handle: Node, source: Source): boolean {
  if (handle.type === 'MemberExpression') {
    const field = fieldOf(handle, source);
    return field?.type === 'PropertyDefinition' && isOwn(field.value, field.typeAnnotation, source);
  }
  const declaring = handle.type === 'Identifier' ? source.variableAt(handle)?.identifiers[0] : null;
  if (declaring?.type !== 'Identifier') return false;
  const { parent, typeAnnotation } = declaring;
  return isOwn(parent.type === 'VariableDeclarator' ? parent.init : null, typeAnnotation, source);
}

function isOwn(value: Node | null, type: TSESTree.TSTypeAnnotation | undefined, source: Source): boolean {
  if (type) return /^:\s*Database\.Database$/.test(source.textOf(type));
  return value?.type === 'NewExpression';
}

/** The declaration of `this.db` in the class around. */
function fieldOf({ object, property }: TSESTree.MemberExpression, source: Source): Node | null {
  if (object.type !== 'ThisExpression') return null;
  const name = source.textOf(property);
  for (let node: Node | undefined = object.parent; node; node = node.parent)
    if (node.type === 'ClassBody')
      return (
        node.body.find((member) => member.type === 'PropertyDefinition' && source.textOf(member.key) === name) ?? null
      );
  return null;
}
