import { withoutStatement } from './lines.ts';
import { insertion, type Edit } from './rewrite.ts';
import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import type { Source, Variable } from './source.ts';

/** A name under which a file has an export of a module, and what it takes to get it. */
export interface Imported {
  readonly local: string;
  readonly edits: readonly Edit[];
}

/**
 * Imports a name, in the way in which the file imports others: what is there already is used, a clash gets another name.
 * `obsolete` are the imports that are not needed any longer; the new one takes the place of the first.
 */
export function importName(
  source: Source,
  module: string,
  name: string,
  at: Node,
  obsolete: readonly Node[] = [],
): Imported {
  const { body } = source.program;
  const removed = obsolete.flatMap((node) => without(source, node));
  const declarations = body.flatMap((statement) => importsOf(statement, module));
  for (const { names, namespace } of declarations) {
    const known = names.get(name);
    if (known !== undefined) return { local: known, edits: removed };
    if (namespace !== null) return { local: `${namespace}.${name}`, edits: removed };
  }
  const local = freeName(source, name, at);
  const [existing] = declarations.filter(({ last }) => last !== null);
  if (existing?.last) {
    const specifier = local === name ? name : `${name}${existing.isCommonJs ? ':' : ' as'} ${local}`;
    const edits = [insertion(existing.last.range[1], `, ${specifier}`)];
    return { local, edits: [...edits, ...removed] };
  }
  const isCommonJs = isRequired(source);
  const text = statementFor(source, module, name, local, isCommonJs);
  const statement = obsolete.find(({ type }) => type !== 'ImportSpecifier');
  if (!statement) return { local, edits: [placed(source, text, isCommonJs), ...removed] };
  const others = obsolete.filter((node) => node !== statement).flatMap((node) => without(source, node));
  return { local, edits: [{ range: statement.range, text }, ...others] };
}

/** Takes away an import, or one of its names. */
function without(source: Source, node: Node): Edit[] {
  if (node.type !== 'ImportSpecifier') return [withoutStatement(source, node)];
  const { specifiers } = node.parent as TSESTree.ImportDeclaration;
  const at = specifiers.indexOf(node);
  const [before, next] = [specifiers[at - 1], specifiers[at + 1]];
  const start = next || before?.type !== 'ImportSpecifier' ? node.range[0] : before.range[1];
  const edits: Edit[] = [{ range: [start, next ? next.range[0] : node.range[1]], text: '' }];
  const others = specifiers.filter((specifier) => specifier !== node);
  const types = others.filter((other) => other.type === 'ImportSpecifier' && other.importKind === 'type');
  // With nothing but types left the module is not to be loaded any more.
  if (types.length < others.length) return edits;
  const keyword = source.code.getFirstToken(node.parent as never);
  return [
    insertion(keyword?.range[1] ?? node.parent.range[0], ' type'),
    ...edits,
    ...types.map(({ range }): Edit => ({ range: [range[0], range[0] + 'type '.length], text: '' })),
  ];
}

/** Whether the file loads one of some modules as soon as it is loaded itself, so that importing another at its top is no news. */
export function importsAtTop({ program }: Source, modules: readonly string[]): boolean {
  return program.body.some((statement) => {
    if (statement.type === 'ImportDeclaration')
      return statement.importKind !== 'type' && modules.includes(statement.source.value);
    if (statement.type === 'TSImportEqualsDeclaration')
      return statement.moduleReference.type === 'TSExternalModuleReference';
    if (statement.type !== 'VariableDeclaration') return false;
    const declarators: readonly TSESTree.VariableDeclarator[] = statement.declarations;
    return declarators.some(({ init }) => {
      const loaded = init && requiredModule(memberless(init));
      return loaded !== null && modules.includes(loaded);
    });
  });
}

/** `require('sqlite3')` of `require('sqlite3').verbose()` */
function memberless(node: Node): Node {
  if (node.type === 'MemberExpression') return memberless(node.object);
  if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression') return memberless(node.callee.object);
  if (node.type === 'AwaitExpression') return memberless(node.argument);
  return node;
}

/** What one statement imports of a module. */
interface Declaration {
  /** Local names by exported ones. */
  readonly names: ReadonlyMap<string, string>;
  readonly namespace: string | null;
  /** The last of the names in braces, behind which another one fits. */
  readonly last: Node | null;
  readonly isCommonJs: boolean;
}

function importsOf(statement: Node, module: string): Declaration[] {
  if (statement.type === 'ImportDeclaration') {
    if (statement.source.value !== module || statement.importKind === 'type') return [];
    const named = statement.specifiers.filter((specifier) => specifier.type === 'ImportSpecifier');
    const values = named.filter(({ importKind }) => importKind !== 'type');
    const all = statement.specifiers.find((specifier) => specifier.type === 'ImportNamespaceSpecifier');
    return [
      {
        names: new Map(values.map(({ imported, local }) => [nameOf(imported), local.name])),
        namespace: all?.local.name ?? null,
        last: named.at(-1) ?? null,
        isCommonJs: false,
      },
    ];
  }
  if (statement.type !== 'VariableDeclaration') return [];
  const declarators: readonly TSESTree.VariableDeclarator[] = statement.declarations;
  return declarators
    .filter(({ init }) => init && requiredModule(init) === module)
    .map(({ id }) => requiredNames(id))
    .filter((declaration) => declaration !== null);
}

