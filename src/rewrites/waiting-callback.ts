import { isFunction, type FunctionNode, type Node, type TSESTree } from '../analysis/javascript/syntax.ts';
import { merged } from './enclose.ts';
import { areNamesFree, insertedBefore, insertedBehind, moving, removal } from './moving.ts';
import { withdrawn, type Proposal } from './rewrite.ts';
import { contains, visit, visitNow } from './walk.ts';
import type { WaitFact } from '../analysis/facts.ts';
import type { Source } from './source.ts';

/** A call that runs a callback in a transaction, which has ended when the next statement runs. */
interface Call {
  readonly statement: TSESTree.ExpressionStatement | TSESTree.VariableDeclaration;
  readonly callback: FunctionNode;
  readonly body: readonly Node[];
}

/** Whether a function is given to a call that runs it in a transaction, and waits there. */
export function waitsInCallback(wait: WaitFact, source: Source): boolean {
  if (wait.holds !== 'transaction') return false;
  const call = callOf(wait, source);
  return call !== null && callbackWith(wait.site.node, call, source) !== null;
}

/**
 * The call that runs the callback: of a helper, or of what begins the transaction itself. Where the way from the one to the
 * other is not known, as the helper is a method of something that only its type names, it is the call that is given the
 * callback.
 */
function callOf({ calledAt, since, site }: WaitFact, source: Source): Node | null {
  if (calledAt) return source.find(calledAt.node);
  if (since.module === site.module) return source.find(since.node);
  const place = source.find(site.node);
  const callback = place && source.functionAround(place);
  return callback && isFunction(callback) ? callback.parent : null;
}

/**
 * What waits goes in front of the call that runs a callback in a transaction, or behind it, where it is the first or the last
 * thing that the callback does.
 */
export function waitAroundCall(wait: WaitFact, source: Source): Proposal {
  const call = callAt(wait, source);
  if (!call) return withdrawn('end-elsewhere');
  const places = [wait.site, ...wait.more].map(({ node }) => source.find(node));
  const at = call.body.findIndex((statement) => places.every((place) => place && contains(statement, place)));
  const before = at === 0 ? waitBeforeCall(call, source) : null;
  return before ?? waitBehindCall(call, at, source);
}

/** Null where it needs something of the callback, or its names are taken there. */
function waitBeforeCall(call: Call, source: Source): Proposal | null {
  const [waiting] = call.body;
  if (waiting?.type !== 'ExpressionStatement' && waiting?.type !== 'VariableDeclaration') return null;
  const what = moving([waiting], source);
  if (!what || !isUnderstoodOutside(waiting, call, new Set(), source)) return null;
  if (!areNamesFree([waiting], call.statement, source)) return null;
  const edits = merged([insertedBefore(what, call.statement, source), removal(what, source)]);
  return { title: 'waitBefore', data: { begin: 'the transaction begins' }, safe: false, edits };
}

/** It needs nothing of the callback but what that returns. Withdraws where it would run on other ways than before. */
function waitBehindCall(call: Call, at: number, source: Source): Proposal {
  const waiting = call.body[at];
  const result = call.body[at + 1];
  if (waiting?.type !== 'ExpressionStatement' || at + 2 < call.body.length) return withdrawn('waits-in-between');
  if (result && result.type !== 'ReturnStatement') return withdrawn('waits-in-between');
  const names = handedOn(result, call);
  // On other ways it did not come to that; their results tell them apart.
  const others = call.body.slice(0, at).flatMap(returnsIn);
  const condition = others.length > 0 ? conditionFor(others, names, call) : null;
  const what = moving([waiting], source);
  if ((others.length > 0 && condition === null) || !what || !isUnderstoodOutside(waiting, call, names, source))
    return withdrawn('waits-in-between');
  const edits = merged([removal(what, source), insertedBehind(what, call.statement, source, condition)]);
  return { title: 'waitBehind', data: { end: 'the transaction has ended' }, safe: false, edits };
}

