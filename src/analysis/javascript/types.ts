import { isTypeSymbol, Scope, type Binding, type TypeSymbol } from './scope.ts';
import { keyName, sourceOfType } from './syntax.ts';
import type { ModuleUnit } from './units.ts';
import type { Node, TSESTree } from './syntax.ts';
import type { ModuleIR, TypeRef } from '../ir.ts';
import { memberType, type TypeInfo } from '../types.ts';

/** What a generic type is given. */
interface TypeArguments {
  /** An argument as text, where it is a literal. */
  text(index: number): string | null;
  info(index: number): TypeInfo | null;
}

const NO_ARGUMENTS: TypeArguments = { text: () => null, info: () => null };

/** How modules find each other. */
export interface ModuleGraph {
  /** The module of the project that a specifier names; null for a package, and for what cannot be found. */
  moduleOf(from: ModuleIR, specifier: string): ModuleIR | null;
}

/** Wrappers whose own members do not matter: the type is read through them. */
const TRANSPARENT = new Set(['Readonly', 'NonNullable', 'Required', 'Partial', 'Awaited', 'Omit', 'Pick']);
const PROMISES = new Set(['Promise', 'PromiseLike']);
const LISTS = new Set(['Array', 'ReadonlyArray', 'Set', 'ReadonlySet']);
/** Types may refer to themselves and to each other; reading stops here. */
const DEEPEST = 12;

/** Reads type annotations: syntax only, through imports and re-exports. */
export class TypeReader {
  readonly #graph: ModuleGraph;

  constructor(graph: ModuleGraph) {
    this.#graph = graph;
  }

  read(type: TypeRef): TypeInfo | null {
    // Types are opaque outside of this folder; only `bind/` makes them.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    return this.#read(type.node as Node, type.scope as Scope, type.module as ModuleUnit, 0);
  }

