import { collectReplies, deliverMessage } from './messaging-tasks.js';
import { fulfilPromise, summarizeConversation } from './promise-tasks.js';
import { runTestSuite } from './test-runner-tasks.js';

/** What each kind of task is given. */
export interface TaskPayloads {
  'promise.fulfil': { readonly promiseId: number };
  'conversation.summarize': { readonly conversationId: number };
  'message.deliver': { readonly messageId: number };
  'replies.collect': { readonly conversationId: number };
  'tests.run': { readonly suite: string };
}

export type TaskKind = keyof TaskPayloads;

export interface Task {
  readonly id: number;
  readonly kind: TaskKind;
  readonly payload: unknown;
}

const handlers: { readonly [Kind in TaskKind]: (payload: TaskPayloads[Kind]) => Promise<void> } = {
  'promise.fulfil': ({ promiseId }) => fulfilPromise(promiseId),
  'conversation.summarize': ({ conversationId }) => summarizeConversation(conversationId),
  'message.deliver': ({ messageId }) => deliverMessage(messageId),
  'replies.collect': ({ conversationId }) => collectReplies(conversationId),
  'tests.run': ({ suite }) => runTestSuite(suite),
};

export async function runTask({ kind, payload }: Task): Promise<void> {
  const handler = handlers[kind] as (payload: unknown) => Promise<void>;
  await handler(payload);
}
