import { closeOf } from './closings.ts';
import { withoutStatement } from './lines.ts';
import { withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { someNow } from './walk.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Closing } from './close-finally.ts';
import type { Source } from './source.ts';

/** `using db = …`: the fix only where it is asked for, because not every program runs where the syntax is known (Node 24). */
export function byUsing({ handle, extent, closings, awaits, safe }: Closing, driver: Driver, source: Source): Proposal {
  const { declaration } = handle;
  if (!driver.disposable) return withdrawn('not-disposable');
  if (!declaration || closings.others.length > 0 || closings.maybe || extent.statements.length === 0)
    return withdrawn('closed-twice');
  if (declaration.parent.type === 'SwitchCase') return withdrawn('used-outside');
  // Code behind the last use would run with the connection open.
  const isLate = extent.after.some((statement) => someNow(statement, ({ type }) => type === 'AwaitExpression'));
  if (isLate) return withdrawn('await-inside');
  const keyword = closeOf(driver).answers === 'value' ? 'using' : 'await using';
  const [start] = declaration.range;
  const edits: Edit[] = [
    { range: [start, start + declaration.kind.length], text: keyword },
    ...closings.needless.map((statement) => withoutStatement(source, statement)),
    ...awaits,
  ];
  return { title: 'declareUsing', data: { keyword }, safe, edits };
}
