import { childrenOf, isFunction, type Node, type TSESTree } from '../analysis/javascript/syntax.ts';
import { DRIVERS } from '../drivers/index.ts';
import { maybeDatabaseCall } from './database-calls.ts';
import { merged } from './enclose.ts';
import { unshifted } from './indentation.ts';
import { areNamesFree, insertedBefore, insertedBehind, moving, removal } from './moving.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { listOf } from './statements.ts';
import { visit, someNow, contains, methodOf } from './walk.ts';
import type { AsyncCallbackFact } from '../analysis/facts.ts';
import type { Source } from './source.ts';

type Callback = TSESTree.ArrowFunctionExpression | TSESTree.FunctionExpression;

/** Makes the body of a synchronous transaction synchronous; other work goes out of it, where nothing depends on its place. */
export function synchronous(source: Source, fact: AsyncCallbackFact): Proposal {
  const callback = fact.callback && source.find(fact.callback.node);
  const site = source.find(fact.site.node);
  if (!site) return withdrawn('not-in-source');
  if (callback?.type !== 'ArrowFunctionExpression' && callback?.type !== 'FunctionExpression')
    return withdrawn('function-elsewhere');
  const call = callback.parent;
  if (call.type !== 'CallExpression' || !callback.async || callback.generator) return withdrawn('function-elsewhere');
  if (fact.method !== 'transaction') return inOrder(callback, call, fact.method, source);
  const work = workOf(callback, fact);
  if (!work) return withdrawn('await-inside');
  if (work.foreign.length > 0) return movedOut(callback, call, work, source);
  if (!isPromiseUnused(call, source)) return withdrawn('promise-used');
  const edits = withoutPromises(callback, work.own, source);
  return edits ? { title: 'makeSynchronous', safe: false, edits: merged(edits) } : withdrawn('promise-used');
}

/** What a callback awaits. */
interface Work {
  /** Statements of the database, each with what runs it at once. */
  readonly own: readonly { readonly node: TSESTree.AwaitExpression; readonly run: string }[];
  readonly foreign: readonly TSESTree.AwaitExpression[];
}

function workOf(callback: Callback, { of }: AsyncCallbackFact): Work | null {
  const isOther = (node: Node): boolean =>
    (isFunction(node) && node.async) ||
    (node.type === 'ForOfStatement' && node.await) ||
    childrenOf(node).some((child) => isOther(child));
  if (isOther(callback.body)) return null;
  const own: Work['own'][number][] = [];
  const foreign: TSESTree.AwaitExpression[] = [];
  const [parameter] = callback.params;
  const handle = parameter?.type === 'Identifier' ? parameter.name : null;
  visit(callback.body, (node) => {
    if (node.type !== 'AwaitExpression') return;
    const run = of === 'drizzle' ? runOfQuery(node.argument, handle) : runOfStatement(node.argument, of);
    if (run === null) foreign.push(node);
    else own.push({ node, run });
  });
  return { own, foreign };
}

/** What makes a query of Drizzle run at once; null for what is not a query on the transaction. */
function runOfQuery(query: Node, handle: string | null): string | null {
  const names: string[] = [];
  let node = query;
  for (;;) {
    if (node.type === 'CallExpression') node = node.callee;
    else if (node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier') {
      names.unshift(node.property.name);
      node = node.object;
    } else break;
  }
  if (handle === null || node.type !== 'Identifier' || node.name !== handle || query.type !== 'CallExpression')
    return null;
  const last = names.at(-1) ?? '';
  // `.values(…)` says what is inserted, and runs what is selected.
  if (['run', 'all', 'get', 'sync'].includes(last) || (last === 'values' && names[0] !== 'insert')) return '';
  if (names[0] === 'query') return '.sync()';
  if (names.includes('returning') || names[0] === 'select' || names[0] === 'selectDistinct') return '.all()';
  return ['insert', 'update', 'delete'].includes(names[0] ?? '') ? '.run()' : null;
}

