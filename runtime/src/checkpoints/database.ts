import { busyCodeOf } from '../busy.ts';
import { channels, type Checkpoint, type Starvation } from '../channels.ts';
import { checkVersion, versionQuery } from '../opening/environment.ts';
import { openAsync } from '../opening/open.ts';
import { openingOf } from '../opening/options.ts';
import { WalHistory, type CheckpointPlan, type WalFile } from './policy.ts';
import { generationOf, walFileOf } from './wal-file.ts';
import type { AsyncDriver, Row, SyncDriver } from '../driver.ts';
import type { Holder } from '../holders.ts';
import type { Scheduler } from '../scheduler.ts';

export type Driver<Handle extends object> = SyncDriver<Handle> | AsyncDriver<Handle, object>;

/** What one database needs from all the others. */
export interface Surroundings {
  readonly plan: CheckpointPlan;
  readonly truncateWait: number;
  readonly scheduler: Scheduler;
  /** A transaction of this process that is open on the file. */
  readonly ours: (path: string) => Holder | undefined;
  /** Another process that reads the file. */
  readonly others: (path: string) => Holder | undefined;
  readonly onStarvation: (starvation: Starvation) => void;
}

const NO_FILE: WalFile = { bytes: 0, modified: 0, inode: 0 };

/** The checkpoints of one database, on a connection of their own. */
export class CheckpointedDatabase<Handle extends object> {
  readonly database: string;
  readonly #path: string;
  readonly #driver: Driver<Handle>;
  readonly #around: Surroundings;
  #handle: Handle | undefined;
  #history: WalHistory | undefined;
  #inode: number | undefined;
  #toldAt = -Infinity;

  /** @param path The file, where `database` may be a URI. */
  constructor(driver: Driver<Handle>, database: string, path: string, around: Surroundings) {
    this.#driver = driver;
    this.database = database;
    this.#path = path;
    this.#around = around;
  }

  /** Does what is due. */
  async look(): Promise<void> {
    const { scheduler } = this.#around;
    const file = await this.#walFile();
    if (file === undefined) return;
    const { handle, history } = await this.#opened();
    if (!history.isDue(file, scheduler.now())) return;
    await this.#checkpoint(handle, history, 'passive');
    const after = await walFileOf(this.#path);
    if (after && history.wantsTruncate(after, scheduler.now()) && this.#around.ours(this.#path) === undefined)
      await this.#checkpoint(handle, history, 'truncate');
    this.#tellStarvation(history);
  }

  /** A passive checkpoint, whether it is due or not. */
  async passive(): Promise<void> {
    if ((await this.#walFile()) === undefined) return;
    const { handle, history } = await this.#opened();
    await this.#checkpoint(handle, history, 'passive');
  }

  /** Closes the connection. The next look opens another. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle) await this.#driver.close(handle);
  }

  async #checkpoint(handle: Handle, history: WalHistory, mode: Checkpoint['mode']): Promise<void> {
    const { scheduler } = this.#around;
    const generation = await generationOf(this.#path);
    const since = scheduler.now();
    const [row] = await this.#query(handle, `PRAGMA wal_checkpoint(${mode})`);
    const now = scheduler.now();
    const file = (await walFileOf(this.#path)) ?? NO_FILE;
    const checkpoint: Checkpoint = {
      mode,
      frames: Number(row?.log ?? -1),
      checkpointed: Number(row?.checkpointed ?? -1),
      busy: Number(row?.busy ?? 0) !== 0,
      duration: now - since,
      bytes: file.bytes,
    };
    history.record(checkpoint, file, generation, now);
    const channel = channels['unbusy:checkpoint'];
    if (channel.hasSubscribers) channel.publish({ database: this.database, checkpoint });
  }

  /** Tells of a starvation when it begins, and again each time that it has lasted as long once more. */
  #tellStarvation(history: WalHistory): void {
    const { scheduler, plan, ours, others, onStarvation } = this.#around;
    const now = scheduler.now();
    const found = history.starvation(now);
    if (!found || now - Math.max(this.#toldAt, found.since) < plan.starvation) return;
    this.#toldAt = now;
    const holder = ours(this.#path) ?? others(this.#path);
    const starvation: Starvation = { database: this.database, ...found, holder };
    const channel = channels['unbusy:starvation'];
    if (channel.hasSubscribers) channel.publish(starvation);
    onStarvation(starvation);
  }

  /** The WAL, if anything is in it: none is there while nothing was written, or the database is not in WAL mode. */
  async #walFile(): Promise<WalFile | undefined> {
    const file = await walFileOf(this.#path);
    if (file?.inode !== this.#inode) {
      // Another database has its name now, and the connection would serve the old one.
      await this.close();
      this.#history = undefined;
      this.#inode = file?.inode;
    }
    return file?.bytes === 0 ? undefined : file;
  }

  async #opened(): Promise<{ readonly handle: Handle; readonly history: WalHistory }> {
    const handle = (this.#handle ??= await this.#open());
    if (this.#history === undefined) {
      const [row] = await this.#query(handle, 'PRAGMA page_size');
      this.#history = new WalHistory(this.#around.plan, Number(row?.page_size));
    }
    return { handle, history: this.#history };
  }

  async #open(): Promise<Handle> {
    const { truncateWait: busyTimeout, scheduler } = this.#around;
    const opening = openingOf(this.database, { mustExist: true, journalMode: 'keep', busyTimeout });
    const handle = await openAsync(this.#driver, opening, scheduler);
    this.#handle = handle;
    // The journal mode is left alone, but there is a WAL, and a checkpoint is what the WAL-reset bug needs.
    const wal = { ...opening, journalMode: 'wal' } as const;
    const version = versionQuery(this.#driver.name, wal);
    checkVersion(this.#driver.name, wal, version === undefined ? undefined : await this.#query(handle, version));
    return handle;
  }

  async #query(handle: Handle, sql: string): Promise<readonly Row[]> {
    try {
      const { synchronous } = this.#driver;
      return synchronous ? this.#driver.query(handle, sql) : await this.#driver.query(handle, sql);
    } catch (error) {
      const code = busyCodeOf(error);
      const channel = channels['unbusy:busy'];
      if (code && channel.hasSubscribers) channel.publish({ database: this.database, code, phase: 'checkpoint' });
      throw error;
    }
  }
}
