import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { channels, type Hold } from '../channels.ts';
import { pathOfUri } from '../environment/uri.ts';
import type { Holder } from '../holders.ts';

/** The transactions of this process that are open, of all databases: each of them may keep a checkpoint from its end. */
export class OpenTransactions {
  readonly #holds = new Set<Hold>();
  readonly #taken = (message: unknown): void => void this.#holds.add((message as { hold: Hold }).hold);
  readonly #released = (message: unknown): void => void this.#holds.delete((message as { hold: Hold }).hold);

  constructor() {
    channels['unbusy:acquire'].subscribe(this.#taken);
    channels['unbusy:release'].subscribe(this.#released);
  }

  /** The oldest one of a database. */
  oldest(path: string, now: number): Holder | undefined {
    // Sets keep the order of insertion.
    for (const { database, label, since, trace } of this.#holds) {
      if (pathOf(database) === path) return { pid: process.pid, label, heldFor: now - since, stack: trace?.stack };
    }
    return undefined;
  }

  close(): void {
    channels['unbusy:acquire'].unsubscribe(this.#taken);
    channels['unbusy:release'].unsubscribe(this.#released);
  }
}

/** The one path of a file that has several names: relative, a URI, by a link. */
export function pathOf(database: string): string {
  const path = resolve(database.startsWith('file:') ? pathOfUri(database) : database);
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
