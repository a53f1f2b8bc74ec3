import { describe, expect, test } from 'vitest';
import { jsonReport, parseRun } from '../../../src/codemod/report/json.ts';
import { legacyTasks, runIn } from './real-runs.ts';
import { file, LEFT, run, site } from './runs.ts';

test('a real run comes back as it was', async () => {
  const before = await runIn(legacyTasks(), { suggestions: true });
  expect(parseRun(jsonReport(before), 'a.json')).toEqual(before);
});

describe('what is not a run is refused with what is wrong', () => {
  const whole = (): Record<string, unknown> =>
    JSON.parse(jsonReport(run([file('a.ts', [site(), site({ line: 4, outcome: LEFT })])]))) as Record<string, unknown>;

  /** A run with one value changed, by the way to it. */
  function changed(way: readonly (string | number)[], value: unknown): string {
    const copy = whole();
    let at: unknown = copy;
    for (const step of way.slice(0, -1)) at = (at as Record<string | number, unknown>)[step];
    (at as Record<string | number, unknown>)[way.at(-1) ?? ''] = value;
    return JSON.stringify(copy);
  }

  test.each([
    ['{', 'a.json cannot be read: it is not JSON ('],
    ['[]', 'a.json cannot be read: it is not a report of unbusy-codemod'],
    ['{ "tool": { "name": "other" } }', 'it is not a report of unbusy-codemod'],
    [changed(['version'], 2), 'it has version 2 of the format, and this version reads 1'],
    [changed(['files'], {}), 'files is not a list'],
    [changed(['files', 0, 'before'], undefined), 'files[0].before is missing'],
    [
      changed(['files', 0, 'sites', 1, 'place', 'line'], 0),
      'files[0].sites[1].place.line is not a whole number from 1',
    ],
    [changed(['files', 0, 'sites', 1, 'outcome', 'reason'], 'bored'), 'reason is "bored", a reason that this version'],
    [changed(['files', 0, 'sites', 0, 'outcome', 'kind'], 'odd'), 'outcome.kind is "odd", and this version knows'],
    [changed(['files', 0, 'sites', 0, 'rule'], 'toString'), 'files[0].sites[0].rule is "toString", a rule that'],
    [changed(['skipped'], [{ path: 'a', why: 'tired', detail: null }]), 'skipped[0].why is "tired"'],
    [changed(['shard'], { index: 1 }), 'shard.count is missing'],
  ])('%#', (text, message) => {
    expect(() => parseRun(text, 'a.json')).toThrow(message);
  });

  test('and what a later version of the format adds is not', () => {
    expect(parseRun(changed(['later'], true), 'a.json')).toMatchObject({ version: 1 });
  });
});
