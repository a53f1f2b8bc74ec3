import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

/** Runs `npm ci` where node_modules is missing, incomplete or not what the lockfile says. */
export function ensureInstalled() {
  if (isInstalled()) return;
  console.log('Installing the dependencies with npm ci; building sqlite3 takes about a minute.');
  const { status, error } = npm(['ci', '--no-audit', '--no-fund']);
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ci ended with exit code ${status}.`);
}

/** Compares the lockfile with the one that npm leaves in node_modules at the end of an install. */
function isInstalled() {
  const installed = read('node_modules/.package-lock.json');
  if (!installed) return false;
  return Object.entries(read('package-lock.json').packages).every(
    ([path, { version, optional, link }]) =>
      optional ||
      !path.startsWith('node_modules/') ||
      ((link || installed.packages[path]?.version === version) && existsSync(new URL(path, root))),
  );
}

function read(path) {
  const file = new URL(path, root);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

function npm(args) {
  const options = { cwd: fileURLToPath(root), stdio: 'inherit' };
  // Under `npm run` this is npm's own script; npm on the PATH is a batch file on Windows, which needs a shell.
  const script = process.env.npm_execpath;
  return script?.endsWith('npm-cli.js')
    ? spawnSync(process.execPath, [script, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}
