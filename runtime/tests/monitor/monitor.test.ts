import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { traceOf } from '../../src/channels.ts';
import { OptionError, BusyError } from '../../src/errors.ts';
import { createMonitor, type Monitor, type MonitorOptions } from '../../src/monitor/monitor.ts';
import {
  acquire,
  anyoneListens,
  checkpoint,
  giveUp,
  open,
  publish,
  release,
  starve,
  until,
  wait,
} from './publishing.ts';
import type { LongHold, LongWait } from '../../src/monitor/alerts.ts';
import type { DatabaseSnapshot } from '../../src/monitor/figures.ts';

let made: Monitor[] = [];
function monitorOf(options?: MonitorOptions): Monitor {
  const monitor = createMonitor(options);
  made.push(monitor);
  return monitor;
}
afterEach(() => {
  for (const monitor of made) monitor.close();
  made = [];
  vi.restoreAllMocks();
  expect(anyoneListens()).toBe(false);
});

function only(monitor: Monitor): DatabaseSnapshot {
  const [database] = monitor.snapshot().databases;
  if (database === undefined) throw new Error('no database was seen');
  return database;
}

describe('snapshot', () => {
  test('counts waits, holds and how they ended, apart for reading and writing', () => {
    const monitor = monitorOf();
    const waited = wait('a.db');
    const hold = acquire('a.db', { wait: waited, waited: 20, retries: 13 });
    release(hold, 8, 'rollback');
    release(acquire('a.db'), 4);
    release(acquire('a.db', { mode: 'read' }), 100, 'discard');
    const { read, write } = only(monitor);
    expect(write.wait).toMatchObject({ count: 2, min: 0, max: 20, sum: 20 });
    expect(write.hold).toMatchObject({ count: 2, min: 4, max: 8 });
    expect(write).toMatchObject({ outcomes: { commit: 1, rollback: 1, discard: 0 }, retries: 13 });
    expect(read).toMatchObject({ hold: { max: 100 }, outcomes: { commit: 0, rollback: 0, discard: 1 }, retries: 0 });
  });

  test('a wait that is given up counts as a wait: what failed must not make the others look fast', () => {
    const monitor = monitorOf();
    giveUp(wait('a.db'), 5000);
    giveUp(wait('a.db'), 10, 'abort');
    expect(only(monitor)).toMatchObject({
      write: { wait: { count: 2, max: 5000 }, hold: { count: 0 } },
      giveUps: { deadline: 1, abort: 1, error: 0 },
      queue: { depth: 0, maxDepth: 1 },
    });
  });

  test('says who waits and who holds now', () => {
    const monitor = monitorOf();
    const now = performance.now();
    const hold = acquire('a.db', { label: 'import', since: now - 300, waited: 5 });
    const first = wait('a.db', { label: 'first', since: now - 200 });
    const second = wait('a.db', { mode: 'read', since: now - 100 });
    const { queue, holders } = only(monitor);
    expect(queue).toMatchObject({ depth: 2, maxDepth: 2, oldest: { mode: 'write', label: 'first' } });
    expect(queue.oldest?.waited).toBeGreaterThanOrEqual(200);
    expect(holders).toEqual([
      { mode: 'write', label: 'import', held: expect.any(Number) as number, waited: 5, stack: undefined },
    ]);
    expect(holders[0]?.held).toBeGreaterThanOrEqual(300);
    release(hold, 300);
    release(acquire('a.db', { wait: first, waited: 200 }), 1);
    giveUp(second, 100);
    expect(only(monitor)).toMatchObject({ queue: { depth: 0, maxDepth: 2, oldest: undefined }, holders: [] });
  });

  test('counts connections, leaks, busy errors by code and phase, and replays where the error names the database', () => {
    const monitor = monitorOf();
    open('a.db');
    open('a.db');
    open('a.db');
    publish('unbusy:close', { database: 'a.db', driver: 'test' });
    publish('unbusy:discard', { database: 'a.db', driver: 'test', reason: 'ROLLBACK failed', error: undefined });
    publish('unbusy:leak', { database: 'a.db', label: undefined, trace: undefined });
    for (const phase of ['begin', 'begin', 'commit'] as const) {
      publish('unbusy:busy', { database: 'a.db', code: 'SQLITE_BUSY', phase });
    }
    publish('unbusy:busy', { database: 'a.db', code: 'SQLITE_BUSY_SNAPSHOT', phase: 'statement' });
    const named = new BusyError('busy', { database: 'a.db', waited: 1, attempts: 1 });
    for (const error of [named, new Error('database is locked')]) {
      publish('unbusy:retry', { label: undefined, attempt: 1, delay: 1, error });
    }
    expect(only(monitor)).toMatchObject({
      connections: { open: 1, opened: 3, closed: 1, discarded: 1 },
      leaks: 1,
      busy: [
        { code: 'SQLITE_BUSY', phase: 'begin', count: 2 },
        { code: 'SQLITE_BUSY', phase: 'commit', count: 1 },
        { code: 'SQLITE_BUSY_SNAPSHOT', phase: 'statement', count: 1 },
      ],
      replays: 1,
    });
    expect(monitor.snapshot().replays).toBe(2);
    for (const limit of ['hold', 'deadline', 'hold'] as const) {
      publish('unbusy:limit', { task: 'import', limit, value: 5, hold: undefined, stopped: true });
    }
    expect(monitor.snapshot().limits).toEqual({ deadline: 1, hold: 2, attempts: 0, aborted: 0 });
  });

  test('knows the WAL from checkpoints, and starvation until a checkpoint gets ahead', () => {
    const monitor = monitorOf();
    checkpoint('a.db', { frames: 1000, checkpointed: 40, busy: true, bytes: 4_120_032, duration: 3 });
    starve('a.db', 60_000, 1000);
    checkpoint('a.db', { frames: 1100, checkpointed: 40, bytes: 4_532_032 });
    const starved = only(monitor);
    expect(starved.starvation).toMatchObject({ frames: 1000, holder: { label: 'report' } });
    expect(starved.starvation?.age).toBeGreaterThanOrEqual(60_000);
    expect(starved.wal).toEqual({ bytes: 4_532_032, maxBytes: 4_532_032, frames: 1100, checkpointed: 40 });
    expect(starved.checkpoints).toMatchObject({ count: 2, busy: 1, duration: { count: 2, max: 3 } });
    checkpoint('a.db', { frames: 1100, checkpointed: 41 });
    expect(only(monitor).starvation).toBeUndefined();
    starve('a.db', 10, 0);
    checkpoint('a.db', { frames: 0, checkpointed: 0, bytes: 0 });
    expect(only(monitor)).toMatchObject({ starvation: undefined, wal: { bytes: 0, maxBytes: 4_532_032 } });
  });

  test('adds up all databases', () => {
    const monitor = monitorOf();
    release(acquire('a.db'), 2);
    release(acquire('b.db'), 6, 'rollback');
    const { databases, total } = monitor.snapshot();
    expect(databases.map(({ database }) => database)).toEqual(['a.db', 'b.db']);
    expect(total.write).toMatchObject({ hold: { count: 2, min: 2, max: 6 }, outcomes: { commit: 1, rollback: 1 } });
  });

  test('is plain data', () => {
    const monitor = monitorOf();
    acquire('a.db', { label: 'import' });
    const snapshot = monitor.snapshot();
    expect(JSON.parse(JSON.stringify(snapshot))).toMatchObject({ databases: [{ holders: [{ label: 'import' }] }] });
    release(acquire('a.db'), 2);
    expect(snapshot.databases[0]?.write.hold.count).toBe(0);
  });

  test('of 1000 databases and more it keeps those that are in use', () => {
    const monitor = monitorOf();
    const held = acquire('held.db');
    for (let index = 0; index < 1500; index += 1) release(acquire(`tenant-${index}.db`));
    const names = monitor.snapshot().databases.map(({ database }) => database);
    expect(names).toHaveLength(1000);
    expect(names).toContain('held.db');
    expect(names).toContain('tenant-1499.db');
    release(held);
  });
});

