import { channels, type Wait } from '../channels.ts';
import { BusyError } from '../errors.ts';
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
  const channel = channels['unbusy:giveup'];
  if (channel.hasSubscribers) channel.publish({ wait, duration: waited, reason: 'deadline', holder });
  return new BusyError(
    `The ${wait.mode === 'write' ? 'write ' : ''}lock of ${wait.database} was not free in ${String(Math.round(waited))} ms: ${nameOf(holder)} holds it.`,
    { database: wait.database, cause, waited, attempts, holder },
  );
}

function nameOf(holder: Holder | undefined): string {
  if (holder === undefined) return 'another connection';
  const label = holder.label === undefined ? '' : ` '${holder.label}'`;
  const command = holder.command === undefined ? '' : ` (${holder.command})`;
  if (holder.pid === process.pid) return `a transaction${label} of this process`;
  return `process ${String(holder.pid)}${command}`;
}
