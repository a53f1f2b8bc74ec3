import { lineOf } from '../src/places.ts';
import { immediate } from '../src/rewrites/immediate.ts';
import { createRule } from '../src/rule.ts';
import type { ImmediateForm } from '../src/drivers/driver.ts';
import type { Proposal } from '../src/rewrites/rewrite.ts';
import type { Source } from '../src/rewrites/source.ts';

export default createRule({
  name: 'prefer-immediate-transaction',
  description: 'Prefer immediate transactions where a transaction reads first and writes later',
  presets: ['recommended', 'strict'],
  rewrites: ['beginImmediate', 'callImmediate', 'passImmediate'],
  messages: {
    immediate:
      'This transaction reads first ({{read}}) and writes later ({{write}}): when another connection writes in between, it fails at once with SQLITE_BUSY, whatever the busy timeout. Use {{immediate}}.',
    deferred:
      'This transaction reads first ({{read}}) and writes later ({{write}}): when another connection writes in between, it fails at once with SQLITE_BUSY, whatever the busy timeout. It cannot be begun in another way: write first, or read before it.',
  },
  defaults: {},
  report(facts, report) {
    for (const upgrade of facts.upgrades) {
      const { site, read, write, immediate: form } = upgrade;
      const lines = { read: lineOf(read, site), write: lineOf(write, site) };
      const rewrites = (source: Source): Proposal[] => [immediate(source, upgrade)];
      if (form === null) report(site, 'deferred', lines, rewrites);
      else report(site, 'immediate', { ...lines, immediate: describe(form) }, rewrites);
    }
  },
});

function describe(form: ImmediateForm): string {
  switch (form.by) {
    case 'statement':
      return '`BEGIN IMMEDIATE`';
    case 'method':
      return `\`.${form.method}()\``;
    case 'argument':
      return form.argument === 0
        ? `\`${form.method}(${form.code})\``
        : `\`${form.code}\` as its ${ORDINALS[form.argument] ?? 'next'} argument`;
    case 'option':
      return `the option \`${form.option}: ${form.typed.name}${form.typed.member}\``;
  }
}

const ORDINALS = ['first', 'second', 'third'];