function callAt(wait: WaitFact, source: Source): Call | null {
  const call = callOf(wait, source);
  const callback = call && callbackWith(wait.site.node, call, source);
  if (!call || callback?.body?.type !== 'BlockStatement') return null;
  const statement = statementOf(call);
  return statement && { statement, callback, body: callback.body.body };
}

/** The argument of a call that a place stands in, with no other function between. */
function callbackWith(site: WaitFact['site']['node'], call: Node, source: Source): FunctionNode | null {
  const place = source.find(site);
  const callback = place && source.functionAround(place);
  return callback && isFunction(callback) && callback.parent === call && call.type === 'CallExpression'
    ? callback
    : null;
}

/** `await call` and `const a = await call`, as statements of their own. */
function statementOf(call: Node): Call['statement'] | null {
  const { parent: awaiting } = call;
  if (awaiting?.type !== 'AwaitExpression') return null;
  const { parent } = awaiting;
  if (parent.type === 'ExpressionStatement') return parent;
  const isAlone = parent.type === 'VariableDeclarator' && parent.parent.declarations.length === 1;
  return isAlone && parent.parent.parent.type !== 'ForStatement' ? parent.parent : null;
}

/** Names that a callback returns, and that mean the same behind the call. */
function handedOn(result: TSESTree.ReturnStatement | undefined, { statement }: Call): ReadonlySet<string> {
  const declared = statement.type === 'VariableDeclaration' ? statement.declarations[0].id : null;
  const returned = result?.argument;
  if (declared?.type === 'Identifier' && returned?.type === 'Identifier')
    return new Set(declared.name === returned.name ? [declared.name] : []);
  if (declared?.type !== 'ObjectPattern' || returned?.type !== 'ObjectExpression') return new Set();
  const names = shorthandsOf(declared.properties);
  return new Set([...shorthandsOf(returned.properties)].filter((name) => names.has(name)));
}

function returnsIn(statement: Node): TSESTree.ReturnStatement[] {
  const found: TSESTree.ReturnStatement[] = [];
  visitNow(statement, (node) => {
    if (node.type === 'ReturnStatement') found.push(node);
  });
  return found;
}

/** What is true behind the call where a callback came to its end: a name that is null where it returned before that. */
function conditionFor(
  others: readonly TSESTree.ReturnStatement[],
  names: ReadonlySet<string>,
  { statement }: Call,
): string | null {
  const isWhole = statement.type === 'VariableDeclaration' && statement.declarations[0].id.type === 'Identifier';
  const given = (name: string, argument: Node | null): Node | null => (isWhole ? argument : valueOf(name, argument));
  const name = [...names].find((candidate) => others.every(({ argument }) => isNull(given(candidate, argument))));
  return name === undefined ? null : `${name} !== null`;
}

/** The value of a property, where an object is returned as it is written. */
function valueOf(name: string, returned: Node | null): Node | null {
  if (returned?.type !== 'ObjectExpression') return null;
  for (const property of returned.properties)
    if (property.type === 'Property' && property.key.type === 'Identifier' && property.key.name === name)
      return property.value;
  return null;
}

function isNull(value: Node | null): boolean {
  return value?.type === 'Literal' && value.raw === 'null';
}

function shorthandsOf(properties: readonly Node[]): Set<string> {
  return new Set(
    properties.flatMap((property) =>
      property.type === 'Property' && property.shorthand && property.key.type === 'Identifier'
        ? [property.key.name]
        : [],
    ),
  );
}

/** Whether all that a statement names means the same outside of the callback; of its own names, so do some. */
function isUnderstoodOutside(statement: Node, { callback }: Call, names: ReadonlySet<string>, source: Source): boolean {
  let isUnderstood = true;
  visit(statement, (node) => {
    if (node.type === 'ThisExpression' || node.type === 'Super')
      isUnderstood &&= callback.type === 'ArrowFunctionExpression';
    if (node.type !== 'Identifier') return;
    const variable = source.variableAt(node);
    const declared = variable?.identifiers[0];
    const isOwn = declared && contains(callback, declared) && !contains(statement, declared);
    if (isOwn || node.name === 'arguments') isUnderstood &&= isOwn === true && names.has(node.name);
  });
  return isUnderstood;
}
