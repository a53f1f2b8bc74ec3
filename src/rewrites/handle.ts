import { insertion, type Edit } from './rewrite.ts';
import { listOf } from './statements.ts';
import { makingOf } from './making.ts';
import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import type { Reason } from './reasons.ts';
import type { Source, Variable } from './source.ts';

/** A connection as the statements of one list use it. */
export interface Handle {
  /** How code names it. */
  readonly name: string;
  /** The variable that has it; null where the rewrite makes one. */
  readonly variable: Variable | null;
  /** Where it is mentioned, other than where it gets its value. */
  readonly uses: readonly Node[];
  /** The statement behind which it is there, or may be; null where the list itself begins with it. */
  readonly behind: Node | null;
  /** The statements that come next in the same list. */
  readonly following: readonly Node[];
  /** It is awaited where it is opened. */
  readonly awaited: boolean;
  /** It may not be there: the statement that opens it runs on some ways alone. */
  readonly optional: boolean;
  /** It is opened only where there is none yet: `given ?? open()`. */
  readonly conditional: boolean;
  /** The declaration that could say `using`. */
  readonly declaration: TSESTree.VariableDeclaration | null;
  /** What gives it its name, where it has none. */
  readonly naming: {
    /** A declaration for a line of its own in front of the statements; null where it takes the place of the expression. */
    readonly line: string | null;
    readonly edits: readonly Edit[];
    /** What runs before it in its statement runs behind it then. */
    readonly isEarlier: boolean;
  } | null;
}

