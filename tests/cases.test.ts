import { describe, expect, test } from 'vitest';
import { readCases, readKnownWrong } from './case-folders.ts';
import { VERSIONS } from './eslint-versions.ts';
import { lintProject, type Report } from './lint.ts';

const cases = readCases();
const knownWrong = readKnownWrong();

/** Reports as a set: two of one rule on one line count as one. */
function summary(reports: readonly Report[]): string[] {
  return [...new Set(reports.map(({ file, line, rule }) => `${file}:${line} ${rule}`))].sort();
}

describe.each(VERSIONS)('cases under $name', ({ ESLint }) => {
  test.each(cases)('$id: $situation', async ({ id, folder, preset, expected }) => {
    const found = summary(await lintProject(folder, preset, { ESLint }));
    if (knownWrong.has(id))
      expect(found, `${id} is right now: take it out of known-wrong.json`).not.toEqual(summary(expected));
    else expect(found).toEqual(summary(expected));
  });
});

describe('known-wrong.json', () => {
  test.each([...knownWrong])('%s names a case and a reason', (id, reason) => {
    expect(cases.map((item) => item.id)).toContain(id);
    expect(reason).not.toBe('');
  });
});
