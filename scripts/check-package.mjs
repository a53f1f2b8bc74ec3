// node scripts/check-package.mjs [TARBALL]
// Checks what would be published: the files in it, package.json (publint) and the types (Are the types wrong?).
// Without TARBALL the plugin is built and packed first. Exits with 1 when something is wrong.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkManifest, checkTypes, checking, filesIn, unpack } from './packed.mjs';

/** Files that the package has to have. */
const REQUIRED = ['package.json', 'LICENSE', 'README.md', 'CHANGELOG.md', 'dist/src/index.js', 'dist/src/index.d.ts'];

const root = fileURLToPath(new URL('..', import.meta.url));

await checking('The package', async (temporary, problems) => {
  const tarball = process.argv[2] ? resolve(process.argv[2]) : pack(temporary);
  checkFiles(unpack(tarball, temporary), problems);
  await checkManifest(tarball, problems);
  checkTypes(tarball, problems);
});

function pack(folder) {
  const script = join(root, 'scripts', 'pack.mjs');
  return execFileSync(process.execPath, [script, folder], { encoding: 'utf8' }).trim();
}

function checkFiles(folder, problems) {
  const files = filesIn(folder);
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
