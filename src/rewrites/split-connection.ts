import { closeCall } from './close-finally.ts';
import { merged } from './enclose.ts';
import { extentOf } from './extent.ts';
import { hoisted } from './hoist.ts';
import { unshifted } from './indentation.ts';
import { pragmasOf } from './superfluous.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { contains, methodOf } from './walk.ts';
import type { WaitFact } from '../analysis/facts.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Holding } from './holding.ts';
import type { Source } from './source.ts';

/**
 * Read, close, wait, open again, write: the connection is opened a second time, with the settings that it was given the
 * first time; values go over in variables.
 */
export function splitConnection(holding: Holding, { driver }: WaitFact, source: Source): Proposal {
  const { begin, before, waits, after, block, handle } = holding;
  const [first] = waits;
  const last = waits.at(-1);
  if (!driver || !begin || !handle?.variable || !handle.declaration || !first || !last)
    return withdrawn('waits-in-between');
  if (handle.declaration.kind === 'using' || handle.declaration.kind === 'await using')
    return withdrawn('waits-in-between');
  const [declarator] = handle.declaration.declarations;
  if (!declarator.init) return withdrawn('waits-in-between');
  // A statement that is prepared belongs to the connection that is closed.
  const { connected } = extentOf(handle, driver, source);
  const own = new Set<Node>(handle.uses);
  const carried = connected.filter((node) => !own.has(node) && node !== declarator.id);
  const isBefore = (node: Node): boolean => before.some((statement) => contains(statement, node));
  const declaredBefore = before.flatMap((statement) => source.declaredBy(statement));
  const isCarried = declaredBefore.some(
    ({ identifiers, references }) =>
      [...identifiers].some((identifier) => carried.includes(identifier)) &&
      references.some(({ identifier }) => !isBefore(identifier)),
  );
  if (isCarried) return withdrawn('waits-in-between');
  const semicolon = source.semicolonOf(handle.declaration);
  const { newline, indentUnit } = source;
  const outer = source.indentOf(begin);
  const settings = before
    .filter((statement) => isSetting(statement, handle.name, source))
    .map((statement) => source.textOf(statement));
  const open = `${handle.name} = ${source.textOf(declarator.init)}${semicolon}`;
  const close = closeCall(handle, driver) + semicolon;
  const word = handle.declaration.range;
  const edits: Edit[] = [];
  if (handle.declaration.kind === 'const') edits.push({ range: [word[0], word[0] + 'const'.length], text: 'let' });
  if (!block) {
    const start = source.startWithComments(first);
    edits.push(
      insertion(start, `${close}${newline}${outer}`),
      insertion(source.behind(last), [open, ...settings].map((line) => newline + outer + line).join('')),
    );
    return { title: 'splitConnection', safe: false, edits: merged(edits) };
  }
  const lifted = hoisted(before, before.at(-1)?.range[1] ?? 0, source);
  const lastBefore = before.at(-1);
  const [firstAfter] = after;
  // There is nothing to be done with it before.
  if (!lifted || !lastBefore || !firstAfter || settings.length === before.length) return withdrawn('waits-in-between');
  const inner = outer + indentUnit;
  const from = source.startOfLines(first);
  const until = source.behind(last);
  const lines = (texts: readonly string[], indent: string): string =>
    texts.map((text) => newline + indent + text).join('');
  const closing = `${newline}${outer}} finally {${newline}${inner}${close}${newline}${outer}}${newline}`;
  const opening = lines([open, 'try {'], outer) + lines(settings, inner) + newline;
  edits.push(
    ...(lifted.declarations.length > 0
      ? [insertion(source.startOfLine(block), lifted.declarations.map((line) => outer + line + newline).join(''))]
      : []),
    ...lifted.edits,
    { range: [source.behind(lastBefore), from], text: closing },
    ...unshifted(source, from, until),
    { range: [until, source.startOfLines(firstAfter)], text: opening },
  );
  return { title: 'splitConnection', safe: false, edits: merged(edits) };
}

/** `db.pragma('journal_mode = WAL')`, `db.exec('PRAGMA …')`, `db.configure(…)` */
function isSetting(statement: Node, handle: string, source: Source): boolean {
  if (pragmasOf(statement, handle, source)) return true;
  return statement.type === 'ExpressionStatement' && methodOf(statement.expression) === 'configure';
}
