// Lints foreign code with the recommended rules.
import * as parser from '@typescript-eslint/parser';
import { Linter } from 'eslint';
import { problems } from '../../dist/src/analysis/index.js';
import plugin from '../../dist/src/index.js';
import { SOURCES } from '../source-files.mjs';

/**
 * @typedef {object} Linted
 * @property {string | undefined} fatal Why there are no findings: the text cannot be parsed, or the analysis crashed.
 * @property {import('eslint').Linter.LintMessage[]} findings
 * @property {(string | undefined)[]} reasons Of each finding, why nothing is offered for it.
 * @property {string[]} comments
 */

/** Reports of the current text, with the data that ESLint leaves out of its messages. */
const reports = [];

const rules = Object.fromEntries(Object.entries(plugin.rules).map(([name, rule]) => [name, listening(rule)]));

/** One parser for all: it takes what a published file may be, whatever its name says. */
const languages = [
  { files: [SOURCES], languageOptions: language(false) },
  { files: ['**/*.{js,jsx,tsx}'], languageOptions: language(true) },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
];

const config = [
  { ignores: ['!**/node_modules/'] },
  ...languages,
  { linterOptions: { reportUnusedDisableDirectives: 'off' } },
  { ...plugin.configs.recommended, plugins: { unbusy: { ...plugin, rules } } },
];

/** What lints, and fixes, files below a folder; the texts need not be those on the disk. */
export function linterOf(folder) {
  const linter = new Linter({ cwd: folder });
  // The files' own comments are for other rules.
  const optionsFor = (filename) => ({ filename, allowInlineConfig: false });
  return {
    /** @returns {Linted} */
    lint(file, text) {
      reports.length = 0;
      const messages = attempt(() => linter.verify(text, config, optionsFor(file)));
      const fatal = fatalOf(messages);
      if (fatal !== undefined) return { fatal, findings: [], reasons: [], comments: [] };
      // What a rule says without an id is about the whole file, and no finding.
      const findings = messages.filter(({ messageId }) => messageId !== undefined);
      const comments = linter.getSourceCode().getAllComments().map(textOf);
      return { fatal, findings, reasons: findings.map(reasonOf), comments };
    },
    /** The text that `--fix` leaves, or why there is none. */
    fix(file, text) {
      const result = attempt(() => linter.verifyAndFix(text, config, optionsFor(file)));
      const fatal = fatalOf(Array.isArray(result) ? result : result.messages);
      return fatal === undefined ? { output: result.output } : { fatal };
    },
  };
}

function language(jsx) {
  return { parser, ecmaVersion: 'latest', sourceType: 'module', parserOptions: { ecmaFeatures: { jsx } } };
}

function listening(rule) {
  return {
    ...rule,
    create(context) {
      const report = (finding) => {
        reports.push({ ...finding, rule: context.id });
        context.report(finding);
      };
      return rule.create(Object.create(context, { report: { value: report } }));
    },
  };
}

/** What a crash threw, in the place of the messages. */
function attempt(verify) {
  try {
    return verify();
  } catch (problem) {
    return [{ fatal: true, line: 0, message: `crashed: ${problem.message}` }];
  }
}

function fatalOf(messages) {
  const crash = problems.splice(0)[0];
  if (crash !== undefined) return `crashed: ${crash?.message ?? crash}`;
  const fatal = messages.find(({ ruleId }) => !ruleId);
  return fatal && `line ${fatal.line}: ${fatal.message}`;
}

function reasonOf({ ruleId, messageId, line, column }) {
  const isIt = (report) =>
    report.rule === ruleId &&
    report.messageId === messageId &&
    report.loc.start.line === line &&
    report.loc.start.column === column - 1;
  return reports.find(isIt)?.data?.reason;
}

/** Without the indentation of its lines, which goes with the code around. */
function textOf({ value }) {
  return value
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}