test('reset forgets what was counted, and not what is open, waits or is held', () => {
  const monitor = monitorOf();
  open('a.db');
  release(acquire('a.db'), 5);
  const hold = acquire('a.db');
  const waiting = wait('a.db');
  release(acquire('idle.db'), 5);
  monitor.reset();
  expect(monitor.snapshot().databases).toHaveLength(1);
  expect(only(monitor)).toMatchObject({
    write: { wait: { count: 0 }, hold: { count: 0 }, outcomes: { commit: 0 } },
    connections: { open: 1, opened: 0 },
    queue: { depth: 1, maxDepth: 1 },
    holders: [{ mode: 'write' }],
  });
  release(hold, 1);
  giveUp(waiting, 1);
  expect(only(monitor)).toMatchObject({ write: { hold: { count: 1 } }, queue: { depth: 0 }, holders: [] });
});

test.each<[string, NonNullable<MonitorOptions['databases']>]>([
  ['names', ['a.db']],
  ['a function', (database) => database.startsWith('a')],
])('looks only at the databases that %s ask for', (_, databases) => {
  const told: string[] = [];
  const monitor = monitorOf({
    databases,
    longHold: 0,
    onLongHold: ({ database }) => told.push(database),
    onLeak: ({ database }) => told.push(database),
    onStarvation: ({ database }) => told.push(database),
  });
  for (const database of ['a.db', 'b.db']) {
    release(acquire(database), 5);
    publish('unbusy:leak', { database, label: undefined, trace: undefined });
    starve(database, 1);
    checkpoint(database);
  }
  expect(monitor.snapshot().databases.map(({ database }) => database)).toEqual(['a.db']);
  expect(told).toEqual(['a.db', 'a.db', 'a.db']);
});

