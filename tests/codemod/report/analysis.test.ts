import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { analysisOf } from '../../../src/codemod/report/analysis.ts';
import { databasesOf } from '../../../src/codemod/report/databases.ts';
import { markdownReport } from '../../../src/codemod/report/markdown.ts';
import { analysisText, PLAIN, textSummary } from '../../../src/codemod/report/text.ts';
import { project } from '../command.ts';
import { exampleRun, legacyTasks, runIn } from './real-runs.ts';
import { file, LEFT, run, site } from './runs.ts';
import type { ConnectionPlace, Run, Site } from '../../../src/codemod/model.ts';

const DECISION: Site['outcome'] = { kind: 'left', reason: 'needs-decision', suggestions: ['Wait behind COMMIT.'] };

describe('the analysis of the example', () => {
  test('tells each root cause with its places, in chapters', async () => {
    const { chapters } = analysisOf(await exampleRun());
    const told = chapters.map(({ title, causes }) => [
      title,
      ...causes.map(({ title, places }) => `${title}: ${places.map(({ site }) => site.within).join(', ')}`),
    ]);
    expect(told).toEqual([
      ['Journal modes', 'Database files that are not in WAL mode: getDatabaseConnection'],
      ['Busy timeouts and other settings', 'Settings that never reach the database: getQueueConnection'],
      [
        'Connection management',
        'Connections that stay open: claimTask, recordUsage, collectReplies, fulfilPromise, summarizeConversation, runTestSuite',
        'Connections held open while other work is awaited: collectReplies, summarizeConversation',
      ],
      [
        'Transactions and locks held while waiting',
        'Transactions that stay open when something throws: beat',
        'Write locks held while the program waits for something else: fulfilPromise, runTestSuite',
        'Snapshots held while the program waits for something else: deliverMessage',
      ],
      [
        'Concurrent access',
        'Transactions that read first and write later: claimTask, recordUsage, deliverMessage, fulfilPromise',
      ],
    ]);
  });

  test('tells the journal mode and the timeout of each database file', async () => {
    const text = analysisText(await exampleRun(), PLAIN);
    expect(text).toContain(
      '  queue.db\n    src/utilities/database.ts:19 (sqlite): journal mode WAL, busy timeout 1000 ms\n' +
        '  system.db\n    src/utilities/database.ts:7 (sqlite): journal mode not set, busy timeout 1000 ms\n    No place switches WAL on.\n',
    );
  });

  test('plans safe edits before decisions, each with its files', async () => {
    const { phases, files } = analysisOf(await exampleRun());
    expect(phases.map(({ title, risk, files }) => [title, risk, files.length])).toEqual([
      ['Safe edits', 'Low', 7],
      ['Decisions to make', 'Medium', 4],
    ]);
    expect(files.find(({ path }) => path === 'src/queue/queue.ts')).toMatchObject({ hazards: 2, phases: [1] });
    expect(files.find(({ path }) => path === 'src/tasks/promise-tasks.ts')).toMatchObject({
      hazards: 5,
      phases: [1, 2],
    });
  });

  test('counts what it shows', async () => {
    const analysis = analysisOf(await exampleRun());
    expect(analysis.summary[0]).toBe('18 hazards in 7 files, of 13 files looked at.');
    expect(analysis.hazards).toBe(analysis.areas.flatMap(({ places }) => places).length);
    expect(analysis.rewritten + analysis.decisions + analysis.byHand).toBe(analysis.hazards);
    expect(analysis.phases.flatMap(({ changes }) => changes.flatMap(({ places }) => places))).toHaveLength(18);
  });

  test('points to the files as they are once they are written', async () => {
    const folder = legacyTasks();
    const written = await runIn(folder, { write: true });
    const again = await runIn(folder);
    const left = (run: Run): string[] =>
      analysisOf(run)
        .areas.flatMap(({ places }) => places)
        .filter(({ site }) => site.outcome.kind === 'left')
        .map(({ path, site, place }) => `${path}:${place.line}:${place.column} ${site.rule}`)
        .toSorted();
    expect(left(written)).toEqual(left(again));
    expect(left(await exampleRun())).not.toEqual(left(again));
  });
});

describe('recommended changes', () => {
  const phases = (sites: readonly Site[], written = false): string[] =>
    analysisOf(run([file('a.ts', sites)], { written })).phases.map(({ title }) => title);

  test('are in the order of their risk, whatever the order of the places', () => {
    const unsafe = { ...site().outcome, safe: false } as Site['outcome'];
    const sites = [
      site({ line: 1, outcome: LEFT }),
      site({ line: 2, outcome: DECISION }),
      site({ line: 3, outcome: unsafe }),
      site({ line: 4 }),
    ];
    expect(phases(sites)).toEqual(['Safe edits', 'Decisions that are made', 'Decisions to make', 'Work by hand']);
  });

  test('have no phase for what somebody has said no to', () => {
    const declined: Site['outcome'] = { kind: 'left', reason: 'declined', suggestions: [] };
    expect(phases([site({ outcome: declined })])).toEqual([]);
  });

  test('begin with what locks others out', () => {
    const rewritten = (line: number, text: string, rest: Partial<Site>): Site =>
      site({ line, outcome: { ...site().outcome, text } as Site['outcome'], ...rest });
    const warning = { rule: 'valid-open-options', messageId: 'misspelt' };
    const sites = [rewritten(1, 'Rename.', warning), rewritten(2, 'Rename.', warning), rewritten(3, 'Close.', {})];
    const [phase] = analysisOf(run([file('a.ts', sites)])).phases;
    expect(phase?.changes.map(({ what }) => what)).toEqual(['Close.', 'Rename.']);
  });
});

