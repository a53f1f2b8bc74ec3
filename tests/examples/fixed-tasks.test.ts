import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { fixedTasks } from '../../scripts/demo/fixes.mjs';

/** The example as `eslint --fix` leaves it. */
const FOLDER = fileURLToPath(new URL('../../.cache/fixed-tasks-test/', import.meta.url));

const run = promisify(execFile);

describe('the example after --fix', () => {
  let fixed: Awaited<ReturnType<typeof fixedTasks>>;
  beforeAll(async () => {
    // It throws where the result does not compile.
    fixed = await fixedTasks(FOLDER);
  }, 120_000);

  it('has a change in every file with a connection that leaks', () => {
    expect(fixed.changed.map(({ file }) => file)).toEqual([
      'src/queue/heartbeat.ts',
      'src/queue/queue.ts',
      'src/services/usage.ts',
      'src/tasks/messaging-tasks.ts',
      'src/tasks/promise-tasks.ts',
      'src/tasks/test-runner-tasks.ts',
      'src/utilities/database.ts',
    ]);
  });

  it('has nothing left but what somebody has to decide, by a suggestion', () => {
    const rules = fixed.left.map(({ rule, suggestions }) => [rule, suggestions.length > 0]);
    expect(rules).toEqual([
      ['no-await-in-transaction', true],
      ['no-await-with-open-connection', true],
      ['no-await-in-transaction', true],
      ['no-await-with-open-connection', true],
      ['no-await-in-transaction', true],
      ['valid-open-options', true],
    ]);
  });

  it('is what the README shows of it', () => {
    const { diff = '' } = fixed.changed.find(({ file }) => file === 'src/queue/heartbeat.ts') ?? {};
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(diff).toContain('ROLLBACK');
    expect(readme).toContain(diff.slice(diff.indexOf('@@')).trimEnd());
  });

  it("passes the example's own tests", async () => {
    const tests = ['queue', 'tasks'].map((name) => `dist/tests/${name}.test.js`);
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', ...tests], { cwd: FOLDER });
    expect(stdout).toMatch(/^# fail 0$/m);
    expect(stdout).toMatch(/^# pass [1-9]/m);
  }, 60_000);
});
