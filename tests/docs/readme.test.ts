import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import plugin from '../../src/index.ts';
import { DOCS, readPage, tableIn, textUnder } from './markdown.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8').replaceAll('\r\n', '\n');

/** A finding as the demo prints it: place and rule on one line, the message below, indented further. */
const FINDING = /^ {2}(\S+):(\d+):\d+ (\S+)\n((?: {6}.*\n)+)/gm;

test('the findings that the README shows are those of the example', () => {
  const shown = [...read('../../README.md').matchAll(FINDING)].map(
    ([, file = '', line = '', rule = '', message = '']) =>
      `${file}:${line} unbusy/${rule}: ${message.trim().replace(/\s+/g, ' ')}`,
  );
  const found = read('../examples/legacy-tasks.findings.txt').split('\n');
  expect(shown.length).toBeGreaterThan(3);
  expect(found).toEqual(expect.arrayContaining(shown));
});

test('the table of rules has all of them, and says which rewrite', () => {
  const rows = tableIn(textUnder(readPage(join(DOCS, '..', 'README.md')), 'Rules'));
  const told = rows.map(([rule = '', , marks = '']) => [/\[(.*)\]/.exec(rule)?.[1], marks]);
  const actual = Object.entries(plugin.rules).map(([name, { meta }]) => [
    name,
    [meta?.fixable && '🔧', meta?.hasSuggestions && '💡'].filter(Boolean).join(' '),
  ]);
  expect(told.toSorted()).toEqual(actual.toSorted());
});
