import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openDatabase, withTransaction, withTransactionAsync } from '../../src/drivers/better-sqlite3.ts';
import { BusyError } from '../../src/errors.ts';
import { freshFile } from '../files.ts';
import { seeded } from '../simulated-time.ts';
import { ADAPTERS } from './adapters.ts';
import { run } from './program.ts';

/** Whether the write lock is free for somebody who does not wait. */
function isFree(file: string): boolean {
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    return true;
  } catch {
    return false;
  } finally {
    db.close();
  }
}

function tableOf(file: string): void {
  using db = openDatabase(file);
  db.exec('CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)');
}

/** How many processes are killed: `npm run test:kill` takes more of them. */
const KILLS = Number(process.env.UNBUSY_KILLS ?? 200);

const TAKE = "UPDATE account SET money = money - 1 WHERE name = 'a'";
const GIVE = "UPDATE account SET money = money + 1 WHERE name = 'b'";
const LOG = 'INSERT INTO log VALUES ((SELECT coalesce(max(n), 0) + 1 FROM log)) RETURNING n';

/** One transfer after the other, each printed when it is committed; now and then a checkpoint. */
const BLOCKING = `const db = unbusy.openDatabase(file);
  for (;;) {
    const n = unbusy.withTransaction(db, (tx) => {
      tx.exec("${TAKE}");
      const { n } = tx.prepare('${LOG}').get();
      tx.exec("${GIVE}");
      return n;
    });
    process.stdout.write(n + '\\n');
    if (n % 50 === 0) db.pragma('wal_checkpoint(TRUNCATE)');
  }`;
const later = (functions: string): string => `${functions}
  const db = await unbusy.openDatabase(file);
  for (;;) {
    const n = await unbusy.withTransaction(db, async (tx) => {
      await exec(tx, "${TAKE}");
      const { n } = await get(tx, '${LOG}');
      await exec(tx, "${GIVE}");
      return Number(n);
    });
    process.stdout.write(n + '\\n');
    if (n % 50 === 0) await get(db, 'PRAGMA wal_checkpoint(TRUNCATE)');
  }`;

const KILLED = ADAPTERS.map(({ name, blocking, functions }) => ({
  driver: name,
  code: blocking ? BLOCKING : later(functions),
  kills: name === 'better-sqlite3' ? KILLS : Math.ceil(KILLS / 8),
}));

describe('a process that is killed at any moment', () => {
  test.each(KILLED)(
    'loses nothing that was committed, commits nothing by halves, and leaves no lock: $driver',
    async ({ driver, code, kills }) => {
      const file = freshFile();
      {
        using db = openDatabase(file);
        db.exec(
          'CREATE TABLE account (name TEXT PRIMARY KEY, money INTEGER); CREATE TABLE log (n INTEGER PRIMARY KEY)',
        );
        db.exec("INSERT INTO account VALUES ('a', 1000), ('b', 1000)");
      }
      const random = seeded(7);
      let committed = 0;
      for (let round = 0; round < kills; round += 1) {
        const program = run(code, file, [], driver);
        // Every fourth is killed while it starts and opens the file, the others while they write and make checkpoints.
        const isEarly = round % 4 === 0;
        if (!isEarly) await program.printed(1);
        await new Promise((resolve) => setTimeout(resolve, random() * (isEarly ? 80 : 20)));
        program.process.kill('SIGKILL');
        expect(await program.ended()).toBe('SIGKILL');
        const acknowledged = Number(program.lines.at(-1) ?? 0);
        using db = openDatabase(file);
        const { n } = db.prepare('SELECT count(*) AS n FROM log').get() as { n: number };
        expect(n).toBeGreaterThanOrEqual(Math.max(acknowledged, committed));
        committed = n;
        expect(db.prepare('SELECT sum(money) AS sum, min(money) AS a FROM account').get()).toEqual({
          sum: 2000,
          a: 1000 - n,
        });
        expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
        withTransaction(db, () => undefined, { timeout: 0 });
      }
      expect(committed).toBeGreaterThan(kills / 2);
    },
    600_000 + KILLS * 1000,
  );

  test('while others write as well, nobody sees anything but whole transactions', async () => {
    const file = freshFile();
    tableOf(file);
    const code = `const db = unbusy.openDatabase(file);
      db.exec('CREATE TABLE IF NOT EXISTS log (pid INTEGER, n INTEGER)');
      for (let n = 1; n <= 200; n += 1) {
        await unbusy.withTransactionAsync(db, (tx) => {
          const before = tx.prepare('SELECT n FROM t').get().n;
          tx.prepare('INSERT INTO log VALUES (?, ?)').run(process.pid, n);
          tx.prepare('UPDATE t SET n = ?').run(before + 1);
        }, { timeout: 20_000 });
        if (n === 1) console.log('writing');
      }
      db.close();`;
    const programs = [run(code.replace('n <= 200', 'true'), file), run(code, file), run(code, file)];
    await Promise.all(programs.map((program) => program.printed(1)));
    programs[0]?.process.kill('SIGKILL');
    expect(await Promise.all(programs.map((program) => program.ended()))).toEqual(['SIGKILL', 0, 0]);
    using db = openDatabase(file);
    const total = (db.prepare('SELECT n FROM t').get() as { n: number }).n;
    expect(db.prepare('SELECT count(*) AS n FROM log').get()).toEqual({ n: total });
    // Each of the survivors' transactions is there, in order.
    expect(db.prepare('SELECT count(*) AS n FROM log WHERE pid <> ?').get(programs[0]?.process.pid)).toEqual({
      n: 400,
    });
    const perProcess = db.prepare('SELECT group_concat(n) AS list FROM log GROUP BY pid').all() as { list: string }[];
    for (const { list } of perProcess) {
      const numbers = list.split(',').map(Number);
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    }
  });
});

