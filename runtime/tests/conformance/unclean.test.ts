import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import * as betterSqlite3 from '../../src/drivers/better-sqlite3.ts';
import * as libsql from '../../src/drivers/libsql.ts';
import { freshFile } from '../files.ts';
import { otherProcess } from '../other-process.ts';

describe('a connection that cannot be proved clean', () => {
  test('is closed as soon as a live iterator lets go, and refuses from then on', async () => {
    const { openDatabase, withTransaction } = betterSqlite3;
    const file = freshFile();
    const db = openDatabase(file);
    db.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)');
    let rows: IterableIterator<unknown> | undefined;
    expect(() =>
      withTransaction(db, (tx) => {
        tx.exec('INSERT INTO t VALUES (3)');
        rows = tx.prepare('SELECT x FROM t').iterate();
        rows.next();
      }),
    ).toThrow(/busy executing a query/);
    expect(() => withTransaction(db, () => undefined)).toThrow(/could not be proved/);
    rows?.return?.();
    await expect.poll(() => db.open).toBe(false);
    const other = new Database(file, { timeout: 0 });
    other.exec('BEGIN IMMEDIATE; COMMIT');
    expect(other.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 2 });
    other.close();
  });

  test('libsql: a statement that failed with SQLITE_BUSY closes it, before a later write is lost', async () => {
    const { openDatabase } = libsql;
    const file = freshFile();
    const db = openDatabase(file, { busyTimeout: 0 });
    db.exec('CREATE TABLE t (x)');
    const other = await otherProcess(file);
    await other.ask('BEGIN IMMEDIATE');
    const insert = db.prepare('INSERT INTO t VALUES (1)');
    expect(() => insert.run()).toThrow(/locked/);
    await other.ask('COMMIT');
    expect(() => db.exec('INSERT INTO t VALUES (2)')).toThrow();
    await other.end();
  });
});
