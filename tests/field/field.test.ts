// Lints published packages and compares with the findings kept beside this file, so that a change of the analysis shows
// what it changes in real code. UPDATE=1 writes the findings anew; the comments on top of each file stay.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as parser from '@typescript-eslint/parser';
import { ESLint, type Linter } from 'eslint';
import { beforeAll, describe, expect, test } from 'vitest';
import { problems } from '../../src/analysis/index.ts';
import plugin from '../../src/index.ts';
import { findingOf, readFindings, writeFindings } from './findings.ts';

const packages = JSON.parse(readFileSync(new URL('packages.json', import.meta.url), 'utf8')) as Record<string, string>;

const SOURCES = '**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}';

async function lint(folder: string): Promise<string[]> {
  const config: Linter.Config[] = [
    { ignores: ['**/*.d.{ts,mts,cts}'] },
    {
      files: [SOURCES],
      languageOptions: { parser: parser },
      // The comments of the packages are for rules of their own.
      linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' },
    },
    plugin.configs.recommended,
  ];
  const eslint = new ESLint({
    cwd: folder,
    ignore: false,
    overrideConfigFile: true,
    overrideConfig: config,
    ruleFilter: ({ ruleId }) => ruleId.startsWith('unbusy/'),
  });
  const results = await eslint.lintFiles([SOURCES]);
  // Folders are read in an order that differs between systems.
  results.sort((a, b) => (a.filePath < b.filePath ? -1 : 1));
  return results.flatMap(({ filePath, messages }) =>
    messages
      .filter(({ ruleId, fatal }) => ruleId !== null || fatal)
      .map(({ ruleId, line, message }) => {
        const rule = ruleId?.replace('unbusy/', '') ?? 'cannot-be-parsed';
        return `${relative(folder, filePath).split(sep).join('/')}:${line} ${rule} ${message}`;
      }),
  );
}

beforeAll(() => {
  const script = fileURLToPath(new URL('../../scripts/fetch-field-packages.mjs', import.meta.url));
  execFileSync(process.execPath, [script]);
}, 120_000);

describe.each(Object.keys(packages))('%s', (id) => {
  test('has the findings that are kept', { timeout: 60_000 }, async () => {
    const kept = readFindings(id);
    problems.length = 0;
    const found = await lint(fileURLToPath(new URL(`../../.cache/field/${id.replace('/', '__')}`, import.meta.url)));
    expect(problems).toEqual([]);
    if (process.env.UPDATE) writeFindings(id, { comments: kept.comments, lines: found });
    else expect(found).toEqual(kept.lines);
  });

  test('has notes that are still true', () => {
    const { notes, lines } = readFindings(id);
    const findings = lines.map(findingOf);
    for (const { kind, finding } of notes) {
      if (kind === 'miss') expect(findings, 'no longer missed: take the note out').not.toContain(finding);
      else expect(findings, 'no longer reported: take the note out').toContain(finding);
    }
  });
});