describe('onLongHold', () => {
  test('is called while the transaction is open, once, with the place where it began', async () => {
    const onLongHold = vi.fn<(hold: LongHold) => void>();
    monitorOf({ longHold: 20, onLongHold });
    const hold = (function importAll() {
      return acquire('a.db', { label: 'import', waited: 3 });
    })();
    const short = acquire('a.db');
    release(short, 1);
    await until(() => onLongHold.mock.calls.length > 0);
    expect(onLongHold).toHaveBeenCalledWith({
      database: 'a.db',
      mode: 'write',
      label: 'import',
      held: expect.any(Number) as number,
      waited: 3,
      state: 'held',
      outcome: undefined,
      stack: expect.stringMatching(/^ +at acquire .*\n +at importAll .*monitor\.test\.ts/) as string,
    });
    expect(onLongHold.mock.calls[0]?.[0].held).toBeGreaterThanOrEqual(20);
    await sleep(60);
    release(hold, 80);
    expect(onLongHold).toHaveBeenCalledTimes(1);
  });

  test('is called at the end where the event loop was blocked', () => {
    const onLongHold = vi.fn<(hold: LongHold) => void>();
    monitorOf({ longHold: 20, onLongHold });
    release(acquire('a.db'), 25, 'rollback');
    release(acquire('a.db'), 19);
    expect(onLongHold.mock.calls).toEqual([
      [expect.objectContaining({ state: 'released', outcome: 'rollback', held: 25 }) as LongHold],
    ]);
  });

  test('is called for each of several, also for those that began later', async () => {
    const labels: (string | undefined)[] = [];
    monitorOf({ longHold: 30, onLongHold: ({ label }) => labels.push(label) });
    acquire('a.db', { label: 'one' });
    await sleep(20);
    acquire('b.db', { label: 'two' });
    await until(() => labels.length === 2);
    expect(labels).toEqual(['one', 'two']);
  });
});

describe('onLongWait', () => {
  test('is called while the wait lasts, and names who holds the lock and where', async () => {
    const onLongWait = vi.fn<(wait: LongWait) => void>();
    monitorOf({ longWait: 20, onLongWait });
    acquire('a.db', { mode: 'read', label: 'report' });
    (function hog() {
      acquire('a.db', { label: 'hog' });
    })();
    acquire('b.db', { label: 'elsewhere' });
    const waiting = wait('a.db', { label: 'small', queued: 4 });
    await until(() => onLongWait.mock.calls.length > 0);
    expect(onLongWait.mock.calls[0]?.[0]).toMatchObject({
      database: 'a.db',
      mode: 'write',
      label: 'small',
      queued: 4,
      state: 'waiting',
      holders: [
        { label: 'hog', mode: 'write', stack: expect.stringMatching(/^ +at acquire .*\n +at hog /) as string },
        { label: 'report', mode: 'read' },
      ],
      holder: undefined,
    });
    acquire('a.db', { wait: waiting, waited: 50 });
    expect(onLongWait).toHaveBeenCalledTimes(1);
  });

  test('is called at the end where the event loop was blocked: with the lock, or without it', () => {
    const onLongWait = vi.fn<(wait: LongWait) => void>();
    monitorOf({ longWait: 20, onLongWait });
    acquire('a.db', { wait: wait('a.db'), waited: 25 });
    giveUp(wait('a.db'), 30);
    acquire('a.db', { wait: wait('a.db'), waited: 5 });
    expect(onLongWait.mock.calls.map(([{ state, waited, holder }]) => ({ state, waited, holder }))).toEqual([
      { state: 'acquired', waited: 25, holder: undefined },
      { state: 'gave up', waited: 30, holder: { pid: 4711, command: 'node hog.js' } },
    ]);
  });
});

