import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import * as parser from '@typescript-eslint/parser';
import { afterAll, describe, expect, test } from 'vitest';
import { VERSIONS } from '../eslint-versions.ts';
import { dedent } from '../source.ts';
import type { Reason } from '../../src/rewrites/reasons.ts';
import type { Title } from '../../src/rewrites/titles.ts';
import type { UnbusySettings } from '../../src/settings.ts';
import type { UnbusyRule } from '../../src/rule.ts';
import type { Linter, Rule } from 'eslint';

interface Program {
  /** What the rewrite does here, or why it leaves the place alone. */
  readonly name: string;
  readonly code: string;
  /** Decides the language: `.ts`, an ES module in JavaScript (`.js`, `.mjs`), or CommonJS (`.cjs`). */
  readonly file?: string;
  /** Other files of the project, by name. */
  readonly others?: Readonly<Record<string, string>>;
  readonly options?: object;
  readonly settings?: UnbusySettings;
}

/** A program with what becomes of it. */
export interface Rewritten extends Program {
  /** The text once nothing is left to fix. */
  readonly fixed?: string;
  /** The text that each suggestion for the first report makes, by title. */
  readonly suggested?: Readonly<Partial<Record<Title, string>>>;
  /** Why the first report has neither. */
  readonly reason?: Reason;
  /** What the rule still reports afterwards, where that is not silence: its message ids. */
  readonly left?: readonly string[];
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'unbusy-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The folder of programs that are projects of one file. */
const alone = projectOf({});

/** A new folder with files. */
function projectOf(files: Readonly<Record<string, string>>): string {
  const project = mkdtempSync(join(folder, 'project-'));
  for (const [name, text] of Object.entries({ 'package.json': '{}', ...files }))
    writeFileSync(join(project, name), dedent(text));
  return project;
}

const LANGUAGES: Readonly<Record<string, Linter.LanguageOptions>> = {
  '.ts': { parser },
  '.js': { sourceType: 'module' },
  '.mjs': { sourceType: 'module' },
  '.cjs': { sourceType: 'commonjs' },
};

/** Runs the rewrites of a rule: the text that comes out parses, and the rule has nothing more to say about it. */
export function testRewrites(name: string, rule: UnbusyRule, programs: readonly Rewritten[]): void {
  describe.each(VERSIONS)(`${name}, $name`, (version) => {
    test.each(programs.map((program) => ({ ...program })))('$name', (program) => {
      const { lint, reasons } = linterOf(version, name.split(':')[0] ?? name, rule, program);
      const code = dedent(program.code);
      const messages = lint(code);
      expect(messages, 'nothing is reported').not.toEqual([]);
      const left = program.left ?? [];
      const fixed = fixAll(code, lint);
      expect(fixed).toBe(program.fixed === undefined ? code : dedent(program.fixed));
      if (program.fixed !== undefined) expect(lint(fixed).map(({ messageId }) => messageId)).toEqual(left);

      const suggestions = Object.fromEntries(
        (messages[0]?.suggestions ?? []).map(({ messageId = '', fix }) => [messageId, applied(code, [fix])]),
      );
      const expected = Object.entries(program.suggested ?? {}).map(([title, text]) => [title, dedent(text)] as const);
      expect(suggestions).toEqual(Object.fromEntries(expected));
      for (const text of Object.values(suggestions)) {
        const after = lint(text);
        expect(after.length, `reported again in\n${text}`).toBeLessThan(messages.length + left.length);
      }
      expect(reasons[0]).toBe(program.reason);
    });
  });
}

interface Fix {
  readonly range: readonly [number, number];
  readonly text: string;
}

/** As `--fix` does: until nothing is left, each time what does not overlap. */
function fixAll(code: string, lint: (code: string) => Linter.LintMessage[]): string {
  let text = code;
  for (let pass = 0; pass < 10; pass += 1) {
    const fixes = lint(text).flatMap(({ fix }) => (fix ? [fix as Fix] : []));
    if (fixes.length === 0) return text;
    text = applied(text, fixes);
  }
  throw new Error(`the fixes do not come to an end:\n${text}`);
}

function applied(code: string, fixes: readonly Fix[]): string {
  const ordered = fixes.toSorted((first, second) => first.range[0] - second.range[0]);
  let text = '';
  let done = 0;
  for (const { range, text: replacement } of ordered) {
    if (range[0] < done) continue;
    text += code.slice(done, range[0]) + replacement;
    done = range[1];
  }
  return text + code.slice(done);
}

function linterOf(
  version: (typeof VERSIONS)[number],
  name: string,
  rule: UnbusyRule,
  { file = 'main.ts', others, options, settings, name: title }: Program,
): { lint: (code: string) => Linter.LintMessage[]; reasons: (string | undefined)[] } {
  const languageOptions = LANGUAGES[extname(file)];
  if (!languageOptions) throw new Error(`${title}: no language for ${file}`);
  const project = others ? projectOf(others) : alone;
  const reasons: (string | undefined)[] = [];
  const listening: Rule.RuleModule = {
    ...rule,
    create(context) {
      const report = (finding: Rule.ReportDescriptor): void => {
        const reason = finding.data?.reason;
        reasons.push(typeof reason === 'string' ? reason : undefined);
        context.report(finding);
      };
      return rule.create(Object.create(context, { report: { value: report } }) as Rule.RuleContext);
    },
  };
  const config: Linter.Config = {
    files: [`**/*${extname(file)}`],
    plugins: { unbusy: { rules: { [name]: listening } } },
    rules: { [`unbusy/${name}`]: options ? ['error', options] : 'error' },
    languageOptions,
    ...(settings && { settings: { unbusy: settings } }),
  };
  // The versions declare the same functions, each with types of its own.
  const linter = new version.Linter({ cwd: project }) as Linter;
  const lint = (code: string): Linter.LintMessage[] => {
    const messages = linter.verify(code, [config], { filename: join(project, file) });
    const foreign = messages.find(({ ruleId }) => ruleId === null);
    if (foreign) throw new Error(`line ${foreign.line}: ${foreign.message}\n${code}`);
    return messages;
  };
  return { lint, reasons };
}
