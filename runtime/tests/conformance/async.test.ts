import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import * as libsqlClient from '../../src/drivers/libsql-client.ts';
import * as sqlite from '../../src/drivers/sqlite.ts';
import * as sqlite3 from '../../src/drivers/sqlite3.ts';
import { freshFile } from '../files.ts';
import { otherProcess } from '../other-process.ts';

interface Verbs {
  readonly openDatabase: (file: string, options?: object) => Promise<AsyncDisposable>;
  readonly withConnection: <Result>(
    file: string,
    fn: (db: object) => Promise<Result>,
    options?: object,
  ) => Promise<Result>;
  readonly withTransaction: <Result>(
    db: object,
    fn: (tx: object) => Promise<Result>,
    options?: object,
  ) => Promise<Result>;
}

interface Style {
  readonly verbs: Verbs;
  readonly run: (handle: object, sql: string) => Promise<unknown>;
  readonly value: (handle: object, sql: string) => Promise<unknown>;
}

const callbacks = (handle: object, method: 'run' | 'get', sql: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    (handle as Record<string, (sql: string, done: (error: Error | null, row?: object) => void) => void>)[method]?.(
      sql,
      (error, row) => {
        if (error === null) resolve(row === undefined ? undefined : Object.values(row)[0]);
        else reject(error);
      },
    );
  });

/** How each driver runs a statement, and reads one value. */
const styles: Record<string, Style> = {
  sqlite3: {
    verbs: sqlite3 as unknown as Verbs,
    run: (handle, sql) => callbacks(handle, 'run', sql),
    value: (handle, sql) => callbacks(handle, 'get', sql),
  },
  sqlite: {
    verbs: sqlite as unknown as Verbs,
    run: (handle, sql) => (handle as { run(sql: string): Promise<unknown> }).run(sql),
    value: async (handle, sql) => {
      const row = await (handle as { get(sql: string): Promise<Record<string, unknown>> }).get(sql);
      return Object.values(row)[0];
    },
  },
  '@libsql/client': {
    verbs: libsqlClient as unknown as Verbs,
    run: (handle, sql) => (handle as { execute(sql: string): Promise<unknown> }).execute(sql),
    value: async (handle, sql) =>
      (await (handle as { execute(sql: string): Promise<{ rows: ArrayLike<unknown>[] }> }).execute(sql)).rows[0]?.[0],
  },
};

