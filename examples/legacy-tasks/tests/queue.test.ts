import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { beat } from '../src/queue/heartbeat.js';
import { claimTask, enqueueTask, settleTask } from '../src/queue/queue.js';
import { getQueueConnection } from '../src/utilities/database.js';
import { freshData } from './fresh-data.js';

describe('the queue', () => {
  let removeData: () => Promise<void>;
  before(async () => (removeData = await freshData()));
  beforeEach(() => onQueue('DELETE FROM tasks'));
  after(() => removeData());

  it('hands out tasks in the order in which they came', async () => {
    await enqueueTask('message.deliver', { messageId: 1 });
    await enqueueTask('tests.run', { suite: 'search' });

    assert.deepEqual((await claimTask('a'))?.payload, { messageId: 1 });
    assert.deepEqual((await claimTask('a'))?.payload, { suite: 'search' });
  });

  it('hands out tasks of a higher priority first', async () => {
    await enqueueTask('promise.fulfil', { promiseId: 1 });
    await enqueueTask('message.deliver', { messageId: 1 }, 1);

    assert.equal((await claimTask('a'))?.kind, 'message.deliver');
  });

  it('hands out a task once', async () => {
    await enqueueTask('promise.fulfil', { promiseId: 1 });
    await claimTask('a');

    assert.equal(await claimTask('b'), undefined);
  });

  it('keeps the error of a task that failed', async () => {
    await enqueueTask('promise.fulfil', { promiseId: 1 });
    const task = await claimTask('a');
    assert(task);
    await settleTask(task.id, 'no answer');

    assert.deepEqual(await onQueue('SELECT status, error FROM tasks'), [{ status: 'failed', error: 'no answer' }]);
  });

  it('gives back the task of a worker that is gone', async () => {
    await enqueueTask('promise.fulfil', { promiseId: 7 });
    await claimTask('gone');
    await onQueue(`INSERT INTO workers (name, seen_at) VALUES ('gone', 0)`);
    await beat('alive');

    assert.deepEqual((await claimTask('alive'))?.payload, { promiseId: 7 });
  });
});

async function onQueue(sql: string): Promise<unknown[]> {
  const db = await getQueueConnection();
  try {
    return await db.all(sql);
  } finally {
    await db.close();
  }
}
