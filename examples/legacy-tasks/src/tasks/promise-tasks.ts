import { askModel } from '../services/model.js';
import { recordUsage } from '../services/usage.js';
import { getDatabaseConnection } from '../utilities/database.js';

interface OpenPromise {
  readonly conversation_id: number;
  readonly question: string;
}

interface Line {
  readonly author: string;
  readonly body: string;
}

/** Keeps a promise: asks the model the question somebody was promised an answer to, and queues the answer as a message. */
export async function fulfilPromise(promiseId: number): Promise<void> {
  const db = await getDatabaseConnection();
  await db.run('BEGIN');

  const promise = await db.get<OpenPromise>(
    `SELECT conversation_id, question FROM promises WHERE id = ? AND status = 'open'`,
    promiseId,
  );
  if (!promise) {
    throw new Error(`Promise ${promiseId} is not open`);
  }
  await db.run(`UPDATE promises SET status = 'working' WHERE id = ?`, promiseId);

  const answer = await askModel(promise.question);

  await db.run(
    `UPDATE promises SET status = 'kept', answer = ?, kept_at = ? WHERE id = ?`,
    answer.text,
    new Date().toISOString(),
    promiseId,
  );
  await db.run(
    `INSERT INTO messages (conversation_id, author, body) VALUES (?, 'assistant', ?)`,
    promise.conversation_id,
    answer.text,
  );
  await db.run('COMMIT');
  await db.close();

  await recordUsage(answer.tokens);
}

/** Writes the summary that people see in the list of conversations. */
export async function summarizeConversation(conversationId: number): Promise<void> {
  const db = await getDatabaseConnection();

  const lines = await db.all<Line[]>(
    'SELECT author, body FROM messages WHERE conversation_id = ? ORDER BY id',
    conversationId,
  );
  const transcript = lines.map(({ author, body }) => `${author}: ${body}`).join('\n');
  const answer = await askModel(`Summarize this conversation.\n${transcript}`);

  await db.run('UPDATE conversations SET summary = ? WHERE id = ?', answer.text, conversationId);
  await db.close();

  await recordUsage(answer.tokens);
}
