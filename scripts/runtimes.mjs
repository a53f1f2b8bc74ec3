/**
 * The wrapper's specification on the runtimes that bring a driver of their own: node:sqlite of Node 22, 24 and
 * 26, bun:sqlite; and better-sqlite3 13, which Node 20 cannot run.
 * They come as packages of npm, into .matrix, and only for Linux on x64: elsewhere they are skipped, and that is said.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const matrix = join(root, '.matrix');
const wanted = join(root, 'scripts/runtimes');

const SPECIFICATIONS = ['runtime/tests/conformance/sync.test.ts', 'runtime/tests/conformance/sync-pool.test.ts'];

/** The fixes of the plugin, run on node:sqlite. */
const PROOF = 'tests/proof/proof.test.ts';

const RUNTIMES = [
  { name: 'Node 22', program: 'node22/bin/node', run: byVitest },
  { name: 'Node 24', program: 'node24/bin/node', run: byVitest },
  { name: 'Node 26', program: 'node26/bin/node', run: byVitest },
  { name: 'Bun', program: 'bun/bin/bun', run: byBun },
];

/** Runs the specification on each runtime: `{ name, passed, failed }`, or why all were skipped. */
export function runOnRuntimes() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { skipped: 'the runtimes are packed for Linux on x64 alone' };
  const failure = install();
  if (failure) return { skipped: failure };
  return {
    results: RUNTIMES.map(({ name, program, run }) => ({ name, ...run(join(matrix, 'node_modules', program)) })),
  };
}

/** Installs what is missing or has another version; says what went wrong. */
function install() {
  const lock = join(matrix, 'package-lock.json');
  const isCurrent =
    existsSync(lock) && readFileSync(lock, 'utf8') === readFileSync(join(wanted, 'package-lock.json'), 'utf8');
  const isThere = RUNTIMES.every(({ program }) => existsSync(join(matrix, 'node_modules', program)));
  if (isCurrent && isThere) return null;
  mkdirSync(matrix, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(wanted, file), join(matrix, file));
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: matrix,
      stdio: 'inherit',
    },
  );
  return status === 0 ? null : `they could not be installed${error ? `: ${error.message}` : ''}`;
}

/** The tests start second processes with a driver that is built for this Node. */
const environment = {
  ...process.env,
  UNBUSY_TEST_NODE: process.execPath,
  UNBUSY_TEST_DRIVERS: join(matrix, 'node_modules'),
};

function byVitest(program) {
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-runtime-'));
  const report = join(folder, 'report.json');
  const parameters = [
    'run',
    ...SPECIFICATIONS,
    PROOF,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  spawnSync(program, ['node_modules/vitest/vitest.mjs', ...parameters], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  });
  try {
    const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed, failed: failed + (passed + failed === 0 ? 1 : 0) };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bun takes vitest's functions for its own. It loads modules once for all files, so that each gets a process. */
function byBun(program) {
  const results = SPECIFICATIONS.map((file) => byBunIn(program, file));
  const sum = (what) => results.reduce((total, result) => total + result[what], 0);
  return { passed: sum('passed'), failed: sum('failed') };
}

function byBunIn(program, file) {
  const { stderr = '', status } = spawnSync(program, ['test', `./${file}`], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
  });
  process.stdout.write(stderr);
  const count = (what) => Number(new RegExp(`^ *(\\d+) ${what}$`, 'm').exec(stderr)?.[1] ?? 0);
  const [passed, failed] = [count('pass'), count('fail')];
  return { passed, failed: failed + ((status !== 0 && failed === 0) || passed + failed === 0 ? 1 : 0) };
}
