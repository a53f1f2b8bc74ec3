import { closeOf, type Closings } from './closings.ts';
import { enclose, merged } from './enclose.ts';
import { withoutStatement } from './lines.ts';
import { isHarmless } from './harmless.ts';
import { hoisted } from './hoist.ts';
import { shifted } from './indentation.ts';
import { insertion, withdrawn, type Edit, type Proposal, type Rewrite } from './rewrite.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { OwnMethod } from '../analysis/solver/means.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Extent } from './extent.ts';
import type { Handle } from './handle.ts';
import type { Source } from './source.ts';

/** What closes a connection, found once for all ways to write it. */
export interface Closing {
  readonly handle: Handle;
  readonly extent: Extent;
  readonly closings: Closings;
  /** The handle is the connection itself rather than an object that has it. */
  readonly direct: boolean;
  /** The method by which an object that has the connection is closed, where nothing does so yet. */
  readonly own: OwnMethod | null;
  /** Nothing but the leak goes away. */
  readonly safe: boolean;
  /** `await` in front of what is returned, which would be awaited only when the connection is closed. */
  readonly awaits: readonly Edit[];
}

/** `try { … } finally { db.close(); }` */
export function inFinally(closing: Closing, driver: Driver, source: Source): Proposal {
  const { handle, extent, closings, awaits, safe } = closing;
  const { statements } = extent;
  const rewrite = (edits: readonly Edit[]): Rewrite => ({ title: 'closeInFinally', safe, edits: merged(edits) });
  const named = handle.naming?.edits ?? [];
  const head = handle.naming?.line ? [handle.naming.line, 'try {'] : ['try {'];
  const [first] = statements;
  const last = statements.at(-1);
  const at = handle.behind ?? first;
  if (!at) return withdrawn('no-statement');

  // What comes behind the last use would run with the connection open.
  const early =
    closings.others.length > 0 && first && source.isFirstOnLine(first) ? closedEarly(closing, source) : null;
  if (early && last) {
    const inner = early.statements.slice(0, -1);
    const final = early.statements.at(-1);
    if (final)
      return rewrite([
        ...enclose(source, inner, [...early.declarations, ...head], ['} finally {'], early.removed, final),
        ...finalizer(source, final, source.indentOf(at)),
        ...named,
        ...early.edits,
        ...awaits,
      ]);
  }

  // Of what else closes an object it is not known whether that may happen twice.
  if (!closing.direct && closings.others.length > 0) return withdrawn('within-an-object');
  const removed = closings.needless.map((statement) => withoutStatement(source, statement));
  const isReusable = last && closings.needless.includes(last) && statements.length > 1 && source.isFirstOnLine(last);
  const reused = isReusable ? last : null;
  if (reused) {
    const edits = enclose(source, statements.slice(0, -1), head, ['} finally {'], removed.slice(0, -1), reused);
    return rewrite([...edits, ...finalizer(source, reused, source.indentOf(at)), ...named, ...awaits]);
  }
  const upward = closing.direct && !handle.conditional ? extendedTry(closing, source) : null;
  if (upward) return rewrite([...upward, ...named, ...awaits]);

  const isOwn = closing.direct && !handle.conditional;
  const line = isOwn ? closeLine(closing, driver, source) : (ownLine(closing, source) ?? knownLine(closing, source));
  if (line === null) return withdrawn(isOwn ? 'closed-twice' : handle.conditional ? 'conditional' : 'within-an-object');
  const { newline, indentUnit } = source;
  const outer = source.indentOf(at);
  if (!first || !statements.some((statement) => !closings.needless.includes(statement)))
    return handle.behind
      ? rewrite([...named, insertion(source.behind(handle.behind), newline + outer + line)])
      : withdrawn('no-statement');
  // A `try` that is there already gets the block.
  if (statements.length === 1 && first.type === 'TryStatement' && !first.finalizer) {
    const block = ` finally {${newline}${outer}${indentUnit}${line}${newline}${outer}}`;
    return rewrite([...removed, ...awaits, insertion(first.range[1], block)]);
  }
  const tail = ['} finally {', indentUnit + line, '}'];
  return rewrite([...enclose(source, statements, head, tail, removed), ...named, ...awaits]);
}

/** `await db.close()` */
export function closeCall({ name, optional }: Handle, driver: Driver, guarded = false): string {
  const { method, answers } = closeOf(driver);
  return `${answers === 'promise' ? 'await ' : ''}${name}${optional && !guarded ? '?.' : '.'}${method}()`;
}

