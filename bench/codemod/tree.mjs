// A tree of real files to migrate: sources of our own node_modules, and a tenth of them with SQLite, of tests/cases.
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeclaration, sourcesIn } from '../../scripts/source-files.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Bytes; what is larger was not written by hand. */
const LARGEST = 60_000;
const SPEAKS_OF_SQLITE = /sqlite|libsql|drizzle-orm|kysely/i;

/** Makes a folder a project with so many files. */
export function makeTree(folder, count) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const name of ['unbusy', 'better-sqlite3'])
    symlinkSync(
      join(root, name === 'unbusy' ? 'runtime' : `node_modules/${name}`),
      join(folder, 'node_modules', name),
      'junction',
    );
  const withSqlite = [...sourcesIn(join(root, 'tests/cases'))].filter((file) => !isDeclaration(file));
  const plain = plainSources();
  for (let index = 0; index < count; index += 1) {
    const hasSqlite = index % 10 === 0;
    const list = hasSqlite ? withSqlite : plain;
    const source = list[Math.floor((index / 10) * (hasSqlite ? 1 : 9.7)) % list.length];
    const target = join(
      folder,
      'src',
      `${Math.floor(index / 50)}`,
      `${index}-${basename(source, extname(source))}${extname(source)}`,
    );
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target);
  }
}

let found = null;

function plainSources() {
  found ??= [...sourcesIn(join(root, 'node_modules'))].filter(
    (file) =>
      !isDeclaration(file) &&
      !file.endsWith('.min.js') &&
      statSync(file).size <= LARGEST &&
      !SPEAKS_OF_SQLITE.test(readFileSync(file, 'utf8')),
  );
  return found;
}
