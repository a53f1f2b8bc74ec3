import { isJavaScript } from '../source-paths.ts';
import { awaitedWork, withoutPromises, type Work } from './awaited-work.ts';
import { maybeDatabaseCall } from './database-calls.ts';
import { merged } from './enclose.ts';
import { unshifted } from './indentation.ts';
import { areNamesFree, insertedBefore, insertedBehind, moving, removal } from './moving.ts';
import { withdrawn, type Proposal } from './rewrite.ts';
import { listOf } from './statements.ts';
import { someNow, someWithin, contains } from './walk.ts';
import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
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
  const on = call.callee.type === 'MemberExpression' ? call.callee.object : call.callee;
  const isTyped = !isJavaScript(fact.site.module.path);
  const work = awaitedWork(callback, { of: fact.of, on, isTyped }, source);
  if (!work) return withdrawn('await-inside');
  if (work.foreign.length > 0) return movedOut(callback, call, work, source);
  if (!isPromiseUnused(call, source)) return withdrawn('promise-used');
  const edits = withoutPromises(work, source);
  return edits ? { title: 'makeSynchronous', safe: false, edits: merged(edits) } : withdrawn('promise-used');
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
  const isKept = (node: Node): boolean => !moved.some((statement) => contains(statement, node));
  const edits = withoutPromises(
    {
      own: work.own.filter(({ node }) => isKept(node)),
      functions: work.functions.filter((fn) => isKept(fn)),
    },
    source,
  );
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
  return someWithin(statement, (node) => {
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
