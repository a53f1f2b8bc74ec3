import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/drivers/better-sqlite3.ts';
import { freshFile } from '../files.ts';
import { run } from './program.ts';

test('a handle does not get into a worker: what arrives there is no connection', async () => {
  using db = openDatabase(freshFile());
  const { port1, port2 } = new MessageChannel();
  const arrived = new Promise((resolve) => port2.once('message', resolve));
  let refused = false;
  try {
    port1.postMessage({ db });
  } catch (error) {
    refused = (error as Error).name === 'DataCloneError';
  }
  if (!refused) expect((await arrived) as object).not.toHaveProperty('db.prepare');
  port1.close();
  // It is as it was for the thread that has it.
  expect(db.prepare('SELECT 1 AS one').get()).toEqual({ one: 1 });
});

test('each worker has connections and queues of its own, and the lock keeps them apart', async () => {
  const file = freshFile();
  const program = run(
    `import { isMainThread, Worker } from 'node:worker_threads';
    const db = unbusy.openDatabase(file);
    db.exec('CREATE TABLE IF NOT EXISTS t (n INTEGER)');
    const add = () => unbusy.withTransactionAsync(db, (tx) => {
      const { n } = tx.prepare('SELECT count(*) AS n FROM t').get();
      tx.prepare('INSERT INTO t VALUES (?)').run(n);
    }, { timeout: 20_000 });
    if (isMainThread) {
      const workers = [1, 2].map(() => new Worker(new URL(import.meta.url), { argv: [file] }));
      const ends = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
      for (let round = 0; round < 100; round += 1) await add();
      await Promise.all(ends);
      console.log(JSON.stringify(db.prepare('SELECT count(*) AS rows, count(DISTINCT n) AS numbers FROM t').get()));
    } else {
      for (let round = 0; round < 100; round += 1) await add();
    }
    db.close();`,
    file,
  );
  expect(await program.ended(), program.errors()).toBe(0);
  expect(program.lines).toEqual(['{"rows":300,"numbers":300}']);
});
