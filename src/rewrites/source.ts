import type { SourceCode } from 'eslint';
import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import type { SourceNode } from '../analysis/ir.ts';

/** A file's text and syntax tree as rewrites look at them. */
export class Source {
  readonly code: SourceCode;
  readonly text: string;
  #quotes: boolean | null = null;

  constructor(code: SourceCode) {
    this.code = code;
    this.text = code.text;
  }

  /**
   * The node of this tree that the analysis means: it may have seen another tree of the same text, so that only the kind
   * and the place of a node are the same.
   */
  find({ type, range }: SourceNode): Node | null {
    let node = this.code.getNodeByRangeIndex(range[0]) as Node | null;
    let found: Node | null = null;
    while (node && node.range[0] >= range[0] && node.range[1] <= range[1]) {
      if (node.range[1] === range[1] && (node.type as string) === type) found = node;
      node = node.parent ?? null;
    }
    return found;
  }

  textOf({ range }: { readonly range: readonly [number, number] }): string {
    return this.text.slice(range[0], range[1]);
  }

  /** Code with text in single quotes, in the quotes that the file has. */
  quoted(code: string): string {
    return this.#doubleQuotes ? code.replaceAll("'", '"') : code;
  }

  /** The variable that a declaration makes of one name, with everything that mentions it; null for patterns. */
  variableOf(declarator: TSESTree.VariableDeclarator): Variable | null {
    if (declarator.id.type !== 'Identifier') return null;
    const [variable] = this.code.getDeclaredVariables(declarator as never);
    return (variable as Variable | undefined) ?? null;
  }

  /** Whether text stands in double quotes for the most part. */
  get #doubleQuotes(): boolean {
    return (this.#quotes ??= count(this.text, /"[^"'\n]*"/g) > count(this.text, /'[^"'\n]*'/g));
  }

  /** Whether a comment begins or ends within a range. */
  hasComment([start, end]: readonly [number, number]): boolean {
    return this.code.getAllComments().some(({ range }) => range !== undefined && range[0] < end && range[1] > start);
  }
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** A variable of the scope analysis that comes with the parser. */
export interface Variable {
  readonly name: string;
  readonly references: readonly { readonly identifier: Node; readonly init?: boolean; isRead(): boolean }[];
}
