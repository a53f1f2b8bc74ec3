import { describe, expect, test } from 'vitest';
import { freshFile } from '../files.ts';
import { otherProcess } from '../other-process.ts';
import { drivers, isInTransaction, type Handle } from './sync-drivers.ts';

for (const [name, verbs] of Object.entries(drivers)) {
  const { openDatabase, openDatabaseAsync, withConnection, withTransaction, withTransactionAsync } = verbs;

  const table = (): { db: Handle & Disposable; file: string } => {
    const file = freshFile();
    const db = openDatabase(file);
    db.exec('CREATE TABLE t (x)');
    return { db, file };
  };
  const pragma = (db: Handle, setting: string): unknown =>
    Object.values(db.prepare(`PRAGMA ${setting}`).get() as object)[0];
  /** What another connection sees. */
  const seen = (file: string): number => {
    using other = openDatabase(file, { readOnly: true });
    return (other.prepare('SELECT count(*) AS n FROM t').get() as { n: number }).n;
  };

  describe(`${name}: openDatabase`, () => {
    test('sets WAL, a busy timeout of five seconds and synchronous NORMAL', () => {
      const { db } = table();
      expect([pragma(db, 'journal_mode'), pragma(db, 'busy_timeout'), pragma(db, 'synchronous')]).toEqual([
        'wal',
        5000,
        1,
      ]);
      db.close();
    });

    test('makes further settings, and reads them back', () => {
      const db = openDatabase(freshFile(), {
        busyTimeout: 50,
        foreignKeys: false,
        pragmas: { page_size: 8192, cache_size: -4000 },
      });
      expect(['busy_timeout', 'foreign_keys', 'page_size', 'cache_size'].map((setting) => pragma(db, setting))).toEqual(
        [50, 0, 8192, -4000],
      );
      db.close();
    });

    test('says when the database did not take a setting', () => {
      expect(() => openDatabase(':memory:', { journalMode: 'wal' })).toThrow(
        /in memory cannot be in journal mode 'wal'/,
      );
      expect(() => openDatabase(freshFile(), { pragmas: { page_size: 1000 } })).toThrow(
        /page_size is 4096 after it was set to 1000/,
      );
    });

    test('leaves another journal mode when that is said', () => {
      const db = openDatabase(freshFile(), { journalMode: 'truncate' });
      expect(pragma(db, 'journal_mode')).toBe('truncate');
      db.close();
    });

    test('opens a database in memory without WAL', () => {
      const db = openDatabase(':memory:');
      expect(pragma(db, 'journal_mode')).toBe('memory');
      db.close();
    });

    test('a read-only connection reads, and does not write', () => {
      const { db, file } = table();
      const reader = openDatabase(file, { readOnly: true });
      expect(reader.prepare('SELECT count(*) AS n FROM t').get()).toMatchObject({ n: 0 });
      expect(() => reader.exec('INSERT INTO t VALUES (1)')).toThrow(/readonly/);
      expect(withTransaction(reader, (tx) => tx.prepare('SELECT count(*) AS n FROM t').get())).toMatchObject({
        n: 0,
      });
      expect(() => reader.exec('INSERT INTO t VALUES (1)')).toThrow(/readonly/);
      reader.close();
      db.close();
    });

    test('does not make a file that must exist', () => {
      expect(() => openDatabase(freshFile(), { mustExist: true })).toThrow();
      expect(() => openDatabase(freshFile(), { readOnly: true })).toThrow();
    });

    test('refuses options that do not exist or have an impossible value', () => {
      expect(() => openDatabase(freshFile(), { readonly: true })).toThrow(/readonly/);
      expect(() => openDatabase(freshFile(), { busyTimeout: -1 })).toThrow(/busyTimeout is -1/);
      expect(() => openDatabase(freshFile(), { journalMode: 'WAL2' })).toThrow(/has to be one of wal/);
      expect(() => openDatabase(freshFile(), { pragmas: { busy_timeout: 1 } })).toThrow(/Give busyTimeout/);
    });

    test('closes once, by whatever name', () => {
      const { db } = table();
      db[Symbol.dispose]();
      db.close();
      expect(() => db.exec('SELECT 1')).toThrow();
    });

    test('waits with the switch to WAL while another process writes', async () => {
      const file = freshFile();
      const other = await otherProcess(file);
      await other.ask('CREATE TABLE t (x)');
      await other.ask('BEGIN IMMEDIATE');
      await other.ask('later 150 COMMIT');
      const db = await openDatabaseAsync(file);
      expect(pragma(db, 'journal_mode')).toBe('wal');
      expect(pragma(db, 'busy_timeout')).toBe(5000);
      db.close();
      await other.end();
    });
  });

  describe(`${name}: withConnection`, () => {
    test('closes after the callback, whether it returns or throws', () => {
      const file = freshFile();
      let db: Handle | undefined;
      expect(withConnection(file, (opened) => ((db = opened), 1))).toBe(1);
      expect(() => db?.exec('SELECT 1')).toThrow();
      expect(() =>
        withConnection(file, (opened) => {
          db = opened;
          throw new Error('boom');
        }),
      ).toThrow('boom');
      expect(() => db?.exec('SELECT 1')).toThrow();
    });

    test('closes when the promise of the callback is settled', async () => {
      let db: Handle | undefined;
      const file = freshFile();
      await withConnection(file, async (opened) => {
        await Promise.resolve();
        opened.exec('CREATE TABLE t (x)');
        db = opened;
      });
      expect(() => db?.exec('SELECT 1')).toThrow();
    });
  });

  describe(`${name}: withTransaction`, () => {
    test('commits what the callback did, and returns its value', () => {
      const { db, file } = table();
      expect(withTransaction(db, (tx) => (tx.exec('INSERT INTO t VALUES (1)'), 'value'))).toBe('value');
      expect(seen(file)).toBe(1);
      db.close();
    });

    test('statements that were prepared outside belong to it', () => {
      const { db, file } = table();
      const insert = db.prepare('INSERT INTO t VALUES (?)');
      expect(() =>
        withTransaction(db, () => {
          insert.run(1);
          throw new Error('boom');
        }),
      ).toThrow('boom');
      expect(seen(file)).toBe(0);
      db.close();
    });

    test('takes the write lock at once, and nobody else gets it', () => {
      const { db, file } = table();
      const second = openDatabase(file, { busyTimeout: 0 });
      withTransaction(db, () => {
        expect(() => withTransaction(second, () => undefined)).toThrow(/write lock of .* was not free/);
      });
      withTransaction(second, () => undefined);
      second.close();
      db.close();
    });

    test('a transaction inside another is undone alone', () => {
      const { db, file } = table();
      withTransaction(db, (tx) => {
        tx.exec('INSERT INTO t VALUES (1)');
        expect(() =>
          withTransaction(tx, (inner) => {
            inner.exec('INSERT INTO t VALUES (2)');
            throw new Error('inner');
          }),
        ).toThrow('inner');
        withTransaction(db, (inner) => inner.exec('INSERT INTO t VALUES (3)'));
      });
      expect(seen(file)).toBe(2);
      db.close();
    });

    test('refuses a callback that is asynchronous or a generator before it begins', () => {
      const { db } = table();
      const callbacks = [
        async () => Promise.resolve(),
        function* () {
          yield 1;
        },
        async function* () {
          yield await Promise.resolve(1);
        },
      ];
      for (const callback of callbacks) {
        expect(() => withTransaction(db, callback as () => unknown)).toThrow(/synchronous/);
        expect(isInTransaction(db)).toBe(false);
      }
      db.close();
    });

    test('rolls back what a callback that returns a promise has done', () => {
      const { db, file } = table();
      expect(() =>
        withTransaction(db, (tx) => {
          tx.exec('INSERT INTO t VALUES (1)');
          return Promise.resolve().then(() => tx.exec('INSERT INTO t VALUES (2)'));
        }),
      ).toThrow(/returns a promise/);
      expect(seen(file)).toBe(0);
      db.close();
    });

    test('its handle refuses after the end', async () => {
      const { db, file } = table();
      let escaped: Handle | undefined;
      withTransaction(db, (tx) => void (escaped = tx));
      await Promise.resolve();
      expect(() => escaped?.exec('INSERT INTO t VALUES (1)')).toThrow(/transaction that is over/);
      expect(seen(file)).toBe(0);
      db.close();
    });

    test('cannot close the connection from within', () => {
      const { db } = table();
      expect(() => withTransaction(db, (tx) => tx.close())).toThrow(/cannot close its connection/);
      expect(() => withTransaction(db, () => db.close())).toThrow(/cannot close its connection/);
      expect(isInTransaction(db)).toBe(false);
      db.close();
    });

    test('says when the callback ended the transaction by hand', () => {
      const { db } = table();
      expect(() => withTransaction(db, (tx) => tx.exec('COMMIT'))).toThrow(/over before its callback returned/);
      db.close();
    });

    test('a read-only transaction sees one snapshot, and cannot write', async () => {
      const { db, file } = table();
      const writer = openDatabase(file);
      const counts = withTransaction(
        db,
        (tx) => {
          const before = tx.prepare('SELECT count(*) AS n FROM t').get();
          writer.exec('INSERT INTO t VALUES (1)');
          return [before, tx.prepare('SELECT count(*) AS n FROM t').get()];
        },
        { readOnly: true },
      );
      expect(counts).toMatchObject([{ n: 0 }, { n: 0 }]);
      expect(() => withTransaction(db, (tx) => tx.exec('INSERT INTO t VALUES (1)'), { readOnly: true })).toThrow(
        /readonly/,
      );
      db.exec('INSERT INTO t VALUES (2)');
      expect(seen(file)).toBe(2);
      writer.close();
      db.close();
      await Promise.resolve();
    });

    test('a failing COMMIT rolls back, and the error is the one of the database', () => {
      const file = freshFile();
      const db = openDatabase(file, { foreignKeys: true });
      db.exec(
        'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (x REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)',
      );
      expect(() => withTransaction(db, (tx) => tx.exec('INSERT INTO t VALUES (7)'))).toThrow(/FOREIGN KEY/);
      expect(isInTransaction(db)).toBe(false);
      withTransaction(db, (tx) => tx.exec('INSERT INTO t VALUES (NULL)'));
      expect(seen(file)).toBe(1);
      db.close();
    });

    test('the synchronous form waits until another process lets go of the lock', async () => {
      const { db, file } = table();
      const other = await otherProcess(file);
      await other.ask('BEGIN IMMEDIATE');
      await other.ask('later 100 COMMIT');
      withTransaction(db, (tx) => tx.exec('INSERT INTO t VALUES (1)'));
      expect(seen(file)).toBe(1);
      await other.end();
      db.close();
    });

    test('the asynchronous form lets the event loop turn while it waits', async () => {
      const { db, file } = table();
      const other = await otherProcess(file);
      await other.ask('BEGIN IMMEDIATE');
      let turns = 0;
      const timer = setInterval(() => (turns += 1), 1);
      await other.ask('later 100 COMMIT');
      await withTransactionAsync(db, (tx) => tx.exec('INSERT INTO t VALUES (1)'));
      clearInterval(timer);
      expect(turns).toBeGreaterThan(10);
      expect(seen(file)).toBe(1);
      await other.end();
      db.close();
    });

    test('gives up at the deadline, and names the process that holds the lock', async () => {
      const { db, file } = table();
      const other = await otherProcess(file);
      await other.ask('BEGIN IMMEDIATE');
      const errors = [
        thrown(() => withTransaction(db, () => undefined, { timeout: 30 })),
        await withTransactionAsync(db, () => undefined, { timeout: 30 }).catch((error: unknown) => error),
      ];
      for (const error of errors) {
        expect(error).toMatchObject({ name: 'BusyError', code: 'UNBUSY_BUSY', database: file });
        if (process.platform === 'linux') expect(error).toMatchObject({ holder: { pid: other.process.pid } });
      }
      expect(pragma(db, 'busy_timeout')).toBe(5000);
      await other.end();
      db.close();
    });

    test('a signal ends the wait, and the lock is not taken', async () => {
      const { db, file } = table();
      const other = await otherProcess(file);
      await other.ask('BEGIN IMMEDIATE');
      const waiting = withTransactionAsync(db, () => 'never', { signal: AbortSignal.timeout(20) });
      await expect(waiting).rejects.toThrow(/time.*out/i);
      await other.ask('COMMIT');
      expect(await withTransactionAsync(db, () => 'later')).toBe('later');
      await other.end();
      db.close();
    });

    test('those that wait in this process are served in the order of asking', async () => {
      const { db, file } = table();
      const second = openDatabase(file);
      const other = await otherProcess(file);
      await other.ask('BEGIN IMMEDIATE');
      const order: number[] = [];
      const waiting = [1, 2, 3, 4].map((number) =>
        withTransactionAsync(number % 2 === 0 ? db : second, () => void order.push(number)),
      );
      await other.ask('COMMIT');
      await Promise.all(waiting);
      expect(order).toEqual([1, 2, 3, 4]);
      await other.end();
      second.close();
      db.close();
    });
  });
}

function thrown(fn: () => unknown): unknown {
  try {
    return fn();
  } catch (error) {
    return error;
  }
}
