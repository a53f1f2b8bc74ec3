// The faults that do not depend on one driver, over each of them.
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, test, vi } from 'vitest';
import { freshFile } from '../files.ts';
import { otherProcess } from '../other-process.ts';
import { ADAPTERS, within, type Adapter } from './adapters.ts';
import { run } from './program.ts';

const TIMEOUT = 60_000;
const BETTER_SQLITE3 = pathToFileURL(createRequire(import.meta.url).resolve('better-sqlite3')).href;

async function tableOf({ open }: Adapter): Promise<string> {
  const file = freshFile();
  const db = await open(file);
  await db.exec('CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)');
  await db.close();
  return file;
}

/** Whether the write lock is free for somebody who does not wait, and what is in the table. */
function stateOf(file: string): { free: boolean; n: number } {
  const db = new Database(file, { timeout: 0 });
  try {
    const { n } = db.prepare('SELECT n FROM t').get() as { n: number };
    try {
      db.exec('BEGIN IMMEDIATE; ROLLBACK');
      return { free: true, n };
    } catch {
      return { free: false, n };
    }
  } finally {
    db.close();
  }
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: unknown) => error as Error,
  );
}

describe.each(ADAPTERS)('$name', (adapter) => {
  test.each([
    ['by process.exit', 'process.exit(3);', 3],
    ['by an exception', "throw new Error('out');", 1],
    [
      'by a signal',
      'process.kill(process.pid, "SIGTERM"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);',
      'SIGTERM',
    ],
    ['by being killed', 'process.kill(process.pid, "SIGKILL");', 'SIGKILL'],
  ])('a process that ends within a transaction %s leaves nothing of it', { timeout: TIMEOUT }, async (_, end, code) => {
    const file = await tableOf(adapter);
    const program = run(within(adapter, end), file, [], adapter.name);
    expect(await program.ended()).toBe(code);
    expect(stateOf(file)).toEqual({ free: true, n: 0 });
  });

  test.runIf(process.platform !== 'win32')(
    'a holder that is stopped is waited for until the deadline, and may go on',
    { timeout: TIMEOUT },
    async () => {
      const file = await tableOf(adapter);
      const pause = `(await import('node:fs')).writeSync(1, 'inside\\n'); await new Promise((done) => setTimeout(done, 300));`;
      const stop = `writeSync(1, 'inside\\n'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);`;
      const code = adapter.blocking
        ? `import { writeSync } from 'node:fs';\n${within(adapter, stop, 'db.close();')}`
        : within(adapter, pause, 'await db.close?.();');
      const program = run(code, file, [], adapter.name);
      await program.printed(1);
      program.process.kill('SIGSTOP');
      const db = await adapter.open(file);
      const error = await errorOf(db.transact(['UPDATE t SET n = 2'], { timeout: 100 }));
      expect(error.name).toBe('BusyError');
      program.process.kill('SIGCONT');
      expect(await program.ended()).toBe(0);
      await db.transact(['UPDATE t SET n = n + 5']);
      expect(await db.value('SELECT n FROM t')).toBe(6);
      await db.close();
    },
  );

  test('processes that open a new file at once all get it in WAL mode', { timeout: TIMEOUT }, async () => {
    const file = freshFile();
    const code = `${adapter.functions}
      const db = await unbusy.openDatabase(file, { busyTimeout: 20_000 });
      console.log(Object.values(await get(db, 'PRAGMA journal_mode'))[0]);`;
    const programs = Array.from({ length: 6 }, () => run(code, file, [], adapter.name));
    const ends = await Promise.all(programs.map((program) => program.ended()));
    expect(programs.map(({ lines }, index) => [ends[index], ...lines])).toEqual(programs.map(() => [0, 'wal']));
  });

  test('a disk that is full: the transaction is rolled back, and the connection goes on', async () => {
    const db = await adapter.open(freshFile());
    await db.exec('CREATE TABLE t (x)');
    const pages = Number(await db.value('PRAGMA page_count'));
    await db.exec(`PRAGMA max_page_count = ${String(pages + 2)}`);
    const rows = Array.from({ length: 40 }, () => 'INSERT INTO t VALUES (zeroblob(1000))');
    expect((await errorOf(db.transact(rows))).message).toMatch(/full/);
    expect(await db.value('SELECT count(*) FROM t')).toBe(0);
    await db.exec('PRAGMA max_page_count = 1000000');
    await db.transact(rows);
    expect(await db.value('SELECT count(*) FROM t')).toBe(40);
    await db.close();
  });

  test('a file that is no database is left as it is', async () => {
    const file = freshFile();
    writeFileSync(file, 'x'.repeat(8192));
    expect((await errorOf(adapter.open(file))).message).toMatch(/not a database|NOTADB|SettingError|malformed/i);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('a file that is missing is not made where it has to be there', async () => {
    const file = freshFile();
    await errorOf(adapter.open(file, { mustExist: true }));
    expect(existsSync(file)).toBe(false);
  });

  test.runIf(process.platform !== 'win32' && process.getuid?.() !== 0)('a file that only may be read', async () => {
    const file = await tableOf(adapter);
    chmodSync(file, 0o444);
    await errorOf(adapter.open(file));
    const db = await adapter.open(file, { readOnly: true });
    expect(await db.value('SELECT n FROM t')).toBe(0);
    await db.close();
  });

  test.each([3_600_000, -3_600_000])('a clock that jumps by %i ms: waits end when they should', async (jump) => {
    const file = await tableOf(adapter);
    const db = await adapter.open(file);
    const other = await otherProcess(file);
    await other.ask('BEGIN IMMEDIATE');
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const before = performance.now();
      const waiting = errorOf(db.transact(['UPDATE t SET n = 9'], { timeout: 100 }));
      vi.setSystemTime(Date.now() + jump);
      expect((await waiting).name).toBe('BusyError');
      const waited = performance.now() - before;
      expect(waited).toBeGreaterThan(90);
      expect(waited).toBeLessThan(20_000);
    } finally {
      vi.useRealTimers();
      await other.end();
    }
    await db.close();
  });

  test(
    'others make checkpoints and copies all the time: no error comes to who writes',
    { timeout: TIMEOUT },
    async () => {
      const file = await tableOf(adapter);
      const busy = run(
        `import Database from ${JSON.stringify(BETTER_SQLITE3)};
      const raw = new Database(file, { timeout: 0 });
      console.log('running');
      for (let round = 0; ; round += 1) {
        try { raw.pragma('wal_checkpoint(' + ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'][round % 4] + ')'); } catch {}
        if (round % 10 === 0) try { await raw.backup(file + '.copy'); } catch {}
        await new Promise((done) => setImmediate(done));
      }`,
        file,
      );
      await busy.printed(1);
      const db = await adapter.open(file);
      try {
        for (let round = 0; round < 60; round += 1) await db.transact(['UPDATE t SET n = n + 1', 'SELECT * FROM t']);
        expect(await db.value('SELECT n FROM t')).toBe(60);
      } finally {
        busy.process.kill('SIGKILL');
        await busy.ended();
        await db.close();
      }
      expect(stateOf(file)).toEqual({ free: true, n: 60 });
    },
  );
});
