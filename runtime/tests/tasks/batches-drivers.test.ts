import sqlite3 from 'sqlite3';
import { describe, expect, test } from 'vitest';
import * as betterSqlite3 from '../../src/drivers/better-sqlite3.ts';
import * as callbacks from '../../src/drivers/sqlite3.ts';
import { BatchError } from '../../src/errors.ts';
import { freshFile } from '../files.ts';
import { otherProcess } from '../other-process.ts';
import type { BatchOptions, BatchProgress } from '../../src/tasks/batches.ts';

type Rows = Iterable<number> | AsyncIterable<number>;

/** A table of numbers, written in batches with a driver. A row below 0 breaks a constraint of the table. */
interface Numbers extends AsyncDisposable {
  write(rows: Rows, options?: BatchOptions): Promise<BatchProgress>;
  count(): Promise<number>;
}

const SCHEMA = 'CREATE TABLE numbers (n INTEGER PRIMARY KEY CHECK (n >= 0))';
const INSERT = 'INSERT INTO numbers VALUES (?)';

const drivers: Readonly<Record<string, (file: string) => Promise<Numbers>>> = {
  'better-sqlite3': (file) => {
    const db = betterSqlite3.openDatabase(file);
    db.exec(SCHEMA);
    return Promise.resolve({
      write: (rows, options) => betterSqlite3.inBatches(db, rows, (tx, row) => tx.prepare(INSERT).run(row), options),
      count: () => Promise.resolve((db.prepare('SELECT count(*) AS n FROM numbers').get() as { n: number }).n),
      [Symbol.asyncDispose]: () => Promise.resolve(db.close()).then(() => undefined),
    });
  },
  sqlite3: async (file) => {
    const db = await callbacks.openDatabase(file);
    const later = <T>(start: (done: (error: Error | null, value?: T) => void) => unknown) =>
      new Promise<T | undefined>((resolve, reject) => {
        start((error, value) => (error === null ? resolve(value) : reject(error)));
      });
    await later((done) => db.exec(SCHEMA, done));
    return {
      write: (rows, options) =>
        callbacks.inBatches(
          db,
          rows,
          (tx: sqlite3.Database, row) => later((done) => tx.run(INSERT, [row], (error: Error | null) => done(error))),
          options,
        ),
      count: async () =>
        (await later<{ n: number }>((done) => db.get('SELECT count(*) AS n FROM numbers', done)))?.n ?? -1,
      [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
    };
  },
};

function* numbersTo(end: number, bad = -1): Generator<number> {
  for (let number = 0; number < end; number += 1) yield number === bad ? -number : number;
}

describe.each(Object.entries(drivers))('inBatches of %s', (_, open) => {
  test('writes all rows, and resumes after a row that failed', async () => {
    const numbers = await open(freshFile());
    const error: unknown = await numbers
      .write(numbersTo(2000, 1500), { maxRows: 100 })
      .catch((thrown: unknown) => thrown);
    if (!(error instanceof BatchError)) throw error;
    expect(error.index).toBe(1500);
    expect(error.committed).toBeGreaterThanOrEqual(1400);
    expect(await numbers.count()).toBe(error.committed);
    await numbers.write(numbersTo(2000), { startAt: error.committed });
    expect(await numbers.count()).toBe(2000);
    await numbers[Symbol.asyncDispose]();
  });

  test('leaves room for a writer of another process', async () => {
    const file = freshFile();
    const numbers = await open(file);
    const other = await otherProcess(file);
    let written = 0;
    const state = { asking: true };
    const others = (async () => {
      // Its busy timeout is 0: it gets the lock only while nobody has it.
      for (let next = 1_000_000; state.asking; next += 1) {
        if ((await other.ask(`INSERT INTO numbers VALUES (${next})`)) === 'ok') written += 1;
      }
    })();
    const { batches } = await numbers.write(numbersTo(5000), { targetMilliseconds: 3, pause: 3 });
    const between = written;
    state.asking = false;
    await others;
    expect(batches).toBeGreaterThan(5);
    expect(between).toBeGreaterThan(0);
    expect(await numbers.count()).toBe(5000 + written);
    await other.end();
    await numbers[Symbol.asyncDispose]();
  });
});
