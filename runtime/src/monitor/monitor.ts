import { stat } from 'node:fs/promises';
import { listen, wantTraces, type Events, type Hold, type TaskLimit, type Wait } from '../channels.ts';
import { OptionError, UnbusyError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import { checkAmounts } from '../tasks/amounts.ts';
import { framesOf, guarded, type AlertCallbacks, type LongWait } from './alerts.ts';
import { Figures, LockFigures, type DatabaseSnapshot, type LockSnapshot } from './figures.ts';
import { Overdue } from './overdue.ts';

export interface MonitorOptions extends AlertCallbacks {
  /** The databases to look at, as they were named when they were opened, or a test for them. Default: all. */
  readonly databases?: readonly string[] | ((database: string) => boolean);
  /** From how long on a wait is long, in milliseconds. Default: 1000. */
  readonly longWait?: number;
  /** From how long on a transaction is long, in milliseconds. Default: 1000. */
  readonly longHold?: number;
  /** From which size on a -wal file is large, in bytes. Default: 67108864 (64 MiB). */
  readonly walBytes?: number;
  /**
   * How often to look at the size of the -wal files, in milliseconds; 0 to learn it from checkpoints alone. Default: 0.
   * Looking costs one asynchronous `stat` for each database.
   */
  readonly walInterval?: number;
  /**
   * Whether transactions keep where they began while there is an `onLongWait`, `onLongHold`, `onStarvation` or `onLeak`:
   * some microseconds for each transaction. Default: true.
   */
  readonly traces?: boolean;
}

/** What a monitor has seen. */
export interface MonitorSnapshot {
  /** How long the monitor has counted, in milliseconds: since it was made or reset. */
  readonly period: number;
  readonly databases: readonly DatabaseSnapshot[];
  /** All databases together. */
  readonly total: { readonly read: LockSnapshot; readonly write: LockSnapshot };
  /** Operations that ran again (`retryOnBusy`), whichever database they used. */
  readonly replays: number;
  /** How often tasks hit their limits (`withTaskLimits`). */
  readonly limits: Readonly<Record<TaskLimit, number>>;
}

/** Counts what the connections, transactions and checkpoints of this thread do, until it is closed. */
export interface Monitor extends Disposable {
  /** A copy of all figures, plain data. */
  snapshot(): MonitorSnapshot;
  /** Begins to count anew. What is open, waits or is held stays. */
  reset(): void;
  /** Stops listening; the figures stay. A second call does nothing. */
  close(): void;
}

const KNOWN: Readonly<Record<keyof MonitorOptions, true>> = {
  databases: true,
  longWait: true,
  longHold: true,
  walBytes: true,
  walInterval: true,
  traces: true,
  onLongWait: true,
  onLongHold: true,
  onWalGrowth: true,
  onStarvation: true,
  onLeak: true,
  onBusy: true,
};

/** Of so many databases figures are kept; beyond, those go first that nobody uses. */
const MOST_DATABASES = 1000;
/** Milliseconds: setTimeout takes no more. */
const LONGEST_TIMER = 0x7fffffff;
/** Milliseconds between two calls for the same kind of busy error. */
const BUSY_INTERVAL = 1000;

/**
 * Counts waits, transactions, busy errors and checkpoints, and calls back when something is wrong. It sees what happens
 * in its own thread from now on, so it is best made before the first connection.
 *
 * @throws {OptionError}
 */
export function createMonitor(options: MonitorOptions = {}): Monitor {
  check(options);
  return new ListeningMonitor(options);
}

function check(options: MonitorOptions): void {
  checkOptions(options, Object.keys(KNOWN), 'createMonitor');
  const { longWait, longHold, walInterval, walBytes, databases, traces } = options;
  checkAmounts({ longWait, longHold, walInterval }, { max: LONGEST_TIMER });
  checkAmounts({ walBytes });
  for (const [name, value] of Object.entries(options)) {
    if (!/^on[A-Z]/.test(name) || value === undefined || typeof value === 'function') continue;
    throw new OptionError(`${name} has to be a function.`);
  }
  if (databases !== undefined && typeof databases !== 'function' && !Array.isArray(databases)) {
    throw new OptionError('databases has to be an array of names or a function.');
  }
  if (traces !== undefined && typeof traces !== 'boolean') throw new OptionError('traces has to be true or false.');
}

class ListeningMonitor implements Monitor {
  readonly #wanted: (database: string) => boolean;
  readonly #figures = new Map<string, Figures>();
  readonly #alerts: ReturnType<typeof alertsOf>;
  readonly #longWaits: Overdue<Wait> | undefined;
  readonly #longHolds: Overdue<Hold> | undefined;
  readonly #walBytes: number;
  /** Sizes from which on the growth of a WAL is to be told again. */
  readonly #nextGrowth = new Map<string, number>();
  /** What has come of each kind of busy error since the last call. */
  readonly #busy = new Map<string, { told: number; count: number }>();
  readonly #stops: (() => void)[];
  #since = performance.now();
  #replays = 0;
  #limits = noLimits();

  constructor(options: MonitorOptions) {
    const { databases, longWait = 1000, longHold = 1000, walBytes = 64 * 1024 * 1024, walInterval = 0 } = options;
    this.#wanted = wantedBy(databases);
    this.#alerts = alertsOf(options);
    this.#walBytes = walBytes;
    if (this.#alerts.longWait) {
      this.#longWaits = new Overdue(longWait, (wait, waited) => this.#tellWait(wait, waited, 'waiting'));
    }
    if (this.#alerts.longHold) {
      this.#longHolds = new Overdue(longHold, (hold, held) => this.#tellHold(hold, held, undefined));
    }
    if (Array.isArray(databases)) for (const database of databases as readonly string[]) this.#of(database);
    const { longWait: onWait, longHold: onHold, starvation, leak } = this.#alerts;
    const traced = (onWait ?? onHold ?? starvation ?? leak) !== undefined && options.traces !== false;
    this.#stops = [
      this.#listen(),
      () => this.#longWaits?.stop(),
      () => this.#longHolds?.stop(),
      ...(traced ? [wantTraces()] : []),
      ...(walInterval > 0 ? [this.#watchWal(walInterval)] : []),
    ];
  }

  snapshot(): MonitorSnapshot {
    const now = performance.now();
    const total = { read: new LockFigures(), write: new LockFigures() };
    for (const { locks } of this.#figures.values()) {
      total.read.merge(locks.read);
      total.write.merge(locks.write);
    }
    return {
      period: now - this.#since,
      databases: [...this.#figures.values()].map((figures) => figures.snapshot(now)),
      total: { read: total.read.snapshot(), write: total.write.snapshot() },
      replays: this.#replays,
      limits: { ...this.#limits },
    };
  }

  reset(): void {
    this.#since = performance.now();
    this.#replays = 0;
    this.#limits = noLimits();
    for (const [database, figures] of this.#figures) {
      if (figures.idle) this.#figures.delete(database);
      else figures.reset();
    }
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #listen(): () => void {
    return listen({
      'unbusy:open': ({ database }) => this.#of(database)?.opened(),
      'unbusy:close': ({ database }) => this.#of(database)?.closed('closed'),
      'unbusy:discard': ({ database }) => this.#of(database)?.closed('discarded'),
      'unbusy:wait': ({ wait }) => this.#onWait(wait),
      'unbusy:giveup': (event) => this.#onGiveUp(event),
      'unbusy:acquire': ({ hold }) => this.#onAcquire(hold),
      'unbusy:release': (event) => this.#onRelease(event),
      'unbusy:busy': (event) => this.#onBusy(event),
      'unbusy:retry': ({ error }) => this.#onRetry(error),
      'unbusy:checkpoint': ({ database, checkpoint }) => {
        this.#of(database)?.checkpointed(checkpoint);
        this.#tellGrowth(database, checkpoint.bytes);
      },
      'unbusy:starvation': (event) => this.#onStarvation(event),
      'unbusy:limit': ({ limit, hold }) => {
        if (hold === undefined || this.#wanted(hold.database)) this.#limits[limit] += 1;
      },
      'unbusy:leak': (event) => this.#onLeak(event),
    });
  }

  /** The figures of a database, unless it is not looked at. */
  #of(database: string): Figures | undefined {
    const known = this.#figures.get(database);
    if (known !== undefined) return known;
    if (!this.#wanted(database)) return undefined;
    if (this.#figures.size >= MOST_DATABASES) this.#forgetOne();
    const figures = new Figures(database);
    this.#figures.set(database, figures);
    return figures;
  }

  #forgetOne(): void {
    for (const [database, figures] of this.#figures) {
      if (!figures.idle) continue;
      this.#figures.delete(database);
      this.#nextGrowth.delete(database);
      return;
    }
  }

  #onWait(wait: Wait): void {
    const figures = this.#of(wait.database);
    if (figures === undefined) return;
    figures.waits(wait);
    this.#longWaits?.begin(wait, wait.since);
  }

  #onGiveUp(event: Events['unbusy:giveup']): void {
    const { wait, duration, holder } = event;
    const figures = this.#of(wait.database);
    if (figures === undefined) return;
    figures.gaveUp(event);
    if (this.#longWaits?.end(wait, duration) === true) this.#tellWait(wait, duration, 'gave up', holder);
  }

  #onAcquire(hold: Hold): void {
    const figures = this.#of(hold.database);
    if (figures === undefined) return;
    const { wait, waited } = hold;
    if (wait !== undefined && this.#longWaits?.end(wait, waited) === true) this.#tellWait(wait, waited, 'acquired');
    figures.acquired(hold);
    this.#longHolds?.begin(hold, hold.since);
  }

  #onRelease(event: Events['unbusy:release']): void {
    const { hold, duration, outcome } = event;
    const figures = this.#of(hold.database);
    if (figures === undefined) return;
    figures.released(event);
    if (this.#longHolds?.end(hold, duration) === true) this.#tellHold(hold, duration, outcome);
  }

  #onBusy(event: Events['unbusy:busy']): void {
    const { database, code, phase } = event;
    const figures = this.#of(database);
    if (figures === undefined) return;
    figures.busy(event);
    if (this.#alerts.busy === undefined) return;
    const key = `${code} ${phase} ${database}`;
    const now = performance.now();
    const kind = this.#busy.get(key) ?? { told: -Infinity, count: 0 };
    kind.count += 1;
    if (now - kind.told >= BUSY_INTERVAL) {
      if (!this.#busy.has(key) && this.#busy.size >= MOST_DATABASES) this.#busy.clear();
      this.#busy.set(key, { told: now, count: 0 });
      this.#alerts.busy({ database, code, phase, count: kind.count });
    }
  }

  #onRetry(error: unknown): void {
    const database = error instanceof UnbusyError ? error.database : undefined;
    if (database === undefined) this.#replays += 1;
    else if (this.#wanted(database)) {
      this.#replays += 1;
      this.#of(database)?.replayed();
    }
  }

  #onStarvation(event: Events['unbusy:starvation']): void {
    const figures = this.#of(event.database);
    if (figures === undefined) return;
    figures.starves(event);
    this.#alerts.starvation?.(event);
  }

  #onLeak({ database, label, trace }: Events['unbusy:leak']): void {
    const figures = this.#of(database);
    if (figures === undefined) return;
    figures.leaked();
    this.#alerts.leak?.({ database, label, stack: framesOf(trace) });
  }

  #tellWait(wait: Wait, waited: number, state: LongWait['state'], holder?: LongWait['holder']): void {
    const { database, mode, label, queued } = wait;
    const holders = this.#of(database)?.suspects(performance.now(), ({ trace }) => framesOf(trace)) ?? [];
    this.#alerts.longWait?.({ database, mode, label, waited, queued, state, holders, holder });
  }

  #tellHold(hold: Hold, held: number, outcome: Events['unbusy:release']['outcome'] | undefined): void {
    const { database, mode, label, waited, trace } = hold;
    const state = outcome === undefined ? 'held' : 'released';
    this.#alerts.longHold?.({ database, mode, label, held, waited, state, outcome, stack: framesOf(trace) });
  }

  #tellGrowth(database: string, bytes: number): void {
    const figures = this.#figures.get(database);
    if (this.#alerts.walGrowth === undefined || figures === undefined) return;
    if (bytes < this.#walBytes) {
      this.#nextGrowth.delete(database);
      return;
    }
    if (bytes < (this.#nextGrowth.get(database) ?? this.#walBytes)) return;
    this.#nextGrowth.set(database, Math.max(bytes, 1) * 2);
    this.#alerts.walGrowth({ database, bytes, frames: figures.frames });
  }

  /** Looks at the -wal files again and again; never at one twice at a time. */
  #watchWal(interval: number): () => void {
    let looking = false;
    let stopped = false;
    const look = async (): Promise<void> => {
      for (const [database, figures] of [...this.#figures]) {
        const bytes = await sizeOf(`${database}-wal`);
        if (stopped) return;
        figures.walIs(bytes);
        this.#tellGrowth(database, bytes);
      }
    };
    const timer = setInterval(() => {
      if (looking) return;
      looking = true;
      void look().finally(() => {
        looking = false;
      });
    }, interval).unref();
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }
}

function noLimits(): Record<TaskLimit, number> {
  return { deadline: 0, hold: 0, attempts: 0, aborted: 0 };
}

function wantedBy(databases: MonitorOptions['databases']): (database: string) => boolean {
  if (databases === undefined) return () => true;
  return typeof databases === 'function' ? databases : (database) => databases.includes(database);
}

function alertsOf(options: MonitorOptions) {
  return {
    longWait: guarded('onLongWait', options.onLongWait),
    longHold: guarded('onLongHold', options.onLongHold),
    walGrowth: guarded('onWalGrowth', options.onWalGrowth),
    starvation: guarded('onStarvation', options.onStarvation),
    leak: guarded('onLeak', options.onLeak),
    busy: guarded('onBusy', options.onBusy),
  };
}

/** A file that is not there, or is no file of this machine, has no size. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
