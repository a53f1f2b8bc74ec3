import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LONGEST_WAIT = new URL('longest-wait.mjs', import.meta.url);

/** Runs the tests of the application in a folder, and tells how many there are. */
export function runOwnTests(folder) {
  const tests = readdirSync(join(folder, 'dist/tests')).filter((file) => file.endsWith('.test.js'));
  const { status, stdout, error } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=tap', ...tests.map((file) => join('dist/tests', file))],
    { cwd: folder, encoding: 'utf8' },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(`tests of the example fail.\n${stdout}`);
  console.log(`${/^# pass (\d+)$/m.exec(stdout)?.[1]} tests pass.`);
}

/**
 * Runs the application in a folder with all its workers, whose output is shown; returns its summary, and in it the
 * longest wait for a database in milliseconds.
 */
export async function runUnderContention(folder) {
  const directory = mkdtempSync(join(tmpdir(), 'unbusy-demo-'));
  const file = join(directory, 'summary.json');
  const waits = join(directory, 'waits.txt');
  try {
    const [code] = await once(
      spawn(process.execPath, ['dist/load/main.js', file], {
        cwd: folder,
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {
          ...process.env,
          NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${LONGEST_WAIT}`,
          LONGEST_WAIT: waits,
        },
      }),
      'exit',
    );
    // It ends with an error also where tasks have failed, but then it leaves its summary.
    if (!existsSync(file)) throw new Error(`the application broke off with exit code ${code}.`);
    const longestWait = Math.max(...readFileSync(waits, 'utf8').trim().split('\n').map(Number));
    return { ...JSON.parse(readFileSync(file, 'utf8')), longestWait };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** How the drivers, then the wrapper, say that a database was locked. */
const LOCKED = /^SQLITE_BUSY|lock of .* was not free|^The database was locked/;

/** Failures because a database was locked. */
export function lockedOut({ failures }) {
  return failures.filter(({ error }) => LOCKED.test(error));
}
