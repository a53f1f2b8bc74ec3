import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CodemodError, EXIT } from '../exit-codes.ts';
import { removeLeftovers, writeAtomic } from './atomic.ts';

/** A file that is to get another text; both with their byte order mark. */
export interface Change {
  readonly absolute: string;
  readonly before: string;
  readonly after: string;
}

export interface ApplyOptions {
  /** The project's own check, as a shell runs it; null for none. */
  readonly verify: { readonly command: string; readonly cwd: string } | null;
  readonly onProgress?: (done: number, all: number) => void;
}

/**
 * Writes all changes or none: when a file cannot be written, when the check fails, and on SIGINT or SIGTERM, all files are
 * put back. A process that is killed leaves each file either old or new. Throws `CodemodError`.
 */
export async function applyChanges(changes: readonly Change[], { verify, onProgress }: ApplyOptions): Promise<void> {
  expectUnchanged(changes);
  for (const folder of new Set(changes.map(({ absolute }) => dirname(absolute)))) removeLeftovers(folder);
  const interruption = listenForInterruption();
  const written: Change[] = [];
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
  } catch (error) {
    putBack(written, error);
    throw error;
  } finally {
    interruption.dispose();
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