  #read(node: Node, scope: Scope, module: ModuleUnit, depth: number): TypeInfo | null {
    if (depth > DEEPEST) return null;
    const inner = (child: Node | null | undefined): TypeInfo | null =>
      child ? this.#read(child, scope, module, depth + 1) : null;
    switch (node.type) {
      case 'TSTypeReference':
        return this.#reference(node, scope, module, depth);
      case 'TSTypeQuery':
        return this.#query(node, scope, module, depth);
      case 'TSUnionType':
        return union(node.types, inner);
      case 'TSIntersectionType':
        return intersection(node.types.map(inner));
      case 'TSTypeLiteral':
        return this.#object(node.members, [], scope, module, depth);
      case 'TSArrayType': {
        const of = inner(node.elementType);
        return of && { kind: 'list', of };
      }
      case 'TSFunctionType': {
        const { returnType } = node;
        return { kind: 'function', returns: () => inner(returnType?.typeAnnotation) };
      }
      case 'TSOptionalType':
      case 'TSTypeOperator':
        return inner(node.typeAnnotation);
      case 'TSIndexedAccessType':
        return this.#indexed(node, inner);
      case 'TSImportType':
        return this.#imported(node, module);
      default:
        return null;
    }
  }

  #reference(node: TSESTree.TSTypeReference, scope: Scope, module: ModuleUnit, depth: number): TypeInfo | null {
    const path = pathOf(node.typeName);
    const [first, ...rest] = path;
    if (first === undefined) return null;
    const given = rest.length === 0 ? scope.lookupTypeArgument(first) : null;
    if (given) return given.argument;
    const args = node.typeArguments?.params ?? [];
    const found = scope.lookupType(first);
    if (!found) return this.#builtin(first, args, scope, module, depth);
    return this.#named(found, rest, this.#arguments(args, scope, module, depth), module, depth);
  }

  #arguments(nodes: readonly Node[], scope: Scope, module: ModuleUnit, depth: number): TypeArguments {
    return {
      text: (index) => literalText(nodes[index]),
      info: (index) => {
        const node = nodes[index];
        return node ? this.#read(node, scope, module, depth + 1) : null;
      },
    };
  }

  /** A type by what declares it, then by names within that. */
  #named(
    found: TypeSymbol | Binding,
    rest: readonly string[],
    args: TypeArguments,
    module: ModuleUnit,
    depth: number,
  ): TypeInfo | null {
    if (isTypeSymbol(found)) return rest.length > 0 ? null : this.#declared(found, args, module, depth);
    if (found.imported) return this.#import(module, found.imported.specifier, found.imported.name, rest, args, depth);
    const cls = found.names ? (found.owner.module.classOf.get(found.names) ?? null) : null;
    return cls && rest.length === 0 ? { kind: 'class', cls } : null;
  }

  #declared(symbol: TypeSymbol, args: TypeArguments, module: ModuleUnit, depth: number): TypeInfo | null {
    const around = symbol.flows.owner.scope;
    const [first] = symbol.declarations;
    if (!first || !around) return null;
    if (first.type === 'TSTypeParameter')
      return first.constraint ? this.#read(first.constraint, around, module, depth + 1) : null;
    const scope = withArguments(this.#scopeOf(first, around, module), first, args);
    if (first.type === 'TSTypeAliasDeclaration') return this.#read(first.typeAnnotation, scope, module, depth + 1);
    const interfaces = symbol.declarations.filter((declaration) => declaration.type === 'TSInterfaceDeclaration');
    if (interfaces.length === 0) return null;
    const members = interfaces.flatMap((declaration) => declaration.body.body);
    const parents = interfaces.flatMap((declaration) => declaration.extends);
    return this.#object(members, parents, scope, module, depth);
  }

  #scopeOf(node: Node, otherwise: Scope, module: ModuleUnit): Scope {
    return module.scopes.get(node) ?? otherwise;
  }

  #object(
    members: readonly TSESTree.TypeElement[],
    parents: readonly TSESTree.TSInterfaceHeritage[],
    scope: Scope,
    module: ModuleUnit,
    depth: number,
  ): TypeInfo {
    const inner = (child: Node | null | undefined): TypeInfo | null =>
      child ? this.#read(child, scope, module, depth + 1) : null;
    const find = (name: string): TypeInfo | null => {
      for (const member of members) {
        if (member.type === 'TSPropertySignature' && keyName(member.key, member.computed) === name) {
          return member.optional
            ? nullable(inner(member.typeAnnotation?.typeAnnotation))
            : inner(member.typeAnnotation?.typeAnnotation);
        }
        if (member.type === 'TSMethodSignature' && keyName(member.key, member.computed) === name) {
          if (member.kind === 'get') return inner(member.returnType?.typeAnnotation);
          return { kind: 'function', returns: () => inner(member.returnType?.typeAnnotation) };
        }
      }
      for (const parent of parents) {
        if (parent.expression.type !== 'Identifier') continue;
        const found = scope.lookupType(parent.expression.name);
        const info = found && this.#named(found, [], NO_ARGUMENTS, module, depth + 1);
        const inherited = info && memberType(info, name);
        if (inherited) return inherited;
      }
      return null;
    };
    // Each member is read once: it is one thing, however often it is asked for.
    const known = new Map<string, TypeInfo | null>();
    return {
      kind: 'object',
      member: (name) => {
        let info = known.get(name);
        if (info === undefined) known.set(name, (info = find(name)));
        return info;
      },
    };
  }

  #builtin(name: string, args: readonly Node[], scope: Scope, module: ModuleUnit, depth: number): TypeInfo | null {
    const [first] = args;
    const of = first ? this.#read(first, scope, module, depth + 1) : null;
    if (!of) return null;
    if (PROMISES.has(name)) return { kind: 'promise', of };
    if (LISTS.has(name)) return { kind: 'list', of };
    if (name === 'InstanceType') return of;
    if (name === 'ReturnType')
      return of.kind === 'function' ? of.returns() : of.kind === 'value' ? { ...of, path: [...of.path, '()'] } : null;
    if (of.kind === 'object' && (name === 'Pick' || name === 'Omit')) return part(of, name, namesIn(args[1]));
    if (name === 'NonNullable' && of.kind === 'nullable') return of.of;
    if (name === 'Awaited' && of.kind === 'promise') return of.of;
    return TRANSPARENT.has(name) ? of : null;
  }

  /** `typeof name.path` */
  #query(node: TSESTree.TSTypeQuery, scope: Scope, module: ModuleUnit, depth: number): TypeInfo | null {
    if (node.exprName.type === 'TSImportType') return this.#imported(node.exprName, module);
    const [first, ...rest] = pathOf(node.exprName);
    const found = first === undefined ? null : scope.lookup(first);
    if (!found) return null;
    if (found.imported)
      return this.#import(module, found.imported.specifier, found.imported.name, rest, NO_ARGUMENTS, depth);
    const cls = found.names ? found.owner.module.classOf.get(found.names) : undefined;
    if (cls && rest.length === 0) return { kind: 'class', cls };
    return { kind: 'value', variable: found, path: rest };
  }

  #import(
    module: ModuleUnit,
    specifier: string,
    name: string,
    rest: readonly string[],
    args: TypeArguments,
    depth: number,
  ): TypeInfo | null {
    const target = this.#graph.moduleOf(module, specifier) as ModuleUnit | null;
    const path = name === '*' ? rest : [name, ...rest];
    if (!target)
      return {
        kind: 'external',
        module: specifier,
        path: path[0] === 'default' ? path.slice(1) : path,
        argument: (index) => args.text(index),
      };
    const [first, ...others] = path;
    return first === undefined ? null : this.#export(target, first, others, args, depth + 1);
  }

  #export(
    module: ModuleUnit,
    name: string,
    rest: readonly string[],
    args: TypeArguments,
    depth: number,
  ): TypeInfo | null {
    if (depth > DEEPEST) return null;
    const type = module.typeExports.get(name);
    if (type) return this.#named(type, rest, args, module, depth + 1);
    const exported = module.exports.get(name);
    if (exported?.kind === 'from')
      return this.#import(module, exported.specifier, exported.name, rest, args, depth + 1);
    if (exported) {
      const variable = exported.variable as Binding;
      if (variable.imported)
        return this.#import(module, variable.imported.specifier, variable.imported.name, rest, args, depth + 1);
      const cls = variable.names ? module.classOf.get(variable.names) : undefined;
      if (cls) return rest.length === 0 ? { kind: 'class', cls } : null;
      return { kind: 'value', variable, path: rest };
    }
    for (const specifier of module.exportsAllOf) {
      const target = this.#graph.moduleOf(module, specifier) as ModuleUnit | null;
      const found = target && this.#export(target, name, rest, args, depth + 1);
      if (found) return found;
    }
    return null;
  }

  #imported(node: TSESTree.TSImportType, module: ModuleUnit): TypeInfo | null {
    const source = sourceOfType(node);
    if (source === null) return null;
    const path = node.qualifier ? pathOf(node.qualifier) : [];
    return this.#import(module, source, '*', path, NO_ARGUMENTS, 0);
  }

  #indexed(node: TSESTree.TSIndexedAccessType, inner: (node: Node) => TypeInfo | null): TypeInfo | null {
    const object = inner(node.objectType);
    const name = literalText(node.indexType);
    return object && name !== null ? memberType(object, name) : null;
  }
}

