import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** Compiles the plugin and the example application. */
export function build() {
  compile('the plugin', 'tsconfig.build.json');
  compile('the example', 'examples/legacy-tasks/tsconfig.json');
}

function compile(what, project) {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: ROOT, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${what} does not compile.`);
  console.log(`Compiled ${what}.`);
}