for (const [name, { verbs, run, value }] of Object.entries(styles)) {
  const { openDatabase, withConnection, withTransaction } = verbs;

  const table = async (): Promise<{ db: AsyncDisposable; file: string }> => {
    const file = freshFile();
    const db = await openDatabase(file);
    await run(db, 'CREATE TABLE t (x)');
    return { db, file };
  };
  const close = (db: AsyncDisposable): Promise<void> => Promise.resolve(db[Symbol.asyncDispose]());
  /** What another connection sees. */
  const seen = (file: string): unknown[] => {
    const other = new Database(file, { timeout: 0, readonly: true });
    const rows = other.prepare('SELECT x FROM t ORDER BY rowid').pluck().all();
    other.close();
    return rows;
  };

  describe(`${name}: openDatabase`, () => {
    test('sets WAL and synchronous NORMAL', async () => {
      const { db } = await table();
      expect([await value(db, 'PRAGMA journal_mode'), await value(db, 'PRAGMA synchronous')]).toEqual(['wal', 1]);
      await close(db);
    });

    test('closes once', async () => {
      const { db } = await table();
      await close(db);
      await close(db);
      await expect(run(db, 'SELECT 1')).rejects.toThrow(/closed/i);
    });

    test('waits with the switch to WAL while another process writes', async () => {
      const file = freshFile();
      const other = await otherProcess(file);
      await other.ask('CREATE TABLE t (x)');
      await other.ask('BEGIN IMMEDIATE');
      await other.ask('later 150 COMMIT');
      const db = await openDatabase(file);
      expect(await value(db, 'PRAGMA journal_mode')).toBe('wal');
      await close(db);
      await other.end();
    });

    test('does not make a file that must exist', async () => {
      await expect(openDatabase(freshFile(), { mustExist: true })).rejects.toThrow();
    });
  });

  describe(`${name}: withConnection`, () => {
    test('closes after the callback, whether it succeeds or fails', async () => {
      const file = freshFile();
      let db: object = {};
      expect(await withConnection(file, (opened) => Promise.resolve(((db = opened), 1)))).toBe(1);
      await expect(run(db, 'SELECT 1')).rejects.toThrow(/closed/i);
      const failing = withConnection(file, (opened) => {
        db = opened;
        return Promise.reject(new Error('boom'));
      });
      await expect(failing).rejects.toThrow('boom');
      await expect(run(db, 'SELECT 1')).rejects.toThrow(/closed/i);
    });
  });

  describe(`${name}: withTransaction`, () => {
    test('commits what the callback did, and returns its value', async () => {
      const { db, file } = await table();
      expect(await withTransaction(db, async (tx) => (await run(tx, 'INSERT INTO t VALUES (1)'), 'value'))).toBe(
        'value',
      );
      expect(seen(file)).toEqual([1]);
      await close(db);
    });

    test('rolls back when the callback fails', async () => {
      const { db, file } = await table();
      const failing = withTransaction(db, async (tx) => {
        await run(tx, 'INSERT INTO t VALUES (1)');
        throw new Error('boom');
      });
      await expect(failing).rejects.toThrow('boom');
      expect(seen(file)).toEqual([]);
      await withTransaction(db, (tx) => run(tx, 'INSERT INTO t VALUES (2)'));
      expect(seen(file)).toEqual([2]);
      await close(db);
    });

    test('transactions on one connection take turns, in the order of asking', async () => {
      const { db, file } = await table();
      const insert = (number: number): Promise<unknown> =>
        withTransaction(db, async (tx) => {
          await run(tx, `INSERT INTO t VALUES (${String(number)})`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          await run(tx, `INSERT INTO t VALUES (${String(number)})`);
        });
      await Promise.all([insert(1), insert(2), insert(3)]);
      expect(seen(file)).toEqual([1, 1, 2, 2, 3, 3]);
      await close(db);
    });

    test('statements of other flows wait for its end, and are not undone with it', async () => {
      const { db, file } = await table();
      let outside: Promise<unknown> = Promise.resolve();
      let begun: () => void = () => undefined;
      const beginning = new Promise<void>((resolve) => (begun = resolve));
      const other = beginning.then(() => (outside = run(db, "INSERT INTO t VALUES ('outside')")));
      const failing = withTransaction(db, async (tx) => {
        await run(tx, "INSERT INTO t VALUES ('inside')");
        begun();
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new Error('boom');
      });
      await expect(failing).rejects.toThrow('boom');
      await other;
      await outside;
      expect(seen(file)).toEqual(['outside']);
      await close(db);
    });

    test('the outer handle is refused inside, with the cure', async () => {
      const { db } = await table();
      const statement = withTransaction(db, () => run(db, 'INSERT INTO t VALUES (1)'));
      await expect(statement).rejects.toThrow(/Use the transaction's handle, the first parameter of the callback/);
      const nested = withTransaction(db, () => withTransaction(db, () => Promise.resolve()));
      await expect(nested).rejects.toThrow(/Use the transaction's handle/);
      await close(db);
    });

    test('its handle refuses after the end', async () => {
      const { db, file } = await table();
      let escaped: object = {};
      await withTransaction(db, (tx) => Promise.resolve(void (escaped = tx)));
      await expect(run(escaped, 'INSERT INTO t VALUES (1)')).rejects.toThrow(/transaction that is over/);
      expect(seen(file)).toEqual([]);
      await close(db);
    });

    test('what the callback started and did not await is part of it', async () => {
      const { db, file } = await table();
      await withTransaction(db, (tx) => {
        void run(tx, 'INSERT INTO t VALUES (1)');
        return Promise.resolve();
      });
      expect(seen(file)).toEqual([1]);
      await close(db);
    });

    test('a transaction inside another is undone alone', async () => {
      const { db, file } = await table();
      await withTransaction(db, async (tx) => {
        await run(tx, 'INSERT INTO t VALUES (1)');
        const inner = withTransaction(tx, async (innermost) => {
          await run(innermost, 'INSERT INTO t VALUES (2)');
          throw new Error('inner');
        });
        await expect(inner).rejects.toThrow('inner');
        await withTransaction(tx, (innermost) => run(innermost, 'INSERT INTO t VALUES (3)'));
      });
      expect(seen(file)).toEqual([1, 3]);
      await close(db);
    });

    test('waits for another process without stopping the event loop', async () => {
      const { db, file } = await table();
      const other = await otherProcess(file);
      await other.ask('BEGIN IMMEDIATE');
      let turns = 0;
      const timer = setInterval(() => (turns += 1), 1);
      await other.ask('later 100 COMMIT');
      await withTransaction(db, (tx) => run(tx, 'INSERT INTO t VALUES (1)'));
      clearInterval(timer);
      expect(turns).toBeGreaterThan(10);
      expect(seen(file)).toEqual([1]);
      await other.end();
      await close(db);
    });

    test('gives up at the deadline, and the connection is as good as before', async () => {
      const { db, file } = await table();
      const other = await otherProcess(file);
      await other.ask('BEGIN IMMEDIATE');
      await expect(withTransaction(db, () => Promise.resolve(), { timeout: 30 })).rejects.toMatchObject({
        name: 'BusyError',
        database: file,
      });
      await other.ask('COMMIT');
      await withTransaction(db, (tx) => run(tx, 'INSERT INTO t VALUES (1)'));
      await run(db, 'INSERT INTO t VALUES (2)');
      expect(seen(file)).toEqual([1, 2]);
      await other.end();
      await close(db);
    });

    test('a read-only transaction cannot write, and the connection can afterwards', async () => {
      const { db, file } = await table();
      await expect(
        withTransaction(db, (tx) => run(tx, 'INSERT INTO t VALUES (1)'), { readOnly: true }),
      ).rejects.toThrow();
      await run(db, 'INSERT INTO t VALUES (2)');
      expect(seen(file)).toEqual([2]);
      await close(db);
    });

    test('close waits for the transaction that is running', async () => {
      const { db, file } = await table();
      const running = withTransaction(db, async (tx) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        await run(tx, 'INSERT INTO t VALUES (1)');
      });
      await close(db);
      await running;
      expect(seen(file)).toEqual([1]);
    });
  });
}

describe('sqlite3', () => {
  test('statements that nobody finalized do not keep the connection open', async () => {
    const db = await sqlite3.openDatabase(freshFile());
    const statement = db.prepare('SELECT 1');
    await new Promise((resolve) => statement.get(resolve));
    await new Promise<void>((resolve, reject) => {
      db.close((error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  });

  test('`each` calls back for every row and then for the end', async () => {
    const db = await sqlite3.openDatabase(':memory:');
    const rows: unknown[] = [];
    const count = await new Promise((resolve, reject) => {
      db.each(
        'SELECT 1 AS x UNION SELECT 2',
        (_error: Error | null, row: unknown) => rows.push(row),
        (error: Error | null, number: number) => {
          if (error === null) resolve(number);
          else reject(error);
        },
      );
    });
    expect([rows, count]).toEqual([[{ x: 1 }, { x: 2 }], 2]);
    await db[Symbol.asyncDispose]();
  });
});

describe('@libsql/client', () => {
  test('a write that found the lock taken is written in the end, and not lost', async () => {
    const file = freshFile();
    const db = await libsqlClient.openDatabase(file);
    await db.execute('CREATE TABLE t (x)');
    const other = await otherProcess(file);
    await other.ask('BEGIN IMMEDIATE');
    await other.ask('later 60 COMMIT');
    await db.execute('INSERT INTO t VALUES (1)');
    await db.execute('INSERT INTO t VALUES (2)');
    await db[Symbol.asyncDispose]();
    const reader = new Database(file);
    expect(reader.prepare('SELECT x FROM t').pluck().all()).toEqual([1, 2]);
    reader.close();
    await other.end();
  });
});
