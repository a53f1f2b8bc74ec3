import { insertion, type Edit } from './rewrite.ts';
import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import type { Source, Variable } from './source.ts';

interface Hoisted {
  /** Lines in front of the block. */
  readonly declarations: readonly string[];
  readonly edits: readonly Edit[];
}

/** Takes the declarations out of statements that become a block, of those variables that are used behind a place. */
export function hoisted(statements: readonly Node[], end: number, source: Source): Hoisted | null {
  const declarations: string[] = [];
  const edits: Edit[] = [];
  const semicolon = source.usesSemicolons ? ';' : '';
  for (const statement of statements) {
    const variables = source.declaredBy(statement);
    if (!variables.some((variable) => isUsedBehind(variable, end))) continue;
    // `var` is seen outside of a block.
    if (statement.type === 'VariableDeclaration' && statement.kind === 'var') continue;
    if (statement.type !== 'VariableDeclaration' || statement.declarations.length !== 1) return null;
    const [declarator] = statement.declarations;
    if (!declarator.init) return null;
    // The type of what a pattern takes apart is none of its variables'.
    const type = declarator.id.type === 'Identifier' ? typeOf(declarator, source) : null;
    if (type === null && variables.some((variable) => isUsedByFunctions(variable, statement, source))) return null;
    const assignment = assignmentOf(statement, declarator.id, declarator.init, source);
    if (!assignment) return null;
    for (const { name } of variables) declarations.push(`let ${name}${type === null ? '' : `: ${type}`}${semicolon}`);
    edits.push(...assignment);
  }
  return { declarations, edits };
}

/** What makes an assignment of a declaration: `a = …`, `({ a } = …)`. */
function assignmentOf(statement: Node, target: TSESTree.BindingName, value: Node, source: Source): Edit[] | null {
  const before: readonly [number, number] = [statement.range[0], target.range[0]];
  if (source.hasComment([before[0], value.range[0]])) return null;
  if (target.type === 'Identifier') return [{ range: [before[0], value.range[0]], text: `${target.name} = ` }];
  // Without semicolons, such a line belongs to the one above.
  if (target.typeAnnotation || !source.usesSemicolons) return null;
  const isObject = target.type === 'ObjectPattern';
  return [{ range: before, text: isObject ? '(' : '' }, ...(isObject ? [insertion(value.range[1], ')')] : [])];
}

function isUsedBehind({ references }: Variable, end: number): boolean {
  return references.some(({ identifier }) => identifier.range[0] > end);
}

/** Its type as it is written, by which it can be declared without a value. */
function typeOf({ id, init }: TSESTree.VariableDeclarator, source: Source): string | null {
  const annotation = id.typeAnnotation?.typeAnnotation;
  if (annotation) return source.textOf(annotation);
  return init?.type === 'TSAsExpression' ? source.textOf(init.typeAnnotation) : null;
}

/** TypeScript finds the type of a variable without one by the order of the code, which functions are not part of. */
function isUsedByFunctions({ references }: Variable, statement: Node, source: Source): boolean {
  const fn = source.functionAround(statement);
  return references.some(({ identifier }) => source.functionAround(identifier) !== fn);
}
