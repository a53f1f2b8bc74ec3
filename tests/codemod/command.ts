import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ProjectFolder } from '../project-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The codemod as it is built. */
export const CLI = join(ROOT, 'dist/src/codemod/cli.js');

/** The packages of this repository. */
const OWN: Readonly<Record<string, string>> = { unbusy: join(ROOT, 'runtime'), 'eslint-plugin-unbusy': ROOT };

/** What a run of the codemod has printed and how it has ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs `unbusy-codemod` as it is built; `input` is typed in. */
export async function codemod(cwd: string, args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env: { ...process.env, NO_COLOR: '1' } });
  child.stdin.end(input);
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, output, errors };
}

/** A project with the packages that it imports, of this repository's; the wrapper only where it is among them. */
export function project(files: Readonly<Record<string, string>>, packages: readonly string[] = []): ProjectFolder {
  const folder = new ProjectFolder({ 'package.json': '{ "type": "module" }', ...files });
  for (const name of packages) {
    const link = folder.file(join('node_modules', name));
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(OWN[name] ?? join(ROOT, 'node_modules', name), link, 'junction');
  }
  return folder;
}
