import { ts } from 'ts-morph';
import { Stop } from './boundary.ts';
import type { Insertions } from './insertions.ts';

/** A function that can become asynchronous. */
export type AsyncCapable = ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration;

/** A part of a declaration that says what a call answers. */
type Signature = AsyncCapable | ts.MethodSignature | ts.FunctionTypeNode | ts.CallSignatureDeclaration;

/** Methods that the language calls by itself, and does not wait for. */
export const CALLED_BY_LANGUAGE = new Set(['toJSON', 'toString', 'valueOf', 'then', 'toLocaleString', 'inspect']);

export function isAsync(fn: ts.Node): boolean {
  return (
    ts.canHaveModifiers(fn) && ts.getModifiers(fn)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true
  );
}

/**
 * The function that would have to be asynchronous for an expression to be awaited in its place; null where that is the
 * module itself. Throws `Stop` where nothing can be awaited.
 */
export function functionAround(node: ts.Node): AsyncCapable | null {
  let inner = node;
  for (let outer = node.parent; !ts.isSourceFile(outer); inner = outer, outer = outer.parent) {
    if (ts.isParameter(outer) && outer.initializer === inner)
      throw new Stop(inner, 'The default value of a parameter cannot wait for anything.');
    if (ts.isPropertyDeclaration(outer) && outer.initializer === inner)
      throw new Stop(inner, 'A field of a class gets its value at once: it cannot wait for anything.');
    if (ts.isClassStaticBlockDeclaration(outer)) throw new Stop(inner, 'A static block cannot wait for anything.');
    if (ts.isModuleBlock(outer)) throw new Stop(inner, 'A namespace cannot wait for anything.');
    if (ts.isDecorator(outer)) throw new Stop(inner, 'A decorator cannot wait for anything.');
    // The name of a method is made by the code around it.
    if (ts.isFunctionLike(outer) && !ts.isComputedPropertyName(inner)) return asyncCapable(outer);
  }
  return null;
}

/** Throws `Stop` for functions that the language has no asynchronous form of, or that something calls which does not wait. */
function asyncCapable(fn: ts.SignatureDeclaration): AsyncCapable {
  if (ts.isConstructorDeclaration(fn)) throw new Stop(fn, 'A constructor cannot be asynchronous.');
  if (ts.isGetAccessor(fn) || ts.isSetAccessor(fn)) throw new Stop(fn, 'A getter or setter cannot be asynchronous.');
  const isKnown =
    ts.isFunctionDeclaration(fn) || ts.isFunctionExpression(fn) || ts.isArrowFunction(fn) || ts.isMethodDeclaration(fn);
  if (!isKnown) throw new Stop(fn, 'This cannot be asynchronous.');
  if (fn.asteriskToken && !isAsync(fn)) throw new Stop(fn, 'A generator does not wait: its results are taken at once.');
  if (ts.isMethodDeclaration(fn)) {
    if (ts.isComputedPropertyName(fn.name))
      throw new Stop(fn, 'Its name is computed, so that its callers are not known.');
    if (ts.getDecorators(fn)?.length) throw new Stop(fn, 'A decorator looks at the method.');
  }
  return fn;
}

/** Writes `async` in front of a function. */
export function writeAsync(fn: AsyncCapable, insertions: Insertions): void {
  if (ts.isArrowFunction(fn)) insertions.before(fn, 'async ');
  else if (ts.isMethodDeclaration(fn)) insertions.before(fn, 'async ', fn.name.getStart());
  else {
    const keyword = fn.getChildren().find(({ kind }) => kind === ts.SyntaxKind.FunctionKeyword);
    insertions.before(fn, 'async ', (keyword ?? fn).getStart());
  }
}

/** Makes what a declaration says of its result a promise of that. */
export function writePromise(declaration: Signature, checker: ts.TypeChecker, insertions: Insertions): void {
  const documented = ts.getJSDocReturnTag(declaration)?.typeExpression?.type;
  for (const type of [declaration.type, documented]) {
    if (!type) continue;
    if (ts.isTypePredicateNode(type))
      throw new Stop(type, 'What it tells of the type of its argument cannot come later.');
    const kind = promiseKind(checker.getTypeFromTypeNode(type), checker);
    if (kind === 'promise') continue;
    if (kind === 'other') throw new Stop(type, 'It answers with promises of another kind.');
    insertions.before(type, kind === 'maybe' ? 'Promise<Awaited<' : 'Promise<');
    insertions.behind(type, kind === 'maybe' ? '>>' : '>');
  }
}

/** Whether a type is one of promises: always, in some of its forms, of promises that are not the language's, or never. */
export function promiseKind(type: ts.Type, checker: ts.TypeChecker): 'promise' | 'maybe' | 'other' | 'never' {
  if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never)) return 'never';
  if (type.isUnion()) {
    const kinds = new Set(type.types.map((part) => promiseKind(part, checker)));
    if (kinds.size === 1) return [...kinds][0] ?? 'never';
    return kinds.has('promise') || kinds.has('maybe') || kinds.has('other') ? 'maybe' : 'never';
  }
  const name = type.getSymbol()?.getName();
  if (name === 'Promise') return 'promise';
  return checker.getPropertyOfType(type, 'then') ? 'other' : 'never';
}
