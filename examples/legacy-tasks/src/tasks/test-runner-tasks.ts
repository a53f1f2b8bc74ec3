import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { getDatabaseConnection } from '../utilities/database.js';

interface SuiteResult {
  readonly passed: boolean;
  readonly output: string;
}

const SUITES = new URL('../../../suites/', import.meta.url);

/** Runs a test suite in a process of its own and keeps its result. */
export async function runTestSuite(suite: string): Promise<void> {
  const db = await getDatabaseConnection();
  await db.exec('BEGIN IMMEDIATE');

  const { lastID } = await db.run(
    `INSERT INTO test_runs (suite, status, started_at) VALUES (?, 'running', ?)`,
    suite,
    new Date().toISOString(),
  );
  const { passed, output } = await runSuite(suite);
  await db.run(
    'UPDATE test_runs SET status = ?, output = ?, finished_at = ? WHERE id = ?',
    passed ? 'passed' : 'failed',
    output,
    new Date().toISOString(),
    lastID,
  );

  await db.exec('COMMIT');
  await db.close();
}

function runSuite(suite: string): Promise<SuiteResult> {
  const file = fileURLToPath(new URL(`${suite}.mjs`, SUITES));
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ passed: error === null, output: stdout + stderr });
    });
  });
}
