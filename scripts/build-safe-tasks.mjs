// node scripts/build-safe-tasks.mjs FOLDER
// Makes FOLDER the example on the safe wrapper: a copy of examples/legacy-tasks with the files of examples/safe-tasks over
// it, compiled. FOLDER is emptied before; it has to be inside the repository, whose node_modules it uses. Needs the built
// wrapper.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What of examples/safe-tasks is the application's; the rest is about the folder itself. */
const OVERLAY = ['src', 'tests', 'package.json'];

const folder = resolve(process.argv[2] ?? '');
if (!relative(root, folder).startsWith(`.cache${sep}`)) {
  console.error('Usage: node scripts/build-safe-tasks.mjs FOLDER, with a FOLDER in .cache/ of this repository');
  process.exit(2);
}

const legacy = join(root, 'examples/legacy-tasks');
const compiled = join(legacy, 'dist');
rmSync(folder, { recursive: true, force: true });
cpSync(legacy, folder, { recursive: true, filter: (source) => source !== compiled });
for (const name of OVERLAY) cpSync(join(root, 'examples/safe-tasks', name), join(folder, name), { recursive: true });

const tsc = join(root, 'node_modules/typescript/bin/tsc');
const { status, error } = spawnSync(process.execPath, [tsc, '-p', folder], { stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 1;
