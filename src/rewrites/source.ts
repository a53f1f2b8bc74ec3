import type { SourceCode } from 'eslint';
import { isFunction, type FunctionNode, type Node, type TSESTree } from '../analysis/javascript/syntax.ts';
import type { SourceNode } from '../analysis/ir.ts';
import { visit } from './walk.ts';

/** A file's text and syntax tree as rewrites look at them. */
export class Source {
  readonly code: SourceCode;
  readonly text: string;
  #quotes: boolean | null = null;
  #semicolons: boolean | null = null;
  #indentUnit: string | null = null;
  #multilineTexts: readonly (readonly [number, number])[] | null = null;

  constructor(code: SourceCode) {
    this.code = code;
    this.text = code.text;
  }

  /**
   * The node of this tree that the analysis means: it may have seen another tree of the same text, so that only the kind
   * and the place of a node are the same.
   */
  find({ type, range }: SourceNode): Node | null {
    const isMeant = (node: Node): boolean =>
      node.range[0] === range[0] && node.range[1] === range[1] && (node.type as string) === type;
    let node = this.code.getNodeByRangeIndex(range[0]) as Node | null;
    while (node && node.range[0] >= range[0] && node.range[1] <= range[1]) {
      if (isMeant(node)) return node;
      node = node.parent ?? null;
    }
    // ESLint does not come to the decorators of an exported class, which stand outside of its range.
    let found: Node | null = null;
    visit(this.program, (inner) => {
      if (isMeant(inner)) found = inner;
    });
    return found;
  }

  textOf({ range }: { readonly range: readonly [number, number] }): string {
    return this.text.slice(range[0], range[1]);
  }

  /** Code with text in single quotes, in the quotes that the file has. */
  quoted(code: string): string {
    return this.#doubleQuotes ? code.replaceAll("'", '"') : code;
  }

  get program(): TSESTree.Program {
    return this.code.ast as unknown as TSESTree.Program;
  }

  /** Whether it is an ES module, by what it has: a file without imports and exports could be a script. */
  get isModule(): boolean {
    return this.program.body.some(({ type }) => type === 'ImportDeclaration' || type.startsWith('Export'));
  }

