import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CODEMOD_REASONS } from '../../src/codemod/model.ts';
import { REASONS } from '../../src/rewrites/reasons.ts';
import { DOCS, readPage, textUnder } from './markdown.ts';

const reasons = { ...REASONS, ...CODEMOD_REASONS };
const page = readPage(join(DOCS, 'reasons.md'));
const sections = page.headings.filter(({ level }) => level === 2).map(({ text }) => text);

test('every reason has a section, in the order of the alphabet', () => {
  expect(sections).toEqual(
    Object.keys(reasons)
      .map((reason) => `\`${reason}\``)
      .sort(),
  );
});

test.each(Object.entries(reasons))('%s says what it means and what to do by hand', (reason, meaning) => {
  const text = textUnder(page, `\`${reason}\``).replace(/\s+/g, ' ');
  expect(text).toContain(meaning);
  expect(text).toContain('By hand:');
});
