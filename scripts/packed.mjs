// What is checked of every package as it would be published.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const require = createRequire(import.meta.url);

/** Runs checks with a folder that is removed afterwards; tells what they found, and exits with 1 when that is something. */
export async function checking(what, run) {
  const temporary = mkdtempSync(join(tmpdir(), 'unbusy-package-'));
  const problems = [];
  try {
    await run(temporary, problems);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  for (const problem of problems) console.error(problem);
  console.log(problems.length === 0 ? `${what} is sound.` : `Problems in ${what}: ${problems.length}.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

/** Unpacks a tarball; the folder with its package. */
export function unpack(tarball, temporary) {
  execFileSync('tar', ['-xzf', '-'], { cwd: temporary, input: readFileSync(tarball) });
  return join(temporary, 'package');
}

/** Paths of the files in a folder, with slashes. */
export function filesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.split(sep).join('/'));
}

/** package.json, by publint. */
export async function checkManifest(tarball, problems) {
  const bytes = new Uint8Array(readFileSync(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  for (const message of messages) problems.push(`publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** The types, by "Are the types wrong?". */
export function checkTypes(tarball, problems) {
  const folder = dirname(require.resolve('@arethetypeswrong/cli/package.json'));
  const parameters = [join(folder, 'dist', 'index.js'), tarball, '--profile', 'esm-only', '--no-definitely-typed'];
  const { status, stdout } = spawnSync(process.execPath, [...parameters, '--format', 'ascii', '--no-color'], {
    encoding: 'utf8',
  });
  if (status !== 0) problems.push(`attw: ${stdout}`);
}
