import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withTransaction } from 'unbusy/sqlite';
import { withDatabase } from '../utilities/database.js';

interface SuiteResult {
  readonly passed: boolean;
  readonly output: string;
}

const SUITES = new URL('../../../suites/', import.meta.url);

/** Runs a test suite in a process of its own and keeps its result. */
export async function runTestSuite(suite: string): Promise<void> {
  const startedAt = new Date().toISOString();
  const { passed, output } = await runSuite(suite);

  await withDatabase((db) =>
    withTransaction(db, (tx) =>
      tx.run(
        'INSERT INTO test_runs (suite, status, output, started_at, finished_at) VALUES (?, ?, ?, ?, ?)',
        suite,
        passed ? 'passed' : 'failed',
        output,
        startedAt,
        new Date().toISOString(),
      ),
    ),
  );
}

function runSuite(suite: string): Promise<SuiteResult> {
  const file = fileURLToPath(new URL(`${suite}.mjs`, SUITES));
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ passed: error === null, output: stdout + stderr });
    });
  });
}