/** A statement of a driver runs at once as it is. */
function runOfStatement(call: Node, of: string): string | null {
  const driver = DRIVERS.find(({ id }) => id === of);
  const name = methodOf(call);
  if (!driver || name === null) return null;
  const facts = [driver.statement[name], driver.connection[name]];
  return facts.some((fact) => fact && ['run', 'execute', 'pragma', 'prepare'].includes(fact.does)) ? '' : null;
}

/** Whether the promise that comes out is awaited, returned by an asynchronous function, or not used at all. */
function isPromiseUnused(call: TSESTree.CallExpression, source: Source): boolean {
  const { parent } = call;
  // `db.transaction(fn)()`
  if (parent.type === 'CallExpression' && parent.callee === call) return isPromiseUnused(parent, source);
  if (parent.type === 'AwaitExpression' || parent.type === 'ExpressionStatement') return true;
  const isReturned =
    parent.type === 'ReturnStatement' || (parent.type === 'ArrowFunctionExpression' && parent.body === call);
  if (isReturned) return source.functionAround(call)?.async === true;
  if (parent.type !== 'VariableDeclarator' || parent.parent.parent.type === 'ExportNamedDeclaration') return false;
  const variable = source.variableOf(parent);
  const uses =
    variable?.references.filter(({ init }) => init !== true).map(({ identifier }) => identifier.parent) ?? [];
  return uses.length > 0 && uses.every((use) => use?.type === 'CallExpression' && isPromiseUnused(use, source));
}

/** The edits that take `async`, `await` and the promise out of a function. */
function withoutPromises(callback: Callback, own: Work['own'], source: Source): Edit[] | null {
  const word = source.code.getFirstToken(callback as never);
  const next = word && source.code.getTokenAfter(word);
  if (word?.value !== 'async' || !next) return null;
  const edits: Edit[] = [{ range: [word.range[0], next.range[0]], text: '' }];
  const type = callback.returnType?.typeAnnotation;
  if (type) {
    const [inner] = type.type === 'TSTypeReference' ? (type.typeArguments?.params ?? []) : [];
    if (!inner || type.type !== 'TSTypeReference' || source.textOf(type.typeName) !== 'Promise') return null;
    edits.push({ range: type.range, text: source.textOf(inner) });
  }
  for (const { node, run } of own) {
    const gap: readonly [number, number] = [node.range[0], node.argument.range[0]];
    if (source.hasComment(gap)) return null;
    edits.push({ range: gap, text: source.text.slice(node.range[0] + 5, node.argument.range[0]).trim() });
    if (run !== '') edits.push(insertion(node.range[1], run));
  }
  return edits;
}

/** Work in front of the first statement of the database, or behind the last one, is awaited outside. */
function movedOut(callback: Callback, call: TSESTree.CallExpression, work: Work, source: Source): Proposal {
  const run = call.parent.type === 'CallExpression' && call.parent.callee === call ? call.parent : call;
  const outer = run.parent.type === 'AwaitExpression' ? run.parent.parent : run.parent;
  const body = callback.body.type === 'BlockStatement' ? callback.body.body : null;
  if (!body || outer.type !== 'ExpressionStatement' || !listOf(outer)) return withdrawn('await-inside');
  // Awaiting needs a function that is asynchronous, and arguments are not there outside.
  const isCalled = run !== call || run.parent.type === 'AwaitExpression';
  const around = source.functionAround(outer);
  if (!isCalled || (around && !around.async) || callback.params.length > 1) return withdrawn('await-inside');
  const isForeign = (statement: Node): boolean =>
    someNow(statement, (node) => work.foreign.some((other) => other === node));
  const usesDatabase = (statement: Node): boolean => touches(statement, callback, call, source);
  const first = body.findIndex(usesDatabase);
  const last = body.findLastIndex(usesDatabase);
  if (first < 0) return withdrawn('await-inside');
  const before = body.slice(0, first);
  const after = body.slice(last + 1);
  if (body.slice(first, last + 1).some(isForeign)) return withdrawn('await-inside');
  const leading = before.some(isForeign) ? before : [];
  const trailing = after.some(isForeign) ? after : [];
  const moved = [...leading, ...trailing];
  // What they declare, or read, has to be seen there, and what they return would end the function around.
  if (moved.some((statement) => someNow(statement, ({ type }) => type === 'ReturnStatement')))
    return withdrawn('await-inside');
  const inside = new Set(body.flatMap((statement) => source.declaredBy(statement)));
  if (!areNamesFree(leading, outer, source)) return withdrawn('await-inside');
  for (const variable of inside) {
    const isOfKept = !moved.some((statement) => source.declaredBy(statement).includes(variable));
    const isRead = variable.references.some(({ identifier }) =>
      trailing.some((statement) => contains(statement, identifier)),
    );
    if (isRead && isOfKept) return withdrawn('await-inside');
  }
  const isOwn = ({ node }: Work['own'][number]): boolean => !moved.some((statement) => contains(statement, node));
  const edits = withoutPromises(callback, work.own.filter(isOwn), source);
  const head = leading.length > 0 ? moving(leading, source) : null;
  const tail = trailing.length > 0 ? moving(trailing, source) : null;
  if (!edits || (!head && leading.length > 0) || (!tail && trailing.length > 0)) return withdrawn('await-inside');
  return {
    title: 'moveWorkOut',
    safe: false,
    edits: merged([
      ...(head ? [insertedBefore(head, outer, source), removal(head, source)] : []),
      ...edits,
      ...(tail ? [removal(tail, source), insertedBehind(tail, outer, source)] : []),
    ]),
  };
}

