import { Linter } from 'eslint';
import { expect, test } from 'vitest';
import { createRule } from '../../src/rule.ts';

const rule = createRule({
  name: 'fails',
  description: 'Reports each connection, and cannot say what to do',
  presets: [],
  messages: { found: 'found: {{reason}}' },
  rewrites: ['renameOption'],
  defaults: {},
  report(facts, report) {
    for (const { site } of facts.opens)
      report(site, 'found', {}, () => {
        throw new Error('a defect');
      });
  },
});

test('a rewrite that fails leaves the report as it is, with the reason', () => {
  const messages = new Linter().verify(
    "import Database from 'better-sqlite3';\nexport const db = new Database('app.db');",
    [{ plugins: { unbusy: { rules: { fails: rule } } }, rules: { 'unbusy/fails': 'error' } }],
    { filename: 'main.js' },
  );
  expect(messages.map(({ message, fix, suggestions }) => ({ message, fix, suggestions }))).toEqual([
    { message: 'found: failed', fix: undefined, suggestions: undefined },
  ]);
});
