import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DRIVERS } from '../../drivers/index.ts';
import { unbusy } from '../../drivers/unbusy.ts';
import { CodemodError, EXIT, type ExitCode } from '../exit-codes.ts';
import { withSlashes } from '../files/slashes.ts';
import { unifiedDiff } from '../terminal/diff.ts';
import { writeAtomic } from '../write/atomic.ts';
import { CONFIG_FILES, newConfig, settingsElement, withElement } from './eslint-config.ts';
import { wrapperModule } from './wrapper-module.ts';
import type { Streams } from './migrate.ts';

export interface InitOptions {
  /** A driver of the catalogue; found in package.json where there is one. */
  readonly driver: string | null;
  /** Where the module goes, from the root. */
  readonly file: string | null;
  readonly write: boolean;
}

interface Manifest {
  readonly type?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Drivers that the wrapper has an entry for. */
export const WRAPPED = unbusy.map(({ id }) => id);

/**
 * Scaffolds the project's own wrapper module and makes the ESLint config point to it: a new one, or one more element in the
 * one that is there. Where that cannot be told, the settings are shown. Never overwrites another file. Throws `CodemodError`
 * where the driver cannot be told or the file is there already.
 */
export async function init(root: string, options: InitOptions, { output }: Streams): Promise<ExitCode> {
  const manifest = manifestOf(root);
  const id = options.driver ?? onlyDriver(manifest);
  const driver = DRIVERS.find((candidate) => candidate.id === id);
  const entry = unbusy.find((candidate) => candidate.id === id)?.modules[0];
  if (!driver || entry === undefined)
    throw new CodemodError(EXIT.usage, `The wrapper has no entry for ${id}: there is ${WRAPPED.join(', ')}.`);
  const typed = existsSync(join(root, 'tsconfig.json'));
  const commonJs = !typed && manifest.type !== 'module';
  const file = options.file ?? `${existsSync(join(root, 'src')) ? 'src/' : ''}database.${typed ? 'ts' : 'js'}`;
  const path = resolve(root, file);
  if (existsSync(path)) throw new CodemodError(EXIT.usage, `${file} is there already: name another one with --file.`);
  const text = wrapperModule({ entry, synchronous: driver.synchronous, typed, commonJs });
  // TypeScript is loaded for this alone.
  const specifier = typed ? (await import('../project/specifier.ts')).specifierOf(file, root) : file;
  const element = settingsElement(`./${withSlashes(specifier)}`, driver.id);
  const config = configOf(root, element, typed);
  if (options.write) {
    mkdirSync(dirname(path), { recursive: true });
    // Not even where it has come between the question and now.
    writeFileSync(path, text, { flag: 'wx' });
    if (config) writeConfig(resolve(root, config.file), config);
  }
  output.write(
    [
      options.write ? `Wrote ${file}.` : `${file} would be (write it with --write):\n\n${text.trimEnd()}`,
      '',
      ...missingPackages(manifest, config !== null && config.before === null, typed),
      config
        ? toldOf(config, options.write)
        : `In ESLint's config, so that linter and codemod rewrite to it:\n\n${element}`,
    ].join('\n'),
  );
  return EXIT.ok;
}

/** What becomes of ESLint's config; `before` is null where there is none. */
interface ConfigChange {
  readonly file: string;
  readonly before: string | null;
  readonly after: string;
}

/** Null where it is left to the user: the config is of the old kind, or makes its list in a way that is not read. */
function configOf(root: string, element: string, typed: boolean): ConfigChange | null {
  const file = CONFIG_FILES.find((name) => existsSync(join(root, name)));
  if (file === undefined) {
    if (readdirSync(root).some((name) => name.startsWith('.eslintrc'))) return null;
    return { file: 'eslint.config.mjs', before: null, after: newConfig(element, typed) };
  }
  const before = readFileSync(join(root, file), 'utf8');
  const after = withElement(file, before, element);
  return after === null ? null : { file, before, after };
}

function writeConfig(path: string, { before, after }: ConfigChange): void {
  if (before === null) writeFileSync(path, after, { flag: 'wx' });
  else writeAtomic(path, after);
}

function toldOf({ file, before, after }: ConfigChange, written: boolean): string {
  const why = 'so that linter and codemod rewrite to it';
  if (before === null) return written ? `Wrote ${file}, ${why}.\n` : `${file} would be, ${why}:\n\n${after}`;
  const diff = unifiedDiff(file, before, after);
  return `${written ? 'Changed' : 'Would change'} ${file}, ${why}:\n\n${diff}`;
}

function missingPackages({ dependencies, devDependencies }: Manifest, isLinted: boolean, typed: boolean): string[] {
  const there = { ...dependencies, ...devDependencies };
  const linting = ['eslint', 'eslint-plugin-unbusy', ...(typed ? ['@typescript-eslint/parser'] : [])];
  const missing = isLinted ? linting.filter((name) => !(name in there)) : [];
  return [
    ...('unbusy' in there ? [] : ['Install the wrapper: npm install unbusy', '']),
    ...(missing.length > 0 ? [`Install the linter: npm install --save-dev ${missing.join(' ')}`, ''] : []),
  ];
}

function manifestOf(root: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  } catch (error) {
    throw new CodemodError(
      EXIT.usage,
      `There is no package.json to be read in ${root}: run this in the folder of the project.`,
      { cause: error },
    );
  }
}

function onlyDriver({ dependencies, devDependencies }: Manifest): string {
  const there = Object.keys({ ...dependencies, ...devDependencies });
  const found = DRIVERS.filter(
    ({ id, modules }) => WRAPPED.includes(id) && modules.some((name) => there.includes(name)),
  );
  // `sqlite` is a layer over sqlite3, which is there for its sake.
  const chosen = found.some(({ id }) => id === 'sqlite') ? found.filter(({ id }) => id !== 'sqlite3') : found;
  const [only, ...others] = chosen.map(({ id }) => id);
  if (only !== undefined && others.length === 0) return only;
  throw new CodemodError(
    EXIT.usage,
    only === undefined
      ? `package.json names no driver of SQLite: name it with --driver (${WRAPPED.join(', ')}).`
      : `package.json names several drivers: choose one with --driver (${[only, ...others].join(', ')}).`,
  );
}
