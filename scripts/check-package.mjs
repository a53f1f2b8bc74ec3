// node scripts/check-package.mjs [TARBALL]
// Checks what would be published: the files in it, package.json (publint) and the types (Are the types wrong?).
// Without TARBALL the plugin is built and packed first. Exits with 1 when something is wrong.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { checkManifest, checkTypes, checking, filesIn, unpack } from './packed.mjs';

/** Files that the package has to have. */
const REQUIRED = ['package.json', 'LICENSE', 'README.md', 'CHANGELOG.md', 'dist/src/index.js', 'dist/src/index.d.ts'];

const root = fileURLToPath(new URL('..', import.meta.url));

await checking('The package', async (temporary, problems) => {
  const tarball = process.argv[2] ? resolve(process.argv[2]) : pack(temporary);
  const folder = unpack(tarball, temporary);
  checkFiles(folder, problems);
  checkImports(folder, problems);
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

/** What the code imports comes with the package or is its user's: elsewhere it is found by chance. */
function checkImports(folder, problems) {
  const { name, dependencies, peerDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const there = new Set([name, ...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  for (const file of filesIn(folder).filter((path) => path.endsWith('.js')))
    for (const specifier of importsOf(readFileSync(join(folder, file), 'utf8')))
      if (!/^(?:\.|node:)/.test(specifier) && !there.has(packageOf(specifier)))
        problems.push(`${file} imports ${specifier}, which is not among the dependencies`);
}

function importsOf(text) {
  const { staticImports, staticExports, dynamicImports } = parseSync('module.js', text).module;
  const specifiers = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
    // Only those whose text says what they load.
    ...dynamicImports.flatMap(
      ({ moduleRequest: { start, end } }) => /^'(.*)'$/.exec(text.slice(start, end))?.[1] ?? [],
    ),
  ];
  return new Set(specifiers);
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isDocument(file) {
  return /^docs\/.*\.(?:md|svg|png)$/.test(file);
}

/** Whether a file was built from a source that is there. */
function isBuilt(file) {
  const [, name] = /^dist\/((?:src|rules)\/.*?)(?:\.d\.ts|\.js)$/.exec(file) ?? [];
  return name !== undefined && existsSync(join(root, `${name}.ts`));
}
