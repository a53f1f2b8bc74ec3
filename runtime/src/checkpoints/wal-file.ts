import { open, stat } from 'node:fs/promises';
import type { WalFile } from './policy.ts';

/** The -wal file of a database as it is now, without asking the database; undefined where there is none. */
export async function walFileOf(database: string): Promise<WalFile | undefined> {
  try {
    const { size, mtimeMs, ino } = await stat(walOf(database));
    return { bytes: size, modified: mtimeMs, inode: ino };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Which filling of the WAL this is: the checkpoint sequence number and the salts of its header, which change each time that
 * a writer begins again at the first frame (https://sqlite.org/walformat.html, "The WAL File Format"). Empty where there
 * is no header.
 *
 * The -wal file may be opened and closed beside SQLite. The database and its -shm file must never be: on POSIX that drops
 * all locks that this process has on them (https://sqlite.org/howtocorrupt.html, section 2.2).
 */
export async function generationOf(database: string): Promise<string> {
  let file;
  try {
    file = await open(walOf(database));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(24), 0, 24, 0);
    return buffer.toString('hex', 12, bytesRead);
  } catch {
    // It went away, or is not ours to read: waits look shorter than they are, at worst.
    return '';
  } finally {
    await file?.close();
  }
}

function walOf(database: string): string {
  return `${database}-wal`;
}
