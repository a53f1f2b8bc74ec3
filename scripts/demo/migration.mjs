import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LEGACY, ROOT } from './paths.mjs';

const CLI = join(ROOT, 'dist/src/codemod/cli.js');
/** The folder is one that git ignores, and nobody's work. */
const OPTIONS = ['--write', '--suggestions', '--no-gitignore', '--allow-dirty'];

/**
 * Makes a folder the example application as `unbusy-codemod` leaves it, compiled; the folder has to be inside the
 * repository, whose node_modules it uses. Returns what the codemod has printed.
 */
export function migratedTasks(folder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(LEGACY, folder, { recursive: true, filter: (source) => source !== join(LEGACY, 'dist') });
  const { status, stdout, stderr } = run([CLI, 'src', ...OPTIONS], folder);
  if (status !== 0) throw new Error(`the codemod ended with ${status}.\n${stderr}`);
  const again = run([CLI, 'src', ...OPTIONS], folder);
  if (!again.stdout.includes('no hazard found')) throw new Error(`a second run is not empty.\n${again.stdout}`);
  const compiled = run([join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], ROOT);
  if (compiled.status !== 0) throw new Error(`the migrated application does not compile.\n${compiled.stdout}`);
  return stdout;
}

function run(args, cwd) {
  const result = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (result.error) throw result.error;
  return result;
}
