/* eslint-disable unbusy/no-await-in-transaction, unbusy/prefer-immediate-transaction, unbusy/require-rollback -- what is measured is code that does this */
/**
 * What is compared: ways to write to one file. An arm opens a connection, runs a transaction that reads and then writes,
 * and closes. `begin` tells when the lock is there, so that the wait for it can be told from the work.
 */
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds that every arm is willing to wait, where it waits at all. */
const PATIENCE = 20_000;

/** Reads the counter and writes it back, with a line in the ledger; `hold` milliseconds of work in between. */
const READ = 'SELECT n FROM counter';
const WRITE = 'UPDATE counter SET n = ';
const LOG = 'INSERT INTO ledger (process, n) VALUES ';

/** A transaction on a handle that blocks. */
function work(db, { hold, process }) {
  const { n } = db.prepare(READ).get();
  if (hold > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, hold);
  db.exec(`${WRITE}${n + 1}; ${LOG}(${process}, ${n + 1})`);
}

/** The same on a handle of `sqlite`. */
async function workLater(db, { hold, process }) {
  const { n } = await db.get(READ);
  if (hold > 0) await pause(hold);
  await db.exec(`${WRITE}${n + 1}; ${LOG}(${process}, ${n + 1})`);
}

/** Statements by hand, on a driver that blocks. */
function byHand(open, begin) {
  return async (file, cell) => {
    const db = await open(file);
    return {
      transact: (begun) => {
        db.exec(begin);
        begun();
        try {
          work(db, cell);
          db.exec('COMMIT');
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      },
      close: () => db.close(),
    };
  };
}

/** The wrapper over a driver that blocks; `verb` is one of its two forms. */
function wrapped(entry, verb) {
  return async (file, cell) => {
    const unbusy = await import(entry);
    const db = await unbusy.openDatabaseAsync(file, { busyTimeout: PATIENCE });
    return {
      transact: (begun) =>
        unbusy[verb](db, (tx) => {
          begun();
          work(tx, cell);
        }),
      close: () => db.close(),
    };
  };
}

async function openBetterSqlite3(file, wal, options) {
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(file, options);
  if (wal) db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return db;
}

async function openLibsql(file, wal, timeout) {
  const { default: Database } = await import('libsql');
  const db = new Database(file, { timeout });
  if (wal) db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return db;
}

async function openSqlite(file, wal) {
  const [{ open }, { default: sqlite3 }] = await Promise.all([import('sqlite'), import('sqlite3')]);
  const db = await open({ filename: file, driver: sqlite3.Database });
  if (wal) {
    db.configure('busyTimeout', PATIENCE);
    await db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  }
  return db;
}

/** Statements by hand, on a driver with promises. */
function byHandLater(wal, begin) {
  return async (file, cell) => {
    const db = await openSqlite(file, wal);
    return {
      transact: async (begun) => {
        await db.exec(begin);
        begun();
        try {
          await workLater(db, cell);
          await db.exec('COMMIT');
        } catch (error) {
          await db.exec('ROLLBACK');
          throw error;
        }
      },
      close: () => db.close(),
    };
  };
}

async function wrappedSqlite(file, cell) {
  const unbusy = await import('unbusy/sqlite');
  const db = await unbusy.openDatabase(file, { busyTimeout: PATIENCE });
  return {
    transact: (begun) =>
      unbusy.withTransaction(db, async (tx) => {
        begun();
        await workLater(tx, cell);
      }),
    close: () => db.close(),
  };
}

/** By driver, then by what the arm is called in the tables. The last ones are ours. */
export const ARMS = {
  'better-sqlite3': {
    naive: byHand((file) => openBetterSqlite3(file, false, {}), 'BEGIN'),
    'WAL + timeout': byHand((file) => openBetterSqlite3(file, true, { timeout: PATIENCE }), 'BEGIN'),
    '... + IMMEDIATE': byHand((file) => openBetterSqlite3(file, true, { timeout: PATIENCE }), 'BEGIN IMMEDIATE'),
    'unbusy, blocking': wrapped('unbusy/better-sqlite3', 'withTransaction'),
    unbusy: wrapped('unbusy/better-sqlite3', 'withTransactionAsync'),
  },
  libsql: {
    naive: byHand((file) => openLibsql(file, false, 0), 'BEGIN'),
    '... + IMMEDIATE': byHand((file) => openLibsql(file, true, PATIENCE), 'BEGIN IMMEDIATE'),
    unbusy: wrapped('unbusy/libsql', 'withTransactionAsync'),
  },
  sqlite: {
    naive: byHandLater(false, 'BEGIN'),
    '... + IMMEDIATE': byHandLater(true, 'BEGIN IMMEDIATE'),
    unbusy: wrappedSqlite,
  },
};
