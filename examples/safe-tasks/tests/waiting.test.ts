import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { withTaskLimits } from 'unbusy/sqlite';
import { deliverMessage } from '../src/tasks/messaging-tasks.js';
import { fulfilPromise } from '../src/tasks/promise-tasks.js';
import { withDatabase } from '../src/utilities/database.js';
import { freshData } from './fresh-data.js';

describe('a task that waits for others without a transaction', () => {
  let removeData: () => Promise<void>;

  beforeEach(async () => {
    removeData = await freshData();
    await query(`INSERT INTO conversations (id, channel, title) VALUES (1, 'support', 'Refund')`);
    await query(`INSERT INTO promises (id, conversation_id, question) VALUES (1, 1, 'May I return it?')`);
    await query(`INSERT INTO messages (id, conversation_id, author, body) VALUES (1, 1, 'assistant', 'Hello')`);
  });
  afterEach(() => removeData());

  it('puts a message back that the chat server did not take', async () => {
    const server = createServer((_, response) => response.writeHead(503, { connection: 'close' }).end()).listen(0);
    process.env.CHAT_URL = `http://localhost:${(server.address() as AddressInfo).port}`;
    try {
      await assert.rejects(deliverMessage(1), /answered 503/);
    } finally {
      server.close();
    }

    assert.deepEqual(await query('SELECT status FROM messages'), [{ status: 'pending' }]);
  });

  it('keeps a promise once when two ask the model at the same time', async () => {
    const outcomes = await Promise.allSettled([fulfilPromise(1), fulfilPromise(1)]);

    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.deepEqual(await query(`SELECT count(*) AS answers FROM messages WHERE body <> 'Hello'`), [{ answers: 1 }]);
  });

  it('stops to wait for the model at its deadline, and leaves the promise open', async () => {
    process.env.TIME_SCALE = '1';
    await assert.rejects(
      withTaskLimits('promise.fulfil', () => fulfilPromise(1), { deadline: 1000 }),
      { limit: 'deadline', stillRunning: false },
    );

    assert.deepEqual(await query('SELECT status FROM promises'), [{ status: 'open' }]);
  });
});

async function query<Row>(sql: string): Promise<Row[]> {
  return withDatabase((db) => db.all<Row[]>(sql));
}
