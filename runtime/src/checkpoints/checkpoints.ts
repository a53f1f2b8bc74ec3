import { setMaxListeners } from 'node:events';
import { channels, type Starvation } from '../channels.ts';
import { OptionError } from '../errors.ts';
import { readLockHolder } from '../lock-holders.ts';
import { isInMemory } from '../opening/in-memory.ts';
import { checkOptions } from '../options.ts';
import { systemScheduler, type Scheduler } from '../scheduler.ts';
import { checkAmounts } from '../tasks/amounts.ts';
import { CheckpointedDatabase, type Driver, type Surroundings } from './database.ts';
import { OpenTransactions, pathOf } from './pins.ts';
import type { Holder } from '../holders.ts';

export interface CheckpointOptions {
  /** A passive checkpoint when the WAL has so many frames more than at the last one. Default 1000. */
  readonly frames?: number | undefined;
  /** A passive checkpoint after so many milliseconds, if anything was written. Default 60000. */
  readonly interval?: number | undefined;
  /** How often the size of the -wal file is looked at, in milliseconds. The database is not asked. Default 250. */
  readonly poll?: number | undefined;
  /** Bytes of the -wal file from which on it is truncated. Default 67108864 (64 MiB). */
  readonly truncateAt?: number | undefined;
  /**
   * Milliseconds that a truncation waits for the last readers and writers. It keeps other writers out meanwhile, and with
   * a driver that blocks the event loop, too. Default 50.
   */
  readonly truncateWait?: number | undefined;
  /** Milliseconds after which frames that do not get into the database are a starvation. Default 30000. */
  readonly starvation?: number | undefined;
  /** Whether `stop` makes a last passive checkpoint. Default: false. */
  readonly finalCheckpoint?: boolean | undefined;
  /**
   * Who in this process reads a database: the WAL is not truncated meanwhile, and a starvation names the reader.
   * Default: the oldest open transaction of this package's.
   */
  readonly pinnedBy?: ((database: string) => Holder | undefined) | undefined;
  /** Called when a starvation begins, and again each time that it has lasted as long once more. */
  readonly onStarvation?: ((starvation: Starvation) => void) | undefined;
  /**
   * Called when a checkpoint, or opening the connection for it, failed. It is tried again after a second, then two, four
   * and so on to `interval`. Default: a warning of the process for the first failure in a row.
   */
  readonly onError?: ((error: unknown, database: string) => void) | undefined;
}

const OPTIONS: readonly string[] = Object.keys({
  frames: true,
  interval: true,
  poll: true,
  truncateAt: true,
  truncateWait: true,
  starvation: true,
  finalCheckpoint: true,
  pinnedBy: true,
  onStarvation: true,
  onError: true,
} satisfies Record<keyof CheckpointOptions, true>);

/** Checkpoints that go on until they are stopped. */
export interface Checkpoints extends AsyncDisposable {
  /**
   * Waits for a checkpoint that runs, makes a last one if asked for, and closes the connections. May be called twice.
   * Never rejects: what fails is told as during the run.
   */
  stop(): Promise<void>;
}

/** After the first failure, in milliseconds. */
const FIRST_BREAK = 1000;

/** Starts the checkpoints of some databases; see `StartCheckpoints`. */
export function checkpoint<Handle extends object>(
  driver: Driver<Handle>,
  targets: string | readonly string[],
  options: CheckpointOptions = {},
  scheduler: Scheduler = systemScheduler,
): Checkpoints {
  checkOptions(options, OPTIONS, 'startCheckpoints');
  const { frames = 1000, interval = 60_000, poll = 250, truncateAt = 64 * 2 ** 20, truncateWait = 50 } = options;
  const { starvation = 30_000, finalCheckpoint = false, pinnedBy, onStarvation, onError } = options;
  checkAmounts({ frames, interval, poll, truncateAt, starvation }, { min: 1 });
  checkAmounts({ truncateWait }, { max: 0x7fffffff });
  const databases = typeof targets === 'string' ? [targets] : targets;
  databases.forEach((database) => {
    refuseWithoutFile(driver, database);
  });

  const open = new OpenTransactions();
  const around: Surroundings = {
    plan: { frames, interval, truncateAt, starvation },
    truncateWait: Math.floor(truncateWait),
    scheduler,
    ours: pinnedBy ?? ((path) => open.oldest(path, scheduler.now())),
    others: readLockHolder,
    // A callback that throws is an uncaught error, as with any event, and does not end the checkpoints.
    onStarvation: (found) => {
      if (onStarvation) queueMicrotask(() => onStarvation(found));
    },
  };
  const failed = (error: unknown, database: string, inARow: number): void => {
    const channel = channels['unbusy:checkpoint-error'];
    if (channel.hasSubscribers) channel.publish({ database, error });
    if (onError) queueMicrotask(() => onError(error, database));
    else if (inARow === 1)
      process.emitWarning(`A checkpoint of ${database} failed: ${String(error)}`, { type: 'UnbusyWarning' });
  };
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const running = databases.map((name) =>
    keep(new CheckpointedDatabase(driver, name, pathOf(name), around), {
      poll,
      interval,
      finalCheckpoint,
      scheduler,
      signal: stopping.signal,
      failed,
    }),
  );
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(running);
    open.close();
  };
  return { stop, [Symbol.asyncDispose]: stop };
}

interface Keeping {
  readonly poll: number;
  readonly interval: number;
  readonly finalCheckpoint: boolean;
  readonly scheduler: Scheduler;
  readonly signal: AbortSignal;
  readonly failed: (error: unknown, database: string, inARow: number) => void;
}

/** Looks at one database until the signal aborts. Databases do not wait for each other. */
async function keep<Handle extends object>(
  database: CheckpointedDatabase<Handle>,
  { poll, interval, finalCheckpoint, scheduler, signal, failed }: Keeping,
): Promise<void> {
  let failures = 0;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      failures = 0;
    } catch (error) {
      failures += 1;
      failed(error, database.database, failures);
      // Whatever state it is in: the next attempt opens another.
      await database.close().catch(() => undefined);
    }
  };
  while (!signal.aborted) {
    const pause = failures === 0 ? poll : Math.max(poll, Math.min(interval, FIRST_BREAK * 2 ** (failures - 1)));
    await scheduler.sleep(pause, { signal, watch: true });
    if (!isAborted(signal)) await attempt(() => database.look());
  }
  if (finalCheckpoint) await attempt(() => database.passive());
  await attempt(() => database.close());
}

/** The compiler believes that a signal that was not aborted before an `await` is not aborted after it. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function refuseWithoutFile<Handle extends object>(driver: Driver<Handle>, database: string): void {
  // JavaScript's callers are not held to the type.
  if (typeof database !== 'string') throw new OptionError('startCheckpoints wants the names of database files.');
  if (isInMemory(database)) throw new OptionError(`${database} is a database in memory: it has no WAL.`);
  if (!driver.synchronous && driver.isLocal?.(database) === false)
    throw new OptionError(`${database} is on a server, which makes its own checkpoints.`);
}
