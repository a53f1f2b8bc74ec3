import { lineOf } from '../src/places.ts';
import { createRule } from '../src/rule.ts';

export default createRule({
  name: 'prefer-immediate-transaction',
  description: 'Prefer immediate transactions where a transaction reads first and writes later',
  presets: ['recommended', 'strict'],
  messages: {
    begin:
      'This transaction reads first ({{read}}) and writes later ({{write}}): when another connection writes in between, it fails at once with SQLITE_BUSY, whatever the busy timeout. Use `BEGIN IMMEDIATE`.',
    managed:
      'This transaction reads first ({{read}}) and writes later ({{write}}): when another connection writes in between, it fails at once with SQLITE_BUSY, whatever the busy timeout. Call it as `.immediate()`.',
  },
  defaults: {},
  report(facts, report) {
    for (const { site, read, write, managed } of facts.upgrades) {
      report(site, managed ? 'managed' : 'begin', { read: lineOf(read, site), write: lineOf(write, site) });
    }
  },
});
