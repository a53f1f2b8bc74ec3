import { parseSync } from 'oxc-parser';
import { boundNames, isFunction, type ClassNode, type FunctionNode, type Node, type TSESTree } from './syntax.ts';
import type { Documentation } from './jsdoc.ts';

type Parameters = readonly TSESTree.Parameter[];

/** What a declaration file says of the functions and classes of a module, by name; `default` where they have none. */
interface Declared {
  readonly functions: Map<string, Parameters>;
  readonly classes: Map<string, ClassNode>;
}

/**
 * Reads the types that `module.d.ts` gives the parameters of `module.js`, whether the compiler wrote it or somebody by
 * hand (typescriptlang.org, "Declaration Files"). Names that it imports, and its own types, are declared in the module.
 */
export function readDeclarations(program: TSESTree.Program, text: string): Documentation {
  const statements = parse(text);
  const own = new Set(program.body.flatMap(namesOf));
  const declared: Declared = { functions: new Map(), classes: new Map() };
  const declarations: Node[] = [];
  for (const statement of statements) {
    if (statement.type === 'ImportDeclaration') {
      declarations.push({ ...statement, specifiers: statement.specifiers.filter(({ local }) => !own.has(local.name)) });
      continue;
    }
    for (const { name, node } of definitionsIn(statement)) {
      if (node.type === 'TSTypeAliasDeclaration' || node.type === 'TSInterfaceDeclaration') declarations.push(node);
      else if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') declared.classes.set(name, node);
      else if (isFunction(node) || node.type === 'TSFunctionType') declared.functions.set(name, node.params);
    }
  }
  const types = new Map<Node, Node>();
  for (const { name, node } of program.body.flatMap(definitionsIn)) {
    if (isFunction(node)) typeParameters(node.params, declared.functions.get(name), types);
    else if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression')
      typeMethods(node, declared.classes.get(name), types);
  }
  return { types, declarations };
}

function parse(text: string): readonly TSESTree.ProgramStatement[] {
  try {
    const { program } = parseSync('module.d.ts', text, { range: true, preserveParens: false });
    // The same tree by another declaration, as for whole modules.
    return (program as unknown as TSESTree.Program).body;
  } catch {
    return []; // the parser has no binary for this platform
  }
}

interface Definition {
  readonly name: string;
  readonly node: Node;
}

/** What a statement defines, or declares the type of. */
function definitionsIn(statement: Node): Definition[] {
  switch (statement.type) {
    case 'ExportNamedDeclaration':
      return statement.declaration ? definitionsIn(statement.declaration) : [];
    case 'ExportDefaultDeclaration':
      return definitionsIn(statement.declaration).map((definition) => ({ ...definition, name: 'default' }));
    case 'VariableDeclaration':
      return statement.declarations.flatMap(({ id, init }) => {
        const node = init ?? id.typeAnnotation?.typeAnnotation;
        return node && id.type === 'Identifier' ? [{ name: id.name, node }] : [];
      });
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'ClassDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSInterfaceDeclaration':
      return [{ name: statement.id?.name ?? 'default', node: statement }];
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'ClassExpression':
      return [{ name: 'default', node: statement }];
    default:
      return [];
  }
}

/** Names that a statement of the module itself puts into its scope. */
function namesOf(statement: Node): string[] {
  if (statement.type === 'ImportDeclaration') return statement.specifiers.map(({ local }) => local.name);
  if (statement.type === 'ExportNamedDeclaration') return statement.declaration ? namesOf(statement.declaration) : [];
  if (statement.type === 'VariableDeclaration')
    return statement.declarations.flatMap(({ id }) => boundNames(id).map(({ name }) => name));
  return definitionsIn(statement).map(({ name }) => name);
}

function typeMethods(cls: ClassNode, declared: ClassNode | undefined, types: Map<Node, Node>): void {
  const methods = new Map<string, Parameters>();
  for (const member of declared?.body.body ?? []) {
    const method = methodOf(member);
    if (method) methods.set(method.key, method.fn.params);
  }
  for (const member of cls.body.body) {
    const method = methodOf(member);
    if (method) typeParameters(method.fn.params, methods.get(method.key), types);
  }
}

function methodOf(member: Node): { readonly key: string; readonly fn: FunctionNode } | null {
  if (member.type !== 'MethodDefinition' || member.key.type !== 'Identifier' || member.computed) return null;
  return { key: `${member.static ? 'static ' : ''}${member.key.name}`, fn: member.value };
}

/** Parameters that may be left out are taken as given: what they hold when they are matters. */
function typeParameters(params: Parameters, declared: Parameters | undefined, types: Map<Node, Node>): void {
  for (const [index, parameter] of params.entries()) {
    const told = declared?.[index];
    const type = told && 'typeAnnotation' in told ? told.typeAnnotation?.typeAnnotation : undefined;
    const pattern = parameter.type === 'AssignmentPattern' ? parameter.left : parameter;
    if (type && pattern.type !== 'RestElement' && boundNames(pattern).length > 0) types.set(pattern, type);
  }
}
