// node scripts/check-unrelated.mjs [FOLDER...]
// Lints real files that have nothing to do with SQLite with all rules, tests included: the sources in node_modules, or
// all sources below FOLDERs. Exits with 1 when the analysis crashes, when a file that does not speak of SQLite has a
// finding, or (without FOLDERs) when a package that is not one of SQLITE_PACKAGES has one. Needs the built plugin.
import { readFileSync, realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Linter } from 'eslint';
import { givenUp, problems } from '../dist/src/analysis/index.js';
import plugin from '../dist/src/index.js';
import { SOURCES, isDeclaration, sourcesIn, waysToParse } from './source-files.mjs';

const SPEAKS_OF_SQLITE = /sqlite|libsql/i;
/** Packages in our own node_modules whose business is SQLite. */
const SQLITE_PACKAGES = ['sqlite', 'sqlite3'];
/** Files in our own node_modules that have to be looked at for the check to mean something. */
const FEWEST = 5_000;
const SLOWEST_SHOWN = 10;

const ours = resolve(fileURLToPath(new URL('../node_modules', import.meta.url)));
const folders = process.argv.length > 2 ? process.argv.slice(2).map((folder) => resolve(folder)) : [ours];
const isOurs = process.argv.length === 2;

const parsed = { sources: 0, declarations: 0 };
const crashes = [];
const outside = [];
const inside = [];
const durations = [];
let unparsable = 0;

for (const folder of folders.map((name) => realpathSync(name))) {
  const linter = new Linter({ cwd: folder });
  for (const file of sourcesIn(folder)) check(linter, folder, file);
}
report();

function check(linter, folder, file) {
  const text = readFileSync(file, 'utf8');
  const messages = verify(linter, file, text);
  crashes.push(...problems.splice(0).map((problem) => `${file}: ${problem?.stack ?? problem}`));
  if (!messages) return;
  if (messages.some(({ fatal }) => fatal)) {
    unparsable += 1;
    return;
  }
  parsed[isDeclaration(file) ? 'declarations' : 'sources'] += 1;
  durations.push({ file, milliseconds: ruleTime(linter) });
  const expected = isOurs ? SQLITE_PACKAGES.includes(packageOf(folder, file)) : SPEAKS_OF_SQLITE.test(text);
  for (const { ruleId, line, message } of messages) {
    (expected ? inside : outside).push(`${file}:${line} ${ruleId} ${message}`);
  }
}

/** The messages of a file, parsed in the first way that works; null where the linter crashed. */
function verify(linter, file, text) {
  let messages = null;
  // The linter resets its stopwatches only where it may also fix.
  const options = { filename: file, allowInlineConfig: false, fix: false, stats: true };
  for (const languageOptions of waysToParse(file)) {
    const config = [
      { ignores: ['!**/node_modules/'] },
      { files: [SOURCES], languageOptions, linterOptions: { reportUnusedDisableDirectives: 'off' } },
      { ...plugin.configs.all, settings: { unbusy: { tests: 'check' } } },
    ];
    try {
      ({ messages } = linter.verifyAndFix(text, config, options));
    } catch (problem) {
      crashes.push(`${file}: ${problem.stack}`);
      return null;
    }
    if (!messages.some(({ fatal }) => fatal)) return messages;
  }
  return messages;
}

/** Milliseconds that the rules took over the last file. */
function ruleTime(linter) {
  const rules = linter.getTimes().passes.flatMap((pass) => Object.values(pass.rules ?? {}));
  return rules.reduce((sum, { total }) => sum + total, 0);
}

function packageOf(folder, file) {
  const [scopeOrName, name] = relative(folder, file).split(sep);
  return scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName;
}

function report() {
  const files = parsed.sources + parsed.declarations;
  console.log(`${files} files linted (${parsed.declarations} of them declarations), ${unparsable} cannot be parsed`);
  const total = durations.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  console.log(`The rules took ${(total / 1000).toFixed(1)} s. The slowest files:`);
  durations.sort((a, b) => b.milliseconds - a.milliseconds);
  for (const { file, milliseconds } of durations.slice(0, SLOWEST_SHOWN)) {
    console.log(`  ${milliseconds.toFixed(1)} ms  ${file}`);
  }
  list('Functions given up', givenUp);
  list('Findings in code that uses SQLite', inside);
  list('Findings in code that does not use SQLite', outside);
  list('Crashes', crashes);
  if (isOurs && files < FEWEST) console.log(`Too few files: ${FEWEST} are needed.`);
  process.exitCode = crashes.length > 0 || outside.length > 0 || (isOurs && files < FEWEST) ? 1 : 0;
}

function list(title, lines) {
  console.log(`${title}: ${lines.length}`);
  for (const line of lines) console.log(`  ${line}`);
}
