import { lineOf, traceOf } from '../src/places.ts';
import { waiting } from '../src/rewrites/waiting.ts';
import { createRule } from '../src/rule.ts';

export default createRule({
  name: 'no-await-in-transaction',
  description: 'Disallow waiting for other work while a transaction or a row iterator is open',
  presets: ['recommended', 'strict'],
  rewrites: ['waitBehind', 'waitBefore', 'splitTransaction', 'readAllFirst'],
  suggestsOnly: true,
  messages: {
    transaction:
      'The transaction begun at {{line}} stays open while this waits for {{what}}{{trace}}: every other writer is locked out for as long as that takes. Do this work before the transaction begins or after it ends.',
    snapshot:
      'The transaction begun at {{line}} stays open while this waits for {{what}}{{trace}}: once it has read, it keeps others from committing, or in WAL mode from checkpointing, for as long as that takes. Do this work before the transaction begins or after it ends.',
    rows: 'The rows being read since {{line}} pin the database while this waits for {{what}}{{trace}}: a lock or a snapshot is held for as long as that takes. Read all rows first.',
  },
  defaults: {},
  report(facts, report) {
    for (const wait of facts.waits) {
      if (wait.holds === 'connection') continue;
      const messageId = wait.holds === 'transaction' && !wait.locks ? 'snapshot' : wait.holds;
      const driver = wait.driver && { driver: wait.driver.id };
      const data = { line: lineOf(wait.since, wait.site), what: wait.what, trace: traceOf(wait), ...driver };
      report(wait.site, messageId, data, (source) => waiting(source, wait));
    }
  },
});
