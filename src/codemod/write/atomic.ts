import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Names of files on their way, by which a later run knows those that a killed one has left. */
const TEMPORARY = /^\..+\.unbusy-\d+\.tmp$/;

/**
 * Replaces the text of a file as a whole: whoever reads it, and whenever this process is killed, it is the old text or the
 * new one. Its mode stays; a new file gets the one that is given. A link has to be resolved before. Throws what the file
 * system says, and leaves the file as it was.
 */
export function writeAtomic(path: string, text: string, mode = statSync(path).mode): void {
  const temporary = join(dirname(path), `.${basename(path)}.unbusy-${process.pid}.tmp`);
  try {
    const file = openSync(temporary, 'w', mode);
    try {
      // The process's umask takes bits away from what `open` is given.
      if (process.platform !== 'win32') fchmodSync(file, mode);
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
      // Without it a power cut can leave the new name on an empty file.
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Removes what a killed run has left in a folder. */
export function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) if (TEMPORARY.test(name)) rmSync(join(folder, name), { force: true });
}