/** Whether a statement has to do with the database: it names the connection, the transaction, or runs a statement. */
function touches(statement: Node, callback: Callback, call: TSESTree.CallExpression, source: Source): boolean {
  const [parameter] = callback.params;
  const names = new Set<string>(parameter?.type === 'Identifier' ? [parameter.name] : []);
  if (call.callee.type === 'MemberExpression') names.add(source.textOf(call.callee.object));
  return someNow(statement, (node) => {
    if (names.has(source.textOf(node)) && (node.type === 'Identifier' || node.type === 'MemberExpression')) return true;
    return maybeDatabaseCall(node);
  });
}

/** `await db.serialize(async () => { … })`: the statements themselves. */
function inOrder(callback: Callback, call: TSESTree.CallExpression, method: string, source: Source): Proposal {
  const outer = call.parent.type === 'AwaitExpression' ? call.parent.parent : call.parent;
  const { body } = callback;
  if (outer.type !== 'ExpressionStatement' || body.type !== 'BlockStatement' || callback.params.length > 0)
    return withdrawn('await-inside');
  const around = source.functionAround(outer);
  const list = listOf(outer);
  if (!list || (around && !around.async)) return withdrawn('not-asynchronous');
  if (someNow(body, ({ type }) => type === 'ReturnStatement')) return withdrawn('promise-used');
  const [start, end] = body.range;
  const isFree = body.body.every((statement) =>
    source
      .declaredBy(statement)
      .every(({ name }) => source.isFree(name, outer) && !source.declaredBehind(name, list.behind)),
  );
  const [first] = body.body;
  const last = body.body.at(-1);
  const isOnLines = first && last && source.startOfLine(first) > source.startOfLine(outer);
  if (!isFree || !isOnLines) {
    return {
      title: 'awaitInOrder',
      data: { method },
      safe: false,
      edits: [
        { range: [outer.range[0], start], text: '' },
        { range: [end, outer.range[1]], text: '' },
      ],
    };
  }
  const from = source.startWithComments(first);
  const inner = source.text.lastIndexOf('\n', from - 1) + 1;
  const until = source.behind(last);
  const head: readonly [number, number] = [source.startOfLine(outer), inner];
  const tail: readonly [number, number] = [until, outer.range[1]];
  if (source.hasComment(head) || source.hasComment(tail)) return withdrawn('comment-inside');
  return {
    title: 'awaitInOrder',
    data: { method },
    safe: false,
    edits: [{ range: head, text: '' }, ...unshifted(source, inner, until), { range: tail, text: '' }],
  };
}
