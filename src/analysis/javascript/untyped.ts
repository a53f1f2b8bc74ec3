import { annotationOf, bare, childrenOf, isFunction, type Node, type TSESTree } from './syntax.ts';

/** Methods that the connections of most drivers have: a type of the module's own with one of them may stand for those. */
const OF_CONNECTIONS = new Set(['exec', 'prepare', 'run']);

/** What the types of a module tell about its parameters; looked for when it is asked, as one parameter mostly decides. */
class Types {
  readonly #program: TSESTree.Program;
  #any: boolean | null = null;
  #structural: ReadonlySet<string> | null = null;

  constructor(program: TSESTree.Program) {
    this.#program = program;
  }

  /** Whether it has any. */
  get any(): boolean {
    return (this.#any ??= childrenOf(this.#program).some(hasAnnotation));
  }

  /** Names of types that may stand for the connections of several drivers. */
  get structural(): ReadonlySet<string> {
    return (this.#structural ??= new Set(this.#program.body.map(structuralType).filter((name) => name !== null)));
  }
}

/**
 * Whether a module has a named function or a method with a parameter that no annotation says anything of but the methods,
 * or a class that inherits fields without types: what these hold, only other modules can tell.
 */
export function hasUntyped(program: TSESTree.Program): boolean {
  const types = new Types(program);
  return program.body.some((statement) => isUntyped(statement, types));
}

/** The name of an interface with a method that connections have. */
function structuralType(statement: Node): string | null {
  const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  if (node?.type === 'TSInterfaceDeclaration') return node.body.body.some(isOfConnection) ? node.id.name : null;
  if (node?.type !== 'TSTypeAliasDeclaration' || node.typeAnnotation.type !== 'TSTypeLiteral') return null;
  return node.typeAnnotation.members.some(isOfConnection) ? node.id.name : null;
}

function isOfConnection(member: Node): boolean {
  if (member.type !== 'TSMethodSignature' && member.type !== 'TSPropertySignature') return false;
  return member.key.type === 'Identifier' && OF_CONNECTIONS.has(member.key.name);
}

function isUntyped(node: Node | null | undefined, types: Types): boolean {
  if (!node) return false;
  const inner = (child: Node | null | undefined): boolean => isUntyped(child, types);
  if (isFunction(node)) return node.params.some((parameter) => lacksType(parameter, types));
  switch (node.type) {
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return inner(node.declaration);
    case 'VariableDeclaration':
      return node.declarations.some(({ init }) => init && inner(bare(init)));
    case 'ExpressionStatement':
      return inner(node.expression);
    case 'AssignmentExpression':
      return inner(node.right);
    case 'ObjectExpression':
      return node.properties.some((property) => property.type === 'Property' && inner(property.value));
    case 'ClassDeclaration':
    case 'ClassExpression':
      if (node.superClass && !types.any) return true;
      return node.body.body.some((member) => member.type === 'MethodDefinition' && inner(member.value));
    default:
      return false;
  }
}

function lacksType(parameter: Node, types: Types): boolean {
  const target = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
  const pattern = target.type === 'AssignmentPattern' ? target.left : target;
  const type = annotationOf(pattern);
  return !type || isAny(type) || isStructural(type, types);
}

function isAny({ type }: Node): boolean {
  return type === 'TSAnyKeyword' || type === 'TSUnknownKeyword' || type === 'TSObjectKeyword';
}

function isStructural(type: Node, { structural }: Types): boolean {
  return type.type === 'TSTypeReference' && type.typeName.type === 'Identifier' && structural.has(type.typeName.name);
}

function hasAnnotation(node: Node): boolean {
  return node.type.startsWith('TS') || childrenOf(node).some(hasAnnotation);
}
