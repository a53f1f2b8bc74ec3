// node scripts/fetch-field-packages.mjs
// Brings the published packages of tests/field/packages.json to .cache/field/: downloads what is not there with
// `npm pack` (nothing is installed or run), checks it against the integrity kept in git, and unpacks it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache', 'field');
/** @type {Record<string, string>} integrity by `name@version` */
const packages = JSON.parse(readFileSync(join(root, 'tests', 'field', 'packages.json'), 'utf8'));

mkdirSync(cache, { recursive: true });
download(Object.keys(packages).filter((id) => !existsSync(join(cache, tarballOf(id)))));
for (const [id, integrity] of Object.entries(packages)) {
  check(id, integrity);
  unpack(id);
}

function download(ids) {
  if (ids.length === 0) return;
  try {
    // On Windows npm is a script, which only a shell can start.
    execFileSync('npm', ['pack', ...ids, '--loglevel=error', '--fetch-retries=1', '--pack-destination', '.'], {
      cwd: cache,
      shell: process.platform === 'win32',
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch {
    fail(`npm cannot download ${ids.join(', ')} (see its message above). Is the registry reachable?`);
  }
}

function check(id, integrity) {
  const tarball = join(cache, tarballOf(id));
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (found === integrity) return;
  rmSync(tarball);
  fail(`${id} is not what tests/field/packages.json names: ${found} instead of ${integrity}`);
}

function unpack(id) {
  const folder = folderOf(id);
  if (existsSync(join(cache, folder))) return;
  const unfinished = `${folder}.unfinished`;
  rmSync(join(cache, unfinished), { recursive: true, force: true });
  mkdirSync(join(cache, unfinished));
  execFileSync('tar', ['-xzf', '-', '--strip-components=1'], {
    cwd: join(cache, unfinished),
    input: readFileSync(join(cache, tarballOf(id))),
  });
  renameSync(join(cache, unfinished), join(cache, folder));
}

/** File name that `npm pack` gives: `@scope/name@1.0.0` becomes `scope-name-1.0.0.tgz`. */
function tarballOf(id) {
  const at = id.lastIndexOf('@');
  return `${id.slice(0, at).replace('@', '').replace('/', '-')}-${id.slice(at + 1)}.tgz`;
}

function folderOf(id) {
  return id.replace('/', '__');
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
