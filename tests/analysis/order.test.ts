import { beforeEach, describe, expect, test } from 'vitest';
import { forgetModules } from '../../src/analysis/index.ts';
import { readCases, type Case } from '../case-folders.ts';
import { lintProject } from '../lint.ts';
import { ProjectFolder } from '../project-folder.ts';
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

/**
 * Five modules, each with a function that opens a connection by way of an earlier one, and another that leaves it open.
 * Texts that they take from any module close circles.
 */
function randomModules(random: Random): Record<string, string> {
  const indices = [0, 1, 2, 3, 4];
  const moduleAt = (index: number): string => {
    const from = random.below(Math.max(index, 1));
    const others = random.shuffled(indices.filter((other) => other !== index)).slice(0, 1 + random.below(3));
    const handsOn = index > 0 && random.below(3) === 0;
    return `
      ${index === 0 ? `import Database from 'better-sqlite3';` : `import { open${from} } from './m${from}';`}
      ${others.map((other) => `import { text as text${other} } from './m${other}';`).join(' ')}
      ${
        handsOn
          ? `export { open${from} as open${index} } from './m${from}';`
          : `export const open${index} = () => ${index === 0 ? `new Database('app.db')` : `open${from}()`};`
      }
      export const text = 'text ${index}';
      export const texts = () => [${others.map((other) => `text${other}`).join(', ')}];
      export function use(): void {
        open${handsOn ? from : index}().exec(texts().join());
      }
    `;
  };
  return Object.fromEntries(indices.map((index) => [`m${index}.ts`, moduleAt(index)]));
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

  describe('to modules that import each other', () => {
    const circle = (file: string): Record<string, string> => ({
      'package.json': '{}',
      'db.ts': `
        import Database from 'better-sqlite3';
        import { file } from './files';
        export const open = () => new Database(${file});
      `,
      'files.ts': `
        import { open } from './db';
        export const connect = () => open();
        export const file = ${file === 'file' ? "'app.db'" : "() => 'app.db'"};
      `,
      'main.ts': `
        import { connect } from './files';
        export function clear(): void {
          connect().exec('DELETE FROM t');
        }
      `,
    });

    async function expectTheSame(files: Record<string, string>): Promise<void> {
      const folder = new ProjectFolder(files);
      for (const order of orders(['db.ts', 'files.ts', 'main.ts'])) {
        forgetModules();
        const reports = await lintProject(folder.path, 'recommended', { files: order });
        expect(reports.map(({ file, line, rule }) => `${file}:${line} ${rule}`).sort(), order.join(', ')).toEqual([
          'db.ts:3 require-pragmas',
          'main.ts:3 require-close',
        ]);
      }
    }

    test('and need a value of each other', () => expectTheSame(circle('file')));

    test('and call each other', () => expectTheSame(circle('file()')));
  });

  async function expectTheSameOfRandomModules(seed: number): Promise<void> {
    const random = new Random(seed);
    const files = randomModules(random);
    const folder = new ProjectFolder({ 'package.json': '{}', ...files });
    let expected: string[] | undefined;
    for (let round = 0; round < 12; round += 1) {
      const order = random.shuffled(Object.keys(files));
      forgetModules();
      const reports = await lintProject(folder.path, 'recommended', { files: order });
      const found = reports.map(({ file, line, rule }) => `${file}:${line} ${rule}`).sort();
      expect(found.filter((report) => report.endsWith('require-close'))).toHaveLength(order.length);
      expect(found, order.join(', ')).toEqual((expected ??= found));
    }
  }

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 18, 27])(
    'to modules that import each other at random, seed %i',
    expectTheSameOfRandomModules,
  );

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
