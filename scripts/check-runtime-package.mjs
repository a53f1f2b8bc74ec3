// node scripts/check-runtime-package.mjs
// Checks the package `unbusy` as it would be published, once it is built: its files, its size, what each entry loads, what a
// bundler leaves of it, package.json (publint) and the types (Are the types wrong?). Exits with 1 when something is wrong.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, symlinkSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { checkManifest, checkTypes, checking, filesIn, unpack } from './packed.mjs';

const runtime = fileURLToPath(new URL('../runtime', import.meta.url));

/** Bytes of the tarball. */
const LARGEST = 60_000;

const REQUIRED = ['package.json', 'LICENSE', 'README.md', 'CHANGELOG.md', 'dist/index.js', 'dist/doctor/main.js'];

/** What an entry may load from elsewhere, beside what belongs to the runtime. */
const DRIVERS = {
  '.': [],
  './better-sqlite3': ['better-sqlite3'],
  './node-sqlite': ['node:sqlite'],
  './bun-sqlite': ['bun:sqlite'],
  './libsql': ['libsql'],
  './sqlite3': ['sqlite3'],
  './sqlite': ['sqlite', 'sqlite3'],
  './libsql-client': ['@libsql/client'],
  './opentelemetry': ['@opentelemetry/api'],
};

await checking('The package of the wrapper', async (temporary, problems) => {
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', temporary], {
      cwd: runtime,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    }),
  );
  const tarball = join(temporary, filename);
  const { size } = statSync(tarball);
  console.log(`${size} bytes packed.`);
  if (size > LARGEST) problems.push(`it has ${size} bytes packed, more than ${LARGEST}`);
  const folder = unpack(tarball, temporary);
  checkFiles(folder, problems);
  checkEntries(folder, problems);
  await checkTreeShaking(folder, problems);
  await checkManifest(tarball, problems);
  checkTypes(tarball, problems);
});

function checkFiles(folder, problems) {
  const files = filesIn(folder);
  for (const file of REQUIRED) if (!files.includes(file)) problems.push(`${file} is missing in the package`);
  const foreign = files.filter((file) => !REQUIRED.includes(file) && !/^dist\/.*(?:\.d\.ts|\.js)$/.test(file));
  for (const file of foreign) problems.push(`${file} does not belong there`);
}

/** Each entry loads its own driver, and no other one. */
function checkEntries(folder, problems) {
  const { exports, dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (Object.keys(dependencies).length > 0) problems.push('it has dependencies');
  for (const [entry, target] of Object.entries(exports)) {
    if (typeof target !== 'object') continue;
    const loaded = new Set();
    load(join(folder, target.default), new Set(), loaded);
    const wanted = DRIVERS[entry] ?? [];
    const foreign = [...loaded].filter((module) => !isOfRuntime(module) || module.endsWith(':sqlite'));
    if (foreign.sort().join() !== [...wanted].sort().join()) problems.push(`${entry} loads ${foreign.join(', ')}`);
  }
}

function isOfRuntime(module) {
  return module.startsWith('node:') || module.startsWith('bun:');
}

/** Follows the imports of a module within the package. */
function load(file, seen, loaded) {
  if (seen.has(file)) return;
  seen.add(file);
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'"]*?["']([^"']+)["']/gm)) {
    if (specifier.startsWith('.')) load(join(dirname(file), specifier), seen, loaded);
    else loaded.add(specifier);
  }
}

/** A bundle of one function has nothing of the others. */
async function checkTreeShaking(folder, problems) {
  const application = join(folder, '..', 'application');
  mkdirSync(join(application, 'node_modules'), { recursive: true });
  symlinkSync(folder, join(application, 'node_modules', 'unbusy'), 'junction');
  const entry = '\0entry';
  const bundle = await rolldown({
    input: entry,
    cwd: application,
    external: [/^node:/, 'better-sqlite3'],
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? "export { withConnection } from 'unbusy/better-sqlite3';" : null),
      },
    ],
    resolve: { modules: [join(application, 'node_modules')] },
  });
  const { output } = await bundle.generate({ format: 'esm' });
  const [{ code }] = output;
  for (const text of ['wal_checkpoint', 'connectionsPerTask', 'createMonitor', 'inBatches'])
    if (code.includes(text)) problems.push(`a bundle of withConnection has ${text} in it`);
  console.log(`${code.length} characters in a bundle of withConnection alone.`);
}