/** The scope in which a generic type is read: its parameters stand for what it is given. */
function withArguments(scope: Scope, declaration: Node, args: TypeArguments): Scope {
  const parameters = 'typeParameters' in declaration ? declaration.typeParameters : undefined;
  if (parameters?.type !== 'TSTypeParameterDeclaration') return scope;
  const inner = new Scope(scope, scope.owner, false);
  for (const [index, { name }] of parameters.params.entries()) inner.giveTypeArgument(name.name, args.info(index));
  return inner;
}

/** Some of an object's members: those that are named, or all others. Null for names that cannot be told. */
function part(of: TypeInfo, how: 'Pick' | 'Omit', names: readonly string[] | null): TypeInfo {
  if (!names) return of;
  return {
    kind: 'object',
    member: (name) => (names.includes(name) === (how === 'Pick') ? memberType(of, name) : null),
  };
}

function namesIn(node: Node | undefined): readonly string[] | null {
  if (node?.type !== 'TSUnionType') {
    const name = literalText(node);
    return name === null ? null : [name];
  }
  const names = node.types.map(namesIn);
  return names.includes(null) ? null : names.flatMap((found) => found ?? []);
}

function nullable(of: TypeInfo | null): TypeInfo | null {
  return of && of.kind !== 'nullable' ? { kind: 'nullable', of } : of;
}

/** A union says something where all of its types do, null and undefined apart. */
function union(types: readonly Node[], inner: (node: Node) => TypeInfo | null): TypeInfo | null {
  const understood: TypeInfo[] = [];
  let empty = false;
  for (const type of types) {
    if (type.type === 'TSNullKeyword' || type.type === 'TSUndefinedKeyword') {
      empty = true;
      continue;
    }
    const info = inner(type);
    if (info) understood.push(info);
    else return null;
  }
  const [first] = understood;
  if (!first) return null;
  const info: TypeInfo = understood.length > 1 ? { kind: 'union', of: understood } : first;
  return empty ? nullable(info) : info;
}

function intersection(parts: readonly (TypeInfo | null)[]): TypeInfo | null {
  const known = parts.filter((part) => part !== null);
  const whole = known.find((part) => part.kind === 'external' || part.kind === 'class' || part.kind === 'value');
  if (whole) return whole;
  if (known.length === 0) return null;
  return {
    kind: 'object',
    member: (name) => {
      for (const part of known) {
        const found = memberType(part, name);
        if (found) return found;
      }
      return null;
    },
  };
}

function pathOf(name: Node): string[] {
  if (name.type === 'Identifier') return [name.name];
  if (name.type === 'TSQualifiedName') return [...pathOf(name.left), name.right.name];
  return [];
}

function literalText(node: Node | undefined): string | null {
  if (node?.type === 'TSLiteralType' && node.literal.type === 'Literal' && typeof node.literal.value === 'string')
    return node.literal.value;
  return null;
}
