import { childrenOf, isFunction, type FunctionNode, type Node, type TSESTree } from '../analysis/javascript/syntax.ts';
import { DRIVERS } from '../drivers/index.ts';
import { becomesSynchronous, calledFunction } from './called-function.ts';
import { unshifted } from './indentation.ts';
import { insertion, type Edit } from './rewrite.ts';
import { contains, methodOf } from './walk.ts';
import type { Source } from './source.ts';

/** What a function awaits, and what the functions of the file do that it awaits. */
export interface Work {
  /** What a synchronous driver answers at once. */
  readonly own: readonly OwnWork[];
  readonly foreign: readonly TSESTree.AwaitExpression[];
  /** The functions that need not be asynchronous where nothing foreign is awaited, the first one among them. */
  readonly functions: readonly FunctionNode[];
}

interface OwnWork {
  /** All of it: an `await`, or a query or call whose promise is returned. */
  readonly node: Node;
  /** What is left of it. */
  readonly kept: Node;
  /** What makes a query run at once. */
  readonly run: string;
}

/** A function, and the name by which it has the transaction. */
interface Body {
  readonly fn: FunctionNode;
  readonly handle: string | null;
}

/** Whose transaction runs a callback. */
export interface Runner {
  /** The driver or layer. */
  readonly of: string;
  /** What begins the transaction. */
  readonly on: Node;
  /** The types of the file tell others of a function that makes no promise any more. */
  readonly isTyped: boolean;
}

/**
 * What the callback of a transaction awaits. Null where it cannot be told: a function within is asynchronous and not awaited,
 * or a loop awaits its values.
 */
export function awaitedWork(fn: FunctionNode, runner: Runner, source: Source): Work | null {
  const collector = new Collector(runner, source, new Map());
  // Drizzle gives its callbacks the transaction; a driver's are given what their caller gives.
  const handle = runner.of === 'drizzle' ? nameOfFirst(fn) : source.textOf(runner.on);
  return collector.follow({ fn, handle }) ? collector : null;
}

function nameOfFirst({ params: [first] }: FunctionNode): string | null {
  return first?.type === 'Identifier' ? first.name : null;
}

class Collector implements Work {
  readonly own: OwnWork[] = [];
  readonly foreign: TSESTree.AwaitExpression[] = [];
  readonly functions: FunctionNode[] = [];
  readonly #runner: Runner;
  readonly #source: Source;
  /** Whether functions await nothing foreign; those that are being looked at do not, should they call each other. */
  readonly #seen: Map<FunctionNode, boolean>;

  constructor(runner: Runner, source: Source, seen: Map<FunctionNode, boolean>) {
    this.#runner = runner;
    this.#source = source;
    this.#seen = seen;
  }

  follow({ fn, handle }: Body): boolean {
    this.functions.push(fn);
    this.#seen.set(fn, true);
    if (!fn.body) return false;
    return fn.body.type === 'BlockStatement' ? this.#within(fn.body, handle) : this.#returned(fn.body, handle);
  }

  #within(node: Node, handle: string | null): boolean {
    // What is awaited itself is followed already.
    if (isFunction(node)) return node.async ? this.functions.includes(node) : !hasAsync(node);
    if (node.type === 'ForOfStatement' && node.await) return false;
    if (node.type === 'ReturnStatement') return !node.argument || this.#returned(node.argument, handle);
    if (node.type === 'AwaitExpression') this.#awaited(node, handle);
    return childrenOf(node).every((child) => this.#within(child, handle));
  }

