// What rewrites promise of the text that they leave.
import { parseSync } from 'oxc-parser';
import { missingIn } from './counting.mjs';

/**
 * Tries the fix and each suggestion of each finding alone, then all fixes together. What other rules then have to say
 * of the new text is no broken promise.
 * @returns {{ tried: number, problems: Remark[], others: Remark[] }}
 * @typedef {{ line: number, what: string }} Remark
 */
export function tryRewrites(tools, file, text, before) {
  const original = { file, text, ...before, syntax: syntaxErrors(file, text), types: tools.typeErrors(file, text) };
  const tries = before.findings.flatMap(({ ruleId, line, fix, suggestions = [] }) => [
    ...(fix ? [{ ruleId, line, name: 'fix', fix }] : []),
    ...suggestions.map((suggestion) => ({ ruleId, line, name: suggestion.desc, fix: suggestion.fix })),
  ]);
  const problems = [];
  const others = [];
  for (const { ruleId, line, name, fix } of tries) {
    const result = tryAlone(tools, original, ruleId, applied(text, fix));
    const remark = (said) => ({ line, what: `${ruleId} (${name}) ${said}` });
    problems.push(...result.problems.map(remark));
    others.push(...result.others.map(remark));
  }
  if (tries.some(({ name }) => name === 'fix')) {
    problems.push(...tryTogether(tools, original).map((said) => ({ line: 1, what: `--fix ${said}` })));
  }
  return { tried: tries.length, problems, others };
}

function tryAlone(tools, original, rule, text) {
  const after = tools.lint(original.file, text);
  if (after.fatal !== undefined) return { problems: [`does not parse: ${after.fatal}`], others: [] };
  const problems = problemsOfText(tools, original, text, after);
  const rulesOf = ({ findings }) => findings.map(({ ruleId }) => ruleId);
  // Lines and columns move, so that only the number tells whether the finding is gone.
  if (!missingIn(rulesOf(after), rulesOf(original)).includes(rule)) problems.push('is not silent afterwards');
  const further = missingIn(rulesOf(original), rulesOf(after)).filter((id) => id !== rule);
  return { problems, others: further.map((id) => `is reported by ${id}`) };
}

function tryTogether(tools, original) {
  const { file, text } = original;
  const { output, fatal } = tools.fix(file, text);
  if (fatal !== undefined) return [`does not parse: ${fatal}`];
  const problems = problemsOfText(tools, original, output, tools.lint(file, output));
  return tools.fix(file, output).output === output ? problems : [...problems, 'does not come to an end'];
}

function problemsOfText(tools, { file, syntax, comments, types }, text, after) {
  return [
    ...missingIn(syntax, syntaxErrors(file, text)).map((error) => `is not valid: ${error}`),
    ...missingIn(after.comments, comments).map((comment) => `loses a comment: ${comment.replaceAll('\n', ' ')}`),
    ...missingIn(types, tools.typeErrors(file, text)).map((error) => `has a type error: ${error}`),
  ];
}

/** What the linter's parser lets pass: names declared twice, `await` where there can be none. */
function syntaxErrors(file, text) {
  return parseSync(file, text, { showSemanticErrors: true }).errors.map(({ message }) => message);
}

function applied(text, { range: [start, end], text: replacement }) {
  return text.slice(0, start) + replacement + text.slice(end);
}
