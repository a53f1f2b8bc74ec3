import { ts } from 'ts-morph';

/** A declaration of a member of a class, an interface or an object. */
export type Member =
  | ts.MethodDeclaration
  | ts.MethodSignature
  | ts.PropertyDeclaration
  | ts.PropertySignature
  | ts.PropertyAssignment
  | ts.ShorthandPropertyAssignment;

export function isMember(node: ts.Node): node is Member {
  return (
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isPropertyAssignment(node) ||
    ts.isShorthandPropertyAssignment(node)
  );
}

/** Null where it is computed. */
export function nameOf({ name }: Member): string | null {
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : null;
}

/** The declarations that a name stands for, behind imports and exports. */
export function declarationsAt(token: ts.Node, checker: ts.TypeChecker): readonly ts.Node[] {
  const { parent } = token;
  const symbols = [checker.getSymbolAtLocation(token)];
  if (ts.isShorthandPropertyAssignment(parent)) symbols.push(checker.getShorthandAssignmentValueSymbol(parent));
  if (ts.isExportSpecifier(parent)) symbols.push(checker.getExportSpecifierLocalTargetSymbol(parent));
  if (ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent)) {
    const name = parent.propertyName ?? parent.name;
    if (name === token && ts.isIdentifier(token))
      symbols.push(checker.getTypeAtLocation(parent.parent).getProperty(token.text));
  }
  return symbols.flatMap((symbol) => {
    if (!symbol) return [];
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : null;
    return [...(symbol.declarations ?? []), ...(target?.declarations ?? [])];
  });
}

/** The same member of the types that its owner has to be like: base classes, interfaces, what is expected of an object. */
export function relatedTo(member: Member, checker: ts.TypeChecker): readonly Member[] {
  const name = nameOf(member);
  const owner = member.parent;
  if (name === null) return [];
  const isStatic =
    ts.canHaveModifiers(member) && ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
  const types: (ts.Type | undefined)[] = [];
  if (ts.isClassLike(owner) || ts.isInterfaceDeclaration(owner)) {
    for (const { types: heritage } of owner.heritageClauses ?? [])
      for (const type of heritage) types.push(checker.getTypeAtLocation(isStatic ? type.expression : type));
  } else if (ts.isObjectLiteralExpression(owner)) types.push(checker.getContextualType(owner));
  // Overloads of the same member.
  const own = (member as { symbol?: ts.Symbol }).symbol?.declarations ?? [];
  // What an asynchronous function answers may be expected to be a promise of it as well.
  const parts = types.flatMap((type) => (type?.isUnion() ? type.types : (type ?? [])));
  const others = parts.flatMap((type) => checker.getPropertyOfType(type, name)?.declarations ?? []);
  return [...own, ...others].filter((declaration) => declaration !== member && isMember(declaration)) as Member[];
}

/** What the functions of a type answer. */
export function answersOf(type: ts.Type | undefined, checker: ts.TypeChecker): readonly ts.Type[] {
  if (!type) return [];
  const parts = type.isUnion() ? type.types : [checker.getApparentType(type)];
  return parts.flatMap((part) => part.getCallSignatures().map((signature) => signature.getReturnType()));
}

/** What stands for the same value as what it has inside. */
export function isTransparent(node: ts.Node): node is ts.Expression {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node)
  );
}
