import { describe, expect, test } from 'vitest';
import { freshFile } from '../files.ts';
import { otherProcess } from '../other-process.ts';
import { drivers, type Handle } from './sync-drivers.ts';

for (const [name, { createPool }] of Object.entries(drivers)) {
  const valueOf = (db: Handle, sql: string): unknown => Object.values(db.prepare(sql).get() as object)[0];
  const run = (db: Handle, sql: string): unknown => db.prepare(sql).run();

  describe(`${name}: createPool`, () => {
    test('writes with one connection, and reads with others', async () => {
      const pool = await createPool(freshFile());
      await pool.write((db) => run(db, 'CREATE TABLE t (n INTEGER)'));
      await pool.write((db) => run(db, 'INSERT INTO t VALUES (7)'));
      expect(await pool.read((db) => valueOf(db, 'SELECT n FROM t'))).toBe(7);
      expect(pool.stats().writer.open).toBe(1);
      expect(pool.stats().readers.open).toBe(1);
      await pool.close();
    });

    test('rolls back what throws, and goes on', async () => {
      const pool = await createPool(freshFile());
      await pool.write((db) => run(db, 'CREATE TABLE t (n INTEGER)'));
      const failing = pool.write((db) => {
        run(db, 'INSERT INTO t VALUES (1)');
        throw new Error('no');
      });
      expect(await failing.catch((error: unknown) => (error as Error).message)).toBe('no');
      await pool.write((db) => run(db, 'INSERT INTO t VALUES (2)'));
      expect(await pool.read((db) => valueOf(db, 'SELECT group_concat(n) FROM t'))).toBe('2');
      await pool.close();
    });

    test('a reader cannot write', async () => {
      const pool = await createPool(freshFile());
      await pool.write((db) => run(db, 'CREATE TABLE t (n INTEGER)'));
      const writing = pool.read((db) => run(db, 'INSERT INTO t VALUES (1)'));
      expect(await writing.catch((error: unknown) => (error as Error).message)).toMatch(/readonly|read-only/i);
      await pool.close();
    });

    test('many flows at once lose nothing, and no connection is too many', async () => {
      const pool = await createPool(freshFile(), { readers: 2 });
      await pool.write((db) => run(db, 'CREATE TABLE t (n INTEGER)'));
      await pool.write((db) => run(db, 'INSERT INTO t VALUES (0)'));
      const flows = Array.from({ length: 30 }, async (_, index) => {
        await pool.write((db) => run(db, 'UPDATE t SET n = n + 1'));
        if (index % 3 === 0) await pool.read((db) => valueOf(db, 'SELECT n FROM t'));
      });
      await Promise.all(flows);
      expect(await pool.read((db) => valueOf(db, 'SELECT n FROM t'))).toBe(30);
      expect(pool.stats().readers.open).toBeLessThanOrEqual(2);
      await pool.close();
    });

    test('another process that writes is waited for', async () => {
      const file = freshFile();
      const pool = await createPool(file);
      await pool.write((db) => run(db, 'CREATE TABLE t (n INTEGER)'));
      const other = await otherProcess(file);
      await other.ask('BEGIN IMMEDIATE');
      const writing = pool.write((db) => run(db, 'INSERT INTO t VALUES (3)'));
      await other.ask('INSERT INTO t VALUES (1)');
      await other.ask('COMMIT');
      await writing;
      expect(await pool.read((db) => valueOf(db, 'SELECT count(*) FROM t'))).toBe(2);
      await other.end();
      await pool.close();
    });

    test('takes nothing any more once it is closed', async () => {
      const pool = await createPool(freshFile());
      await pool.close();
      const late = pool.write((db) => run(db, 'SELECT 1'));
      expect(await late.catch((error: unknown) => (error as Error).name)).toBe('ClosedError');
    });
  });
}
