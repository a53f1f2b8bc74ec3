import { Histogram, type HistogramSnapshot } from './histogram.ts';
import type { Checkpoint, Events, Hold, Wait } from '../channels.ts';
import type { Holder } from '../holders.ts';

type Mode = Hold['mode'];
type Outcome = Events['unbusy:release']['outcome'];
type Reason = Events['unbusy:giveup']['reason'];
type Starved = Omit<Events['unbusy:starvation'], 'database' | 'age'>;

/** Transactions of one mode. */
export interface LockSnapshot {
  /** How long transactions waited for the lock before they began or gave up, 0 included. Milliseconds. */
  readonly wait: HistogramSnapshot;
  /** How long transactions lasted that have ended. Milliseconds. */
  readonly hold: HistogramSnapshot;
  /** How transactions ended; `discard`: the connection could not be proved clean and was closed. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** How often transactions asked in vain before they began. */
  readonly retries: number;
}

/** A transaction that is open. Durations in milliseconds. */
export interface CurrentHolder {
  readonly mode: Mode;
  readonly label: string | undefined;
  readonly held: number;
  readonly waited: number;
  /** Where it began, while traces are on; in alerts alone. */
  readonly stack: string | undefined;
}

/** What is known of one database. */
export interface DatabaseSnapshot {
  readonly database: string;
  readonly read: LockSnapshot;
  readonly write: LockSnapshot;
  readonly queue: {
    /** How many wait now in this process. */
    readonly depth: number;
    /** The most that waited at once. */
    readonly maxDepth: number;
    /** Who has waited longest of those that wait now; `waited` in milliseconds. */
    readonly oldest: { readonly mode: Mode; readonly label: string | undefined; readonly waited: number } | undefined;
  };
  /** Transactions of this process that are open now, the oldest first. */
  readonly holders: readonly CurrentHolder[];
  /** Waits that ended without the lock. */
  readonly giveUps: Readonly<Record<Reason, number>>;
  /** Answers of SQLITE_BUSY, each kind where it occurred. */
  readonly busy: readonly (Omit<Events['unbusy:busy'], 'database'> & { readonly count: number })[];
  /** Operations that ran again after an error that names this database. */
  readonly replays: number;
  readonly connections: {
    /** Opened since the monitor was made and not closed: make it before the first connection. */
    readonly open: number;
    readonly opened: number;
    readonly closed: number;
    readonly discarded: number;
  };
  readonly leaks: number;
  /** The -wal file as it was last seen, and its greatest size. Frames come from checkpoints. */
  readonly wal: {
    readonly bytes: number;
    readonly maxBytes: number;
    readonly frames: number | undefined;
    readonly checkpointed: number | undefined;
  };
  readonly checkpoints: {
    readonly count: number;
    /** How many of them a lock cut short. */
    readonly busy: number;
    /** Milliseconds. */
    readonly duration: HistogramSnapshot;
  };
  /** Set while checkpoints do not get ahead; `age` in milliseconds. */
  readonly starvation:
    { readonly age: number; readonly frames: number; readonly holder: Holder | undefined } | undefined;
}

/** Counts of one mode. */
export class LockFigures {
  readonly wait = new Histogram();
  readonly hold = new Histogram();
  outcomes = { commit: 0, rollback: 0, discard: 0 };
  retries = 0;

  merge(other: LockFigures): void {
    this.wait.merge(other.wait);
    this.hold.merge(other.hold);
    for (const outcome of ['commit', 'rollback', 'discard'] as const) this.outcomes[outcome] += other.outcomes[outcome];
    this.retries += other.retries;
  }

  snapshot(): LockSnapshot {
    return {
      wait: this.wait.snapshot(),
      hold: this.hold.snapshot(),
      outcomes: { ...this.outcomes },
      retries: this.retries,
    };
  }
}

/** What has been counted since the last reset. */
class Counts {
  readonly locks: Readonly<Record<Mode, LockFigures>> = { read: new LockFigures(), write: new LockFigures() };
  readonly giveUps = { deadline: 0, abort: 0, error: 0 };
  readonly busy = new Map<string, Omit<Events['unbusy:busy'], 'database'> & { count: number }>();
  readonly checkpointDuration = new Histogram();
  replays = 0;
  opened = 0;
  closed = 0;
  discarded = 0;
  leaks = 0;
  checkpoints = 0;
  busyCheckpoints = 0;
  maxDepth = 0;
  maxBytes = 0;
}

/** The figures of one database: what happened since the last reset, and what is so now. */
export class Figures {
  readonly database: string;
  readonly #waits = new Set<Wait>();
  readonly #holds = new Set<Hold>();
  #counts = new Counts();
  #open = 0;
  #bytes = 0;
  #checkpoint: Checkpoint | undefined;
  #starved: (Starved & { readonly checkpointed: number }) | undefined;

  constructor(database: string) {
    this.database = database;
  }

  get locks(): Readonly<Record<Mode, LockFigures>> {
    return this.#counts.locks;
  }

  /** Frames in the WAL, as the last checkpoint found them. */
  get frames(): number | undefined {
    return this.#checkpoint?.frames;
  }

