import { describe, expect, test } from 'vitest';
import { jsonReport, parseRun } from '../../../src/codemod/report/json.ts';
import { mergeRuns } from '../../../src/codemod/report/merge.ts';
import { legacyTasks, runIn } from './real-runs.ts';
import { file, run, site } from './runs.ts';
import type { Run } from '../../../src/codemod/model.ts';

test('the parts of a project make the report of the whole', async () => {
  const folder = legacyTasks();
  const parts: { readonly name: string; readonly run: Run }[] = [];
  for (const index of [3, 1, 2]) {
    const part = await runIn(folder, { shard: { index, count: 3 } });
    parts.push({ name: `${index}.json`, run: parseRun(jsonReport(part), `${index}.json`) });
  }
  expect(parts.filter(({ run }) => run.files.length > 0).length).toBeGreaterThan(1);
  const whole = await runIn(folder);
  const sorted = ({ connections, ...rest }: Run): unknown => ({
    ...rest,
    connections: connections.toSorted((one, other) => one.line - other.line),
  });
  expect(sorted(mergeRuns(parts))).toEqual(sorted({ ...whole, paths: whole.paths.toSorted() }));
});

describe('what does not belong together is refused', () => {
  const part = (index: number, given: Partial<Run> = {}): { readonly name: string; readonly run: Run } => ({
    name: `${index}.json`,
    run: run([file(`${index}.ts`, [site()])], { shard: { index, count: 2 }, ...given }),
  });

  test.each([
    [[], 'There is nothing to merge'],
    [[part(1)], 'There is no report of part 2 of 2.'],
    [[part(1), part(1)], '1.json and 1.json are both part 1 of 2.'],
    [[part(1), part(2, { shard: { index: 2, count: 3 } })], '2.json is one of 3 parts and 1.json of 2.'],
    [[part(1), part(2, { shard: null })], '2.json is not the report of a part (--shard).'],
    [[part(1, { shard: null }), part(2)], '1.json is not the report of a part (--shard).'],
    [
      [part(1), part(2, { tool: { name: 'unbusy-codemod', version: '9.0.0' } })],
      '2.json was made by version 9.0.0 and 1.json by 0.1.0',
    ],
    [[part(1), part(2, { written: true })], '2.json was made with --write and 1.json without'],
    [[part(1), part(2, { paths: ['1.ts'] })], '2.json and 1.json have both looked at 1.ts'],
  ])('%#: %s', (parts, message) => {
    expect(() => mergeRuns(parts)).toThrow(message);
  });
});