  /** A promise that is returned is awaited by whoever awaits the function. */
  #returned(node: Node, handle: string | null): boolean {
    const run = this.#runOf(node, handle);
    if (run !== null) this.own.push({ node, kept: node, run });
    return this.#within(node, handle);
  }

  #awaited(node: TSESTree.AwaitExpression, handle: string | null): void {
    const { argument } = node;
    const run = this.#runOf(argument, handle);
    const all = run === null ? mapOfAll(argument) : null;
    if (run !== null) this.own.push({ node, kept: argument, run });
    else if (all && (all.fn.async ? this.#takes({ fn: all.fn, handle }) : this.#isQuery(all.fn, handle)))
      this.own.push({ node, kept: all.call, run: '' });
    else this.foreign.push(node);
  }

  /** What makes something run at once; null for what is not done by the database, or by a function that awaits that alone. */
  #runOf(node: Node, handle: string | null): string | null {
    const { of } = this.#runner;
    const run = of === 'drizzle' ? runOfQuery(node, handle) : runOfStatement(node, handle, of, this.#source);
    if (run !== null) return run;
    const called = calledFunction(node, handle, this.#source);
    return called && this.#takes(called) ? '' : null;
  }

  /** Whether a function does nothing but return a query. */
  #isQuery({ body }: FunctionNode, handle: string | null): boolean {
    const [only, ...more] = body?.type === 'BlockStatement' ? body.body : [];
    const query =
      body?.type !== 'BlockStatement'
        ? body
        : only?.type === 'ReturnStatement' && more.length === 0
          ? only.argument
          : null;
    const run = query ? this.#runOf(query, handle) : null;
    if (!query || run === null) return false;
    this.own.push({ node: query, kept: query, run });
    return true;
  }

  #takes(body: Body): boolean {
    const { fn } = body;
    const known = this.#seen.get(fn);
    if (known !== undefined) return known;
    if (!fn.async || fn.generator || !becomesSynchronous(fn, this.#runner.isTyped, this.#source)) return false;
    const inner = new Collector(this.#runner, this.#source, this.#seen);
    if (!inner.follow(body) || inner.foreign.length > 0) {
      // What was found of others may rest on this one.
      for (const other of inner.functions) this.#seen.delete(other);
      this.#seen.set(fn, false);
      return false;
    }
    this.own.push(...inner.own);
    this.functions.push(...inner.functions);
    return true;
  }
}

/** `Promise.all(rows.map(async (row) => { … }))` */
function mapOfAll(node: Node): { readonly call: Node; readonly fn: FunctionNode } | null {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression' || methodOf(node) !== 'all')
    return null;
  const { object } = node.callee;
  const [call, ...more] = node.arguments;
  if (object.type !== 'Identifier' || object.name !== 'Promise' || call?.type !== 'CallExpression' || more.length > 0)
    return null;
  const [fn, ...others] = call.arguments;
  if (methodOf(call) !== 'map' || !fn || !isFunction(fn) || others.length > 0) return null;
  return { call, fn };
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
function runOfStatement(call: Node, connection: string | null, of: string, source: Source): string | null {
  const driver = DRIVERS.find(({ id }) => id === of);
  const name = methodOf(call);
  if (!driver || name === null || !isMadeBy(call, connection, source)) return null;
  const facts = [driver.statement[name], driver.connection[name]];
  return facts.some((fact) => fact && ['run', 'execute', 'pragma', 'prepare'].includes(fact.does)) ? '' : null;
}

/** Whether calls go back to a connection: `db.exec(…)`, `db.prepare(…).run()`, `insert.run()` with a statement of it. */
function isMadeBy(call: Node, connection: string | null, source: Source): boolean {
  let node = call;
  while (node.type === 'CallExpression' || node.type === 'MemberExpression') {
    node = node.type === 'CallExpression' ? node.callee : node.object;
    if (source.textOf(node) === connection) return true;
  }
  const declared = node.type === 'Identifier' ? source.variableAt(node)?.identifiers[0]?.parent : undefined;
  const made = declared?.type === 'VariableDeclarator' ? declared.init : null;
  return made?.type === 'CallExpression' && isMadeBy(made, connection, source);
}

function hasAsync(node: Node): boolean {
  return childrenOf(node).some((child) => (isFunction(child) && child.async) || hasAsync(child));
}

/** The edits that take `async`, `await` and the promises out; null where that cannot be written. */
export function withoutPromises({ own, functions }: Pick<Work, 'own' | 'functions'>, source: Source): Edit[] | null {
  const edits: Edit[] = [];
  for (const fn of functions) {
    const written = synchronousHead(fn, source);
    if (!written) return null;
    edits.push(...written);
  }
  const moved = own.filter(({ node, kept }) => isMovedLeft(node, kept, source)).map(({ kept }) => kept);
  for (const { node, kept, run } of own) {
    const isMoved = moved.some((outer) => outer !== kept && contains(outer, kept));
    if (run !== '') edits.push(insertion(kept.range[1], linkedLike(kept, isMoved, source) + run));
    if (node.type !== 'AwaitExpression') continue;
    const [start, end] = node.range;
    // A parenthesis around what is awaited stays.
    const from = source.text.slice(start + 'await'.length, node.argument.range[0]).trim();
    const before: Edit = { range: [start, kept.range[0]], text: kept === node.argument ? from : '' };
    const behind: Edit = { range: [kept.range[1], end], text: '' };
    if (source.hasComment(before.range) || source.hasComment(behind.range)) return null;
    // Without semicolons, a line that begins with a parenthesis belongs to the one above.
    const begins = before.text + source.text.slice(kept.range[0]);
    if (node.parent.type === 'ExpressionStatement' && !source.usesSemicolons && /^[([`]/.test(begins)) return null;
    edits.push(before);
    if (kept === node.argument) continue;
    edits.push(behind);
    if (moved.includes(kept)) edits.push(...unshifted(source, ...kept.range));
    // Nobody needs the values.
    const name = methodNameOf(kept);
    if (node.parent.type === 'ExpressionStatement' && name) edits.push({ range: name.range, text: 'forEach' });
  }
  return edits;
}

/** What stands in front of a further call of a chain: a line of its own, where the last one has one. */
function linkedLike(chain: Node, isMoved: boolean, source: Source): string {
  const name = methodNameOf(chain);
  const dot = name && source.code.getTokenBefore(name as never);
  if (!dot || source.text.slice(source.startOfLine(dot), dot.range[0]).trim() !== '') return '';
  const indent = source.indentOf(dot);
  const { newline, indentUnit } = source;
  return newline + (isMoved && indent.startsWith(indentUnit) ? indent.slice(indentUnit.length) : indent);
}

/** Whether what is left begins on a later line than what goes: its lines stand one step too far to the right then. */
function isMovedLeft(node: Node, kept: Node, source: Source): boolean {
  return node.type === 'AwaitExpression' && kept !== node.argument && source.startOfLine(kept) > node.range[0];
}

function methodNameOf(call: Node): Node | null {
  return call.type === 'CallExpression' && call.callee.type === 'MemberExpression' ? call.callee.property : null;
}

/** Takes `async` away from a function, and the promise from its type. */
function synchronousHead(fn: FunctionNode, source: Source): Edit[] | null {
  const { parent } = fn;
  const isMethod = (parent.type === 'MethodDefinition' || parent.type === 'Property') && parent.value === fn;
  const first = source.code.getFirstToken((isMethod && fn.type === 'FunctionExpression' ? parent : fn) as never);
  let word = first;
  while (word && word.value !== 'async' && word.range[1] < fn.range[1]) word = source.code.getTokenAfter(word);
  const next = word && source.code.getTokenAfter(word);
  if (word?.value !== 'async' || !next || source.hasComment([word.range[0], next.range[0]])) return null;
  const edits: Edit[] = [{ range: [word.range[0], next.range[0]], text: '' }];
  const type = fn.returnType?.typeAnnotation;
  if (!type) return edits;
  const [inner] = type.type === 'TSTypeReference' ? (type.typeArguments?.params ?? []) : [];
  if (!inner || type.type !== 'TSTypeReference' || source.textOf(type.typeName) !== 'Promise') return null;
  return [...edits, { range: type.range, text: source.textOf(inner) }];
}
