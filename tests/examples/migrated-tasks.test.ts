import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { migratedTasks } from '../../scripts/demo/migration.mjs';

/** The example as `unbusy-codemod` leaves it. */
const FOLDER = fileURLToPath(new URL('../../.cache/migrated-tasks-test/', import.meta.url));

const run = promisify(execFile);

interface Summary {
  readonly tasks: number;
  readonly done: number;
  readonly failures: readonly unknown[];
}

describe('the example after unbusy-codemod', () => {
  let printed: string;
  beforeAll(() => {
    // It throws where a second run finds something to do, and where the result does not compile.
    printed = migratedTasks(FOLDER);
  }, 120_000);

  it('has no hazard left', () => {
    expect(printed).toContain('18 hazards removed');
    expect(printed).not.toContain('left alone');
  });

  it('is what the README shows of it', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');
    expect(readme).toContain(printed.trim());
  });

  it("passes the example's own tests", async () => {
    const tests = ['queue', 'tasks'].map((name) => `dist/tests/${name}.test.js`);
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', ...tests], { cwd: FOLDER });
    expect(stdout).toMatch(/^# fail 0$/m);
    expect(stdout).toMatch(/^# pass [1-9]/m);
  }, 60_000);

  it('does all of its tasks under the load that it failed under before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unbusy-migrated-'));
    try {
      const file = join(folder, 'summary.json');
      await run(process.execPath, ['dist/load/main.js', file], { cwd: FOLDER });
      const { tasks, done, failures } = JSON.parse(readFileSync(file, 'utf8')) as Summary;
      expect({ done, failures }).toEqual({ done: tasks, failures: [] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);
});
