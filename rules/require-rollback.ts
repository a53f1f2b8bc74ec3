import { lineOf } from '../src/places.ts';
import { rollingBack } from '../src/rewrites/rollback.ts';
import { inTransaction } from '../src/rewrites/with-transaction.ts';
import { wrapperFor } from '../src/rewrites/wrapper.ts';
import { createRule } from '../src/rule.ts';

export default createRule({
  name: 'require-rollback',
  description: 'Require transactions begun by hand to be rolled back when something throws',
  presets: ['recommended', 'strict'],
  rewrites: ['rollBack', 'rollBackBeforeLeaving', 'commitInTry', 'closeTransaction', 'runInTransaction'],
  messages: {
    normal:
      'This transaction is still open on the way out at {{line}}: it keeps its lock and every other writer gets SQLITE_BUSY. Commit or roll back before leaving.',
    explicit:
      'This transaction is still open when {{line}} throws: it keeps its lock and every other writer gets SQLITE_BUSY. Roll back in a `catch` block.',
    implicit:
      'This transaction is still open when a statement at {{line}} fails: it keeps its lock and every other writer gets SQLITE_BUSY. Roll back in a `catch` block.',
    committed:
      'This transaction is committed also when something in it failed, so that half of the work stays. Roll back in a `catch` block.',
  },
  defaults: {},
  report(facts, report, _, context) {
    for (const leak of facts.transactionLeaks) {
      const exit = ['normal', 'explicit', 'committed', 'implicit']
        .map((kind) => leak.exits.find((item) => item.kind === kind))
        .find(Boolean);
      if (exit)
        report(
          leak.site,
          exit.kind,
          { line: lineOf(exit.site, leak.site), ...(leak.driver && { driver: leak.driver.id }) },
          (source) => [
            ...rollingBack(source, leak),
            inTransaction(source, leak, leak.driver && wrapperFor(context, leak.driver)),
          ],
        );
    }
  },
});