describe('databases', () => {
  const opened = (given: Partial<ConnectionPlace>): ConnectionPlace => ({
    path: 'a.ts',
    line: 2,
    driver: 'node:sqlite',
    database: 'app.db',
    journal: 'wal',
    busyTimeout: 5000,
    readOnly: false,
    ...given,
  });
  const problems = (...places: readonly ConnectionPlace[]): readonly string[] =>
    databasesOf(places, []).flatMap(({ problems }) => problems);

  test('that are opened well have no problem', () => {
    expect(problems(opened({}), opened({ line: 9, journal: 'unset' }))).toEqual([]);
  });

  test('with places that disagree about the journal mode', () => {
    expect(problems(opened({}), opened({ line: 9, journal: 'other' }))).toEqual([
      'One place switches WAL on (a.ts:2) and another one chooses a different mode (a.ts:9).',
    ]);
    expect(problems(opened({}), opened({ line: 9, journal: 'other', readOnly: true }))).toEqual([]);
  });

  test('with places that do not wait, or not as long', () => {
    expect(problems(opened({}), opened({ line: 9, busyTimeout: 0 }))).toEqual([
      '1 of 2 openings waits 0 ms for a lock: a.ts:9.',
    ]);
    expect(problems(opened({}), opened({ line: 9, busyTimeout: 100 }))).toEqual([
      'Connections wait for different times: 100, 5000 ms.',
    ]);
    expect(problems(opened({}), opened({ line: 9, busyTimeout: 'unknown' }))).toEqual([]);
  });

  test('whose file is not known are not compared with each other', () => {
    const unknown = { database: null };
    expect(problems(opened(unknown), opened({ ...unknown, line: 9, journal: 'other', busyTimeout: 100 }))).toEqual([]);
  });

  test('are not said to lack WAL where a file that was not looked at switches it on', async () => {
    const folder = project({
      'src/main.js': `
        import Database from 'better-sqlite3';
        export function open() { const db = new Database('app.db'); db.pragma('journal_mode = WAL'); return db; }`,
      'src/read.js': `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db');
        export function names() { return db.prepare('SELECT name FROM users').all(); }`,
    });
    const { databases } = analysisOf(await runIn(folder, { include: ['src/read.js'] }));
    expect(databases.map(({ database, places, problems }) => [database, places.length, problems])).toEqual([
      ['app.db', 1, []],
    ]);
  });
});

describe('the summary of a migration', () => {
  test('counts rewrites by what they do, and names what is left with its reason', () => {
    const text = textSummary(run([file('a.ts', [site(), site({ line: 4, outcome: LEFT })])]), PLAIN);
    expect(text).toContain('1 hazard would be removed\n  1 x Close it in a `finally` block.\n');
    expect(text).toContain('1 hazard left alone\n  a.ts:4:14 require-close\n');
    expect(text).toContain('(handed-over)');
  });

  test('names files that were not looked at', () => {
    const skipped = [{ path: 'App.vue', why: 'unsupported-language' as const, detail: '.vue' }];
    const text = textSummary(run([], { skipped }), PLAIN);
    expect(text).toContain('1 file not looked at\n  App.vue: SQLite code in single-file components is not supported');
  });
});

describe('text', () => {
  const RUN = run([file('src/a.ts', [site(), site({ line: 4, outcome: DECISION })])]);

  test('is as wide as it is told to be', () => {
    const longest = (width: number): number =>
      Math.max(
        ...analysisText(RUN, { colors: false, width })
          .split('\n')
          .map(({ length }) => length),
      );
    expect(longest(60)).toBeLessThanOrEqual(60);
    expect(longest(100)).toBeGreaterThan(60);
  });

  test('says the same with colours', () => {
    const coloured = analysisText(RUN, { colors: true, width: 100 });
    expect(coloured).toContain('\u001B[');
    expect(stripVTControlCharacters(coloured)).toBe(analysisText(RUN, PLAIN));
  });

  test('names what can be chosen', () => {
    expect(analysisText(RUN, PLAIN)).toContain('Possible: Wait behind COMMIT.');
  });

  test('of a run without a finding says so, and nothing else', () => {
    expect(analysisText(run([], { examined: 3 }), PLAIN)).toBe(
      'SQLite lock hazards\n3 files looked at, no hazard found.\n',
    );
  });
});

describe('Markdown', () => {
  test('keeps what the project wrote from becoming markup', () => {
    const message = 'Table | <script>alert(1)</script> and `code <b>`';
    const text = markdownReport(run([file('a`b.ts', [site({ message })])]));
    expect(text).toContain('\\<script\\>');
    expect(text).toContain('`code <b>`');
    expect(text).toContain('`` a`b.ts ``');
  });

  test('has all chapters of the example, and the diff of each file', async () => {
    const text = markdownReport(await exampleRun());
    const chapters = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(chapters).toEqual([
      'Databases',
      'Root causes',
      'Problem areas',
      'Recommended changes',
      'Files that need change',
      'Left alone, and why',
      'How to test it',
      'What would change',
    ]);
    expect(text.match(/^```diff$/gm)).toHaveLength(7);
  });

  test('says what each reason means', () => {
    const text = markdownReport(run([file('a.ts', [site({ outcome: LEFT })])]));
    expect(text).toContain(
      '| `handed-over` | The connection belongs to somebody else on some ways, who closes it. | `a.ts:2` |',
    );
  });
});