/** The statement that closes; null where the driver fails when a connection is closed twice, and cannot tell. */
function closeLine({ handle, closings }: Closing, driver: Driver, source: Source): string | null {
  const end = source.usesSemicolons ? ';' : '';
  if ((closings.others.length === 0 && !closings.maybe) || driver.closesAgain) return closeCall(handle, driver) + end;
  const open = Object.entries(driver.properties ?? {}).find(([, fact]) => fact === 'open')?.[0];
  if (open === undefined) return null;
  return `if (${handle.name}${handle.optional ? '?.' : '.'}${open}) ${closeCall(handle, driver, true)}${end}`;
}

function ownLine({ handle: { name }, own }: Closing, source: Source): string | null {
  if (!own) return null;
  return `${own.answers === 'promise' ? 'await ' : ''}${name}.${own.name}()${source.usesSemicolons ? ';' : ''}`;
}

/** How an object is closed, and on which condition a connection is ours to close, is written where that is done. */
function knownLine({ closings: { needless, others } }: Closing, source: Source): string | null {
  const [only, ...more] = needless;
  if (!only || more.length > 0 || others.length > 0) return null;
  return source.textOf(only).includes('\n') ? null : source.textOf(only);
}

/** The statement that closes at the end stays as it is, in a block of its own. */
function finalizer(source: Source, statement: Node, indent: string): Edit[] {
  const start = source.startOfLines(statement);
  const end = source.behind(statement);
  return [...shifted(source, start, end), insertion(end, `${source.newline}${indent}}`)];
}

interface Early {
  /** Up to the statement that closes. */
  readonly statements: readonly Node[];
  readonly removed: readonly Edit[];
  /** Variables that are read behind it. */
  readonly declarations: readonly string[];
  readonly edits: readonly Edit[];
}

/** The only closing is a statement in the middle, behind which the connection is not used: the block ends there. */
function closedEarly({ handle, extent, closings }: Closing, source: Source): Early | null {
  const [close] = closings.others;
  const at = close ? extent.statements.indexOf(close) : -1;
  if (!close || at < 1 || closings.others.length > 1) return null;
  const statements = extent.statements.slice(0, at + 1);
  const [, end] = close.range;
  // What came of it and is used behind it does not need it: it is closed there already.
  if (handle.uses.some(({ range }) => range[0] > end)) return null;
  const needless = closings.needless.filter(({ range }) => range[0] < end);
  if (needless.length < closings.needless.length) return null;
  const lifted = hoisted(statements, end, source);
  if (!lifted) return null;
  return { statements, removed: needless.map((statement) => withoutStatement(source, statement)), ...lifted };
}

/** A `try` whose `finally` closes the connection begins too late: it begins right behind the open then. */
function extendedTry({ extent, closings, handle }: Closing, source: Source): Edit[] | null {
  const { statements } = extent;
  const block = statements.at(-1);
  const before = statements.slice(0, -1);
  if (block?.type !== 'TryStatement' || !block.finalizer || block.handler || before.length === 0) return null;
  const { body } = block.finalizer;
  const closes = (statement: Node): boolean =>
    closings.others.includes(statement) || closings.needless.includes(statement);
  if (!body.some(closes) || !body.every((statement) => closes(statement) || isHarmless(statement))) return null;
  if (handle.naming || closings.others.length + closings.needless.length > 1) return null;
  const declared = before.flatMap((statement) => source.declaredBy(statement));
  const [from] = block.finalizer.range;
  const isSeen = declared.some(({ references }) => references.some(({ identifier }) => identifier.range[0] >= from));
  const opening: readonly [number, number] = [source.startOfLine(block), block.block.range[0] + 1];
  const rest = /^[ \t]*\r?\n/.exec(source.text.slice(opening[1]));
  const isOwnLine = source.text.slice(opening[0], block.range[0]).trim() === '' && rest !== null;
  if (isSeen || !isOwnLine || source.hasComment(opening)) return null;
  const indent = source.indentOf(block);
  const [first] = before;
  if (!first) return null;
  const start = source.startOfLines(first);
  return [
    insertion(start, `${indent}try {${source.newline}`),
    ...shifted(source, start, opening[0]),
    { range: [opening[0], opening[1] + rest[0].length], text: '' },
  ];
}
