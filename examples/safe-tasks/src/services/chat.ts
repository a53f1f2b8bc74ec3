import { currentTask } from 'unbusy';

interface Receipt {
  readonly receipt: string;
}

interface Reply {
  readonly author: string;
  readonly body: string;
}

/** Posts a message to a channel of the chat server; resolves with the server's receipt. */
export async function postMessage(channel: string, body: string): Promise<string> {
  const response = await fetch(channelUrl(channel), { method: 'POST', body, signal: currentTask()?.signal });
  if (!response.ok) throw new Error(`The chat server answered ${response.status} for #${channel}`);
  const { receipt } = (await response.json()) as Receipt;
  return receipt;
}

/** Messages that people wrote in a channel since the last time they were asked for. */
export async function fetchReplies(channel: string): Promise<Reply[]> {
  const response = await fetch(channelUrl(channel), { signal: currentTask()?.signal });
  if (!response.ok) throw new Error(`The chat server answered ${response.status} for #${channel}`);
  return (await response.json()) as Reply[];
}

function channelUrl(channel: string): string {
  return `${process.env.CHAT_URL ?? 'http://localhost:8065'}/channels/${encodeURIComponent(channel)}/messages`;
}
