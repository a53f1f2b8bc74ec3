import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DRIVERS } from '../../drivers/index.ts';
import { unbusy } from '../../drivers/unbusy.ts';
import { CodemodError, EXIT, type ExitCode } from '../exit-codes.ts';
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
 * Scaffolds the project's own wrapper module and shows the ESLint settings that point to it. Never overwrites a file.
 * Throws `CodemodError` where the driver cannot be told or the file is there already.
 */
export function init(root: string, options: InitOptions, { output }: Streams): ExitCode {
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
  if (options.write) {
    mkdirSync(dirname(path), { recursive: true });
    // Not even where it has come between the question and now.
    writeFileSync(path, text, { flag: 'wx' });
  }
  const isMissing = !('unbusy' in { ...manifest.dependencies, ...manifest.devDependencies });
  output.write(told(file, driver.id, text, options.write, isMissing));
  return EXIT.ok;
}

function told(file: string, driver: string, text: string, written: boolean, isMissing: boolean): string {
  return [
    written ? `Wrote ${file}.` : `${file} would be (write it with --write):\n\n${text.trimEnd()}`,
    '',
    ...(isMissing ? ['Install the wrapper: npm install unbusy', ''] : []),
    'In eslint.config.js, so that linter and codemod rewrite to it:',
    '',
    '  {',
    '    settings: {',
    `      unbusy: { wrapper: { module: './${file}', driver: '${driver}' } },`,
    '    },',
    '  },',
    '',
  ].join('\n');
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
