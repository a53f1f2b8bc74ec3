import { appendFileSync, chmodSync, existsSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test, vi } from 'vitest';
import {
  openDatabase,
  openDatabaseAsync,
  withTransaction,
  withTransactionAsync,
} from '../../src/drivers/better-sqlite3.ts';
import { BusyError } from '../../src/errors.ts';
import { freshFile } from '../files.ts';
import { otherProcess } from '../other-process.ts';

function code(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe('a disk that is full', () => {
  test('rolls back, says so in the words of the database, and the connection goes on when there is room', () => {
    using db = openDatabase(freshFile());
    db.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)');
    const pages = db.pragma('page_count', { simple: true }) as number;
    db.pragma(`max_page_count = ${String(pages + 2)}`);
    const fill = (): void =>
      withTransaction(db, (tx) => {
        for (let row = 0; row < 100; row += 1) tx.exec('INSERT INTO t VALUES (zeroblob(1000))');
      });
    expect(code(fill)).toBe('SQLITE_FULL');
    expect(db.inTransaction).toBe(false);
    expect(db.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 1 });
    db.pragma('max_page_count = 1000000');
    fill();
    expect(db.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 101 });
  });

  test('is seen also where the callback swallows the error', () => {
    using db = openDatabase(freshFile());
    db.exec('CREATE TABLE t (x)');
    db.pragma(`max_page_count = ${String((db.pragma('page_count', { simple: true }) as number) + 2)}`);
    expect(() =>
      withTransaction(db, (tx) => {
        tx.exec('INSERT INTO t VALUES (1)');
        try {
          for (let row = 0; row < 100; row += 1) tx.exec('INSERT INTO t VALUES (zeroblob(1000))');
        } catch {
          // The whole transaction may be gone: what follows must not be committed by itself.
        }
        if (!tx.inTransaction) tx.exec('INSERT INTO t VALUES (2)');
      }),
    ).not.toThrow(/busy/i);
    expect(db.inTransaction).toBe(false);
  });
});

describe('a file that is not what it was', () => {
  test.each([
    ['no database', (file: string) => writeFileSync(file, 'x'.repeat(8192))],
    [
      'a database with a broken header',
      (file: string) => writeFileSync(file, 'SQLite format 3\0'.padEnd(8192, '\xff')),
    ],
  ])('%s: opening says so, and leaves it as it is', (_, make) => {
    const file = freshFile();
    make(file);
    expect(code(() => openDatabase(file))).toMatch(/SQLITE_NOTADB|SQLITE_CORRUPT/);
    expect(existsSync(file)).toBe(true);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('a database that was cut is corrupt to those who read what is gone', () => {
    const file = freshFile();
    {
      using db = openDatabase(file);
      db.exec('CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000))');
    }
    truncateSync(file, 8192);
    const read = (): void => {
      using db = openDatabase(file);
      withTransaction(db, (tx) => tx.prepare('SELECT sum(length(hex(x))) FROM t').get());
    };
    expect(code(read)).toMatch(/SQLITE_CORRUPT|SQLITE_IOERR/);
    expect(existsSync(file)).toBe(true);
  });

  test('garbage behind the WAL is not read', async () => {
    const file = freshFile();
    const other = await otherProcess(file);
    await other.ask('PRAGMA journal_mode = WAL');
    await other.ask('CREATE TABLE t (x)');
    await other.ask('INSERT INTO t VALUES (1)');
    const over = new Promise((resolve) => other.process.once('exit', resolve));
    other.process.kill('SIGKILL');
    await over;
    appendFileSync(`${file}-wal`, Buffer.alloc(4120, 7));
    using db = openDatabase(file);
    expect(db.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 1 });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  test.runIf(process.platform !== 'win32').each([
    ['deleted', (file: string) => rmSync(file)],
    ['replaced', (file: string) => renameSync(file, `${file}.old`)],
  ])('%s under an open connection: a write is refused, and nothing is lost without a word', (_, change) => {
    const file = freshFile();
    // In WAL mode SQLite does not notice until a checkpoint.
    using db = openDatabase(file, { journalMode: 'delete' });
    db.exec('CREATE TABLE t (x)');
    change(file);
    expect(code(() => withTransaction(db, (tx) => tx.exec('INSERT INTO t VALUES (1)')))).toMatch(/SQLITE_READONLY/);
    expect(db.inTransaction).toBe(false);
  });

  test.runIf(process.platform !== 'win32' && process.getuid?.() !== 0)('that may not be written', () => {
    const file = freshFile();
    openDatabase(file).close();
    chmodSync(file, 0o444);
    expect(code(() => openDatabase(file))).toMatch(/SQLITE_READONLY|SQLITE_CANTOPEN/);
    using db = openDatabase(file, { readOnly: true });
    expect(db.prepare('SELECT count(*) AS n FROM sqlite_master').get()).toEqual({ n: 0 });
  });
});

describe('a clock that jumps', () => {
  test.each([3_600_000, -3_600_000])('by %i ms: waits end when they should', async (jump) => {
    const file = freshFile();
    using db = openDatabase(file);
    const other = await otherProcess(file);
    await other.ask('BEGIN IMMEDIATE');
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const before = performance.now();
      const waiting = withTransactionAsync(db, () => 'never', { timeout: 100 });
      vi.setSystemTime(Date.now() + jump);
      await expect(waiting).rejects.toBeInstanceOf(BusyError);
      const waited = performance.now() - before;
      expect(waited).toBeGreaterThan(90);
      expect(waited).toBeLessThan(20_000);
    } finally {
      vi.useRealTimers();
      await other.end();
    }
  });
});

describe('a signal that aborts', () => {
  test('in a transaction that runs: it goes on, and is committed', async () => {
    using db = await openDatabaseAsync(freshFile());
    db.exec('CREATE TABLE t (x)');
    const controller = new AbortController();
    const done = withTransactionAsync(
      db,
      (tx) => {
        controller.abort(new Error('too late'));
        tx.exec('INSERT INTO t VALUES (1)');
        return 'committed';
      },
      { signal: controller.signal },
    );
    expect(await done).toBe('committed');
    expect(db.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 1 });
  });

  test('while it waits for its turn or polls: no lock is taken afterwards', async () => {
    const file = freshFile();
    using db = await openDatabaseAsync(file);
    db.exec('CREATE TABLE t (x)');
    const other = await otherProcess(file);
    await other.ask('BEGIN IMMEDIATE');
    const controller = new AbortController();
    const waits = [1, 2, 3].map(() => withTransactionAsync(db, () => 'never', { signal: controller.signal }));
    const ends = Promise.allSettled(waits);
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new Error('enough'));
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await other.ask('ROLLBACK');
    expect(await other.ask('BEGIN IMMEDIATE')).toBe('ok');
    await other.end();
    expect(db.inTransaction).toBe(false);
  });
});

test('a transaction that has read an old snapshot cannot write, and is told from one that waits', () => {
  const file = freshFile();
  using db = openDatabase(file);
  db.exec('CREATE TABLE t (x)');
  const other = new Database(file);
  db.exec('BEGIN');
  db.prepare('SELECT * FROM t').all();
  other.exec('INSERT INTO t VALUES (1)');
  expect(code(() => db.exec('INSERT INTO t VALUES (2)'))).toBe('SQLITE_BUSY_SNAPSHOT');
  db.exec('ROLLBACK');
  other.close();
});
