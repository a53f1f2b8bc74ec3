import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLE } from './paths.mjs';

/** Runs the tests of the application, and tells how many there are. */
export function runOwnTests() {
  const tests = readdirSync(join(EXAMPLE, 'dist/tests')).filter((file) => file.endsWith('.test.js'));
  const { status, stdout, error } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=tap', ...tests.map((file) => join('dist/tests', file))],
    { cwd: EXAMPLE, encoding: 'utf8' },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(`tests of the example fail.\n${stdout}`);
  console.log(`${/^# pass (\d+)$/m.exec(stdout)?.[1]} tests pass.`);
}

/** Runs the application with all its workers, whose output is shown; returns its summary. */
export async function runUnderContention() {
  const directory = mkdtempSync(join(tmpdir(), 'unbusy-demo-'));
  const file = join(directory, 'summary.json');
  try {
    const [code] = await once(
      spawn(process.execPath, ['dist/load/main.js', file], { cwd: EXAMPLE, stdio: ['ignore', 'inherit', 'inherit'] }),
      'exit',
    );
    // It ends with an error also where tasks have failed, but then it leaves its summary.
    if (!existsSync(file)) throw new Error(`the application broke off with exit code ${code}.`);
    return JSON.parse(readFileSync(file, 'utf8'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Failures because a database was locked. */
export function lockedOut({ failures }) {
  return failures.filter(({ error }) => error.startsWith('SQLITE_BUSY'));
}
