import { expect, test } from 'vitest';
import { openDatabase, withTransaction } from '../../src/drivers/sqlite.ts';
import { TaskLimitError } from '../../src/errors.ts';
import { withTaskLimits } from '../../src/tasks/limits.ts';
import { freshFile } from '../files.ts';

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test.each([
  ['its deadline passed', { deadline: 30 }],
  ['it held the lock for too long', { maxHold: 30 }],
])('the transaction of a task that was stopped, as %s, is rolled back', async (_, limits) => {
  await using db = await openDatabase(freshFile());
  await db.exec('CREATE TABLE t (x)');
  let over: Promise<unknown> = Promise.resolve();
  const task = withTaskLimits(
    'import',
    () =>
      (over = withTransaction(db, async (tx) => {
        await tx.run('INSERT INTO t VALUES (1)');
        await pause(100); // and does not listen to the task's signal
      })),
    limits,
  );
  await expect(task).rejects.toBeInstanceOf(TaskLimitError);
  await expect(over).rejects.toBeInstanceOf(TaskLimitError);
  expect(await db.get('SELECT count(*) AS n FROM t')).toEqual({ n: 0 });
  await withTransaction(db, (tx) => tx.run('INSERT INTO t VALUES (2)'));
  expect(await db.get('SELECT count(*) AS n FROM t')).toEqual({ n: 1 });
});

test('the transaction of a task within its limits is committed', async () => {
  await using db = await openDatabase(freshFile());
  await db.exec('CREATE TABLE t (x)');
  await withTaskLimits('import', () => withTransaction(db, (tx) => tx.run('INSERT INTO t VALUES (1)')), {
    maxHold: 5000,
  });
  expect(await db.get('SELECT count(*) AS n FROM t')).toEqual({ n: 1 });
});
