import { annotationOf, bare, childrenOf, isFunction, type Node, type TSESTree } from './syntax.ts';

/**
 * Whether a module has a named function or a method with a parameter that no annotation says anything of, or a class that
 * inherits fields without types: what these hold, only other modules can tell.
 */
export function hasUntyped(program: TSESTree.Program): boolean {
  const isTyped = childrenOf(program).some(hasAnnotation);
  return program.body.some((statement) => isUntyped(statement, isTyped));
}

function isUntyped(node: Node | null | undefined, isTyped: boolean): boolean {
  if (!node) return false;
  const inner = (child: Node | null | undefined): boolean => isUntyped(child, isTyped);
  if (isFunction(node)) return node.params.some(lacksType);
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
      if (node.superClass && !isTyped) return true;
      return node.body.body.some((member) => member.type === 'MethodDefinition' && inner(member.value));
    default:
      return false;
  }
}

function lacksType(parameter: Node): boolean {
  const target = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
  const pattern = target.type === 'AssignmentPattern' ? target.left : target;
  const type = annotationOf(pattern);
  return !type || isAny(type);
}

function isAny({ type }: Node): boolean {
  return type === 'TSAnyKeyword' || type === 'TSUnknownKeyword' || type === 'TSObjectKeyword';
}

function hasAnnotation(node: Node): boolean {
  return node.type.startsWith('TS') || childrenOf(node).some(hasAnnotation);
}