/** `const sqlite = require('…')`, `const { Database } = require('…')` */
function requiredNames(id: Node): Declaration | null {
  if (id.type === 'Identifier') return { names: new Map(), namespace: id.name, last: null, isCommonJs: true };
  if (id.type !== 'ObjectPattern') return null;
  const names = new Map<string, string>();
  for (const property of id.properties)
    if (property.type === 'Property' && property.key.type === 'Identifier' && property.value.type === 'Identifier')
      names.set(property.key.name, property.value.name);
  const last = id.properties.at(-1);
  return { names, namespace: null, last: last?.type === 'Property' ? last : null, isCommonJs: true };
}

function nameOf(node: TSESTree.Identifier | TSESTree.StringLiteral): string {
  return node.type === 'Identifier' ? node.name : node.value;
}

/** The module that `require('…')` loads. */
function requiredModule(node: Node): string | null {
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier' || node.callee.name !== 'require')
    return null;
  const [argument] = node.arguments;
  return argument?.type === 'Literal' && typeof argument.value === 'string' ? argument.value : null;
}

/** The name, or a longer one where it means something else already. */
function freeName(source: Source, name: string, at: Node): string {
  if (source.isFree(name, at)) return name;
  const safe = `safe${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  let candidate = safe;
  for (let number = 2; !source.isFree(candidate, at); number += 1) candidate = `${safe}${number}`;
  return candidate;
}

/** Whether the file loads modules by `require`. */
function isRequired({ program, code, isModule }: Source): boolean {
  return !isModule && (code.ast.sourceType !== 'module' || program.body.some(isRequireStatement));
}

function isRequireStatement(statement: Node): boolean {
  return (
    statement.type === 'VariableDeclaration' &&
    statement.declarations.some(({ init }) => init && requiredModule(memberless(init)) !== null)
  );
}

function statementFor(source: Source, module: string, name: string, local: string, isCommonJs: boolean): string {
  const end = source.usesSemicolons ? ';' : '';
  const from = source.quoted(`'${module}'`);
  if (isCommonJs) return `const { ${local === name ? name : `${name}: ${local}`} } = require(${from})${end}`;
  return `import { ${local === name ? name : `${name} as ${local}`} } from ${from}${end}`;
}

/** Behind the other imports; in a file without any, at its top, behind directives. */
function placed(source: Source, text: string, isCommonJs: boolean): Edit {
  const { body } = source.program;
  const isImport = (statement: Node): boolean =>
    isCommonJs ? isRequireStatement(statement) : statement.type === 'ImportDeclaration';
  const last = body.filter(isImport).at(-1) ?? body.filter(isDirective).at(-1);
  if (last) return insertion(source.behind(last), `${source.newline}${text}`);
  const [first] = body;
  const start = first ? source.startOfLine(first) : 0;
  return insertion(start, `${text}${source.newline}${source.newline}`);
}

function isDirective(statement: Node): boolean {
  return statement.type === 'ExpressionStatement' && typeof statement.directive === 'string';
}

/**
 * What imports a variable that is used at one place alone: the statement, or the name in it where others are imported as
 * well.
 */
export function importOnlyFor(source: Source, variable: Variable, use: Node): Node | null {
  const uses = variable.references.filter(({ init }) => init !== true).map(({ identifier }) => identifier);
  if (uses.length !== 1 || uses[0] !== use) return null;
  const statement = source.program.body.find((candidate) => {
    if (candidate.type === 'ImportDeclaration') return candidate.specifiers.some(({ local }) => isOf(variable, local));
    if (candidate.type !== 'VariableDeclaration' || candidate.declarations.length !== 1) return false;
    const [{ id, init }] = candidate.declarations;
    if (!init || requiredModule(init) === null) return false;
    if (id.type === 'Identifier') return id.name === variable.name;
    const [property] = id.type === 'ObjectPattern' ? id.properties : [];
    return id.type === 'ObjectPattern' && id.properties.length === 1 && property?.type === 'Property'
      ? property.value.type === 'Identifier' && property.value.name === variable.name
      : false;
  });
  if (!statement || source.hasComment(statement.range)) return null;
  if (statement.type !== 'ImportDeclaration' || statement.specifiers.length === 1) return statement;
  const specifier = statement.specifiers.find(({ local }) => isOf(variable, local));
  return specifier?.type === 'ImportSpecifier' ? specifier : null;
}

function isOf({ identifiers }: Variable, name: Node): boolean {
  return identifiers.some((identifier) => identifier === name);
}
