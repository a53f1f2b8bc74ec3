import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CodemodError, EXIT } from '../exit-codes.ts';
import { removeLeftovers, writeAtomic } from './atomic.ts';
import type { Journal } from './journal.ts';

/** A file that is to get another text; both with their byte order mark. */
export interface Change {
  readonly absolute: string;
  readonly before: string;
  readonly after: string;
}

export interface ApplyOptions {
  /** Where the changes are kept for as long as they are written. */
  readonly journal: Journal;
  /** The project's own check, as a shell runs it; null for none. */
  readonly verify: { readonly command: string; readonly cwd: string } | null;
  readonly onProgress?: (done: number, all: number) => void;
}

/**
 * Writes all changes or none: when a file cannot be written, when the check fails, and on SIGINT or SIGTERM, all files are
 * put back. A process that is killed leaves each file either old or new. Throws `CodemodError`.
 */
export async function applyChanges(changes: readonly Change[], options: ApplyOptions): Promise<void> {
  expectUnchanged(changes);
  keep(changes, options.journal);
  await writeAll(changes, [], options);
}

/**
 * Brings a run to its end that was killed while it wrote, as if it had not been. Returns how many files it had written.
 * Throws `CodemodError`.
 */
export async function resumeChanges(options: ApplyOptions): Promise<{ readonly done: number; readonly all: number }> {
  const changes = options.journal.read();
  const done = changes.filter(({ absolute, after }) => currentText(absolute) === after);
  const open = changes.filter((change) => !done.includes(change));
  expectUnchanged(open);
  await writeAll(open, done, options);
  return { done: done.length, all: changes.length };
}

/** `done` are written already; they are put back with the others. */
async function writeAll(
  changes: readonly Change[],
  done: readonly Change[],
  { verify, journal, onProgress }: ApplyOptions,
): Promise<void> {
  for (const folder of new Set(changes.map(({ absolute }) => dirname(absolute)))) removeLeftovers(folder);
  const interruption = listenForInterruption();
  const written: Change[] = [...done];
  try {
    for (const [index, change] of changes.entries()) {
      // Lets a signal come in between two files.
      await new Promise(setImmediate);
      if (interruption.signal) break;
      write(change, written);
      onProgress?.(index + 1, changes.length);
    }
    if (!interruption.signal && verify) await runCheck(verify, interruption);
    if (interruption.signal)
      throw new CodemodError(EXIT.interrupted, `Interrupted by ${interruption.signal}: all files are as they were.`);
    journal.remove();
  } catch (error) {
    try {
      putBack(written, error);
    } finally {
      journal.remove();
    }
    throw error;
  } finally {
    interruption.dispose();
  }
}

function keep(changes: readonly Change[], journal: Journal): void {
  try {
    journal.write(changes);
  } catch (error) {
    throw new CodemodError(
      EXIT.writing,
      `What is to be written could not be kept for a run that is killed: ${messageOf(error)}. Nothing was written.`,
      { cause: error },
    );
  }
}

function currentText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // it has gone, which is told where it is to be written
  }
}

/** Somebody may have saved a file while the changes were worked out. */
function expectUnchanged(changes: readonly Change[]): void {
  for (const { absolute, before } of changes)
    if (readFileSync(absolute, 'utf8') !== before)
      throw new CodemodError(
        EXIT.writing,
        `${absolute} has changed since it was read. Nothing was written: run the command again.`,
      );
}

function write(change: Change, written: Change[]): void {
  try {
    writeAtomic(change.absolute, change.after);
    written.push(change);
  } catch (error) {
    throw new CodemodError(
      EXIT.writing,
      `${change.absolute} could not be written: ${messageOf(error)}. All files are as they were.`,
      { cause: error },
    );
  }
}

async function runCheck(
  { command, cwd }: NonNullable<ApplyOptions['verify']>,
  interruption: Interruption,
): Promise<void> {
  const child = spawn(command, { cwd, shell: true, stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (interruption.signal || code === 0) return;
  throw new CodemodError(
    EXIT.verification,
    `\`${command}\` ended with ${code === null ? (signal ?? 'a signal') : `exit code ${code}`}. All files are as they were.`,
  );
}

function putBack(written: readonly Change[], cause: unknown): void {
  const failed: string[] = [];
  for (const { absolute, before } of written.toReversed())
    try {
      writeAtomic(absolute, before);
    } catch (error) {
      failed.push(`${absolute} (${messageOf(error)})`);
    }
  if (failed.length > 0)
    throw new CodemodError(
      EXIT.writing,
      `${messageOf(cause)}\nThese files could not be put back and have the new text: ${failed.join(', ')}. Use git to bring them back.`,
      { cause },
    );
}

interface Interruption {
  readonly signal: NodeJS.Signals | null;
  dispose(): void;
}

function listenForInterruption(): Interruption {
  let signal: NodeJS.Signals | null = null;
  const listener = (received: NodeJS.Signals): void => {
    signal = received;
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.on(name, listener);
  return {
    get signal() {
      return signal;
    },
    dispose() {
      for (const name of signals) process.off(name, listener);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
