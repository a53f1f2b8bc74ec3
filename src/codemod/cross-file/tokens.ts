import { ts } from 'ts-morph';

/** A name, or a text that names a member. */
export type Token = ts.Identifier | ts.PrivateIdentifier | ts.StringLiteralLike;

/** A text is searched once for each name, however often a chain comes back to it. */
const searched = new WeakMap<ts.SourceFile, Map<string, readonly Token[]>>();

/** The names of a file that are spelt in one way, and the texts that name a member by it. */
export function tokensNamed(name: string, source: ts.SourceFile): readonly Token[] {
  const known = searched.get(source) ?? new Map<string, readonly Token[]>();
  searched.set(source, known);
  let tokens = known.get(name);
  if (!tokens) known.set(name, (tokens = search(name, source)));
  return tokens;
}

function search(name: string, source: ts.SourceFile): readonly Token[] {
  const found: Token[] = [];
  for (let at = source.text.indexOf(name); at >= 0; at = source.text.indexOf(name, at + name.length)) {
    const token = tokenAt(at, source);
    const isName = ts.isIdentifier(token) || ts.isPrivateIdentifier(token);
    if (isName && token.getStart(source) === at && token.text === name) found.push(token);
    else if (ts.isStringLiteralLike(token) && token.text === name && isMemberName(token)) found.push(token);
  }
  return found;
}

/** The innermost node that has a place in its text; comments belong to what they stand in. */
export function tokenAt(offset: number, source: ts.SourceFile): ts.Node {
  let node: ts.Node = source;
  for (;;) {
    const inner = ts.forEachChild(node, (child) =>
      child.getStart(source) <= offset && offset < child.getEnd() ? child : undefined,
    );
    if (!inner) return node;
    node = inner;
  }
}

/** `'open'` of `db['open']` and of `{ 'open': … }` */
function isMemberName(token: ts.StringLiteralLike): boolean {
  const { parent } = token;
  return (
    (ts.isElementAccessExpression(parent) && parent.argumentExpression === token) ||
    (ts.isPropertyAssignment(parent) && parent.name === token) ||
    (ts.isBindingElement(parent) && parent.propertyName === token)
  );
}
