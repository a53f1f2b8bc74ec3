import { fetchReplies, postMessage } from '../services/chat.js';
import { getDatabaseConnection } from '../utilities/database.js';

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
  const db = await getDatabaseConnection();
  try {
    await db.run('BEGIN');
    const message = await db.get<PendingMessage>(
      `SELECT messages.conversation_id, conversations.channel, messages.body
         FROM messages JOIN conversations ON conversations.id = messages.conversation_id
        WHERE messages.id = ? AND messages.status = 'pending'`,
      messageId,
    );
    if (!message) {
      throw new Error(`Message ${messageId} was sent already`);
    }

    const receipt = await postMessage(message.channel, message.body);

    await db.run(`UPDATE messages SET status = 'sent', receipt = ? WHERE id = ?`, receipt, messageId);
    await db.run(
      'UPDATE conversations SET last_message_at = ? WHERE id = ?',
      new Date().toISOString(),
      message.conversation_id,
    );
    await db.run('COMMIT');
  } finally {
    await db.close();
  }
}

/** Brings what people answered in the chat into the conversation: all of it or nothing. */
export async function collectReplies(conversationId: number): Promise<void> {
  const db = await getDatabaseConnection();

  const conversation = await db.get<Conversation>('SELECT channel FROM conversations WHERE id = ?', conversationId);
  if (!conversation) {
    await db.close();
    return;
  }
  const replies = await fetchReplies(conversation.channel);

  await db.run('BEGIN');
  for (const { author, body } of replies) {
    await db.run(
      `INSERT INTO messages (conversation_id, author, body, status) VALUES (?, ?, ?, 'received')`,
      conversationId,
      author,
      body,
    );
  }
  await db.run('COMMIT');
  await db.close();
}
