import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import { inFinally } from './close-finally.ts';
import { closingsIn } from './closings.ts';
import { enclose, merged } from './enclose.ts';
import { extentOf } from './extent.ts';
import { handleOf } from './handle.ts';
import { isHarmless } from './harmless.ts';
import { hoisted } from './hoist.ts';
import {
  beginningAt,
  beginsIn,
  commitsIn,
  endsItself,
  mentionsRollback,
  withStatement,
  type Beginning,
} from './transaction.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { listIn } from './statements.ts';
import { someNow } from './walk.ts';
import type { TransactionLeakFact } from '../analysis/facts.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Source } from './source.ts';

/** The ways to end a transaction that is left open when something throws, or on the way out. */
export function rollingBack(source: Source, leak: TransactionLeakFact): Proposal[] {
  if (leak.begins === 'handle') return [closedInFinally(source, leak)];
  const beginning = beginningAt(leak.site.node, leak.ran?.node ?? null, source);
  if (typeof beginning === 'string') return [withdrawn(beginning)];
  const answers = answersOf(beginning, leak);
  if (answers === 'callback') return [withdrawn('used-by-callbacks')];
  if (answers === 'promise' && !beginning.awaited) return [withdrawn('not-awaited')];
  const isNormal = ({ kind }: { readonly kind: string }): boolean => kind === 'normal';
  if (leak.ways.some(({ kind }) => kind === 'committed')) return [committedInTry(beginning, leak, source)];
  // A function that goes on behind its `catch` leaves the transaction open at its end.
  const isThrown = leak.ways.some((way) => {
    const exit = isNormal(way) ? source.find(way.site.node) : null;
    return !exit || isBehind(exit, beginning);
  });
  const caught = isThrown ? onError(beginning, leak, source) : { edits: [], isEnclosed: false, isInHandler: false };
  if (!('isEnclosed' in caught)) return [caught];
  const before = beforeLeaving(beginning, leak, caught, source);
  if (!Array.isArray(before)) return [before];
  if (!isThrown) return [{ title: 'rollBackBeforeLeaving', safe: false, edits: merged(before) }];
  return [{ title: 'rollBack', safe: before.length === 0, edits: merged([...caught.edits, ...before]) }];
}

function answersOf({ expression, sql }: Beginning, { driver, begins }: TransactionLeakFact): string {
  if (begins !== 'statement' || !driver) return 'value';
  const call = expression.type === 'AwaitExpression' ? expression.argument : expression;
  if (call.type !== 'CallExpression') return 'value';
  const isOwn = call.arguments.some(({ range }) => range[0] === sql.start - 1 || range[0] === sql.start);
  const { callee } = call;
  const name =
    isOwn && callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && callee.property.name;
  const fact = name ? driver.connection[name] : undefined;
  return (fact && 'answers' in fact ? fact.answers : undefined) ?? 'value';
}

/** Lines that roll back, whatever has become of the transaction meanwhile: SQLite itself ends it after some errors. */
function rollbackLines(beginning: Beginning, { driver, begins }: TransactionLeakFact, source: Source): string[] {
  const end = source.semicolonOf(beginning.statement);
  const call = withStatement(beginning, 'ROLLBACK', source);
  const unit = source.indentUnit;
  const { handle } = beginning;
  if (begins === 'statement' && handle && driver && tellsTransaction(driver) && isDriversOwn(handle, source))
    return [`if (${source.textOf(handle)}.inTransaction) ${call}${end}`];
  return ['try {', `${unit}${call}${end}`, '} catch {', `${unit}// SQLite has rolled back already.`, '}'];
}

/** Whether a variable or field is the driver's own object by the way it is declared, rather than anything that works like it. */
function isDriversOwn(handle: Node, source: Source): boolean {
  if (handle.type === 'MemberExpression') {
    const field = fieldOf(handle, source);
    return field?.type === 'PropertyDefinition' && isOwn(field.value, field.typeAnnotation, source);
  }
  const declaring = handle.type === 'Identifier' ? source.variableAt(handle)?.identifiers[0] : null;
  if (declaring?.type !== 'Identifier') return false;
  const { parent, typeAnnotation } = declaring;
  return isOwn(parent.type === 'VariableDeclarator' ? parent.init : null, typeAnnotation, source);
}

function isOwn(value: Node | null, type: TSESTree.TSTypeAnnotation | undefined, source: Source): boolean {
  if (type) return /^:\s*Database\.Database$/.test(source.textOf(type));
  return value?.type === 'NewExpression';
}

