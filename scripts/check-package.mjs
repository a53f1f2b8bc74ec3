// node scripts/check-package.mjs [TARBALL]
// Checks what would be published: the files in it, package.json (publint) and the types (Are the types wrong?).
// Without TARBALL the plugin is built and packed first. Exits with 1 when something is wrong.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files that the package has to have. */
const REQUIRED = ['package.json', 'LICENSE', 'README.md', 'CHANGELOG.md', 'dist/src/index.js', 'dist/src/index.d.ts'];

const root = fileURLToPath(new URL('..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'unbusy-package-'));
const problems = [];

try {
  const tarball = process.argv[2] ? resolve(process.argv[2]) : pack();
  checkFiles(unpack(tarball));
  run('publint', 'publint/src/cli.js', ['run', tarball, '--strict']);
  const entry = '@arethetypeswrong/cli/dist/index.js';
  run('attw', entry, [
    tarball,
    '--profile',
    'esm-only',
    '--no-definitely-typed',
    '--no-summary',
    '--no-emoji',
    '--no-color',
    '--format',
    'ascii',
  ]);
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

function run(name, entry, parameters) {
  const script = join(root, 'node_modules', ...entry.split('/'));
  const { status } = spawnSync(process.execPath, [script, ...parameters], { stdio: 'inherit' });
  if (status !== 0) problems.push(`${name} is not content`);
}
