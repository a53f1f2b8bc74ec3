// node scripts/pack.mjs FOLDER
// Builds the plugin and packs it into FOLDER as it would be published; prints the path of the tarball. All of it happens
// in a copy: what an older build left behind is not packed, and who uses dist/ meanwhile is not disturbed.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2];
if (!folder) {
  console.error('usage: node scripts/pack.mjs FOLDER');
  process.exit(2);
}

const copy = mkdtempSync(join(tmpdir(), 'unbusy-build-'));
try {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of ['package.json', 'README.md', 'LICENSE', ...files.filter((name) => name !== 'dist')]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const parameters = [compiler, '-p', 'tsconfig.build.json', '--outDir', join(copy, 'dist')];
  execFileSync(process.execPath, parameters, { cwd: root, stdio: ['ignore', process.stderr, process.stderr] });
  console.log(join(resolve(folder), pack()));
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** Name of the tarball. */
function pack() {
  // On Windows npm is a script, which only a shell can start.
  const shell = process.platform === 'win32';
  const target = shell ? `"${resolve(folder)}"` : resolve(folder);
  const parameters = ['pack', '--silent', '--ignore-scripts', '--pack-destination', target];
  return execFileSync('npm', parameters, { cwd: copy, shell, encoding: 'utf8' }).trim();
}
