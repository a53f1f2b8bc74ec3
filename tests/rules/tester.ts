import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import * as parser from '@typescript-eslint/parser';
import { afterAll, describe, expect, it } from 'vitest';
import { VERSIONS } from '../eslint-versions.ts';
import { TITLES } from '../../src/rewrites/titles.ts';
import { dedent, readMarks } from '../source.ts';
import type { Linter, Rule } from 'eslint';
import type { UnbusySettings } from '../../src/settings.ts';
import type { UnbusyRule } from '../../src/rule.ts';

interface Program {
  /** The behaviour that the program shows. */
  readonly name: string;
  readonly code: string;
  /** Decides the language: `.ts`, an ES module in JavaScript (`.js`, `.mjs`), or CommonJS (`.cjs`). */
  readonly file?: string;
  readonly options?: object;
  readonly settings?: UnbusySettings;
}

interface Reported extends Program {
  /** What is said, in the order of the marks `«...»` in the code, which show where. */
  readonly errors: readonly { readonly messageId: string; readonly data?: Readonly<Record<string, string>> }[];
}

/** The folder of the programs: a project without other files, so that those of this one tell nothing of them. */
const project = realpathSync(mkdtempSync(join(tmpdir(), 'unbusy-')));
writeFileSync(join(project, 'package.json'), '{}');
afterAll(() => rmSync(project, { recursive: true, force: true }));

const LANGUAGES: Readonly<Record<string, Linter.LanguageOptions>> = {
  '.ts': { parser: parser },
  '.js': { sourceType: 'module' },
  '.mjs': { sourceType: 'module' },
  '.cjs': { sourceType: 'commonjs' },
};

/** Runs a rule on programs with the RuleTester of each ESLint version; every message of the rule has to appear. */
export function testRule(
  name: string,
  rule: UnbusyRule,
  programs: { readonly valid: readonly Program[]; readonly invalid: readonly Reported[] },
): void {
  const valid = programs.valid.map((program) => testCase(program, dedent(program.code)));
  const invalid = programs.invalid.map((program) => {
    const { code, places } = readMarks(dedent(program.code));
    if (places.length !== program.errors.length) throw new Error(`${program.name}: marks and errors differ in number`);
    for (const error of program.errors) checkData(rule, program, error);
    return {
      ...testCase(program, code),
      errors: places.map((place, index) => ({ ...place, ...program.errors[index] })),
    };
  });
  for (const { name: version, RuleTester } of VERSIONS) {
    Object.assign(RuleTester, { describe, it, itOnly: it.only });
    describe(version, () => {
      new RuleTester().run(name, findingsOf(rule) as never, { valid, invalid } as never);
    });
  }
  it('says each of its messages at least once', () => {
    const said = new Set(programs.invalid.flatMap(({ errors }) => errors.map(({ messageId }) => messageId)));
    const messages = Object.keys(rule.meta?.messages ?? {}).filter((id) => !(id in TITLES));
    expect([...said].sort()).toEqual(messages.sort());
  });
}

/** A rule that only finds: what it rewrites is specified in tests/rewrites. */
function findingsOf(rule: UnbusyRule): Rule.RuleModule {
  return {
    ...rule,
    create(context) {
      const report = (finding: Rule.ReportDescriptor): void => {
        context.report({ ...finding, fix: null, suggest: null });
      };
      return rule.create(Object.create(context, { report: { value: report } }) as Rule.RuleContext);
    },
  };
}

function testCase({ name, file = 'main.ts', options, settings }: Program, code: string): Record<string, unknown> {
  const languageOptions = LANGUAGES[extname(file)];
  if (!languageOptions) throw new Error(`${name}: no language for ${file}`);
  return {
    name,
    code,
    filename: join(project, file),
    languageOptions,
    ...(options && { options: [options] }),
    ...(settings && { settings: { unbusy: settings } }),
  };
}

/** ESLint compares the data of a message only where a test gives it. */
function checkData(rule: UnbusyRule, { name }: Program, { messageId, data = {} }: Reported['errors'][number]): void {
  const message = rule.meta?.messages?.[messageId] ?? '';
  for (const [, placeholder = ''] of message.matchAll(/\{\{(\w+)\}\}/g))
    if (!(placeholder in data)) throw new Error(`${name}: the data of ${messageId} lacks ${placeholder}`);
}
