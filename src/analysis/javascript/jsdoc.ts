import { parseSync } from 'oxc-parser';
import { childrenOf, isFunction, type FunctionNode, type Node, type TSESTree } from './syntax.ts';

/** Types that comments tell, in place of annotations. */
export interface Documentation {
  /** By the pattern of a parameter, or the class field. */
  readonly types: ReadonlyMap<Node, Node>;
  /** `@typedef`, as declarations of types. */
  readonly declarations: readonly Node[];
}

export const NO_DOCUMENTATION: Documentation = { types: new Map(), declarations: [] };

const COMMENT = /\/\*\*[\s\S]*?\*\/\s*/g;
const TAG = /@(param|arg|argument|type|typedef)\s*\{/g;
/** What stands behind a type: a name, in brackets where it may be left out. */
const NAMED = /^\s*(\[?)\s*([\w$.]+)/;
/** Types that may lead to a handle: named ones, and those of another module or of a value. */
const MAY_LEAD = /[A-Z]|\bimport\s*\(|\btypeof\b/;

interface Tag {
  readonly tag: string;
  readonly type: string;
  readonly name: string;
  readonly optional: boolean;
}

/** Reads the types in the JSDoc comments of a JavaScript module (typescriptlang.org, "JSDoc Reference"). */
export function readDocumentation(program: TSESTree.Program, text: string): Documentation {
  if (!/@(?:param|arg|argument|type|typedef)\b/.test(text)) return NO_DOCUMENTATION;
  const comments = new Map<number, readonly Tag[]>();
  const declarations: Node[] = [];
  for (const match of text.matchAll(COMMENT)) {
    const tags = tagsOf(match[0]);
    if (tags.length > 0) comments.set(match.index + match[0].length, tags);
    for (const { tag, type, name } of tags) {
      const declaration = tag === 'typedef' && /^[\w$]+$/.test(name) ? parseDeclaration(name, type) : null;
      if (declaration) declarations.push(declaration);
    }
  }
  const types = new Map<Node, Node>();
  collect(program, [], comments, types);
  return { types, declarations };
}

/** Goes through what a comment may stand before, down to the functions and fields that it tells of. */
function collect(
  node: Node,
  around: readonly Tag[],
  comments: ReadonlyMap<number, readonly Tag[]>,
  types: Map<Node, Node>,
): void {
  const tags = comments.get(node.range[0]) ?? around;
  if (isFunction(node)) typeParameters(node, tags, types);
  if (node.type === 'PropertyDefinition') typeField(node, tags, types);
  const passesOn = tags.length > 0 && isNaming(node);
  for (const child of childrenOf(node)) collect(child, passesOn ? tags : [], comments, types);
}

/** Whether what stands before a node tells of the function in it. */
function isNaming({ type }: Node): boolean {
  switch (type) {
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
    case 'VariableDeclaration':
    case 'VariableDeclarator':
    case 'ExpressionStatement':
    case 'AssignmentExpression':
    case 'MethodDefinition':
    case 'Property':
      return true;
    default:
      return false;
  }
}

function typeParameters(node: FunctionNode, tags: readonly Tag[], types: Map<Node, Node>): void {
  const own = tags.filter(({ tag, name }) => tag.startsWith('arg') || (tag === 'param' && !name.includes('.')));
  for (const [index, parameter] of node.params.entries()) {
    const pattern = parameter.type === 'AssignmentPattern' ? parameter.left : parameter;
    const told = pattern.type === 'Identifier' ? own.find(({ name }) => name === pattern.name) : own[index];
    const type = told && parseType(told);
    if (type) types.set(pattern, type);
  }
}

function typeField(node: TSESTree.PropertyDefinition, tags: readonly Tag[], types: Map<Node, Node>): void {
  const told = tags.find(({ tag }) => tag === 'type');
  const type = told && parseType(told);
  if (type) types.set(node, type);
}

function tagsOf(comment: string): Tag[] {
  const text = comment.replace(/^[ \t]*\*(?!\/)/gm, ' ');
  const tags: Tag[] = [];
  for (const match of text.matchAll(TAG)) {
    const start = match.index + match[0].length;
    const end = closing(text, start);
    if (end < 0) continue;
    const [, bracket, name = ''] = NAMED.exec(text.slice(end + 1)) ?? [];
    tags.push({ tag: match[1] ?? '', type: text.slice(start, end), name, optional: bracket === '[' });
  }
  return tags;
}

/** Where the brace ends that was opened before `start`; -1 where it does not. */
function closing(text: string, start: number): number {
  let depth = 1;
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    else if (text[index] === '}') depth -= 1;
    if (depth === 0) return index;
  }
  return -1;
}

function parseType({ type, optional }: Tag): Node | null {
  const mayBeNull = optional || /^\s*\?|=\s*$/.test(type);
  const bare = type.trim().replace(/^[?!]|=$/g, '');
  const declaration = parseDeclaration('Type', mayBeNull ? `(${bare}) | undefined` : bare);
  return declaration?.typeAnnotation ?? null;
}

function parseDeclaration(name: string, type: string): TSESTree.TSTypeAliasDeclaration | null {
  if (!MAY_LEAD.test(type)) return null;
  try {
    const { program, errors } = parseSync('type.ts', `type ${name} = ${type};`, {
      range: true,
      preserveParens: false,
    });
    // The same tree by another declaration, as for whole modules.
    const [declaration] = (program as unknown as TSESTree.Program).body;
    return errors.length === 0 && declaration?.type === 'TSTypeAliasDeclaration' ? declaration : null;
  } catch {
    return null; // the parser has no binary for this platform
  }
}
