import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as parser from '@typescript-eslint/parser';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';
import unbusy from '../../src/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LEGACY = join(ROOT, 'examples/legacy-tasks');
const OVERLAY = join(ROOT, 'examples/safe-tasks');
/** legacy-tasks with the files of safe-tasks over it. */
const SAFE = join(ROOT, '.cache/safe-tasks-test');

interface Summary {
  readonly tasks: number;
  readonly done: number;
  readonly failures: readonly unknown[];
}

const run = promisify(execFile);

describe('the example on the wrapper', () => {
  beforeAll(async () => {
    await run(process.execPath, [join(ROOT, 'scripts/build-safe-tasks.mjs'), SAFE]);
  }, 60_000);

  it('has only files that replace one of the example and differ from it', () => {
    const files = readdirSync(join(OVERLAY, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const read = (folder: string, file: string): string => readFileSync(join(folder, 'src', file), 'utf8');

    expect(files.filter((file) => read(OVERLAY, file) === read(LEGACY, file))).toEqual([]);
  });

  it("passes the example's own tests, and those of what waits", async () => {
    const tests = ['queue', 'tasks', 'waiting'].map((name) => `dist/tests/${name}.test.js`);
    const stdout = await output(['--test', '--test-reporter=tap', ...tests]);

    expect(stdout).toMatch(/^# fail 0$/m);
    expect(stdout).toMatch(/^# pass [1-9]/m);
  }, 60_000);

  it('does every task under the load of several workers, and nothing around them fails', async () => {
    const file = join(SAFE, 'summary.json');
    const stdout = await output(['dist/load/main.js', file], { TIME_SCALE: '0.001' });
    const { tasks, done, failures } = JSON.parse(readFileSync(file, 'utf8')) as Summary;

    expect(stdout).toMatch(/tasks, [2-9] workers/);
    expect(tasks).toBeGreaterThan(20);
    expect({ done, failures }).toEqual({ done: tasks, failures: [] });
  }, 120_000);

  it('has no finding', async () => {
    const eslint = new ESLint({
      cwd: SAFE,
      overrideConfigFile: true,
      overrideConfig: [
        { ignores: ['dist/'] },
        { files: ['**/*.ts'], languageOptions: { parser } },
        unbusy.configs.recommended,
      ],
    });
    const results = await eslint.lintFiles(['.']);

    expect(results.length).toBeGreaterThan(10);
    expect(results.flatMap(({ messages }) => messages)).toEqual([]);
  });
});

/** What Node prints in the folder of the application, also where it ends with an error: then the output says why. */
async function output(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { cwd: SAFE, env: { ...process.env, ...env } };
  const { stdout } = await run(process.execPath, args, options).catch((error: unknown) => error as { stdout: string });
  return stdout;
}
