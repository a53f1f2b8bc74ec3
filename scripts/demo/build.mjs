import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, SAFE } from './paths.mjs';

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** Compiles the plugin, the wrapper, and the example application without and with the wrapper. */
export function build() {
  compile('the plugin', [TSC, '-p', 'tsconfig.build.json']);
  compile('the wrapper', [TSC, '-p', 'runtime/tsconfig.build.json']);
  compile('the example', [TSC, '-p', 'examples/legacy-tasks']);
  compile('the example on the wrapper', ['scripts/build-safe-tasks.mjs', SAFE]);
}

function compile(what, args) {
  const { status, error } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${what} does not compile.`);
  console.log(`Compiled ${what}.`);
}
