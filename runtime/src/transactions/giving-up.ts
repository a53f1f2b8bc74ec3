import { channels, type Wait } from '../channels.ts';
import { BusyError, DeadlineError } from '../errors.ts';
import { writeLockHolder } from '../lock-holders.ts';
import type { Holder } from '../holders.ts';

/** The error of a wait that ended without the lock, with the holder's name if it can be known. */
export function lockNotFree(
  wait: Wait,
  cause: unknown,
  waited: number,
  attempts: number,
  inProcess?: Holder,
): BusyError {
  const holder = inProcess ?? writeLockHolder(wait.database);
  return new BusyError(
    `The ${wait.mode === 'write' ? 'write ' : ''}lock of ${wait.database} was not free in ${String(Math.round(waited))} ms: ${nameOf(holder)} holds it.`,
    { database: wait.database, cause, waited, attempts, holder },
  );
}

/** Says that a wait ended without the lock, if anyone listens. `error` is what ended it. */
export function gaveUp(wait: Wait, error: unknown, waited: number, signal?: AbortSignal): void {
  const channel = channels['unbusy:giveup'];
  if (!channel.hasSubscribers) return;
  const holder = error instanceof BusyError ? error.holder : undefined;
  channel.publish({ wait, duration: waited, reason: reasonOf(error, signal), holder });
}

function reasonOf(error: unknown, signal: AbortSignal | undefined): 'deadline' | 'abort' | 'error' {
  if (signal?.aborted === true && error === signal.reason) return 'abort';
  return error instanceof BusyError || error instanceof DeadlineError ? 'deadline' : 'error';
}

function nameOf(holder: Holder | undefined): string {
  if (holder === undefined) return 'another connection';
  const label = holder.label === undefined ? '' : ` '${holder.label}'`;
  const command = holder.command === undefined ? '' : ` (${holder.command})`;
  if (holder.pid === process.pid) return `a transaction${label} of this process`;
  return `process ${String(holder.pid)}${command}`;
}
