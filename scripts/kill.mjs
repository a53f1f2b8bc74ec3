// npm run test:kill -- [N]: kills N processes (3000) in the middle of their work, and looks at what they leave behind.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const kills = process.argv[2] ?? '3000';
const TESTS = ['runtime/tests/faults/processes.test.ts', 'tests/codemod/writing.test.ts'];
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...TESTS, '-t', 'killed at any moment'],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, UNBUSY_KILLS: kills, UNBUSY_CODEMOD_KILLS: kills },
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
