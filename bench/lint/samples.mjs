// The files that are linted: real ones, without and with SQLite.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Linter } from 'eslint';
import { SOURCES, isDeclaration, sourcesIn, waysToParse } from '../../scripts/source-files.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** How many files without SQLite are taken, evenly spread over node_modules. */
const WITHOUT_SQLITE = 1_000;
/** Bytes; larger files in node_modules are bundles, which nobody lints. */
const LARGEST = 200_000;
const SPEAKS_OF_SQLITE = /sqlite|libsql|drizzle-orm|kysely/i;

/**
 * @typedef {object} Sample
 * @property {string} project folder of the project, the linter's working directory
 * @property {string} file
 * @property {string} text
 * @property {import('eslint').Linter.LanguageOptions} languageOptions with which the file can be parsed
 */

/** Sources in our own node_modules that do not speak of SQLite. */
export function samplesWithoutSqlite() {
  const project = realpathSync(join(root, 'node_modules'));
  const files = [...sourcesIn(project)].filter((file) => !isDeclaration(file) && statSync(file).size <= LARGEST);
  const step = Math.max(1, Math.floor(files.length / WITHOUT_SQLITE));
  return files
    .filter((_, index) => index % step === 0)
    .map((file) => sample(project, file))
    .filter((found) => found && !SPEAKS_OF_SQLITE.test(found.text))
    .slice(0, WITHOUT_SQLITE);
}

/** The small programs of tests/cases, each a project of its own. */
export function samplesOfCases() {
  return projectsIn(join(root, 'tests', 'cases')).flatMap(samplesIn);
}

/** The sources of published packages that speak of SQLite. */
export function samplesOfPackages() {
  execFileSync(process.execPath, [join(root, 'scripts', 'fetch-field-packages.mjs')], { stdio: 'inherit' });
  return projectsIn(join(root, '.cache', 'field'))
    .flatMap(samplesIn)
    .filter(({ text }) => SPEAKS_OF_SQLITE.test(text));
}

function projectsIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

function samplesIn(project) {
  const files = [...sourcesIn(project)].filter((file) => !isDeclaration(file));
  return files.map((file) => sample(project, file)).filter(Boolean);
}

/** Null for a file that cannot be parsed. */
function sample(project, file) {
  const text = readFileSync(file, 'utf8');
  const linter = new Linter({ cwd: project });
  for (const languageOptions of waysToParse(file)) {
    const config = [{ ignores: ['!**/node_modules/'] }, { files: [SOURCES], languageOptions }];
    const messages = linter.verify(text, config, { filename: file, allowInlineConfig: false });
    if (messages.every(({ fatal }) => !fatal)) return { project, file, text, languageOptions };
  }
  return null;
}
