import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { channels } from '../../src/channels.ts';
import * as blocking from '../../src/drivers/better-sqlite3.ts';
import * as answering from '../../src/drivers/sqlite3.ts';
import { createMonitor, type Monitor, type MonitorOptions } from '../../src/monitor/monitor.ts';
import { freshFile } from '../files.ts';
import { otherProcess } from '../other-process.ts';
import { until } from './publishing.ts';
import type { LongHold, LongWait } from '../../src/monitor/alerts.ts';
import type { DatabaseSnapshot } from '../../src/monitor/figures.ts';

const monitors: Monitor[] = [];
function monitorOf(options?: MonitorOptions): Monitor {
  const monitor = createMonitor(options);
  monitors.push(monitor);
  return monitor;
}
afterEach(() => {
  for (const monitor of monitors.splice(0)) monitor.close();
  vi.restoreAllMocks();
});

function figures(monitor: Monitor, file: string): DatabaseSnapshot {
  const found = monitor.snapshot().databases.find(({ database }) => database === file);
  if (found === undefined) throw new Error(`${file} was not seen`);
  return found;
}

/** The verbs of a driver that blocks and of one that does not, where they do the same. */
const DRIVERS = {
  'better-sqlite3': {
    open: (file: string) => Promise.resolve(blocking.openDatabase(file)),
    transact: async (db: object, fn: () => void, options: object) =>
      blocking.withTransactionAsync(db as ReturnType<typeof blocking.openDatabase>, fn, options),
    close: (db: object) => (db as { close(): unknown }).close(),
  },
  sqlite3: {
    open: (file: string) => answering.openDatabase(file),
    transact: (db: object, fn: () => void, options: object) =>
      answering.withTransaction(db as Awaited<ReturnType<typeof answering.openDatabase>>, fn, options),
    close: (db: object) => (db as { close(): unknown }).close(),
  },
};

describe.each(Object.entries(DRIVERS))('%s', (_, { open, transact, close }) => {
  test('a transaction that had to wait is seen waiting, then holding, then gone', async () => {
    const file = freshFile();
    const monitor = monitorOf();
    const db = await open(file);
    const other = await otherProcess(file);
    await other.ask('BEGIN IMMEDIATE');
    const held: unknown[] = [];
    const working = transact(db, () => void held.push(...figures(monitor, file).holders), { label: 'import' });
    await sleep(30);
    expect(figures(monitor, file)).toMatchObject({
      queue: { depth: 1, oldest: { mode: 'write', label: 'import' } },
      holders: [],
      connections: { open: 1 },
    });
    await other.ask('COMMIT');
    await working;
    expect(held).toMatchObject([{ mode: 'write', label: 'import' }]);
    const after = figures(monitor, file);
    expect(after).toMatchObject({ queue: { depth: 0, maxDepth: 1 }, holders: [], write: { outcomes: { commit: 1 } } });
    expect(after.write.wait.max).toBeGreaterThanOrEqual(25);
    expect(after.write.retries).toBeGreaterThan(0);
    expect(after.busy).toMatchObject([{ code: 'SQLITE_BUSY', phase: 'begin' }]);
    await close(db);
    await other.end();
    await until(() => figures(monitor, file).connections.open === 0);
  });

  test('every wait that ends without the lock is told with its reason, and nobody waits after it', async () => {
    const file = freshFile();
    const monitor = monitorOf();
    const db = await open(file);
    const other = await otherProcess(file);
    await other.ask('BEGIN IMMEDIATE');
    await expect(transact(db, () => undefined, { timeout: 20 })).rejects.toMatchObject({ code: 'UNBUSY_BUSY' });
    expect(figures(monitor, file)).toMatchObject({ giveUps: { deadline: 1, abort: 0, error: 0 }, queue: { depth: 0 } });
    const abort = new AbortController();
    const working = transact(db, () => undefined, { signal: abort.signal });
    await sleep(10);
    abort.abort(new Error('enough'));
    await expect(working).rejects.toThrow('enough');
    expect(figures(monitor, file)).toMatchObject({ giveUps: { deadline: 1, abort: 1, error: 0 }, queue: { depth: 0 } });
    await other.ask('COMMIT');
    await other.end();
    await close(db);
  });

  test('those that wait for their turn in this process count as waiting', async () => {
    const file = freshFile();
    const monitor = monitorOf();
    const db = await open(file);
    const other = await otherProcess(file);
    await other.ask('BEGIN IMMEDIATE');
    const first = transact(db, () => undefined, {});
    const second = transact(db, () => undefined, { timeout: 40 }).catch((error: unknown) => error);
    await sleep(10);
    expect(figures(monitor, file).queue.depth).toBe(2);
    expect(await second).toMatchObject({ code: 'UNBUSY_BUSY' });
    expect(figures(monitor, file)).toMatchObject({ giveUps: { deadline: 1 }, queue: { depth: 1 } });
    await other.ask('COMMIT');
    await first;
    expect(figures(monitor, file).queue).toMatchObject({ depth: 0, maxDepth: 2 });
    await other.end();
    await close(db);
  });

  test('what the callback throws is a rollback, and no wait in vain', async () => {
    const file = freshFile();
    const monitor = monitorOf();
    const db = await open(file);
    const fail = (): void => {
      throw new Error('boom');
    };
    await expect(transact(db, fail, {})).rejects.toThrow('boom');
    expect(figures(monitor, file)).toMatchObject({
      write: { outcomes: { commit: 0, rollback: 1 } },
      giveUps: { deadline: 0, abort: 0, error: 0 },
      queue: { depth: 0 },
    });
    await close(db);
  });
});

