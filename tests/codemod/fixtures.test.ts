import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { codemod, project, type Ended } from './command.ts';

/**
 * What the codemod makes of small projects, one for each thing that it can do: `input/` becomes `output/` and `printed.txt`
 * is said, by the command of `command.json`. With UPDATE=1 the last two are written anew, to be read before they are kept.
 */
const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));
const isUpdate = process.env.UPDATE === '1';

interface Command {
  /** What it shows. */
  readonly about: string;
  readonly args: readonly string[];
  /** Packages that the project has installed. */
  readonly packages: readonly string[];
  readonly exit?: number;
}

describe.each(readdirSync(FIXTURES))('%s', (name) => {
  const fixture = join(FIXTURES, name);
  const { about, args, packages, exit = 0 } = JSON.parse(read(join(fixture, 'command.json'))) as Command;

  test(about, async () => {
    const folder = project({}, packages);
    cpSync(join(fixture, 'input'), folder.path, { recursive: true });
    // Under its own name it would be one of this repository.
    if (existsSync(folder.file('gitignore'))) renameSync(folder.file('gitignore'), folder.file('.gitignore'));
    const before = filesIn(folder.path);

    const { code, ...said } = await codemod(folder.path, args);
    const after = filesIn(folder.path);
    const printed = printedBy(said, folder.path);
    if (isUpdate) keep(fixture, before, after, printed);

    expect(code).toBe(exit);
    expect(printed).toBe(read(join(fixture, 'printed.txt')));
    expect(Object.fromEntries(changed(before, after))).toEqual(filesIn(join(fixture, 'output')));

    if (changed(before, after).length === 0) return;
    await codemod(folder.path, args);
    expect(filesIn(folder.path), 'a second run changes nothing').toEqual(after);
  });
});

function keep(fixture: string, before: Files, after: Files, printed: string): void {
  const output = join(fixture, 'output');
  rmSync(output, { recursive: true, force: true });
  const kept = changed(before, after);
  for (const [file] of kept) cpSync(join(fixture, 'input', file), join(output, file));
  for (const [file, text] of kept) writeFileSync(join(output, file), text);
  writeFileSync(join(fixture, 'printed.txt'), printed);
}

type Files = Readonly<Record<string, string>>;

/** The files that are other than before. */
function changed(before: Files, after: Files): [string, string][] {
  return Object.entries(after).filter(([file, text]) => before[file] !== text);
}

/** The texts of a folder by path, packages apart. */
function filesIn(folder: string): Files {
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const named = files.map((file) => [relative(folder, file).replaceAll('\\', '/'), read(file)] as const);
  return Object.fromEntries(named.filter(([file]) => !file.startsWith('node_modules/')));
}

function printedBy({ output, errors }: Pick<Ended, 'output' | 'errors'>, folder: string): string {
  return [output, errors].join('').replaceAll(folder, '<project>');
}

function read(file: string): string {
  return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
}
