import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import parser from '@typescript-eslint/parser';
import { Linter } from 'eslint';
import { defineConfig } from 'eslint/config';
import { describe, expect, test } from 'vitest';
import plugin from '../../src/index.ts';
import { examplesOf, lintExample } from './examples.ts';
import { ProjectFolder } from '../project-folder.ts';
import { DOCS, readPage, tableIn, textUnder, type Fence } from './markdown.ts';
import type { UnbusySettings } from '../../src/settings.ts';

const page = readPage(join(DOCS, 'settings.md'));
const { rules, configs } = plugin;

test('the table of configs is that of the plugin', () => {
  const expected = Object.keys(rules)
    .sort()
    .map((rule) => [
      `[${rule}](rules/${rule}.md)`,
      ...Object.values(configs).map((config) => cellOf(config.rules?.[`unbusy/${rule}`])),
    ]);
  expect(tableIn(textUnder(page, 'Configs'))).toEqual(expected);
});

function cellOf(entry: Linter.RuleEntry | undefined): string {
  if (entry === undefined) return '';
  return Array.isArray(entry) ? `\`${JSON.stringify(entry[1])}\`` : 'on';
}

test('every setting has a section, in the order in which they are declared', () => {
  const documented = page.headings.filter(({ level }) => level === 3).map(({ text }) => text);
  expect(documented).toEqual(declaredSettings());
});

/** Names of the properties of `UnbusySettings`. */
function declaredSettings(): string[] {
  const source = readFileSync(new URL('../../src/settings.ts', import.meta.url), 'utf8');
  for (const statement of parser.parse(source, { sourceType: 'module' }).body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null;
    if (declaration?.type !== 'TSInterfaceDeclaration' || declaration.id.name !== 'UnbusySettings') continue;
    return declaration.body.body.flatMap((member) =>
      member.type === 'TSPropertySignature' && member.key.type === 'Identifier' ? [member.key.name] : [],
    );
  }
  throw new Error('src/settings.ts declares no UnbusySettings');
}

describe('each value of `settings.unbusy`', () => {
  test.each(valuesOf())('under "$setting" sets that alone', ({ setting, value }) => {
    expect(Object.keys(value)).toEqual([setting]);
  });

  test.each(examplesOf(page).map((fence) => ({ line: fence.line, fence })))(
    'makes the example of line $line reported on its marked lines alone',
    ({ fence }) => {
      const [value] = valuesOf().filter(({ setting }) => setting === fence.under[2]);
      const withSetting = lintExample(page, fence, configs.recommended.rules ?? {}, value?.value);
      expect(withSetting.reported).toEqual(withSetting.marked);
      // Without it the outcome is another one: the setting does something.
      expect(lintExample(page, fence, configs.recommended.rules ?? {}).reported).not.toEqual(withSetting.marked);
    },
  );
});

function valuesOf(): { readonly setting: string; readonly value: UnbusySettings }[] {
  return page.fences
    .filter(({ language }) => language === 'json')
    .map(({ text, under }) => ({ setting: under[2] ?? '', value: JSON.parse(text) as UnbusySettings }));
}

describe('each config file', () => {
  const files = page.fences.filter(({ text }) => /^export default/m.test(text));

  test.each(files.map((fence) => ({ line: fence.line, fence })))('of line $line switches the rules on', ({ fence }) => {
    const text = "import Database from 'better-sqlite3';\nexport const db = new Database('app.db');\n";
    const folder = new ProjectFolder({ 'package.json': '{}', 'main.js': text });
    const messages = new Linter({ configType: 'flat', cwd: folder.path }).verify(text, evaluate(fence), {
      filename: folder.file('main.js'),
    });
    expect(messages.map(({ ruleId }) => ruleId)).toEqual(['unbusy/require-pragmas']);
  });
});

/** The value of a config file, with this plugin for the package. */
function evaluate({ text }: Fence): Linter.Config[] {
  const expression = text.replace(/^import .*$/gm, '').replace('export default', '');
  return runInNewContext(expression, { unbusy: plugin, defineConfig }) as Linter.Config[];
}
