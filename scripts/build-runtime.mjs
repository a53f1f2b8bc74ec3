/**
 * Builds the package `unbusy`: one module for each entry, and shared ones for what they have in common, so that all entries
 * of an application share one queue for each file. Two dozen small modules would take twice as long to load. Nothing is
 * renamed and the lines stay: a stack trace can be read. Comments are in the declarations, where editors show them.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runtime = join(root, 'runtime');
const dist = join(runtime, 'dist');
const manifest = JSON.parse(readFileSync(join(runtime, 'package.json'), 'utf8'));

/** The modules that package.json hands out, by their names without an extension: `drivers/sqlite3`. */
const entries = Object.values(manifest.exports)
  .filter((target) => typeof target === 'object')
  .map((target) => nameOf(target.default));
const programs = Object.values(manifest.bin).map(nameOf);
const external = [/^(?:node|bun):/, ...Object.keys(manifest.peerDependencies)];

/** The bundler says above each part which file it comes from: nothing that a reader of the package has. */
const withoutPaths = {
  name: 'without paths',
  renderChunk: (code) => code.replace(/^\/\/ \S+\.ts\n/gm, ''),
};

const declarations = mkdtempSync(join(runtime, '.declarations-'));
try {
  declare(declarations);
  const code = await rolldown({
    input: inputOf([...entries, ...programs], join(runtime, 'src'), '.ts'),
    external,
    platform: 'node',
    plugins: [withoutPaths],
  });
  await code.write({
    ...outputOf('.js'),
    cleanDir: true,
    comments: { legal: false, annotation: true, jsdoc: false },
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
  });
  const types = await rolldown({
    input: inputOf(entries, declarations, '.d.ts'),
    external,
    plugins: [dts({ dtsInput: true }), withoutPaths],
  });
  await types.write(outputOf('.ts'));
} finally {
  rmSync(declarations, { recursive: true, force: true });
}

function nameOf(path) {
  return path.replace(/^\.\/dist\/|\.js$/g, '');
}

function inputOf(names, folder, extension) {
  return Object.fromEntries(names.map((name) => [name, join(folder, `${name}${extension}`)]));
}

/** How both bundles are written: names as they are, so that what is exported between modules can be read. */
function outputOf(extension) {
  return {
    dir: dist,
    format: 'esm',
    minifyInternalExports: false,
    entryFileNames: `[name]${extension}`,
    chunkFileNames: `shared/[name]${extension}`,
  };
}

/** The declarations of all modules, checked on the way. */
function declare(folder) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, error } = spawnSync(
    process.execPath,
    [tsc, '-p', join(runtime, 'tsconfig.build.json'), '--emitDeclarationOnly', '--outDir', folder],
    { stdio: 'inherit' },
  );
  if (error) throw error;
  if (status !== 0) throw new Error('the declarations of the wrapper have type errors: see above.');
}
