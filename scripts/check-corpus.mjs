// node scripts/check-corpus.mjs [--types] [--places] FOLDER [FILE-LIST]
// Lints foreign code with the recommended rules: all sources below FOLDER, or those that the lines of FILE-LIST name. Does
// what each finding offers and looks at what comes of it: it parses, has all comments, and the rule has nothing more to say
// about that place; --fix comes to an end. With --types, TypeScript files have no further type errors. Prints what is
// offered and why not (with --places, of which findings nothing is offered), and exits with 1 when a rewrite breaks a
// promise. Needs the built plugin, --types the built wrapper.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Tally } from './corpus/counting.mjs';
import { linterOf } from './corpus/linting.mjs';
import { tryRewrites } from './corpus/rewrites.mjs';
import { isTyped, isWrapperBuilt, typeErrors } from './corpus/types.mjs';
import { sourcesIn } from './source-files.mjs';

/** Reasons that tell of a defect of the plugin, not of the code. */
const DEFECTS = ['failed', 'not-in-source'];

const { values, positionals } = parseArgs({
  options: { types: { type: 'boolean' }, places: { type: 'boolean' } },
  allowPositionals: true,
});
const [name, list] = positionals;
if (name === undefined) fail('usage: node scripts/check-corpus.mjs [--types] [--places] FOLDER [FILE-LIST]');
if (values.types && !isWrapperBuilt()) fail('--types needs the built wrapper: npm run build -w runtime');

const folder = realpathSync(name);
const tools = {
  ...linterOf(folder),
  typeErrors: (file, text) => (values.types && isTyped(file) ? typeErrors(file, text) : []),
};
const counts = { files: 0, tried: 0 };
const findings = { fix: new Tally(), suggestion: new Tally(), neither: new Tally() };
const reasons = new Tally();
const places = [];
const unparsable = [];
const problems = [];
const others = [];

for (const file of list === undefined ? sourcesIn(folder) : linesOf(list)) check(file);
report();

function check(file) {
  // Fixes count from behind a byte order mark.
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  const shown = relative(folder, file);
  const linted = tools.lint(file, text);
  counts.files += 1;
  if (linted.fatal !== undefined) {
    // That the parser does not take it is no fault of ours; a crash is.
    (linted.fatal.startsWith('crashed') ? problems : unparsable).push(`${shown}: ${linted.fatal}`);
    return;
  }
  linted.findings.forEach((finding, index) => count(shown, finding, linted.reasons[index]));
  if (linted.findings.length === 0) return;
  const result = tryRewrites(tools, file, text, linted);
  const say = ({ line, what }) => `${shown}:${line} ${what}`;
  counts.tried += result.tried;
  problems.push(...result.problems.map(say));
  others.push(...result.others.map(say));
}

function count(shown, { ruleId, line, fix, suggestions }, reason) {
  const offered = fix ? 'fix' : suggestions ? 'suggestion' : 'neither';
  findings[offered].add(ruleId);
  if (offered !== 'neither') return;
  reasons.add(`${ruleId} ${reason ?? '(no rewrite)'}`);
  places.push(`${ruleId} ${reason ?? '(no rewrite)'} ${shown}:${line}`);
  if (DEFECTS.includes(reason)) problems.push(`${shown}:${line} ${ruleId} withdraws: ${reason}`);
}

function report() {
  console.log(`Files: ${counts.files}`);
  print('Cannot be parsed', unparsable);
  const rules = [...new Set(Object.values(findings).flatMap((tally) => [...tally.keys()]))].sort();
  row('', 'findings', 'fix', 'suggestion', 'neither', 'offered');
  for (const rule of rules) numbers(rule, (tally) => tally.of(rule));
  numbers('all', (tally) => tally.sum());
  console.log('Neither, by reason:');
  const byNumber = [...reasons].sort(([one, first], [other, second]) => second - first || (one < other ? -1 : 1));
  for (const [reason, number] of byNumber) console.log(`  ${String(number).padStart(4)}  ${reason}`);
  if (values.places) print('Places of those with neither', places.sort());
  console.log(`Rewrites tried: ${counts.tried}`);
  print('Reported by another rule afterwards', others);
  print('Problems', problems);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

function numbers(title, numberOf) {
  const [fix, suggestion, neither] = Object.values(findings).map(numberOf);
  const sum = fix + suggestion + neither;
  row(title, sum, fix, suggestion, neither, sum === 0 ? '' : `${Math.round((100 * (fix + suggestion)) / sum)} %`);
}

function print(title, lines) {
  console.log(`${title}: ${lines.length}`);
  for (const line of lines) console.log(`  ${line}`);
}

function row(first, ...cells) {
  console.log(`  ${first.padEnd(40)}${cells.map((cell) => String(cell).padStart(12)).join('')}`);
}

function linesOf(path) {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  const files = lines.filter((line) => line !== '').map((line) => resolve(folder, line));
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) fail(`${missing} is not there`);
  return files;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