/** The declaration of `this.db` in the class around. */
function fieldOf({ object, property }: TSESTree.MemberExpression, source: Source): Node | null {
  if (object.type !== 'ThisExpression') return null;
  const name = source.textOf(property);
  for (let node: Node | undefined = object.parent; node; node = node.parent)
    if (node.type === 'ClassBody')
      return (
        node.body.find((member) => member.type === 'PropertyDefinition' && source.textOf(member.key) === name) ?? null
      );
  return null;
}

/** node:sqlite has such a property as well, but not in all versions that people use. */
function tellsTransaction({ properties }: Driver): boolean {
  return properties?.inTransaction === 'in transaction';
}

/** How errors are caught. */
interface Caught {
  readonly edits: readonly Edit[];
  /** The statements are one step to the right. */
  readonly isEnclosed: boolean;
  /** By a `catch` that was there. */
  readonly isInHandler: boolean;
}

const inside = (edits: readonly Edit[]): Caught => ({ edits, isEnclosed: false, isInHandler: true });
const around = (edits: readonly Edit[]): Caught => ({ edits, isEnclosed: true, isInHandler: false });

/** `catch (error) { ROLLBACK; throw error; }` around what comes between BEGIN and COMMIT, COMMIT included. */
function onError(beginning: Beginning, leak: TransactionLeakFact, source: Source): Caught | Proposal {
  const { statement, following } = beginning;
  const lines = rollbackLines(beginning, leak, source);
  const outer = tryAround(statement);
  if (endsItself(beginning))
    return outer?.handler
      ? inside(inHandler(outer.handler, lines, source))
      : around(caught(source, [statement], lines));
  // Up to the last COMMIT in front of another BEGIN.
  const again = following.findIndex((candidate) => beginsIn(candidate, source));
  const own = again < 0 ? following : following.slice(0, again);
  const at = own.findLastIndex((candidate) => commitsIn(candidate, source).length > 0);
  if (at < 0) return withdrawn('end-elsewhere');
  const statements = following.slice(0, at + 1);
  if (outer?.handler && !outer.finalizer && !mentionsRollback(outer.handler, source))
    return inside(inHandler(outer.handler, lines, source));
  const [only] = statements;
  if (statements.length === 1 && only?.type === 'TryStatement') {
    if (!only.handler)
      return { ...inside([insertion(only.block.range[1], handlerText(lines, source, only))]), isInHandler: false };
    if (!mentionsRollback(only.handler, source)) return inside(inHandler(only.handler, lines, source));
  }
  const last = statements.at(-1);
  const lifted = last && hoisted(statements, last.range[1], source);
  // What is returned right behind COMMIT is read there already.
  const next = following[at + 1];
  const isReturned = next?.type === 'ReturnStatement' && isHarmless(next) && lifted?.declarations.length !== 0;
  if (next && isReturned) return around(caught(source, [...statements, next], lines));
  if (!lifted) return withdrawn('used-outside');
  return around([...caught(source, statements, lines, lifted.declarations), ...lifted.edits]);
}

function caught(
  source: Source,
  statements: readonly Node[],
  lines: readonly string[],
  head: readonly string[] = [],
): Edit[] {
  const [first] = statements;
  if (!first) return [];
  return enclose(source, statements, [...head, 'try {'], handlerLines(lines, source, first));
}

function handlerLines(lines: readonly string[], source: Source, at: Node): string[] {
  const end = source.usesSemicolons ? ';' : '';
  const error = ['error', 'cause', 'problem'].find((name) => source.isFreeWithin(name, at)) ?? 'thrown';
  const unit = source.indentUnit;
  return [`} catch (${error}) {`, ...lines.map((line) => unit + line), `${unit}throw ${error}${end}`, '}'];
}

function handlerText(lines: readonly string[], source: Source, at: Node): string {
  const indent = source.indentOf(at);
  const [head = '', ...rest] = handlerLines(lines, source, at);
  return ` ${head.slice(2)}${rest.map((line) => source.newline + indent + line).join('')}`;
}

/** At the beginning of a `catch` that is there already. */
function inHandler({ body, parent }: TSESTree.CatchClause, lines: readonly string[], source: Source): Edit[] {
  const outer = source.indentOf(parent);
  const text = lines.map((line) => source.newline + outer + source.indentUnit + line).join('');
  const isEmpty = body.body.length === 0 && !source.hasComment(body.range);
  if (!isEmpty) return [insertion(body.range[0] + 1, text)];
  return [{ range: [body.range[0] + 1, body.range[1] - 1], text: `${text}${source.newline}${outer}` }];
}

