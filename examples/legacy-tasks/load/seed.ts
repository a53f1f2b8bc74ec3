import { enqueueTask } from '../src/queue/queue.js';
import { getDatabaseConnection } from '../src/utilities/database.js';

const CHANNELS = ['support', 'billing', 'travel', 'research'];
const QUESTIONS = ['Can I change the name on my ticket after check-in?', 'Why was my card charged twice in March?'];

/** Number of tasks that wait after seeding. */
export const TASKS = CHANNELS.length * (2 * QUESTIONS.length + 3);

/** Fills the system database with conversations, promises and unsent messages, and the queue with what is to be done. */
export async function seed(): Promise<void> {
  for (const channel of CHANNELS) {
    const { conversationId, messageIds, promiseIds } = await addConversation(channel);
    // People wait for messages; the rest has time.
    for (const messageId of messageIds) await enqueueTask('message.deliver', { messageId }, 1);
    for (const promiseId of promiseIds) await enqueueTask('promise.fulfil', { promiseId });
    await enqueueTask('tests.run', { suite: channel === 'billing' ? 'checkout' : 'search' });
    await enqueueTask('replies.collect', { conversationId });
    await enqueueTask('conversation.summarize', { conversationId });
  }
}

interface Added {
  readonly conversationId: number;
  readonly messageIds: number[];
  readonly promiseIds: number[];
}

async function addConversation(channel: string): Promise<Added> {
  const db = await getDatabaseConnection();
  try {
    const { lastID: conversationId = 0 } = await db.run(
      'INSERT INTO conversations (channel, title) VALUES (?, ?)',
      channel,
      `#${channel}`,
    );
    const messageIds: number[] = [];
    const promiseIds: number[] = [];
    for (const question of QUESTIONS) {
      const message = await db.run(
        `INSERT INTO messages (conversation_id, author, body) VALUES (?, 'assistant', ?)`,
        conversationId,
        `I will find out: ${question}`,
      );
      const promise = await db.run(
        'INSERT INTO promises (conversation_id, question) VALUES (?, ?)',
        conversationId,
        question,
      );
      messageIds.push(message.lastID ?? 0);
      promiseIds.push(promise.lastID ?? 0);
    }
    return { conversationId, messageIds, promiseIds };
  } finally {
    await db.close();
  }
}