test('a wait ends also where the connection is closed meanwhile', async () => {
  const file = freshFile();
  const monitor = monitorOf();
  const db = blocking.openDatabase(file);
  const other = await otherProcess(file);
  await other.ask('BEGIN IMMEDIATE');
  const working = blocking.withTransactionAsync(db, () => undefined);
  await sleep(10);
  db.close();
  await expect(working).rejects.toMatchObject({ code: 'UNBUSY_CLOSED' });
  expect(figures(monitor, file)).toMatchObject({ giveUps: { error: 1 }, queue: { depth: 0 } });
  await other.end();
});

test('a blocking wait that times out is told', async () => {
  const file = freshFile();
  const onLongWait = vi.fn<(wait: LongWait) => void>();
  const monitor = monitorOf({ longWait: 20, onLongWait });
  const db = blocking.openDatabase(file);
  const other = await otherProcess(file);
  await other.ask('BEGIN IMMEDIATE');
  expect(() => blocking.withTransaction(db, () => undefined, { timeout: 30, label: 'small' })).toThrow(/was not free/);
  expect(figures(monitor, file)).toMatchObject({ giveUps: { deadline: 1 }, queue: { depth: 0 } });
  expect(onLongWait.mock.calls).toMatchObject([[{ label: 'small', state: 'gave up', mode: 'write' }]]);
  if (process.platform === 'linux') expect(onLongWait.mock.calls[0]?.[0].holder?.pid).toBe(other.process.pid);
  await other.end();
  db.close();
});

test('the stack of a long transaction begins with who called this package', () => {
  const onLongHold = vi.fn<(hold: LongHold) => void>();
  monitorOf({ longHold: 0, onLongHold });
  const db = blocking.openDatabase(freshFile());
  (function importAll() {
    blocking.withTransaction(db, () => undefined, { label: 'import' });
  })();
  expect(onLongHold.mock.calls[0]?.[0].stack).toMatch(/^ +at importAll .*transactions\.test\.ts/);
  db.close();
});

test('a transaction that is open while its callback waits is told of while it is open', async () => {
  const onLongHold = vi.fn<(hold: LongHold) => void>();
  monitorOf({ longHold: 20, onLongHold });
  const db = await answering.openDatabase(freshFile());
  await answering.withTransaction(db, () => until(() => onLongHold.mock.calls.length > 0), { label: 'import' });
  expect(onLongHold.mock.calls).toMatchObject([[{ label: 'import', state: 'held', outcome: undefined }]]);
  expect(onLongHold.mock.calls[0]?.[0].stack).toMatch(/transactions\.test\.ts/);
  await new Promise((resolve) => db.close(resolve));
});

test('while nobody listens, transactions publish nothing, make no trace and set no timer', async () => {
  const db = blocking.openDatabase(freshFile());
  const published = Object.values(channels).map((channel) => {
    const spy = vi.fn();
    Object.defineProperty(channel, 'publish', { value: spy, configurable: true });
    return { channel, spy };
  });
  const traces = vi.spyOn(Error, 'captureStackTrace');
  const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
  try {
    for (let index = 0; index < 20; index += 1) {
      blocking.withTransaction(db, () => undefined);
      await blocking.withTransactionAsync(db, () => undefined);
      expect(() =>
        blocking.withTransaction(db, () => {
          throw new TypeError('boom');
        }),
      ).toThrow('boom');
    }
    for (const { spy } of published) expect(spy).not.toHaveBeenCalled();
    expect(traces.mock.calls.filter(([error]) => (error as Error).message.includes('lock was taken'))).toEqual([]);
    for (const timer of timers) expect(timer).not.toHaveBeenCalled();
  } finally {
    for (const { channel } of published) Reflect.deleteProperty(channel, 'publish');
    db.close();
  }
});
