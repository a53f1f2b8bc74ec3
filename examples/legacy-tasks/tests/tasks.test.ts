import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { startChatServer } from '../load/chat-server.js';
import { collectReplies, deliverMessage } from '../src/tasks/messaging-tasks.js';
import { fulfilPromise, summarizeConversation } from '../src/tasks/promise-tasks.js';
import { runTestSuite } from '../src/tasks/test-runner-tasks.js';
import { getDatabaseConnection } from '../src/utilities/database.js';
import { freshData } from './fresh-data.js';

describe('a task that has the databases to itself', () => {
  let removeData: () => Promise<void>;
  let chat: Awaited<ReturnType<typeof startChatServer>>;

  before(async () => {
    chat = await startChatServer(0);
    process.env.CHAT_URL = chat.url;
  });
  beforeEach(async () => {
    removeData = await freshData();
    await query(`INSERT INTO conversations (id, channel, title) VALUES (1, 'support', 'Refund')`);
  });
  afterEach(() => removeData());
  after(() => chat.close());

  it('keeps a promise with an answer, a message and a count of what the model used', async () => {
    await query(`INSERT INTO promises (id, conversation_id, question) VALUES (1, 1, 'May I return it?')`);
    await fulfilPromise(1);

    const [promise] = await query<{ status: string; answer: string }>('SELECT status, answer FROM promises');
    assert.equal(promise?.status, 'kept');
    assert.deepEqual(await query('SELECT body FROM messages'), [{ body: promise.answer }]);
    assert.deepEqual(await query('SELECT calls FROM model_usage'), [{ calls: 1 }]);
  });

  it('keeps a promise once', async () => {
    await query(`INSERT INTO promises (id, conversation_id, question) VALUES (1, 1, 'May I return it?')`);
    await fulfilPromise(1);

    await assert.rejects(fulfilPromise(1), /not open/);
  });

  it('summarizes a conversation', async () => {
    await query(`INSERT INTO messages (conversation_id, author, body) VALUES (1, 'mara', 'It does not fit.')`);
    await summarizeConversation(1);

    const [conversation] = await query<{ summary: string }>('SELECT summary FROM conversations');
    assert.match(conversation?.summary ?? '', /mara: It does/);
  });

  it('sends a message and keeps the receipt', async () => {
    await query(`INSERT INTO messages (id, conversation_id, author, body) VALUES (1, 1, 'assistant', 'Hello')`);
    await deliverMessage(1);

    const [message] = await query<{ status: string; receipt: string }>('SELECT status, receipt FROM messages');
    assert.equal(message?.status, 'sent');
    assert.match(message.receipt, /^r-/);
  });

  it('sends a message once', async () => {
    await query(`INSERT INTO messages (id, conversation_id, author, body) VALUES (1, 1, 'assistant', 'Hello')`);
    await deliverMessage(1);

    await assert.rejects(deliverMessage(1), /sent already/);
  });

  it('collects replies from the chat', async () => {
    await collectReplies(1);

    assert.deepEqual(await query('SELECT author, status FROM messages ORDER BY id'), [
      { author: 'mara', status: 'received' },
      { author: 'jonas', status: 'received' },
    ]);
  });

  it('runs a test suite and keeps its output', async () => {
    await runTestSuite('search');

    const [run] = await query<{ status: string; output: string }>('SELECT status, output FROM test_runs');
    assert.equal(run?.status, 'passed');
    assert.match(run.output, /search: 1 passed/);
  });

  it('keeps a test suite that fails as failed', async () => {
    await runTestSuite('there-is-none');

    assert.deepEqual(await query('SELECT status FROM test_runs'), [{ status: 'failed' }]);
  });
});

async function query<Row>(sql: string): Promise<Row[]> {
  const db = await getDatabaseConnection();
  try {
    return await db.all<Row[]>(sql);
  } finally {
    await db.close();
  }
}
