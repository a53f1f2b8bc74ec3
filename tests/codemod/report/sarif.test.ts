import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';
import { sarifReport } from '../../../src/codemod/report/sarif.ts';
import { exampleRun, legacyTasks, runIn } from './real-runs.ts';
import { file, LEFT, run, site } from './runs.ts';
import type { Log, Result } from 'sarif';
import type { Run } from '../../../src/codemod/model.ts';

const require = createRequire(import.meta.url);

const RUN = run([file('src/a b#1.ts', [site(), site({ line: 3, outcome: LEFT, within: 'Queue.claim' })])], {
  skipped: [{ path: 'App.vue', why: 'unsupported-language', detail: '.vue' }],
  notes: [{ path: 'a.test.ts', line: 4, text: 'It mocks a function that changes.' }],
});

const logOf = (text: string): Log => JSON.parse(text) as Log;
const resultsOf = (given: Run): readonly Result[] => logOf(sarifReport(given)).runs[0]?.results ?? [];

describe('the schema of the format', () => {
  const path = join(
    dirname(require.resolve('@microsoft/jest-sarif/package.json')),
    'lib/schemas/sarif-2.1.0-rtm.5.json',
  );
  const ajv = new Ajv({ schemaId: 'id', meta: false, unknownFormats: 'ignore' });
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json') as object);
  const validate = ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as object);
  const problems = (log: unknown): string => (validate(log) ? '' : ajv.errorsText(validate.errors));

  test('knows all that is written', () => {
    expect(problems(logOf(sarifReport(RUN)))).toBe('');
    expect(problems(logOf(sarifReport(run([]))))).toBe('');
  });

  test('knows all that is written of the example, with and without decisions', async () => {
    expect(problems(logOf(sarifReport(await exampleRun())))).toBe('');
    expect(problems(logOf(sarifReport(await runIn(legacyTasks(), { suggestions: true }))))).toBe('');
  });

  test('does not know everything', () => {
    const log = logOf(sarifReport(RUN)) as unknown as { runs: [{ bogus?: number }] };
    log.runs[0].bogus = 1;
    expect(problems(log)).toContain('should NOT have additional properties');
  });
});

const PACKAGE = `@microsoft/sarif-multitool-${process.platform}`;

/** The reader of the format's own makers: it checks the schema and what the specification says beyond it. */
function readerPath(): string | null {
  try {
    const multitool = require.resolve('@microsoft/sarif-multitool/package.json');
    const manifest = createRequire(multitool).resolve(`${PACKAGE}/package.json`);
    return join(dirname(manifest), process.platform === 'win32' ? 'Sarif.Multitool.exe' : 'Sarif.Multitool');
  } catch {
    return null;
  }
}

const reader = readerPath();

