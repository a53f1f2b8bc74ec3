import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import * as betterSqlite3 from '../../src/drivers/better-sqlite3.ts';
import * as callbacks from '../../src/drivers/sqlite3.ts';
import { channels, type Events, type Starvation } from '../../src/channels.ts';
import { OptionError } from '../../src/errors.ts';
import { freshFile } from '../files.ts';
import { otherProcess, type OtherProcess } from '../other-process.ts';
import type { CheckpointOptions, Checkpoints } from '../../src/checkpoints/checkpoints.ts';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A connection that leaves checkpoints to others. */
function writer(file: string): Database.Database & Disposable {
  const db = betterSqlite3.openDatabase(file, { pragmas: { wal_autocheckpoint: 0 } });
  db.exec('CREATE TABLE IF NOT EXISTS t (x)');
  ends.push(() => db.close());
  return db;
}

/** Writes about so many pages. */
function write(db: Database.Database, pages: number): void {
  const insert = db.prepare('INSERT INTO t VALUES (randomblob(4000))');
  db.transaction(() => {
    for (let page = 0; page < pages; page += 1) insert.run();
  })();
}

async function other(file: string): Promise<OtherProcess> {
  const process = await otherProcess(file);
  ends.push(() => process.end());
  return process;
}

function listen<Name extends keyof Events>(name: Name): Events[Name][] {
  const events: Events[Name][] = [];
  const hear = (message: unknown): void => void events.push(message as Events[Name]);
  channels[name].subscribe(hear);
  ends.push(() => channels[name].unsubscribe(hear));
  return events;
}

