// node scripts/check-package.mjs [TARBALL]
// Checks what would be published: the files in it, package.json (publint) and the types (Are the types wrong?).
// Without TARBALL the plugin is built and packed first. Exits with 1 when something is wrong.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** Files that the package has to have. */
const REQUIRED = ['package.json', 'LICENSE', 'README.md', 'CHANGELOG.md', 'dist/src/index.js', 'dist/src/index.d.ts'];

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'unbusy-package-'));
const problems = [];

try {
  const tarball = process.argv[2] ? resolve(process.argv[2]) : pack();
  checkFiles(unpack(tarball));
  await checkManifest(tarball);
  checkTypes(tarball);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'The package is sound.' : `Problems in the package: ${problems.length}.`);
process.exitCode = problems.length === 0 ? 0 : 1;

function pack() {
  const script = join(root, 'scripts', 'pack.mjs');
  return execFileSync(process.execPath, [script, temporary], { encoding: 'utf8' }).trim();
}

/** Unpacks a tarball; the folder with its package. */
function unpack(tarball) {
  execFileSync('tar', ['-xzf', '-'], { cwd: temporary, input: readFileSync(tarball) });
  return join(temporary, 'package');
}

function checkFiles(folder) {
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.split(sep).join('/'));
  for (const file of REQUIRED) if (!files.includes(file)) problems.push(`${file} is missing in the package`);
  for (const file of files) {
    if (!REQUIRED.includes(file) && !isDocument(file) && !isBuilt(file)) problems.push(`${file} does not belong there`);
    if (file.endsWith('.js') && /\/\/# sourceMappingURL=/.test(readFileSync(join(folder, file), 'utf8'))) {
      problems.push(`${file} names a source map, which is not packed`);
    }
  }
}

function isDocument(file) {
  return /^docs\/.*\.(?:md|svg|png)$/.test(file);
}

/** Whether a file was built from a source that is there. */
function isBuilt(file) {
  const [, name] = /^dist\/((?:src|rules)\/.*?)(?:\.d\.ts|\.js)$/.exec(file) ?? [];
  return name !== undefined && existsSync(join(root, `${name}.ts`));
}

async function checkManifest(tarball) {
  const bytes = new Uint8Array(readFileSync(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  for (const message of messages) problems.push(`publint: ${formatMessage(message, pkg, { color: false })}`);
}

function checkTypes(tarball) {
  const folder = dirname(require.resolve('@arethetypeswrong/cli/package.json'));
  const parameters = [join(folder, 'dist', 'index.js'), tarball, '--profile', 'esm-only', '--no-definitely-typed'];
  const { status, stdout } = spawnSync(process.execPath, [...parameters, '--format', 'ascii', '--no-color'], {
    encoding: 'utf8',
  });
  if (status !== 0) problems.push(`attw: ${stdout}`);
}
