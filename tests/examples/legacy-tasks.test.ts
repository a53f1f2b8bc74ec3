import { readFileSync, writeFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as parser from '@typescript-eslint/parser';
import { ESLint } from 'eslint';
import { expect, it } from 'vitest';
import { givenUp, problems } from '../../src/analysis/index.ts';
import unbusy from '../../src/index.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/legacy-tasks/', import.meta.url));
const EXPECTED = fileURLToPath(new URL('legacy-tasks.findings.txt', import.meta.url));

it('finds the hazards of the example application and nothing else', async () => {
  const found = await lint();
  if (process.env.UPDATE === '1') writeFileSync(EXPECTED, found);

  const expected = readFileSync(EXPECTED, 'utf8').replaceAll('\r\n', '\n');
  expect(found, 'If the new findings are right, run this test with UPDATE=1 and commit the file.').toBe(expected);
});

it('follows the example application to the end', async () => {
  await lint();

  expect({ problems, givenUp }).toEqual({ problems: [], givenUp: [] });
});

/** One line a finding: `file:line rule: message`. */
async function lint(): Promise<string> {
  const eslint = new ESLint({
    cwd: EXAMPLE,
    overrideConfigFile: true,
    overrideConfig: [
      { ignores: ['dist/'] },
      { files: ['**/*.ts'], languageOptions: { parser } },
      unbusy.configs.recommended,
    ],
  });
  const results = await eslint.lintFiles(['.']);
  const lines = results.flatMap(({ filePath, messages }) => {
    const file = relative(EXAMPLE, filePath).split(sep).join('/');
    return messages.map(({ line, ruleId, message }) => `${file}:${line} ${ruleId ?? 'error'}: ${message}\n`);
  });
  return lines.join('');
}
