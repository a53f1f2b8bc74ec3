import { OptionError } from '../errors.ts';
import { isInMemory } from '../opening/in-memory.ts';
import { checkOptions } from '../options.ts';
import { checkAmounts } from '../tasks/amounts.ts';
import type { OpenOptions } from '../opening/options.ts';
import type { Priority } from '../waiting/queue.ts';

export interface PoolOptions extends Omit<OpenOptions, 'readOnly' | 'mustExist'> {
  /**
   * How many connections only read. They are opened when they are needed. Default: 4, and 1 for drivers that block, where
   * one read has to end before the next one can begin.
   */
  readonly readers?: number;
  /** How long a block waits for its connection at most, in milliseconds. Default: `busyTimeout`. */
  readonly acquireTimeout?: number;
  /** How many blocks may wait for the writer, and how many for a reader; more are refused. Default: 1000. */
  readonly bound?: number;
  /** How many connections one task (`withTaskLimits`) may have at a time. Default: 2, one to read and one to write. */
  readonly connectionsPerTask?: number;
  /** How long a block may have its connection before it is reported as a leak, in milliseconds; 0: never. Default: 60000. */
  readonly leakAfter?: number;
}

export interface BlockOptions {
  /** Blocks of high priority get the next connection before all others. Default: 'normal'. */
  readonly priority?: Priority;
  /** A name for messages, events, and the errors of those who wait for this block. Default: the name of the task. */
  readonly label?: string;
  /** How long to wait for the connection and for the lock, in milliseconds each. Default: `acquireTimeout`. */
  readonly timeout?: number;
  /** Ends the wait. A block that has begun is not interrupted. */
  readonly signal?: AbortSignal;
}

/** The options with their defaults. */
export interface PoolPlan {
  readonly opening: OpenOptions;
  /** How readers are opened: the journal mode belongs to the file, and is the writer's to set. */
  readonly reading: OpenOptions;
  readonly readers: number;
  readonly acquireTimeout: number;
  readonly bound: number;
  readonly connectionsPerTask: number;
  readonly leakAfter: number;
}

const OPENING = ['busyTimeout', 'journalMode', 'synchronous', 'foreignKeys', 'pragmas', 'unsafe', 'driver'];
const OWN = ['readers', 'acquireTimeout', 'bound', 'connectionsPerTask', 'leakAfter'];
const BLOCK = ['priority', 'label', 'timeout', 'signal'];

/** @throws {OptionError} an option that does not exist, or a value that it cannot have */
export function planOf(filename: string, options: PoolOptions, blocks: boolean): PoolPlan {
  checkOptions(options, [...OWN, ...OPENING], 'createPool');
  if (isInMemory(filename)) {
    throw new OptionError(
      'A database in memory belongs to one connection, so that a pool cannot share it: use openDatabase, or a file.',
    );
  }
  const { readers, acquireTimeout, bound, connectionsPerTask, leakAfter, ...opening } = options;
  checkAmounts({ acquireTimeout, bound, leakAfter });
  checkAmounts({ connectionsPerTask }, { min: 1 });
  checkAmounts({ readers }, { min: 1, max: 64 });
  return {
    opening,
    reading: { ...withoutJournalMode(opening), readOnly: true },
    readers: Math.floor(readers ?? (blocks ? 1 : 4)),
    acquireTimeout: acquireTimeout ?? options.busyTimeout ?? 5000,
    bound: bound ?? 1000,
    connectionsPerTask: connectionsPerTask ?? 2,
    leakAfter: leakAfter ?? 60_000,
  };
}

function withoutJournalMode(opening: OpenOptions): OpenOptions {
  const reading: { -readonly [Name in keyof OpenOptions]: OpenOptions[Name] } = { ...opening };
  delete reading.journalMode;
  return reading;
}

/** @throws {OptionError} */
export function checkBlock(options: BlockOptions, where: string): void {
  checkOptions(options, BLOCK, where);
  checkAmounts({ timeout: options.timeout });
  const { priority } = options;
  if (priority !== undefined && !['high', 'normal'].includes(priority))
    throw new OptionError(`priority is '${priority as string}'; it has to be 'high' or 'normal'.`);
}