describe('onWalGrowth', () => {
  test('is called past the limit, again when the file has doubled, and anew after it has shrunk', () => {
    const sizes: number[] = [];
    monitorOf({ walBytes: 1000, onWalGrowth: ({ bytes }) => sizes.push(bytes) });
    for (const bytes of [999, 1000, 1500, 1999, 2000, 3999, 4000, 10, 1200]) checkpoint('a.db', { bytes });
    expect(sizes).toEqual([1000, 2000, 4000, 1200]);
  });

  test('looks at the file itself when asked to, at databases that are named also before they are used', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unbusy-monitor-'));
    try {
      const database = join(folder, 'a.db');
      writeFileSync(`${database}-wal`, Buffer.alloc(5000));
      const onWalGrowth = vi.fn();
      const monitor = monitorOf({
        databases: [database, 'libsql://elsewhere'],
        walBytes: 1000,
        walInterval: 5,
        onWalGrowth,
      });
      await until(() => onWalGrowth.mock.calls.length > 0);
      expect(onWalGrowth.mock.calls).toEqual([[{ database, bytes: 5000, frames: undefined }]]);
      truncateSync(`${database}-wal`, 0);
      await until(() => only(monitor).wal.bytes === 0);
      expect(only(monitor).wal.maxBytes).toBe(5000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('onStarvation, onLeak and onBusy are called with plain facts', () => {
  const [onStarvation, onLeak, onBusy] = [vi.fn(), vi.fn(), vi.fn()];
  monitorOf({ onStarvation, onLeak, onBusy });
  starve('a.db', 60_000, 5000);
  publish('unbusy:leak', { database: 'a.db', label: 'import', trace: traceOf() });
  publish('unbusy:busy', { database: 'a.db', code: 'SQLITE_BUSY_SNAPSHOT', phase: 'statement' });
  const holder = { pid: process.pid, label: 'report' };
  expect(onStarvation.mock.calls).toEqual([
    [{ database: 'a.db', since: expect.any(Number) as unknown, age: 60_000, frames: 5000, holder }],
  ]);
  expect(onLeak.mock.calls).toEqual([
    [{ database: 'a.db', label: 'import', stack: expect.stringMatching(/^ +at /) as string }],
  ]);
  expect(onBusy.mock.calls).toEqual([
    [{ database: 'a.db', code: 'SQLITE_BUSY_SNAPSHOT', phase: 'statement', count: 1 }],
  ]);
});

test('onBusy is called once in a second for each kind, and says how many there were since', () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(0);
  const counts: unknown[] = [];
  monitorOf({ onBusy: ({ phase, count }) => counts.push([phase, count]) });
  const busy = (phase: 'begin' | 'open'): void =>
    publish('unbusy:busy', { database: 'a.db', code: 'SQLITE_BUSY', phase });
  for (let index = 0; index < 10; index += 1) busy('begin');
  busy('open');
  now.mockReturnValue(1000);
  busy('begin');
  expect(counts).toEqual([
    ['begin', 1],
    ['open', 1],
    ['begin', 10],
  ]);
});

describe('a callback that fails', () => {
  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no logger');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no logger'))],
  ])('and %s harms nobody, and is a warning once', async (_, onStarvation) => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const uncaught = vi.fn();
    process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
    try {
      const monitor = monitorOf({ onStarvation });
      for (let index = 0; index < 3; index += 1) starve('a.db', 5);
      await sleep(20);
      expect(uncaught).not.toHaveBeenCalled();
      expect(emitWarning.mock.calls).toEqual([
        [
          'The onStarvation callback of a monitor failed: Error: no logger',
          expect.objectContaining({ type: 'UnbusyWarning', code: 'UNBUSY_CALLBACK' }),
        ],
      ]);
      expect(only(monitor).starvation).toBeDefined();
    } finally {
      process.off('uncaughtException', uncaught).off('unhandledRejection', uncaught);
    }
  });
});

