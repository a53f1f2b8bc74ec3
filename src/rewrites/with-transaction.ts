import { bodyOf } from './callback.ts';
import { merged } from './enclose.ts';
import { withoutStatement } from './lines.ts';
import { importName } from './imports.ts';
import { shifted } from './indentation.ts';
import { beginningAt, commitsIn } from './transaction.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { visit } from './walk.ts';
import type { TransactionLeakFact } from '../analysis/facts.ts';
import type { Node } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';
import type { Wrapper } from './wrapper.ts';

/**
 * `withTransaction(db, (tx) => { … })` in place of BEGIN, the statements behind it and COMMIT. Only where the driver
 * blocks: the wrapper takes its handles as they are, while others have to be opened by the wrapper.
 */
export function inTransaction(source: Source, leak: TransactionLeakFact, wrapper: Wrapper | null): Proposal {
  if (!wrapper) return withdrawn('no-wrapper');
  if (leak.begins !== 'statement' || !leak.driver?.synchronous) return withdrawn('asynchronous-form');
  const beginning = beginningAt(leak.site.node, leak.ran?.node ?? null, source);
  if (typeof beginning === 'string') return withdrawn(beginning);
  const { statement: begin, following, handle } = beginning;
  if (!handle || (handle.type !== 'Identifier' && handle.type !== 'MemberExpression')) return withdrawn('no-statement');
  const end = following.findIndex(
    (candidate) => candidate.type === 'ExpressionStatement' && commitsIn(candidate, source).length > 0,
  );
  const commit = following[end];
  const statements = following.slice(0, Math.max(end, 0));
  const [first] = statements;
  const last = statements.at(-1);
  if (!commit || !first || !last) return withdrawn('end-elsewhere');
  const after = following.slice(end + 1);
  const body = bodyOf(statements, after, source.functionAround(begin), source);
  if (typeof body === 'string') return withdrawn(body);
  // Others would be locked out while it waits.
  if (body.isAsync) return withdrawn('await-inside');
  if (body.returns) return withdrawn('leaves-the-function');
  const declared = statements.flatMap((statement) => source.declaredBy(statement));
  const [until] = [source.behind(last)];
  if (declared.some(({ references }) => references.some(({ identifier }) => identifier.range[0] > until)))
    return withdrawn('values-outside');
  const known = source.textOf(handle);
  const name =
    handle.type === 'Identifier'
      ? handle.name
      : ['tx', 'transaction'].find((word) => source.isFreeWithin(word, begin.parent));
  if (name === undefined) return withdrawn('no-statement');
  const renamed: Edit[] =
    name === known ? [] : mentions(statements, known, source).map(({ range }) => ({ range, text: name }));
  const verb = wrapper.names.withTransaction;
  const { local, edits } = importName(source, wrapper.module, verb, begin);
  const indent = source.indentOf(begin);
  const start = source.startOfLines(first);
  if (start <= begin.range[1] - 1) return withdrawn('no-statement');
  return {
    title: 'runInTransaction',
    data: { name: verb, module: wrapper.module },
    safe: false,
    edits: merged([
      { range: begin.range, text: `${local}(${known}, (${name}) => {` },
      ...shifted(source, start, until),
      ...renamed,
      insertion(until, `${source.newline}${indent}})${source.semicolonOf(begin)}`),
      withoutStatement(source, commit),
      ...edits,
    ]),
  };
}

/** The places that name the connection, outermost first. */
function mentions(statements: readonly Node[], name: string, source: Source): Node[] {
  const found: Node[] = [];
  for (const statement of statements)
    visit(statement, (node) => {
      if (node.type === 'MemberExpression' && source.textOf(node) === name) found.push(node);
    });
  return found;
}