describe('a process that ends within a transaction', () => {
  test.each([
    ['by process.exit', 'process.exit(3)', 3],
    ['by an exception', 'throw new Error("out")', 1],
    [
      'by a signal',
      'process.kill(process.pid, "SIGTERM"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000)',
      'SIGTERM',
    ],
  ])('%s: it is rolled back, and the lock is free', async (_, end, code) => {
    const file = freshFile();
    tableOf(file);
    const program = run(
      `const db = unbusy.openDatabase(file);
      unbusy.withTransaction(db, (tx) => { tx.exec('UPDATE t SET n = 1'); ${end}; });`,
      file,
    );
    expect(await program.ended()).toBe(code);
    expect(isFree(file)).toBe(true);
    using db = openDatabase(file);
    expect(db.prepare('SELECT n FROM t').get()).toEqual({ n: 0 });
  });

  test('that is a worker which is terminated', async () => {
    const file = freshFile();
    tableOf(file);
    const program = run(
      `import { isMainThread, Worker, workerData } from 'node:worker_threads';
      if (isMainThread) {
        const worker = new Worker(new URL(import.meta.url), { workerData: file, argv: [file] });
        worker.once('message', async () => {
          await worker.terminate();
          const db = unbusy.openDatabase(file);
          unbusy.withTransaction(db, (tx) => console.log(tx.prepare('SELECT n FROM t').get().n), { timeout: 1000 });
          db.close();
        });
      } else {
        const { parentPort } = await import('node:worker_threads');
        const db = unbusy.openDatabase(workerData);
        unbusy.withTransaction(db, (tx) => {
          tx.exec('UPDATE t SET n = 1');
          parentPort.postMessage('inside');
          for (;;) tx.prepare('SELECT n FROM t').get();
        });
      }`,
      file,
    );
    expect(await program.ended()).toBe(0);
    expect(program.lines).toEqual(['0']);
  });
});

test.runIf(process.platform !== 'win32')(
  'a holder that is stopped is named when the deadline is over, and may go on',
  async () => {
    const file = freshFile();
    tableOf(file);
    const program = run(
      `import { writeSync } from 'node:fs';
      const db = unbusy.openDatabase(file);
      unbusy.withTransaction(db, (tx) => {
        tx.exec('UPDATE t SET n = 1');
        writeSync(1, 'inside\\n');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      });
      db.close();`,
      file,
    );
    await program.printed(1);
    program.process.kill('SIGSTOP');
    using db = openDatabase(file);
    const waiting = withTransactionAsync(db, () => 'never', { timeout: 100 });
    const error = await waiting.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(BusyError);
    if (process.platform === 'linux') expect((error as BusyError).holder?.pid).toBe(program.process.pid);
    program.process.kill('SIGCONT');
    expect(await program.ended()).toBe(0);
    expect(withTransaction(db, (tx) => tx.prepare('SELECT n FROM t').get())).toEqual({ n: 1 });
  },
);

test('many processes that open a new file at once all get it in WAL mode', async () => {
  const file = freshFile();
  const programs = Array.from({ length: 12 }, () =>
    run(
      `const db = unbusy.openDatabase(file, { busyTimeout: 20_000 });
      console.log(db.pragma('journal_mode', { simple: true }));
      db.exec('CREATE TABLE IF NOT EXISTS t (n)');
      db.close();`,
      file,
    ),
  );
  const ends = await Promise.all(programs.map((program) => program.ended()));
  expect(programs.map(({ lines }, index) => [ends[index], ...lines])).toEqual(programs.map(() => [0, 'wal']));
});

test('a connection that is lost is told of, and its lock goes with it', async () => {
  const file = freshFile();
  tableOf(file);
  const program = run(
    `process.on('warning', (warning) => console.log(warning.name + ': ' + warning.message.split('\\n')[0]));
    (() => { unbusy.openDatabase(file).prepare('BEGIN IMMEDIATE').run(); })();
    for (let round = 0; round < 50; round += 1) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const db = unbusy.openDatabase(file);
    unbusy.withTransaction(db, () => console.log('free'), { timeout: 0 });
    db.close();`,
    file,
    ['--expose-gc'],
  );
  expect(await program.ended()).toBe(0);
  expect(program.lines).toEqual([
    expect.stringMatching(/^UnbusyWarning: A connection to .* was lost without being closed\./) as unknown,
    'free',
  ]);
});
