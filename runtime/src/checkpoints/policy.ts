import type { Checkpoint } from '../channels.ts';

/** What decides on checkpoints; see `CheckpointOptions`. */
export interface CheckpointPlan {
  readonly frames: number;
  readonly interval: number;
  readonly truncateAt: number;
  readonly starvation: number;
}

/** What `stat` says of a -wal file. */
export interface WalFile {
  readonly bytes: number;
  /** When it was written last, on a clock of its own. */
  readonly modified: number;
  /** Another number is another file. */
  readonly inode: number;
}

/** A header of 24 bytes before each page, and one of 32 bytes before all (https://sqlite.org/walformat.html). */
const FRAME_HEADER = 24;
const WAL_HEADER = 32;

/** No file is as it was seen. */
const UNKNOWN_FILE: WalFile = { bytes: 0, modified: -1, inode: -1 };

/**
 * What is known of the WAL of one database, and what follows from it. It decides on frames: a -wal file keeps the size
 * that it once had until it is truncated, and `busy` of a passive checkpoint is 0 while a reader keeps it from its work.
 */
export class WalHistory {
  readonly #plan: CheckpointPlan;
  readonly #pageSize: number;
  #seen: WalFile | undefined;
  /** The file had grown when it was last looked at. */
  #grew = false;
  #checkpointed: { readonly at: number; readonly log: number; readonly file: WalFile } | undefined;
  /** The frames that wait to get into the database, from the moment that they were first seen to wait. */
  #waiting: { readonly since: number; readonly frames: number; readonly generation: string } | undefined;
  #truncated = -Infinity;

  constructor(plan: CheckpointPlan, pageSize: number) {
    this.#plan = plan;
    this.#pageSize = pageSize;
  }

  /** Whether a passive checkpoint is due. The database need not be asked for this. */
  isDue(file: WalFile, now: number): boolean {
    const grew = file.bytes > (this.#seen?.bytes ?? 0);
    this.#grew = grew;
    this.#seen = file;
    if (file.bytes <= WAL_HEADER) return false;
    const last = this.#checkpointed;
    if (last === undefined) return true;
    // A file that grows ends at its last frame. One that does not may be written from its beginning again.
    if (grew && this.#framesIn(file) - last.log >= this.#plan.frames) return true;
    const changed = file.bytes !== last.file.bytes || file.modified !== last.file.modified;
    const { interval, starvation } = this.#plan;
    if (this.#waiting) return now - last.at >= Math.min(interval, Math.max(starvation / 4, 100));
    return changed && now - last.at >= interval;
  }

  /**
   * Takes in what a checkpoint answered.
   *
   * @param generation Which filling of the WAL it was: see `generationOf`. Read before the checkpoint, so that one that
   * began meanwhile makes a wait look shorter and never longer.
   */
  record({ mode, frames: log, checkpointed }: Checkpoint, file: WalFile, generation: string, now: number): void {
    if (mode === 'truncate') this.#truncated = now;
    // Another checkpoint was running: it answers for nothing.
    if (log < 0) return;
    // The WAL begins again only when all of it is in the database.
    const waiting = this.#waiting;
    if (waiting && (checkpointed >= waiting.frames || generation !== waiting.generation)) this.#waiting = undefined;
    if (log > checkpointed) this.#waiting ??= { since: now, frames: log, generation };
    // A file that grows may end with frames of a transaction that had not committed: they are new at the next look.
    const isAhead = this.#grew && log < this.#framesIn(file);
    this.#checkpointed = { at: now, log, file: isAhead ? UNKNOWN_FILE : file };
    this.#seen = isAhead ? UNKNOWN_FILE : file;
  }

  /**
   * Whether the file is past its cap and can be truncated at once: next to nothing waits, so that it is a matter of
   * readers. One that failed is tried again after the interval: it keeps writers out while it waits.
   */
  wantsTruncate(file: WalFile, now: number): boolean {
    return (
      file.bytes >= this.#plan.truncateAt && this.#waiting === undefined && now - this.#truncated >= this.#plan.interval
    );
  }

  /** Frames that should long be in the database, and since when. */
  starvation(now: number): { readonly since: number; readonly age: number; readonly frames: number } | undefined {
    if (!this.#waiting) return undefined;
    const { since, frames } = this.#waiting;
    return now - since >= this.#plan.starvation ? { since, age: now - since, frames } : undefined;
  }

  #framesIn({ bytes }: WalFile): number {
    return Math.floor((bytes - WAL_HEADER) / (FRAME_HEADER + this.#pageSize));
  }
}
