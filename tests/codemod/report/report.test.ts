import { describe, expect, test } from 'vitest';
import { baselineOf, compareWithBaseline, parseBaseline } from '../../../src/codemod/report/baseline.ts';
import { jsonReport, parseRun } from '../../../src/codemod/report/json.ts';
import { markdownReport } from '../../../src/codemod/report/markdown.ts';
import { mergeRuns } from '../../../src/codemod/report/merge.ts';
import { analysisText, textSummary } from '../../../src/codemod/report/text.ts';
import { file, LEFT, run, site } from './runs.ts';

describe('the summary', () => {
  test('counts rewrites by what they do, and names what is left with its reason', () => {
    const text = textSummary(run([file('a.ts', [site(), site({ line: 4, outcome: LEFT })])]), { colors: false });
    expect(text).toContain('1 hazard would be removed\n  1 x Close it in a `finally` block.\n');
    expect(text).toContain('1 hazard left alone\n  a.ts:4:14 require-close\n');
    expect(text).toContain('(handed-over)');
  });

  test('names files that were not looked at', () => {
    const skipped = [{ path: 'App.vue', why: 'unsupported-language' as const, detail: '.vue' }];
    const text = textSummary(run([], { skipped }), { colors: false });
    expect(text).toContain('1 file not looked at\n  App.vue: SQLite code in single-file components is not supported');
  });
});

describe('the analysis', () => {
  const connection = { path: 'a.ts', line: 2, driver: 'node:sqlite', database: 'app.db', readOnly: false } as const;

  test('says what is wrong about a database file as a whole', () => {
    const connections = [
      { ...connection, journal: 'wal', busyTimeout: 5000 },
      { ...connection, line: 9, journal: 'other', busyTimeout: 0 },
    ] as const;
    const text = analysisText(run([], { connections }));
    expect(text).toContain('a.ts:2 (node:sqlite): journal mode wal, waits 5000 ms');
    expect(text).toContain('One place asks for WAL and another for a different mode.');
    expect(text).toContain('1 of 2 connections wait 0 ms for a lock: a.ts:9.');
  });

  test('has nothing to say of a file that is opened well', () => {
    const text = analysisText(run([], { connections: [{ ...connection, journal: 'wal', busyTimeout: 5000 }] }));
    expect(text).not.toContain('No place');
    expect(text).not.toContain('0 ms for a lock');
  });

  test('puts what is safe before decisions, and those before work by hand', () => {
    const decision = { kind: 'left', reason: 'needs-decision', suggestions: ['Wait behind COMMIT.'] } as const;
    const sites = [site({ outcome: LEFT }), site({ line: 3, outcome: decision }), site({ line: 4 })];
    const phases = analysisText(run([file('a.ts', sites)])).match(/Phase \d: .*/g);
    expect(phases).toEqual([
      'Phase 1: Changes that take nothing but the hazard away',
      'Phase 2: Decisions',
      'Phase 3: Work by hand',
    ]);
  });
});

test('Markdown keeps what the project wrote from becoming markup', () => {
  const message = 'Table | <script>alert(1)</script> and `code <b>`';
  const text = markdownReport(run([file('a`b.ts', [site({ message })])]));
  expect(text).toContain('\\<script\\>');
  expect(text).toContain('`code <b>`');
  expect(text).toContain('`` a`b.ts ``');
});

describe('JSON', () => {
  test('comes back as it was', () => {
    const before = run([file('a.ts', [site(), site({ line: 4, outcome: LEFT })])]);
    expect(parseRun(jsonReport(before), 'a.json')).toEqual(before);
  });

  test.each([
    ['{', 'a.json cannot be read: '],
    ['{}', 'it is not a report of unbusy-codemod'],
    [jsonReport(run([])).replace('"version": 1', '"version": 2'), 'it has version 2 of the format'],
    [JSON.stringify({ ...run([]), files: {} }), 'its `files` is not a list'],
    [JSON.stringify({ ...run([]), files: [{}] }), 'one of its files has no path or no sites'],
  ])('%s is refused', (text, message) => {
    expect(() => parseRun(text, 'a.json')).toThrow(message);
  });
});

describe('a baseline', () => {
  const hazard = site({ outcome: LEFT, fingerprint: 'aa' });
  const baseline = parseBaseline(baselineOf(run([file('a.ts', [hazard])])), 'baseline.json');

  test('knows its hazards wherever their lines move', () => {
    const moved = run([file('a.ts', [{ ...hazard, place: { ...hazard.place, line: 40 } }])]);
    expect(compareWithBaseline(moved, baseline)).toEqual({ added: [], gone: [] });
  });

  test('sees that one hazard was swapped for another', () => {
    const other = site({ outcome: LEFT, fingerprint: 'bb' });
    const { added, gone } = compareWithBaseline(run([file('a.ts', [other])]), baseline);
    expect(added.map(({ site }) => site.fingerprint)).toEqual(['bb']);
    expect(gone.map(({ fingerprint }) => fingerprint)).toEqual(['aa']);
  });

  test('does not count what was rewritten in the files', () => {
    const rewritten = run([file('a.ts', [site({ fingerprint: 'cc' })])], { written: true });
    expect(compareWithBaseline(rewritten, []).added).toEqual([]);
    expect(compareWithBaseline({ ...rewritten, written: false }, []).added).toHaveLength(1);
  });

  test('has a line for each hazard, in an order that does not depend on the run', () => {
    const sites = [site({ fingerprint: '2' }), site({ fingerprint: '1' })];
    const text = baselineOf(run([file('b.ts', sites), file('a.ts', [site({ fingerprint: '3' })])]));
    expect(text.split('\n')).toHaveLength(6);
    expect(baselineOf(run([file('a.ts', [site({ fingerprint: '3' })]), file('b.ts', sites.toReversed())]))).toBe(text);
  });

  test('that is none is refused', () => {
    expect(() => parseBaseline('[]', 'b.json')).toThrow('b.json is not a baseline: write it anew');
  });
});

describe('merging parts', () => {
  const part = (index: number, count = 2) => ({
    name: `${index}.json`,
    run: run([file(`${index}.ts`, [site()])], { shard: { index, count } }),
  });

  test('gives one report of all', () => {
    const merged = mergeRuns([part(2), part(1)]);
    expect(merged.files.map(({ path }) => path)).toEqual(['1.ts', '2.ts']);
    expect([merged.examined, merged.shard]).toEqual([2, null]);
  });

  test.each([
    [[part(1)], 'There is no report of part 2 of 2.'],
    [[part(1), part(1)], '1.json and 1.json are both part 1 of 2.'],
    [[part(1), part(2, 3)], '2.json is one of 3 parts and 1.json of 2.'],
    [[part(1), { name: 'x.json', run: run([]) }], 'x.json is not the report of a part (--shard).'],
  ])('%# is refused', (parts, message) => {
    expect(() => mergeRuns(parts)).toThrow(message);
  });
});
