import { checkpoint, type CheckpointOptions, type Checkpoints } from '../checkpoints/checkpoints.ts';
import type { Driver } from '../checkpoints/database.ts';

/**
 * Keeps the -wal files of one or several databases small: a passive checkpoint when the WAL has grown by `frames` or the
 * `interval` is over, and a truncation past `truncateAt` when all is in the database and no transaction of this process
 * is open. A passive checkpoint waits for nobody and keeps nobody out. RESTART and FULL, which keep writers out for
 * as long as a reader takes, are never used. SQLite's own `wal_autocheckpoint` stays as it is.
 *
 * Each database has a connection of its own, opened when there is something to do. A file that does not exist yet, or
 * is not in WAL mode, is looked at until it is. The process may end meanwhile.
 *
 * @param targets The names of the files, as the driver takes them.
 * @throws {OptionError} an option that does not exist or has a value that it cannot have; a database in memory or on a
 * server
 */
export type StartCheckpoints = (targets: string | readonly string[], options?: CheckpointOptions) => Checkpoints;

/** Makes `startCheckpoints` for a driver. */
export function checkpointWith<Handle extends object>(driver: Driver<Handle>): StartCheckpoints {
  return (targets, options) => checkpoint(driver, targets, options);
}
