import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { fileSystemOf, type FileSystem } from '../environment/file-system.ts';
import { isJournalInUse, readHeader, readWal, readWalIndex, type Header, type Wal, type WalIndex } from './format.ts';
import { readLocks, type Locks } from './locks.ts';

/** What there is to know of a database without asking it. */
export interface Examination {
  readonly database: string;
  readonly bytes: number;
  readonly header: Header | undefined;
  readonly wal: Wal | undefined;
  readonly walIndex: WalIndex | undefined;
  /** A -journal file: whether it has something to roll back. */
  readonly journal: { readonly inUse: boolean } | undefined;
  readonly fileSystem: FileSystem;
  readonly locks: Locks | undefined;
}

/** The wal-index is written in two copies, and read again so often when they differ. */
const READS = 5;

/**
 * Reads the files of a database.
 *
 * Only for a process that does not have the database open: on POSIX, closing a file drops all locks that the process has
 * on it (https://sqlite.org/howtocorrupt.html, section 2.2).
 *
 * @throws the system's error where the database cannot be read
 */
export function examine(database: string): Examination {
  const [bytes, head] = readStart(database, 100);
  return {
    database,
    bytes,
    header: bytes === 0 ? undefined : readHeader(head),
    wal: readWalFile(`${database}-wal`),
    walIndex: readIndex(`${database}-shm`),
    journal: ifThere(() => ({ inUse: isJournalInUse(readStart(`${database}-journal`, 8)[1]) })),
    fileSystem: fileSystemOf(database),
    locks: readLocks(database),
  };
}

function readStart(path: string, length: number): [bytes: number, start: Buffer] {
  // A folder can be opened, and cannot be read.
  if (statSync(path).isDirectory()) throw Object.assign(new Error('It is a folder.'), { code: 'EISDIR' });
  const file = openSync(path, 'r');
  try {
    return [fstatSync(file).size, readAt(file, 0, length)];
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(file, buffer, 0, length, offset));
}

function readWalFile(path: string): Wal | undefined {
  return ifThere(() => {
    const file = openSync(path, 'r');
    try {
      return readWal(readAt(file, 0, 32), fstatSync(file).size, (offset) => readAt(file, offset, 8));
    } finally {
      closeSync(file);
    }
  });
}

function readIndex(path: string): WalIndex | undefined {
  for (let read = 0; read < READS; read += 1) {
    const index = ifThere(() => readWalIndex(readStart(path, 136)[1]));
    if (index) return index;
  }
  return undefined;
}

/** Undefined for a file that is not there: it may go away at any moment. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