  /** Whether nothing is open, waits or is held: then only history is lost with these figures. */
  get idle(): boolean {
    return this.#open === 0 && this.#waits.size === 0 && this.#holds.size === 0;
  }

  opened(): void {
    this.#open += 1;
    this.#counts.opened += 1;
  }

  closed(how: 'closed' | 'discarded'): void {
    this.#open = Math.max(0, this.#open - 1);
    this.#counts[how] += 1;
  }

  waits(wait: Wait): void {
    this.#waits.add(wait);
    this.#counts.maxDepth = Math.max(this.#counts.maxDepth, this.#waits.size);
  }

  gaveUp({ wait, duration, reason }: Events['unbusy:giveup']): void {
    this.#waits.delete(wait);
    this.#counts.locks[wait.mode].wait.record(duration);
    this.#counts.giveUps[reason] += 1;
  }

  acquired(hold: Hold): void {
    if (hold.wait !== undefined) this.#waits.delete(hold.wait);
    this.#holds.add(hold);
    const lock = this.#counts.locks[hold.mode];
    lock.wait.record(hold.waited);
    lock.retries += hold.retries;
  }

  released({ hold, duration, outcome }: Events['unbusy:release']): void {
    this.#holds.delete(hold);
    const lock = this.#counts.locks[hold.mode];
    lock.hold.record(duration);
    lock.outcomes[outcome] += 1;
  }

  busy({ code, phase }: Events['unbusy:busy']): void {
    const key = `${code} ${phase}`;
    const kind = this.#counts.busy.get(key);
    if (kind === undefined) this.#counts.busy.set(key, { code, phase, count: 1 });
    else kind.count += 1;
  }

  replayed(): void {
    this.#counts.replays += 1;
  }

  leaked(): void {
    this.#counts.leaks += 1;
  }

  checkpointed(checkpoint: Checkpoint): void {
    this.#counts.checkpoints += 1;
    if (checkpoint.busy) this.#counts.busyCheckpoints += 1;
    this.#counts.checkpointDuration.record(checkpoint.duration);
    this.#checkpoint = checkpoint;
    this.walIs(checkpoint.bytes);
    const { frames, checkpointed } = checkpoint;
    const gotAhead = this.#starved !== undefined && checkpointed > this.#starved.checkpointed;
    if (gotAhead || checkpointed >= frames) this.#starved = undefined;
  }

  walIs(bytes: number): void {
    this.#bytes = bytes;
    this.#counts.maxBytes = Math.max(this.#counts.maxBytes, bytes);
  }

  starves({ since, frames, holder }: Starved): void {
    this.#starved = { since, frames, holder, checkpointed: this.#checkpoint?.checkpointed ?? 0 };
  }

  holders(now: number, stackOf: (hold: Hold) => string | undefined = () => undefined): CurrentHolder[] {
    return [...this.#holds].map((hold) => holderOf(hold, now, stackOf));
  }

  /** Those who can be in the way of a wait, the likeliest first. */
  suspects(now: number, stackOf: (hold: Hold) => string | undefined): CurrentHolder[] {
    return [...this.#holds]
      .sort((one, other) => Number(other.mode === 'write') - Number(one.mode === 'write'))
      .slice(0, 10)
      .map((hold) => holderOf(hold, now, stackOf));
  }

  /** Forgets what was counted; what is open, waits or is held stays. */
  reset(): void {
    this.#counts = new Counts();
    this.#counts.maxDepth = this.#waits.size;
    this.#counts.maxBytes = this.#bytes;
  }

  snapshot(now: number): DatabaseSnapshot {
    const counts = this.#counts;
    const [oldest] = this.#waits;
    const starved = this.#starved;
    return {
      database: this.database,
      read: counts.locks.read.snapshot(),
      write: counts.locks.write.snapshot(),
      queue: {
        depth: this.#waits.size,
        maxDepth: counts.maxDepth,
        oldest: oldest && { mode: oldest.mode, label: oldest.label, waited: now - oldest.since },
      },
      holders: this.holders(now),
      giveUps: { ...counts.giveUps },
      busy: [...counts.busy.values()].map((kind) => ({ ...kind })),
      replays: counts.replays,
      connections: {
        open: this.#open,
        opened: counts.opened,
        closed: counts.closed,
        discarded: counts.discarded,
      },
      leaks: counts.leaks,
      wal: {
        bytes: this.#bytes,
        maxBytes: counts.maxBytes,
        frames: this.#checkpoint?.frames,
        checkpointed: this.#checkpoint?.checkpointed,
      },
      checkpoints: {
        count: counts.checkpoints,
        busy: counts.busyCheckpoints,
        duration: counts.checkpointDuration.snapshot(),
      },
      starvation: starved && { age: now - starved.since, frames: starved.frames, holder: starved.holder },
    };
  }
}

function holderOf(hold: Hold, now: number, stackOf: (hold: Hold) => string | undefined): CurrentHolder {
  const { mode, label, since, waited } = hold;
  return { mode, label, held: now - since, waited, stack: stackOf(hold) };
}
