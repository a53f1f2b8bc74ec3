import { lineOf } from '../src/places.ts';
import { createRule } from '../src/rule.ts';

export default createRule({
  name: 'prefer-immediate-transaction',
  description: 'Prefer immediate transactions where a transaction reads first and writes later',
  presets: ['recommended', 'strict'],
  messages: {
    immediate:
      'This transaction reads first ({{read}}) and writes later ({{write}}): when another connection writes in between, it fails at once with SQLITE_BUSY, whatever the busy timeout. Use {{immediate}}.',
    deferred:
      'This transaction reads first ({{read}}) and writes later ({{write}}): when another connection writes in between, it fails at once with SQLITE_BUSY, whatever the busy timeout. It cannot be begun in another way: write first, or read before it.',
  },
  defaults: {},
  report(facts, report) {
    for (const { site, read, write, immediate } of facts.upgrades) {
      const lines = { read: lineOf(read, site), write: lineOf(write, site) };
      if (immediate === null) report(site, 'deferred', lines);
      else report(site, 'immediate', { ...lines, immediate });
    }
  },
});