/** The handle that a call opens, with the statements that can use it. */
export function handleOf(expression: Node, source: Source): Handle | Reason {
  const whole = alternativeOf(expression);
  const conditional = whole !== expression;
  const making = makingOf(whole, source);
  if (!making) return conditional ? 'no-statement' : unnamed(expression, source);
  const { statement, handle: name, awaited, around } = making;
  if (around === 'declaration' || !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return 'no-statement';
  if (statement.type === 'VariableDeclaration') {
    const [declarator] = statement.declarations;
    const variable = source.variableOf(declarator);
    const following = listOf(statement)?.behind;
    if (!variable || !following) return 'no-statement';
    if (writesOf(variable).length > 1) return 'assigned-again';
    // `var` is seen outside of its block as well.
    const uses = usesOf(variable);
    if (!within(uses, following)) return 'used-outside';
    return {
      name,
      variable,
      uses,
      behind: statement,
      following,
      awaited,
      optional: false,
      conditional,
      declaration: conditional ? null : statement,
      naming: null,
    };
  }
  return statement.type === 'ExpressionStatement' && !conditional
    ? assigned(statement, name, awaited, around, source)
    : 'no-statement';
}

/** `given ?? open()`, `given ? given : open()`: the expression that has one or the other. */
function alternativeOf(expression: Node): Node {
  const { parent } = expression;
  const isAlternative =
    (parent?.type === 'LogicalExpression' && parent.right === expression) ||
    (parent?.type === 'ConditionalExpression' && parent.test !== expression) ||
    (parent?.type === 'AwaitExpression' && alternativeOf(parent) !== parent);
  return isAlternative ? alternativeOf(parent) : expression;
}

/** `let db; … db = open(…);` */
function assigned(
  statement: TSESTree.ExpressionStatement,
  name: string,
  awaited: boolean,
  around: 'nothing' | 'braces' | 'declaration',
  source: Source,
): Handle | Reason {
  const { expression } = statement;
  if (expression.type !== 'AssignmentExpression' || expression.left.type !== 'Identifier') return 'no-statement';
  const { left } = expression;
  const variable = source.variableAt(left);
  const declarator = variable?.identifiers[0]?.parent;
  if (!variable || declarator?.type !== 'VariableDeclarator') return 'used-outside';
  const declaration = declarator.parent;
  const others = writesOf(variable).filter((write) => write !== left && write !== declarator.id);
  if (others.length > 0 || (declarator.init && !isNothing(declarator.init))) return 'assigned-again';
  const uses = usesOf(variable).filter((use) => use !== left);
  const base = { name, variable, uses, awaited, conditional: false, declaration: null, naming: null };
  const own = around === 'nothing' ? listOf(statement)?.behind : undefined;
  if (own && within(uses, own)) return { ...base, behind: statement, following: own, optional: false };
  const outer = listOf(declaration)?.behind;
  if (!outer || declaration.declarations.length !== 1 || !within([...uses, left], outer)) return 'used-outside';
  if (source.functionAround(statement) !== source.functionAround(declaration)) return 'used-outside';
  if (!declarator.init && !mayBeUndefined(declarator)) return 'used-outside';
  return { ...base, behind: declaration, following: outer, optional: true };
}

/** `open(…).prepare(…).get()`: the connection gets a name in front of the statement that opens it. */
function unnamed(expression: Node, source: Source): Handle | Reason {
  let value = expression;
  let awaited = false;
  while (value.parent?.type === 'AwaitExpression') {
    value = value.parent;
    awaited = true;
  }
  let isEarlier = false;
  let statement: Node | undefined = value;
  while (statement && !listOf(statement)) {
    const place = placeIn(statement, statement.parent);
    if (place === 'elsewhere') return 'no-statement';
    isEarlier ||= place === 'later';
    statement = statement.parent;
  }
  const list = statement && listOf(statement);
  if (!statement || !list) return 'no-statement';
  const name = ['db', 'database', 'connection'].find((candidate) => source.isFreeWithin(candidate, statement));
  if (name === undefined) return 'no-statement';
  const base = { name, variable: null, awaited, optional: false, conditional: false, declaration: null };
  // A statement that does nothing else.
  if (statement.type === 'ExpressionStatement' && statement.expression === value) {
    const naming = { line: null, edits: [insertion(value.range[0], `const ${name} = `)], isEarlier };
    return { ...base, uses: [], behind: statement, following: list.behind, naming };
  }
  if (source.hasComment(value.range)) return 'comment-inside';
  const line = `const ${name} = ${source.textOf(value)}${source.usesSemicolons ? ';' : ''}`;
  const naming = { line, edits: [{ range: aroundAwait(value, source), text: name }], isEarlier };
  return { ...base, uses: [value], behind: null, following: [statement, ...list.behind], naming };
}

/** `(await open()).get()` needs no parentheses around a name. */
function aroundAwait(node: Node, source: Source): readonly [number, number] {
  const { parent, range } = node;
  if (node.type !== 'AwaitExpression' || parent?.type !== 'MemberExpression' || parent.object !== node) return range;
  const before = /\(\s*$/.exec(source.text.slice(0, range[0]));
  const after = /^\s*\)/.exec(source.text.slice(range[1]));
  return before && after ? [range[0] - before[0].length, range[1] + after[0].length] : range;
}

/** Where a part of an expression or statement runs in it: first of all, later but always, or on some ways, or several times. */
function placeIn(node: Node, parent: Node | undefined): 'first' | 'later' | 'elsewhere' {
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.object === node ? 'first' : 'later';
    case 'CallExpression':
      return parent.callee === node ? 'first' : 'later';
    case 'NewExpression':
      return 'later';
    case 'AwaitExpression':
    case 'ReturnStatement':
    case 'ThrowStatement':
    case 'UnaryExpression':
    case 'ExpressionStatement':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'TSSatisfiesExpression':
    case 'ChainExpression':
      return 'first';
    case 'Property':
    case 'ObjectExpression':
    case 'ArrayExpression':
    case 'TemplateLiteral':
      return 'later';
    case 'VariableDeclarator':
      return parent.parent.declarations.length === 1 ? 'first' : 'elsewhere';
    case 'VariableDeclaration':
      return listOf(parent) ? 'first' : 'elsewhere';
    case 'AssignmentExpression':
      if (parent.right !== node || parent.operator !== '=') return 'elsewhere';
      return parent.left.type === 'Identifier' ? 'first' : 'later';
    case 'BinaryExpression':
      return parent.left === node ? 'first' : 'later';
    case 'LogicalExpression':
      return parent.left === node ? 'first' : 'elsewhere';
    case 'IfStatement':
    case 'ConditionalExpression':
      return parent.test === node ? 'first' : 'elsewhere';
    case 'ForOfStatement':
      return parent.right === node ? 'first' : 'elsewhere';
    default:
      return 'elsewhere';
  }
}

/** All mentions but those that declare it or give it its value. */
function usesOf(variable: Variable): Node[] {
  const writes = new Set<Node>(writesOf(variable));
  return variable.references.map(({ identifier }) => identifier).filter((node) => !writes.has(node));
}

function writesOf({ references }: Variable): Node[] {
  return references.filter((reference) => reference.isWrite()).map(({ identifier }) => identifier);
}

function within(nodes: readonly Node[], statements: readonly Node[]): boolean {
  const [first] = statements;
  const last = statements.at(-1);
  return nodes.every(({ range }) => first && last && range[0] >= first.range[0] && range[1] <= last.range[1]);
}

function isNothing(node: Node): boolean {
  return (node.type === 'Literal' && node.value === null) || (node.type === 'Identifier' && node.name === 'undefined');
}

/** Whether its type lets it be read before it has a value. */
function mayBeUndefined({ id }: TSESTree.VariableDeclarator): boolean {
  const type = id.type === 'Identifier' ? id.typeAnnotation?.typeAnnotation : undefined;
  if (!type) return true;
  return type.type === 'TSUnionType' && type.types.some((part) => part.type === 'TSUndefinedKeyword');
}