/** The `try` whose block a statement stands in, without other blocks between. */
function tryAround(statement: Node): TSESTree.TryStatement | null {
  const block = statement.parent;
  const outer = block?.parent;
  return outer?.type === 'TryStatement' && outer.block === block ? outer : null;
}

/** `ROLLBACK` in front of each `return` that leaves the transaction open. */
function beforeLeaving(
  beginning: Beginning,
  { ways }: TransactionLeakFact,
  { isEnclosed, isInHandler }: Caught,
  source: Source,
): Edit[] | Proposal {
  const end = source.semicolonOf(beginning.statement);
  const fn = source.functionAround(beginning.statement);
  const line = withStatement(beginning, 'ROLLBACK', source) + end;
  const edits: Edit[] = [];
  for (const { kind, site } of ways) {
    if (kind !== 'normal') continue;
    const exit = source.find(site.node);
    if (isInHandler && (!exit || isBehind(exit, beginning))) continue;
    // What is returned may be read from the database still.
    const isSimple = exit?.type === 'ReturnStatement' && !hasCall(exit);
    if (!exit || !isSimple || source.functionAround(exit) !== fn) return withdrawn('end-elsewhere');
    const indent = source.indentOf(exit) + (isEnclosed ? source.indentUnit : '');
    const inner = indent + source.indentUnit;
    if (listIn(exit.parent)) edits.push(insertion(exit.range[0], `${line}${source.newline}${indent}`));
    else
      edits.push(
        insertion(exit.range[0], `{${source.newline}${inner}${line}${source.newline}${inner}`),
        insertion(exit.range[1], `${source.newline}${indent}}`),
      );
  }
  return edits;
}

/** Whether a place comes behind the statements that end the transaction. */
function isBehind(exit: Node, { following }: Beginning): boolean {
  const [next] = following;
  const last = next?.type === 'TryStatement' ? next : following.at(-1);
  return last !== undefined && exit.range[0] >= last.range[1];
}

function hasCall(node: Node): boolean {
  return someNow(node, ({ type }) => type === 'CallExpression' || type === 'AwaitExpression');
}

/** `try { … } finally { COMMIT; }` commits half of the work after an error. */
function committedInTry(beginning: Beginning, leak: TransactionLeakFact, source: Source): Proposal {
  const block = beginning.following[0];
  if (block?.type !== 'TryStatement' || block.handler || !block.finalizer) return withdrawn('end-elsewhere');
  const [commit, ...others] = block.finalizer.body;
  const isCommit = commit?.type === 'ExpressionStatement' && commitsIn(commit, source).length > 0;
  if (!isCommit || others.length > 0 || returns(block.block) || source.hasComment(block.finalizer.range))
    return withdrawn('end-elsewhere');
  const indent = source.indentOf(block);
  const inner = indent + source.indentUnit;
  const last = block.block.body.at(-1);
  if (!last) return withdrawn('end-elsewhere');
  const lines = rollbackLines(beginning, leak, source);
  const edits: Edit[] = [
    insertion(source.behind(last), source.newline + inner + source.textOf(commit)),
    { range: [block.block.range[1], block.finalizer.range[1]], text: handlerText(lines, source, block) },
  ];
  return { title: 'commitInTry', safe: false, edits };
}

/** Whether a block can be left before its end, other than by an exception. */
function returns(node: Node): boolean {
  const exits = ['ReturnStatement', 'BreakStatement', 'ContinueStatement', 'YieldExpression'];
  return someNow(node, ({ type }) => exits.includes(type));
}

/** `const tx = await client.transaction(…)`: `tx.close()` rolls back unless it was committed. */
function closedInFinally(source: Source, leak: TransactionLeakFact): Proposal {
  const node = source.find(leak.site.node);
  const { driver } = leak;
  if (!node || !driver?.transaction) return withdrawn('not-in-source');
  const handle = handleOf(node, source);
  if (typeof handle === 'string') return withdrawn(handle);
  const transaction: Driver = {
    ...driver,
    closesAgain: true,
    connection: { ...driver.transaction, close: { does: 'close' } },
  };
  const extent = extentOf(handle, transaction, source);
  if (extent.isHandedOver) return withdrawn('handed-over');
  const closings = closingsIn(extent.statements, handle, transaction);
  const proposal = inFinally({ handle, extent, closings, direct: true, safe: true, awaits: [] }, transaction, source);
  return 'edits' in proposal ? { ...proposal, title: 'closeTransaction' } : proposal;
}
