import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';
import { CodemodError, EXIT } from '../exit-codes.ts';
import { withSlashes } from './slashes.ts';

/** Paths that a message names before it counts the rest. */
const NAMED = 5;

/**
 * Refuses to overwrite what git could not bring back: files with changes that are not committed, files that it does not
 * track, and files outside of any repository. `files` are absolute paths. Throws `CodemodError`.
 */
export function guardTree(root: string, files: readonly string[]): void {
  if (files.length === 0) return;
  const status = statusOf(root, files);
  const dirty = status.filter(({ state }) => state !== '??' && state !== '!!').map(({ path }) => path);
  const untracked = status.filter(({ state }) => state === '??' || state === '!!').map(({ path }) => path);
  const problems = [
    ...(dirty.length > 0 ? [`Not committed: ${listed(dirty)}.`] : []),
    ...(untracked.length > 0 ? [`Not tracked by git: ${listed(untracked)}.`] : []),
  ];
  if (problems.length === 0) return;
  throw new CodemodError(
    EXIT.guarded,
    `${problems.join('\n')}\nNothing was written. Commit or stash first, so that git can bring back what is overwritten, or pass --allow-dirty.`,
  );
}

/** A folder from the root of its repository, with slashes; empty for the root, and where there is no repository. */
export function folderInRepository(root: string): string {
  try {
    const options = { cwd: root, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('git', ['rev-parse', '--show-prefix'], options).trim().replace(/\/$/, '');
  } catch {
    return '';
  }
}

function statusOf(root: string, files: readonly string[]): { readonly state: string; readonly path: string }[] {
  const paths = files.map((file) => withSlashes(relative(root, file)));
  // All at once would be too long a command on Windows.
  const chunks = Array.from({ length: Math.ceil(paths.length / 100) }, (_, index) =>
    paths.slice(index * 100, (index + 1) * 100),
  );
  return chunks.flatMap((chunk) => {
    const options = ['--porcelain=v1', '-z', '--no-renames', '--ignored=matching', '--untracked-files=all'];
    return git(root, ['status', ...options, '--', ...chunk.map((path) => `:(literal)${path}`)])
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => ({ state: entry.slice(0, 2), path: entry.slice(3) }));
  });
}

function git(root: string, args: readonly string[]): string {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe', maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { code, stderr = '' } = error as { code?: string; stderr?: string };
    const why =
      code === 'ENOENT'
        ? 'git is not installed'
        : stderr.includes('not a git repository')
          ? `${root} is not in a git repository`
          : `git says: ${stderr.trim()}`;
    throw new CodemodError(
      EXIT.guarded,
      `Nothing was written: ${why}, so that nothing could bring back what is overwritten. Pass --allow-dirty to write all the same.`,
      { cause: error },
    );
  }
}

function listed(paths: readonly string[]): string {
  const more = paths.length - NAMED;
  return paths.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