describe('nothing is done for nobody', () => {
  const begin = (): Error | undefined => traceOf();

  test('nobody listens before a monitor is made, and after it is closed or disposed of', () => {
    expect(anyoneListens()).toBe(false);
    const monitor = createMonitor();
    expect(anyoneListens()).toBe(true);
    monitor.close();
    monitor.close();
    expect(anyoneListens()).toBe(false);
    {
      using disposed = createMonitor();
      expect(disposed.snapshot().databases).toEqual([]);
      expect(anyoneListens()).toBe(true);
    }
    expect(anyoneListens()).toBe(false);
    release(acquire('a.db'), 5);
    expect(monitor.snapshot().databases).toEqual([]);
  });

  test('two monitors count on their own', () => {
    const [one, other] = [monitorOf(), monitorOf()];
    one.close();
    release(acquire('a.db'), 5);
    expect(one.snapshot().databases).toEqual([]);
    expect(only(other).write.hold.count).toBe(1);
  });

  test('traces are made while a callback can use them, and only then', () => {
    expect(begin()).toBeUndefined();
    monitorOf({ onBusy: () => undefined, onWalGrowth: () => undefined });
    monitorOf({ onLongHold: () => undefined, traces: false });
    expect(begin()).toBeUndefined();
    for (const name of ['onLongWait', 'onLongHold', 'onStarvation', 'onLeak'] as const) {
      const monitor = createMonitor({ [name]: () => undefined });
      expect(begin()).toBeInstanceOf(Error);
      monitor.close();
      monitor.close();
      expect(begin()).toBeUndefined();
    }
  });

  test('a stack is formatted when a limit is passed, and only then', () => {
    let formatted = 0;
    const original = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
    Error.prepareStackTrace = (error) => {
      formatted += 1;
      return `${String(error)}\n    at somewhere`;
    };
    try {
      const monitor = monitorOf({ longHold: 20, onLongHold: () => undefined });
      for (let index = 0; index < 50; index += 1) release(acquire('a.db'), 19);
      monitor.snapshot();
      expect(formatted).toBe(0);
      release(acquire('a.db'), 20);
      expect(formatted).toBe(1);
    } finally {
      Reflect.deleteProperty(Error, 'prepareStackTrace');
      if (original) Object.defineProperty(Error, 'prepareStackTrace', original);
    }
  });

  test('there is no timer without a callback, one for many transactions with one, and none of them keeps the process', () => {
    const timeouts = vi.spyOn(globalThis, 'setTimeout');
    const intervals = vi.spyOn(globalThis, 'setInterval');
    const silent = monitorOf();
    for (let index = 0; index < 100; index += 1) release(acquire('a.db'), 1);
    giveUp(wait('a.db'), 1);
    expect(timeouts).not.toHaveBeenCalled();
    silent.close();
    monitorOf({ onLongHold: () => undefined, walInterval: 60_000 });
    for (let index = 0; index < 100; index += 1) release(acquire('a.db'), 1);
    expect(timeouts).toHaveBeenCalledTimes(1);
    for (const { value } of [...timeouts.mock.results, ...intervals.mock.results]) {
      expect((value as NodeJS.Timeout).hasRef()).toBe(false);
    }
  });
});

test.each<[object, string]>([
  [{ longwait: 5 }, "createMonitor has no option 'longwait'. Did you mean 'longWait'?"],
  [{ onLongHolds: () => 1 }, "createMonitor has no option 'onLongHolds'. Did you mean 'onLongHold'?"],
  [{ longWait: -1 }, 'longWait has to be a number, from 0 to 2147483647: it is -1.'],
  [{ walBytes: '64' }, 'walBytes has to be a number, 0 or more: it is 64.'],
  [{ onLeak: 'log' }, 'onLeak has to be a function.'],
  [{ databases: 'a.db' }, 'databases has to be an array of names or a function.'],
  [{ traces: 'yes' }, 'traces has to be true or false.'],
])('refuses %o', (options, message) => {
  expect(() => createMonitor(options as MonitorOptions)).toThrow(new OptionError(message));
});
