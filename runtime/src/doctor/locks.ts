import { readFileSync } from 'node:fs';
import { commandOf, locksIn, type FileLock } from '../lock-holders.ts';

/** A process that has a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly command?: string | undefined;
}

/** Who has which lock on a database, as the kernel's table says. */
export interface Locks {
  /** Processes that have the database open in WAL mode. */
  readonly connected: readonly LockHolder[];
  readonly writer: LockHolder | undefined;
  readonly checkpointer: LockHolder | undefined;
  /** In WAL mode: by slot of the read marks. In another mode: all in slot 0. */
  readonly readers: readonly (readonly LockHolder[])[];
}

/** Bytes of the -shm file (https://sqlite.org/walformat.html, "WAL Locks"; 128 is the dead man's switch of os_unix.c). */
const SHM = { write: 120, checkpoint: 121, reader: 123, alive: 128 } as const;
/** Bytes of the database (os.h: PENDING_BYTE, RESERVED_BYTE, SHARED_FIRST). */
const PENDING = 0x40000000;
const RESERVED = PENDING + 1;
const SHARED = PENDING + 2;

/** Undefined where the system has no table of locks to read: only Linux has. */
export function readLocks(database: string): Locks | undefined {
  if (process.platform !== 'linux') return undefined;
  let table: string;
  try {
    table = readFileSync('/proc/locks', 'utf8');
  } catch {
    return undefined;
  }
  const shm = locksIn(table, `${database}-shm`);
  const main = locksIn(table, database);
  const slots = [0, 1, 2, 3, 4].map((slot) => holders(at(shm, SHM.reader + slot, 'READ')));
  const shared = holders(at(main, SHARED, 'READ'));
  const connected = holders(at(shm, SHM.alive));
  return {
    connected,
    writer: holders([...at(shm, SHM.write, 'WRITE'), ...at(main, RESERVED, 'WRITE'), ...at(main, PENDING, 'WRITE')])[0],
    checkpointer: holders(at(shm, SHM.checkpoint, 'WRITE'))[0],
    // In WAL mode everyone keeps a shared lock on the database for as long as it is open.
    readers: shm.length > 0 ? slots : [shared],
  };
}

function at(locks: readonly FileLock[], byte: number, wanted?: FileLock['mode']): FileLock[] {
  return locks.filter(({ mode, first, last }) => (wanted ?? mode) === mode && first <= byte && byte <= last);
}

function holders(locks: readonly FileLock[]): LockHolder[] {
  return [...new Set(locks.map(({ pid }) => pid))].map((pid) => ({ pid, command: commandOf(pid) }));
}
