import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sarifReport } from '../../../src/codemod/report/sarif.ts';
import { file, LEFT, run, site } from './runs.ts';
import type { Log, Result } from 'sarif';
import type { Run } from '../../../src/codemod/model.ts';

const RUN = run([file('src/a b#1.ts', [site(), site({ line: 3, outcome: LEFT })])], {
  skipped: [{ path: 'App.vue', why: 'unsupported-language', detail: '.vue' }],
  notes: [{ path: 'a.test.ts', line: 4, text: 'It mocks a function that changes.' }],
});

const PACKAGE = `@microsoft/sarif-multitool-${process.platform === 'win32' ? 'win32' : process.platform}`;

/** The reader of the format's own makers: it checks the schema and what the specification says beyond it. */
function readerPath(): string | null {
  try {
    const multitool = createRequire(import.meta.url).resolve('@microsoft/sarif-multitool/package.json');
    const manifest = createRequire(multitool).resolve(`${PACKAGE}/package.json`);
    return join(dirname(manifest), process.platform === 'win32' ? 'Sarif.Multitool.exe' : 'Sarif.Multitool');
  } catch {
    return null;
  }
}

function validate(reader: string, text: string): { readonly status: number | null; readonly output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-sarif-'));
  try {
    const path = join(folder, 'run.sarif');
    writeFileSync(path, text);
    // .NET does not start where the system has no locales otherwise.
    const env = { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' };
    const { status, stdout, stderr } = spawnSync(reader, ['validate', path], { encoding: 'utf8', env });
    return { status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const reader = readerPath();

test.skipIf(reader === null)(
  'is read by the SARIF Multitool without an error or a warning',
  () => {
    const { output, status } = validate(reader ?? '', sarifReport(RUN));
    expect(output).not.toMatch(/: (?:error|warning) /);
    expect(output).toContain('Analysis completed successfully.');
    expect(status).toBe(0);
  },
  60_000,
);

test.skipIf(reader === null)(
  'would be refused with a property that the schema does not know',
  () => {
    const text = sarifReport(RUN).replace('"results":', '"bogus": 1, "results":');
    expect(validate(reader ?? '', text).output).toMatch(/: error /);
  },
  60_000,
);

const resultsOf = (given: Run): readonly Result[] => (JSON.parse(sarifReport(given)) as Log).runs[0]?.results ?? [];

test('a place is relative to the root, and encoded', () => {
  const [first] = resultsOf(RUN);
  expect(first?.locations?.[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: 'src/a%20b%231.ts', uriBaseId: 'SRCROOT' },
    region: { startLine: 2, startColumn: 14, endLine: 2, endColumn: 36 },
  });
  expect(first?.partialFingerprints).toEqual({ 'unbusy/v1': 'f2' });
});

test('what was rewritten in the files is not reported any more', () => {
  expect(resultsOf(RUN)).toHaveLength(2);
  expect(
    resultsOf({ ...RUN, written: true }).map(
      ({ properties }) => (properties as { reason?: string } | undefined)?.reason,
    ),
  ).toEqual(['handed-over']);
});
