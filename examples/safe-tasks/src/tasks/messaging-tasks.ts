import { withTransaction } from 'unbusy/sqlite';
import { fetchReplies, postMessage } from '../services/chat.js';
import { withDatabase } from '../utilities/database.js';

interface PendingMessage {
  readonly conversation_id: number;
  readonly channel: string;
  readonly body: string;
}

interface Conversation {
  readonly channel: string;
}

/** Sends a message that waits in the outbox, once. */
export async function deliverMessage(messageId: number): Promise<void> {
  const message = await takeFromOutbox(messageId);
  let receipt: string;
  try {
    receipt = await postMessage(message.channel, message.body);
  } catch (error) {
    await putBack(messageId);
    throw error;
  }

  await withDatabase((db) =>
    withTransaction(db, async (tx) => {
      await tx.run(`UPDATE messages SET status = 'sent', receipt = ? WHERE id = ?`, receipt, messageId);
      await tx.run(
        'UPDATE conversations SET last_message_at = ? WHERE id = ?',
        new Date().toISOString(),
        message.conversation_id,
      );
    }),
  );
}

/** Nobody else sends the message from here on, even if this worker ends before it knows whether it was sent. */
function takeFromOutbox(messageId: number): Promise<PendingMessage> {
  return withDatabase((db) =>
    withTransaction(db, async (tx) => {
      const message = await tx.get<PendingMessage>(
        `SELECT messages.conversation_id, conversations.channel, messages.body
           FROM messages JOIN conversations ON conversations.id = messages.conversation_id
          WHERE messages.id = ? AND messages.status = 'pending'`,
        messageId,
      );
      if (!message) {
        throw new Error(`Message ${messageId} was sent already`);
      }
      await tx.run(`UPDATE messages SET status = 'sending' WHERE id = ?`, messageId);
      return message;
    }),
  );
}

async function putBack(messageId: number): Promise<void> {
  await withDatabase((db) =>
    withTransaction(db, (tx) => tx.run(`UPDATE messages SET status = 'pending' WHERE id = ?`, messageId)),
  );
}

/** Brings what people answered in the chat into the conversation: all of it or nothing. */
export async function collectReplies(conversationId: number): Promise<void> {
  const conversation = await withDatabase((db) =>
    db.get<Conversation>('SELECT channel FROM conversations WHERE id = ?', conversationId),
  );
  if (!conversation) return;
  const replies = await fetchReplies(conversation.channel);

  await withDatabase((db) =>
    withTransaction(db, async (tx) => {
      for (const { author, body } of replies) {
        await tx.run(
          `INSERT INTO messages (conversation_id, author, body, status) VALUES (?, ?, ?, 'received')`,
          conversationId,
          author,
          body,
        );
      }
    }),
  );
}
