// Every check of the repository, one after the other: npm test. The last line says how many passed and failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { runOnRuntimes } from './runtimes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const counts = { passed: 0, failed: 0 };

ensureInstalled();

// The checks below use what is built; without it nothing else means anything.
if (check('build', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])) {
  check('types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
  check('build of the wrapper', ['scripts/build-runtime.mjs']);
  check('types of the wrapper', ['node_modules/typescript/bin/tsc', '-p', 'runtime/tsconfig.json']);
  check('types of the example', ['node_modules/typescript/bin/tsc', '-p', 'examples/legacy-tasks', '--noEmit']);
  check('types of the example on the wrapper', ['node_modules/typescript/bin/tsc', '-p', 'examples/safe-tasks']);
  check('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']);
  check('lint', ['node_modules/eslint/bin/eslint.js', '.']);
  check('unused code', ['node_modules/knip/bin/knip.js']);
  check('package', ['scripts/check-package.mjs']);
  check('package of the wrapper', ['scripts/check-runtime-package.mjs']);
  check('unrelated code', ['scripts/check-unrelated.mjs']);
  suite();
  runtimes();
}

console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** Runs a script that says by its exit code whether all is well. */
function check(name, args) {
  const { status, seconds } = run(name, args);
  count(status === 0 ? 1 : 0, status === 0 ? 0 : 1);
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${name} (${seconds} s)`);
  return status === 0;
}

/** Runs the tests, which vitest counts. */
function suite() {
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-test-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = run('tests', ['node_modules/vitest/vitest.mjs', 'run', ...reporters]);
  const counted = read(report);
  rmSync(folder, { recursive: true, force: true });
  // A suite that could not be loaded, or an error outside of all tests, fails no test.
  const outside = counted === null || (status !== 0 && counted.numFailedTests === 0) ? 1 : 0;
  count(counted?.numPassedTests ?? 0, (counted?.numFailedTests ?? 0) + outside);
}

/** Runs the wrapper's specification on other runtimes. */
function runtimes() {
  console.log('\n--- other runtimes');
  const { results = [], skipped } = runOnRuntimes();
  if (skipped !== undefined) console.log(`SKIPPED: Node 22, 24 and 26, better-sqlite3 13, Bun: ${skipped}`);
  for (const { name, passed, failed } of results) {
    count(passed, failed);
    console.log(`${failed === 0 ? 'ok' : 'FAILED'}: ${name} (${passed} passed, ${failed} failed)`);
  }
}

function run(name, args) {
  console.log(`\n--- ${name}`);
  const start = Date.now();
  const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(error.message);
  return { status, seconds: Math.round((Date.now() - start) / 1000) };
}

function count(passed, failed) {
  counts.passed += passed;
  counts.failed += failed;
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
