import { ts } from 'ts-morph';
import { Stop } from './boundary.ts';
import { declarationsAt, isMember, isTransparent, nameOf } from './symbols.ts';
import { tokensNamed, type Token } from './tokens.ts';
import type { Slice } from '../project/slice.ts';

/** What is known of the functions that change. */
interface Known {
  /** By which other files can name them. */
  readonly names: readonly string[];
  readonly carriers: ReadonlySet<ts.Node>;
  /** Names in the texts that stand for one of them. */
  readonly handled: ReadonlySet<ts.Node>;
}

/** Throws `Stop` where one of the functions may be called without anything telling that it is. */
export function checkUnknown({ names, carriers, handled }: Known, slice: Slice): void {
  const checker = slice.program.getTypeChecker();
  for (const source of slice.sources) {
    for (const name of names)
      for (const token of tokensNamed(name, source))
        if (!handled.has(token) && mayBeAnything(token, checker))
          throw new Stop(token, `This may be \`${name}\`, which would be asynchronous: nothing tells its type.`);
    for (const carrier of carriers) checkComputed(carrier, source, checker);
  }
}

/** `handlers[name]()`, `Object.values(handlers)` */
function checkComputed(carrier: ts.Node, source: ts.SourceFile, checker: ts.TypeChecker): void {
  if (!isMember(carrier) || !ts.isObjectLiteralExpression(carrier.parent)) return;
  const owner = ts.findAncestor(carrier, ts.isVariableDeclaration);
  const name = nameOf(carrier);
  if (!owner || !ts.isIdentifier(owner.name) || name === null) return;
  for (const token of tokensNamed(owner.name.text, source)) {
    const { parent } = token;
    const isComputed = ts.isElementAccessExpression(parent) && parent.expression === token;
    const isListed = ts.isCallExpression(parent) && /^Object\.(?:values|entries)$/.test(parent.expression.getText());
    if (!isComputed && !isListed) continue;
    if (isComputed && !mayBeKey(parent.argumentExpression, name, checker)) continue;
    if (declarationsAt(token, checker).includes(owner))
      throw new Stop(token, `One of its members is taken by a name that is computed, which may be \`${name}\`.`);
  }
}

function mayBeKey(key: ts.Expression, name: string, checker: ts.TypeChecker): boolean {
  const type = checker.getTypeAtLocation(key);
  const parts = type.isUnion() ? type.types : [type];
  return parts.some((part) => !part.isStringLiteral() || part.value === name) && !ts.isStringLiteralLike(key);
}

/** A member of something whose type is not known, which is not a package of others. */
function mayBeAnything(token: Token, checker: ts.TypeChecker): boolean {
  const { parent } = token;
  if (ts.isPropertyAccessExpression(parent) && parent.name === token)
    return isAny(parent.expression, checker) && !isForeign(parent.expression, checker);
  if (ts.isElementAccessExpression(parent) && parent.argumentExpression === token)
    return isAny(parent.expression, checker) && !isForeign(parent.expression, checker);
  if (ts.isBindingElement(parent) && (parent.propertyName ?? parent.name) === token) {
    const value = ts.isVariableDeclaration(parent.parent.parent) ? parent.parent.parent.initializer : undefined;
    return value !== undefined && isAny(value, checker) && !isForeign(value, checker);
  }
  if (ts.isImportSpecifier(parent) && (parent.propertyName ?? parent.name) === token) {
    const { moduleSpecifier } = parent.parent.parent.parent;
    return !checker.getSymbolAtLocation(moduleSpecifier) && isOfProject(moduleSpecifier);
  }
  return false;
}

function isAny(expression: ts.Expression, checker: ts.TypeChecker): boolean {
  return (checker.getTypeAtLocation(expression).flags & ts.TypeFlags.Any) !== 0;
}

/** Whether a value comes from a package that is not there: it knows nothing of the project's functions. */
function isForeign(expression: ts.Expression, checker: ts.TypeChecker, depth = 0): boolean {
  if (depth > 20) return false;
  if (ts.isCallExpression(expression)) {
    const [module] = expression.arguments;
    const isLoading =
      expression.expression.kind === ts.SyntaxKind.ImportKeyword || expression.expression.getText() === 'require';
    if (isLoading) return module !== undefined && !isOfProject(module);
  }
  if (
    ts.isCallExpression(expression) ||
    ts.isNewExpression(expression) ||
    ts.isPropertyAccessExpression(expression) ||
    ts.isElementAccessExpression(expression) ||
    ts.isAwaitExpression(expression) ||
    isTransparent(expression)
  )
    return isForeign((expression as ts.CallExpression).expression, checker, depth + 1);
  if (!ts.isIdentifier(expression)) return false;
  for (const declaration of checker.getSymbolAtLocation(expression)?.declarations ?? []) {
    const clause = ts.findAncestor(declaration, ts.isImportDeclaration);
    if (clause) return !isOfProject(clause.moduleSpecifier);
    const variable = ts.findAncestor(declaration, ts.isVariableDeclaration);
    if (variable?.initializer && variable.name.getStart() <= declaration.getStart())
      return isForeign(variable.initializer, checker, depth + 1);
  }
  return false;
}

/** Whether a module that cannot be found is one of the project, by how it is named. */
function isOfProject(specifier: ts.Expression): boolean {
  return !ts.isStringLiteralLike(specifier) || /^(?:[./~#]|@\/)/.test(specifier.text);
}