/** Runs the reader with files in a folder of their own; what it prints, and what it writes to `out.sarif`. */
function read(files: Readonly<Record<string, string>>, args: (at: (name: string) => string) => readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-sarif-'));
  const at = (name: string): string => join(folder, name);
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
    // .NET does not start where the system has no locales otherwise.
    const env = { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' };
    const { status, stdout, stderr } = spawnSync(reader ?? '', [...args(at)], { encoding: 'utf8', env });
    return { status, output: stdout + stderr, written: readOr(at('out.sarif')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

describe.skipIf(reader === null)('the SARIF Multitool, which npm has for Linux, macOS and Windows on x64', () => {
  const validate = (text: string) => read({ 'run.sarif': text }, (at) => ['validate', at('run.sarif')]);

  test('reads a run of the example without an error or a warning', async () => {
    const { output, status } = validate(sarifReport(await exampleRun()));
    expect(output).not.toMatch(/: (?:error|warning) /);
    expect(output).toContain('Analysis completed successfully.');
    expect(status).toBe(0);
  });

  test('reads what was not looked at, and notes', () => {
    expect(validate(sarifReport(RUN)).output).not.toMatch(/: (?:error|warning) /);
  });

  test('would refuse a property that the schema does not know', () => {
    const text = sarifReport(RUN).replace('"results":', '"bogus": 1, "results":');
    expect(validate(text).output).toMatch(/: error /);
  });

  test('knows a finding again when its lines have moved', async () => {
    const folder = legacyTasks();
    const before = sarifReport(await exampleRun());
    folder.write('src/queue/queue.ts', `// A comment.\n\n${folder.text('src/queue/queue.ts')}`);
    const after = sarifReport(await runIn(folder));
    const { written, output } = read({ 'before.sarif': before, 'after.sarif': after }, (at) => [
      'match-results-forward',
      at('after.sarif'),
      '--previous',
      at('before.sarif'),
      '--output-file-path',
      at('out.sarif'),
      '--log',
      'ForceOverwrite',
    ]);
    expect(written, output).not.toBeNull();
    const states = logOf(written ?? '').runs.flatMap(({ results = [] }) => results.map((each) => each.baselineState));
    expect(states).toHaveLength(18);
    expect(states.filter((state) => state !== 'unchanged' && state !== 'updated')).toEqual([]);
  });
});

describe('a result', () => {
  test('has its place relative to the root, and encoded', () => {
    const [first] = resultsOf(RUN);
    expect(first?.locations?.[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'src/a%20b%231.ts', uriBaseId: '%SRCROOT%' },
      region: { startLine: 2, startColumn: 14, endLine: 2, endColumn: 36 },
    });
    expect(first?.partialFingerprints).toEqual({ 'unbusy/v1': 'f2' });
  });

  test('has its place from the root of the repository, where the run was in a folder of it', () => {
    const log = logOf(sarifReport(RUN, { folder: 'packages/a' }));
    const location = log.runs[0]?.results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation;
    expect(location?.uri).toBe('packages/a/src/a%20b%231.ts');
  });

  test('names the function around it, and why it was left alone', () => {
    const [, left] = resultsOf(RUN);
    expect(left?.locations?.[0]?.logicalLocations).toEqual([{ fullyQualifiedName: 'Queue.claim', kind: 'function' }]);
    expect(left?.properties).toMatchObject({
      reason: 'handed-over',
      meaning: 'The connection belongs to somebody else on some ways, who closes it.',
    });
  });

  test('is a warning where it locks nobody out by itself', () => {
    const option = site({ rule: 'valid-open-options', messageId: 'ignored' });
    expect(resultsOf(run([file('a.ts', [site(), option])])).map(({ level }) => level)).toEqual(['error', 'warning']);
  });

  test('is not there any more when it was rewritten in the files', () => {
    expect(resultsOf(RUN)).toHaveLength(2);
    const written = resultsOf({ ...RUN, written: true });
    expect(written.map(({ properties }) => (properties as { reason?: string } | undefined)?.reason)).toEqual([
      'handed-over',
    ]);
  });
});

test('the fix of each result makes what its rewrite alone would make', async () => {
  const found = await exampleRun();
  const fixes = resultsOf(found).flatMap(({ fixes = [], locations = [] }) =>
    fixes.map((fix) => ({ fix, uri: locations[0]?.physicalLocation?.artifactLocation?.uri })),
  );
  expect(fixes).toHaveLength(12);
  for (const { fix, uri } of fixes) {
    const before = found.files.find(({ path }) => path === uri)?.before ?? '';
    const replacements = fix.artifactChanges[0]?.replacements ?? [];
    const lines = before.split('\n');
    const offsetOf = (line = 0, column = 0): number =>
      lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
    const after = replacements
      .map(({ deletedRegion: { startLine, startColumn, endLine, endColumn }, insertedContent }) => ({
        start: offsetOf(startLine, startColumn),
        end: offsetOf(endLine, endColumn),
        text: insertedContent?.text ?? '',
      }))
      .toSorted((one, other) => other.start - one.start || other.end - one.end)
      .reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), before);
    const folder = legacyTasks();
    folder.write(uri ?? '', after);
    const left = await runIn(folder, { include: [uri ?? ''] });
    const count = (run: Run): number =>
      run.files.find(({ path }) => path === uri)?.sites.filter(({ isNew }) => !isNew).length ?? 0;
    expect(count(left), `${uri ?? ''}: ${fix.description?.text ?? ''}`).toBeLessThan(count(found));
  }
});

test('rules are explained, with a page', () => {
  const [rule] = logOf(sarifReport(RUN)).runs[0]?.tool.driver.rules ?? [];
  expect(rule?.helpUri).toBe('https://github.com/unbusy/unbusy/blob/main/docs/rules/require-close.md');
  expect(rule?.help?.text).toContain('Close in a `finally` block');
});
