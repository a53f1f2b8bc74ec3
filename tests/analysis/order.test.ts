import { beforeEach, describe, expect, test } from 'vitest';
import { forgetModules } from '../../src/analysis/index.ts';
import { readCases, type Case } from '../case-folders.ts';
import { lintProject } from '../lint.ts';
import { Random } from '../random.ts';

const severalFiles = readCases().filter(({ files }) => files.length > 1);

/** All orders of up to four things; 24 random ones of more. */
function orders<T>(things: readonly T[]): T[][] {
  if (things.length > 4) return Array.from({ length: 24 }, (_, seed) => new Random(seed).shuffled(things));
  if (things.length < 2) return [[...things]];
  return things.flatMap((first, index) => orders(things.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}

async function reportsOf({ folder, preset }: Case, files: readonly string[]): Promise<string[]> {
  const reports = await lintProject(folder, preset, { files });
  return reports.map(({ file, line, rule }) => `${file}:${line} ${rule}`).sort();
}

describe('the order in which files are linted does not matter', () => {
  beforeEach(forgetModules);

  test('there are cases of several files', () => {
    expect(severalFiles.length).toBeGreaterThan(5);
  });

  test.each(severalFiles)('to case $id, when nothing is known', async (item) => {
    const expected = await reportsOf(item, item.files);
    for (const files of orders(item.files)) {
      forgetModules();
      expect(await reportsOf(item, files), files.join(', ')).toEqual(expected);
    }
  });

  test.each(severalFiles)('to case $id, when all is known from before', async (item) => {
    const expected = await reportsOf(item, item.files);
    for (const files of orders(item.files)) expect(await reportsOf(item, files), files.join(', ')).toEqual(expected);
  });

  test.each([1, 2, 3])('nor does that of projects, seed %i', async (seed) => {
    const alone = new Map<string, string[]>();
    for (const item of severalFiles) {
      forgetModules();
      alone.set(item.id, await reportsOf(item, item.files));
    }
    forgetModules();
    const random = new Random(seed);
    for (const item of random.shuffled(severalFiles))
      expect(await reportsOf(item, random.shuffled(item.files)), item.id).toEqual(alone.get(item.id));
  });
});