  /** Whether statements end with a semicolon, for the most part. */
  get usesSemicolons(): boolean {
    return (this.#semicolons ??= count(this.text, /;[ \t]*$/gm) >= this.program.body.length / 2);
  }

  /** What one more step to the right is: a tab, or the fewest spaces that a line begins with. */
  get indentUnit(): string {
    return (this.#indentUnit ??= unitOf(this.text));
  }

  /** Where the first of the lines of a statement begins, that of the comments above it included. */
  startOfLines(node: Node): number {
    return this.text.lastIndexOf('\n', this.startWithComments(node) - 1) + 1;
  }

  /** Whether nothing stands in front of a statement, and of its comments, on its line. */
  isFirstOnLine(node: Node): boolean {
    return this.text.slice(this.startOfLines(node), this.startWithComments(node)).trim() === '';
  }

  startOfLine({ range }: { readonly range: readonly [number, number] }): number {
    return this.text.lastIndexOf('\n', range[0] - 1) + 1;
  }

  /** The parenthesis in front of the arguments of a call. */
  openingParenthesis(
    node: TSESTree.NewExpression | TSESTree.CallExpression,
  ): { readonly range: readonly [number, number] } | null {
    const behind = node.typeArguments ?? node.callee;
    const token = this.code.getTokenAfter(behind as never, ({ value }) => value === '(');
    return token && token.range[1] <= node.range[1] ? token : null;
  }

  /** Where a statement begins, with the comments on lines of their own above it. */
  startWithComments(node: Node): number {
    const before = this.code.getTokenBefore(node as never);
    const comments = this.code.getCommentsBefore(node as never);
    const first = comments.find(({ loc }) => !before || !loc || loc.start.line > before.loc.end.line);
    return first?.range?.[0] ?? node.range[0];
  }

  /** Texts of several lines, which say something else when white space is put into them. */
  get multilineTexts(): readonly (readonly [number, number])[] {
    this.#multilineTexts ??= this.code.ast.tokens
      .filter(({ type, loc }) => loc.start.line < loc.end.line && type !== 'Punctuator')
      .map(({ range }) => range);
    return this.#multilineTexts;
  }

  get newline(): string {
    return this.text.includes('\r\n') ? '\r\n' : '\n';
  }

  /** The white space that the line of a node begins with. */
  indentOf({ range }: { readonly range: readonly [number, number] }): string {
    const start = this.text.lastIndexOf('\n', range[0] - 1) + 1;
    return /^[ \t]*/.exec(this.text.slice(start))?.[0] ?? '';
  }

  /** Where a new line begins best behind a node: behind the comment that ends its line, if nothing else follows there. */
  behind({ range: [, end] }: { readonly range: readonly [number, number] }): number {
    const rest = /^(?:[ \t]*\/\*(?:(?!\*\/)[^\r\n])*\*\/)*[ \t]*(?:\/\/[^\r\n]*)?(?=\r?\n|$)/.exec(
      this.text.slice(end),
    );
    return end + (rest?.[0].length ?? 0);
  }

  /** A semicolon, if statements like this one end with one here. */
  semicolonOf(statement: Node): string {
    return this.text[statement.range[1] - 1] === ';' ? ';' : '';
  }

  /** Whether a name means nothing yet, where a node stands and in the module. */
  isFree(name: string, at: Node): boolean {
    for (const scope of this.#scopesAround(at)) {
      if (scope.set.has(name) || scope.through.some(({ identifier }) => identifier.name === name)) return false;
    }
    return true;
  }

  /** Whether a name means nothing yet where a node stands, in it, and in the module. */
  isFreeWithin(name: string, node: Node): boolean {
    if (!this.isFree(name, node)) return false;
    const end = node.range[1];
    return !this.code.scopeManager.scopes.some((scope) => {
      const { range } = scope.block;
      return range !== undefined && range[0] >= node.range[0] && range[1] <= end && scope.set.has(name);
    });
  }

  /** The variable that a declaration makes of one name, with everything that mentions it; null for patterns. */
  variableOf(declarator: TSESTree.VariableDeclarator): Variable | null {
    if (declarator.id.type !== 'Identifier') return null;
    const [variable] = this.code.getDeclaredVariables(declarator as never);
    return (variable as Variable | undefined) ?? null;
  }

  /** The scopes that a node stands in, innermost first. */
  *#scopesAround(node: Node): Iterable<Scope> {
    // The same objects, whose nodes are of another declaration.
    let scope = this.code.getScope(node as never) as unknown as Scope | null;
    for (; scope; scope = scope.upper) yield scope;
  }

  /** Whether text stands in double quotes for the most part. */
  get #doubleQuotes(): boolean {
    return (this.#quotes ??= count(this.text, /"[^"'\n]*"/g) > count(this.text, /'[^"'\n]*'/g));
  }

  /** The variable that a name stands for. */
  variableAt(node: TSESTree.Identifier): Variable | null {
    for (const scope of this.#scopesAround(node)) {
      const variable = scope.set.get(node.name);
      if (variable) return variable;
    }
    return null;
  }

  /** Whether the name of a variable means that variable where a node stands. */
  isVisible(variable: Variable, at: Node): boolean {
    for (const scope of this.#scopesAround(at)) {
      const found = scope.set.get(variable.name);
      if (found) return found === variable;
    }
    return false;
  }

  /** Whether one of some statements declares a name. */
  declaredBehind(name: string, statements: readonly Node[]): boolean {
    return statements.some((statement) => this.declaredBy(statement).some((variable) => variable.name === name));
  }

  /** The variables that a declaration makes: of variables, of a function or of a class. */
  declaredBy(statement: Node): readonly Variable[] {
    return this.code.getDeclaredVariables(statement as never) as unknown as readonly Variable[];
  }

  /** The variables that a pattern, or a name, gives values to. */
  variablesIn(target: Node): Variable[] {
    if (target.type === 'Identifier') {
      const variable = this.variableAt(target);
      return variable ? [variable] : [];
    }
    switch (target.type) {
      case 'ObjectPattern':
        return target.properties.flatMap((property) =>
          this.variablesIn(property.type === 'Property' ? property.value : property.argument),
        );
      case 'ArrayPattern':
        return target.elements.flatMap((element) => (element ? this.variablesIn(element) : []));
      case 'AssignmentPattern':
        return this.variablesIn(target.left);
      case 'RestElement':
        return this.variablesIn(target.argument);
      // What is put into an object is reached by the variable that has the object.
      case 'MemberExpression':
        return this.variablesIn(target.object);
      default:
        return [];
    }
  }

  /** The function that a node stands in; null at the top level. */
  functionAround(node: Node): FunctionNode | null {
    let outer = node.parent;
    while (outer && !isFunction(outer)) outer = outer.parent;
    return outer ?? null;
  }

  /** Whether a comment begins or ends within a range. */
  hasComment([start, end]: readonly [number, number]): boolean {
    return this.code.getAllComments().some(({ range }) => range !== undefined && range[0] < end && range[1] > start);
  }
}

function unitOf(text: string): string {
  if (/^\t/m.test(text)) return '\t';
  const spaces = [...text.matchAll(/^( +)[^\s*]/gm)]
    .map(([, indent = '']) => indent.length)
    .filter((length) => length > 1);
  return ' '.repeat(spaces.length > 0 ? Math.min(...spaces) : 2);
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

interface Scope {
  readonly upper: Scope | null;
  readonly set: ReadonlyMap<string, Variable>;
  readonly through: readonly { readonly identifier: { readonly name: string } }[];
}

/** A variable of the scope analysis that comes with the parser. */
export interface Variable {
  readonly name: string;
  /** The names that declare it. */
  readonly identifiers: readonly Node[];
  readonly references: readonly {
    readonly identifier: Node;
    readonly init?: boolean;
    isRead(): boolean;
    isWrite(): boolean;
  }[];
}
