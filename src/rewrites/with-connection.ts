import { closeOf } from './closings.ts';
import { bodyOf } from './callback.ts';
import { merged } from './enclose.ts';
import { withoutStatement } from './lines.ts';
import { importName } from './imports.ts';
import { shifted } from './indentation.ts';
import { openingArguments } from './open.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import type { Driver } from '../drivers/driver.ts';
import type { OpenFact } from '../analysis/facts.ts';
import type { Closing } from './close-finally.ts';
import type { Source } from './source.ts';
import type { Wrapper } from './wrapper.ts';

/** `withConnection(file, (db) => { … })` in place of the declaration and the statements that use it. */
export function inConnection(
  { handle, extent, closings, safe }: Closing,
  driver: Driver,
  open: OpenFact | null,
  wrapper: Wrapper | null,
  source: Source,
): Proposal {
  const { declaration, name, awaited } = handle;
  if (!wrapper) return withdrawn('no-wrapper');
  if (!open || !declaration || declaration.kind === 'var') return withdrawn('by-a-library');
  if (closings.others.length > 0) return withdrawn('closed-twice');
  const [first] = extent.statements;
  const statements = extent.statements.filter((statement) => !closings.needless.includes(statement));
  const last = statements.at(-1);
  if (!first || !last) return withdrawn('no-statement');
  const fn = source.functionAround(declaration);
  const body = bodyOf(extent.statements, extent.after, fn, source);
  if (typeof body === 'string') return withdrawn(body);
  // A promise comes out where the driver's calls answer later, and callbacks run when it is settled.
  if (!driver.synchronous && (!body.isAsync || closeOf(driver).answers === 'callback'))
    return withdrawn('asynchronous-form');
  const args = openingArguments(source, open);
  if (!('file' in args)) return args;
  const verb = wrapper.names.withConnection;
  const { local, edits } = importName(source, wrapper.module, verb, declaration, args.obsolete);
  const end = source.semicolonOf(declaration);
  const indent = source.indentOf(declaration);
  const isPromise = body.isAsync || awaited;
  const call = `${local}(${args.file}, ${isPromise ? 'async ' : ''}(${name}) => {`;
  const prefix = body.returns ? 'return ' : isPromise ? 'await ' : '';
  const options = args.options === null ? '' : `, ${args.options}`;
  const start = source.startOfLines(first);
  if (start <= declaration.range[1] - 1) return withdrawn('no-statement');
  const removed: Edit[] = closings.needless.map((statement) => withoutStatement(source, statement));
  const until = source.behind(last);
  const inner = shifted(source, start, until).filter(
    ({ range: [at] }) => !removed.some(({ range }) => at >= range[0] && at < range[1]),
  );
  return {
    title: 'runWithConnection',
    data: { name: verb, module: wrapper.module },
    safe: safe && wrapper.isInstalled,
    edits: merged([
      { range: declaration.range, text: prefix + call },
      ...inner,
      ...removed,
      insertion(until, `${source.newline}${indent}}${options})${end}`),
      ...edits,
    ]),
  };
}
