import { readFileSync, statSync } from 'node:fs';
import { pathOfUri } from './environment/uri.ts';
import type { Holder } from './holders.ts';

/** The write locks: of the WAL (byte 120 of the -shm file) and of a rollback journal (RESERVED to the last SHARED). */
const WAL_WRITE = 120;
/** The locks of readers in the -shm file (`WAL_READ_LOCK(0)` to `WAL_READ_LOCK(4)`). */
const WAL_READERS = [123, 127] as const;
const PENDING = 0x40000000;
const RESERVED = PENDING + 1;

/**
 * The process that has the write lock of a database, from the kernel's lock table joined to its processes. Only Linux
 * has such a table; undefined elsewhere, where nobody has the lock, and where the table does not show it (a holder in
 * another PID namespace). Where the bytes are: os_unix.c (`UNIX_SHM_BASE`, `PENDING_BYTE`) and
 * https://sqlite.org/walformat.html.
 */
export function writeLockHolder(database: string): Holder | undefined {
  if (process.platform !== 'linux') return undefined;
  const file = fileOf(database);
  try {
    const locks = readFileSync('/proc/locks', 'utf8');
    const pid =
      holderOf(locks, `${file}-shm`, WAL_WRITE) ?? holderOf(locks, file, RESERVED) ?? holderOf(locks, file, PENDING);
    return pid === undefined ? undefined : { pid, command: commandOf(pid) };
  } catch {
    return undefined;
  }
}

/**
 * The process that reads a database in WAL mode and so keeps checkpoints from their end; undefined where several do,
 * because the table does not say which of them sees the oldest state, and where `writeLockHolder` knows nothing, too.
 */
export function readLockHolder(database: string): Holder | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const locks = readFileSync('/proc/locks', 'utf8');
    const readers = holdersOf(locks, `${fileOf(database)}-shm`, 'READ', WAL_READERS);
    const [pid] = readers;
    return pid === undefined || readers.size > 1 ? undefined : { pid, command: commandOf(pid) };
  } catch {
    return undefined;
  }
}

function fileOf(database: string): string {
  return database.startsWith('file:') ? pathOfUri(database) : database;
}

function holderOf(locks: string, path: string, byte: number): number | undefined {
  const [pid] = holdersOf(locks, path, 'WRITE', [byte, byte]);
  return pid;
}

function holdersOf(
  table: string,
  path: string,
  wanted: 'READ' | 'WRITE',
  [from, to]: readonly [number, number],
): ReadonlySet<number> {
  const locks = locksIn(table, path).filter(({ mode, first, last }) => mode === wanted && first <= to && from <= last);
  return new Set(locks.map(({ pid }) => pid));
}

/** A lock on some bytes of a file. */
export interface FileLock {
  readonly mode: 'READ' | 'WRITE';
  readonly pid: number;
  readonly first: number;
  /** Infinity for a lock to the end of the file. */
  readonly last: number;
}

/**
 * The locks on a file in the kernel's table. A line is `1: POSIX  ADVISORY  WRITE 1234 fd:01:5678 120 120`: number, kind,
 * how, mode, process, device and inode, first byte, last byte. Devices are left out of the comparison: overlays show others
 * than `stat` does.
 *
 * @param table the text of /proc/locks
 */
export function locksIn(table: string, path: string): FileLock[] {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return [];
  const inode = `:${String(stats.ino)}`;
  return table.split('\n').flatMap((line) => {
    const [, kind, , mode, pid, place, first, last] = line.trim().split(/\s+/);
    if (kind !== 'POSIX' && kind !== 'OFDLCK') return [];
    if ((mode !== 'READ' && mode !== 'WRITE') || place?.endsWith(inode) !== true || Number(pid) <= 0) return [];
    return [{ mode, pid: Number(pid), first: Number(first), last: last === 'EOF' ? Infinity : Number(last) }];
  });
}

/** The command line of a process, cut to 200 characters; undefined where it is gone, or not ours to know. */
export function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
      .split('\0')
      .join(' ')
      .trim()
      .slice(0, 200);
  } catch {
    return undefined;
  }
}
