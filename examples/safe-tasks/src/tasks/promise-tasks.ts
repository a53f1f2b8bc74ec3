import { withTransaction } from 'unbusy/sqlite';
import { askModel } from '../services/model.js';
import { recordUsage } from '../services/usage.js';
import { withDatabase } from '../utilities/database.js';

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
  const promise = await withDatabase((db) =>
    db.get<OpenPromise>(`SELECT conversation_id, question FROM promises WHERE id = ? AND status = 'open'`, promiseId),
  );
  if (!promise) {
    throw new Error(`Promise ${promiseId} is not open`);
  }

  const answer = await askModel(promise.question);

  await withDatabase((db) =>
    withTransaction(db, async (tx) => {
      const { changes } = await tx.run(
        `UPDATE promises SET status = 'kept', answer = ?, kept_at = ? WHERE id = ? AND status = 'open'`,
        answer.text,
        new Date().toISOString(),
        promiseId,
      );
      // Minutes have passed: what was read before has to be true still.
      if (changes !== 1) throw new Error(`Promise ${promiseId} is not open any more`);
      await tx.run(
        `INSERT INTO messages (conversation_id, author, body) VALUES (?, 'assistant', ?)`,
        promise.conversation_id,
        answer.text,
      );
    }),
  );

  await recordUsage(answer.tokens);
}

/** Writes the summary that people see in the list of conversations. */
export async function summarizeConversation(conversationId: number): Promise<void> {
  const lines = await withDatabase((db) =>
    db.all<Line[]>('SELECT author, body FROM messages WHERE conversation_id = ? ORDER BY id', conversationId),
  );
  const transcript = lines.map(({ author, body }) => `${author}: ${body}`).join('\n');
  const answer = await askModel(`Summarize this conversation.\n${transcript}`);

  await withDatabase((db) =>
    withTransaction(db, (tx) =>
      tx.run('UPDATE conversations SET summary = ? WHERE id = ?', answer.text, conversationId),
    ),
  );

  await recordUsage(answer.tokens);
}
