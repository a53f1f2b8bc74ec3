import { withoutStatement } from './lines.ts';
import { listOf } from './statements.ts';
import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import type { Edit } from './rewrite.ts';
import type { Source } from './source.ts';

/** The options that a call is given, wherever they are written. */
export interface OptionsArgument {
  readonly object: TSESTree.ObjectExpression;
  /** Takes the variable away that they were in; null where they stand in the call. */
  readonly withoutVariable: Edit | null;
}

/**
 * The options of a call: written in it, or a constant that nothing else uses, of the statement right in front, so that
 * their values may as well be worked out in the call. Null otherwise.
 */
export function optionsArgument(argument: Node | undefined, source: Source): OptionsArgument | null {
  if (argument?.type === 'ObjectExpression') return { object: argument, withoutVariable: null };
  const variable = argument?.type === 'Identifier' ? source.variableAt(argument) : null;
  const declarator = variable?.identifiers[0]?.parent;
  if (!argument || !variable || declarator?.type !== 'VariableDeclarator') return null;
  const declaration = declarator.parent;
  const { init } = declarator;
  if (declaration.kind !== 'const' || init?.type !== 'ObjectExpression') return null;
  const uses = variable.references.filter(({ identifier }) => identifier !== declarator.id);
  if (uses.length !== 1 || declaration.declarations.length !== 1 || declarator.id.typeAnnotation) return null;
  const next = listOf(declaration)?.behind[0];
  if (!next || !isNearlyAllOf(argument, next) || source.hasComment(declaration.range)) return null;
  return { object: init, withoutVariable: withoutStatement(source, declaration) };
}

/** What stands around a call that is evaluated before anything else of its statement. */
const AROUND: readonly string[] = [
  'AwaitExpression',
  'VariableDeclarator',
  'VariableDeclaration',
  'ExportNamedDeclaration',
  'AssignmentExpression',
  'ReturnStatement',
  'ExpressionStatement',
];

function isNearlyAllOf(argument: Node, statement: Node): boolean {
  let node = argument.parent;
  while (node && node !== statement) {
    node = node.parent;
    if (!node || !AROUND.includes(node.type)) return false;
  }
  return node === statement;
}