/** Waits until something is so; the test's own timeout is the end. */
async function until<T>(what: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = what();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function sizeOf(file: string): number {
  return statSync(`${file}-wal`).size;
}

describe.each([
  ['better-sqlite3', betterSqlite3.startCheckpoints],
  ['sqlite3', callbacks.startCheckpoints],
])('startCheckpoints of %s', (name, startCheckpoints) => {
  // The writers are better-sqlite3's, and two drivers in one process share no locks: readers and writers of a file that
  // sqlite3 checkpoints are in other processes.
  const alone = name !== 'better-sqlite3';

  function start(targets: string | readonly string[], options: CheckpointOptions = {}): Checkpoints {
    const checkpoints = startCheckpoints(targets, { poll: 10, ...options });
    ends.push(() => checkpoints.stop());
    return checkpoints;
  }

  /** Something that writes pages to a file, in WAL mode and without checkpoints of its own. */
  async function writing(file: string): Promise<(pages: number) => Promise<void>> {
    if (!alone) {
      const db = writer(file);
      return (pages) => {
        write(db, pages);
        return Promise.resolve();
      };
    }
    const process = await other(file);
    await process.ask('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE IF NOT EXISTS t (x)');
    return async (pages) => {
      const sql = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${pages}) INSERT INTO t SELECT randomblob(4000) FROM n`;
      expect(await process.ask(sql)).toBe('ok');
    };
  }

  test('checkpoints by frames, and leaves a WAL alone that does not grow', async () => {
    const file = freshFile();
    const writePages = await writing(file);
    const checkpoints = listen('unbusy:checkpoint');
    start(file, { frames: 200 });
    await until(() => checkpoints.length === 1);
    await writePages(100);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(checkpoints).toHaveLength(1);
    await writePages(250);
    // One may come while the transaction has not committed, and has nothing of it.
    await until(() => (checkpoints.at(-1)?.checkpoint.frames ?? 0) > 200);
    const { checkpoint } = checkpoints.at(-1) ?? {};
    expect(checkpoint).toMatchObject({ mode: 'passive', busy: false });
    expect(checkpoint?.checkpointed).toBe(checkpoint?.frames);
  });

  test('checkpoints by interval what is written where the file does not grow', async () => {
    const file = freshFile();
    const writePages = await writing(file);
    await writePages(300);
    const checkpoints = listen('unbusy:checkpoint');
    start(file, { interval: 100 });
    await until(() => checkpoints.length === 1);
    const size = sizeOf(file);
    await writePages(10);
    expect(sizeOf(file)).toBe(size);
    const second = await until(() => checkpoints[1]);
    expect(second.checkpoint.frames).toBeLessThan(50);
  });

  test('truncates past the cap', async () => {
    const file = freshFile();
    const writePages = await writing(file);
    const checkpoints = listen('unbusy:checkpoint');
    start(file, { frames: 100, truncateAt: 1_000_000 });
    await writePages(400);
    await until(() => checkpoints.some(({ checkpoint: { mode, bytes } }) => mode === 'truncate' && bytes === 0));
    expect(sizeOf(file)).toBe(0);
    await writePages(1);
  });

  test('names the process that starves it, and goes on when that ends', async () => {
    const file = freshFile();
    const writePages = await writing(file);
    await writePages(1);
    const reader = await other(file);
    await reader.ask('BEGIN; SELECT count(*) FROM t');
    const told: Starvation[] = [];
    const events = listen('unbusy:starvation');
    const checkpoints = listen('unbusy:checkpoint');
    start(file, { frames: 50, starvation: 400, onStarvation: (starvation) => told.push(starvation) });
    await writePages(200);
    const first = await until(() => told[0]);
    expect(first).toEqual(events[0]);
    expect(first.age).toBeGreaterThanOrEqual(400);
    expect(first.frames).toBeGreaterThan(0);
    if (process.platform === 'linux') expect(first.holder?.pid).toBe(reader.process.pid);
    // No truncation keeps writers out in the meantime, and none is told as busy.
    expect(checkpoints.every(({ checkpoint: { mode } }) => mode === 'passive')).toBe(true);
    await reader.ask('COMMIT');
    await writePages(100);
    await until(() => {
      const { checkpoint } = checkpoints.at(-1) ?? {};
      return checkpoint !== undefined && checkpoint.checkpointed === checkpoint.frames;
    });
  });

  test('goes on with the others when one cannot be opened', async () => {
    const [good, bad] = [freshFile(), freshFile()];
    const writePages = await writing(good);
    await writePages(10);
    mkdirSync(bad);
    writeFileSync(`${bad}-wal`, 'There is something to do.');
    const told: [unknown, string][] = [];
    const errors = listen('unbusy:checkpoint-error');
    const checkpoints = listen('unbusy:checkpoint');
    start([bad, good], { frames: 50, interval: 50, onError: (error, database) => told.push([error, database]) });
    await until(() => told.length >= 3);
    expect(told[0]).toEqual([errors[0]?.error, bad]);
    await writePages(100);
    await until(() => checkpoints.length >= 2);
    expect(new Set(checkpoints.map(({ database }) => database))).toEqual(new Set([good]));
  });

  test('follows a database that takes the place of another', async () => {
    const [file, next] = [freshFile(), freshFile()];
    const first = await other(file);
    const schema = 'PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x)';
    await first.ask(schema);
    const checkpoints = listen('unbusy:checkpoint');
    start(file, { frames: 50, interval: 50 });
    await until(() => checkpoints.length === 1);
    const second = await other(next);
    await second.ask(`${schema}; INSERT INTO t VALUES (zeroblob(400000))`);
    for (const suffix of ['', '-wal', '-shm']) renameSync(`${next}${suffix}`, `${file}${suffix}`);
    const seen = await until(() => checkpoints[1]);
    expect(seen.checkpoint.frames).toBeGreaterThan(90);
  });

  test('stops once, with a last checkpoint if asked for', async () => {
    const file = freshFile();
    const writePages = await writing(file);
    const checkpoints = listen('unbusy:checkpoint');
    const running = start(file, { poll: 60_000, finalCheckpoint: true });
    await writePages(10);
    await Promise.all([running.stop(), running.stop(), running[Symbol.asyncDispose]()]);
    expect(checkpoints).toHaveLength(1);
    await writePages(2000);
    expect(checkpoints).toHaveLength(1);
  });

  test.each<[string, object]>([
    [':memory:', {}],
    ['', {}],
    ['a.db', { frames: 0 }],
    ['a.db', { truncateWait: -1 }],
    ['a.db', { intervall: 5 }],
  ])('refuses %j with %o', (target, options) => {
    expect(() => startCheckpoints(target, options)).toThrow(OptionError);
  });
});

describe('in the process that reads', () => {
  test('a transaction of ours is named, and nothing is truncated meanwhile', async () => {
    const file = freshFile();
    const db = writer(file);
    write(db, 1);
    const reader = await betterSqlite3.openDatabaseAsync(file, { readOnly: true });
    ends.push(() => reader.close());
    const told: Starvation[] = [];
    const checkpoints = listen('unbusy:checkpoint');
    const running = betterSqlite3.startCheckpoints(file, {
      poll: 10,
      frames: 50,
      starvation: 200,
      truncateAt: 100_000,
      onStarvation: (starvation) => told.push(starvation),
      pinnedBy: (path) => (pinned ? { pid: process.pid, label: `report on ${path.slice(-3)}` } : undefined),
    });
    ends.push(() => running.stop());
    let pinned = true;
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM t').get();
    write(db, 200);
    const { holder } = await until(() => told[0]);
    expect(holder).toEqual({ pid: process.pid, label: 'report on .db' });
    expect(checkpoints.some(({ checkpoint: { mode } }) => mode === 'truncate')).toBe(false);
    reader.exec('COMMIT');
    pinned = false;
    write(db, 200);
    await until(() => checkpoints.some(({ checkpoint: { mode, bytes } }) => mode === 'truncate' && bytes === 0));
  });
});

describe('a transaction of an asynchronous driver', () => {
  test('that reads is named by its label', async () => {
    const file = freshFile();
    const db = await callbacks.openDatabase(file, { pragmas: { wal_autocheckpoint: 0 } });
    const reader = await callbacks.openDatabase(file, { readOnly: true });
    const run = (on: typeof db, sql: string): Promise<void> =>
      new Promise((resolve, reject) => {
        on.exec(sql, (error) => (error === null ? resolve() : reject(error)));
      });
    const told: Starvation[] = [];
    await run(db, 'CREATE TABLE t (x)');
    const running = callbacks.startCheckpoints(file, {
      poll: 10,
      starvation: 200,
      frames: 50,
      onStarvation: (starvation) => told.push(starvation),
    });
    await callbacks.withTransaction(
      reader,
      async (tx) => {
        await run(tx as typeof db, 'SELECT count(*) FROM t');
        await run(db, 'INSERT INTO t VALUES (zeroblob(1000000))');
        const { holder } = await until(() => told[0]);
        expect(holder).toMatchObject({ pid: process.pid, label: 'monthly report' });
        expect(holder?.heldFor).toBeGreaterThanOrEqual(200);
      },
      { readOnly: true, label: 'monthly report' },
    );
    await running.stop();
    await reader[Symbol.asyncDispose]();
    await db[Symbol.asyncDispose]();
  });
});

describe('another process that makes checkpoints, too', () => {
  test('is no error to writers', async () => {
    const file = freshFile();
    const db = writer(file);
    const rival = await other(file);
    const errors: unknown[] = [];
    const running = betterSqlite3.startCheckpoints(file, {
      poll: 1,
      frames: 20,
      interval: 5,
      truncateAt: 50_000,
      onError: (error) => errors.push(error),
    });
    ends.push(() => running.stop());
    const state = { asking: true };
    const answers = new Set<string>();
    const rivalry = (async () => {
      for (let turn = 0; state.asking; turn += 1)
        answers.add(await rival.ask(`PRAGMA wal_checkpoint(${turn % 10 === 0 ? 'TRUNCATE' : 'PASSIVE'})`));
    })();
    for (let count = 0; count < 200; count += 1) {
      await betterSqlite3.withTransactionAsync(db, (tx) => {
        tx.prepare('INSERT INTO t VALUES (randomblob(20000))').run();
      });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    state.asking = false;
    await rivalry;
    expect(answers).toEqual(new Set(['ok']));
    expect(errors).toEqual([]);
    expect(db.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 200 });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  });
});

describe('the process', () => {
  test('may end while checkpoints are on', () => {
    const entry = fileURLToPath(new URL('../../dist/drivers/better-sqlite3.js', import.meta.url));
    const code = `
      import { openDatabase, startCheckpoints } from ${JSON.stringify(entry)};
      const db = openDatabase(${JSON.stringify(freshFile())});
      db.exec('CREATE TABLE t (x)');
      startCheckpoints(db.name, { poll: 10 });
      setTimeout(() => console.log('the last task'), 100);`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(output).toBe('the last task\n');
  });
});
