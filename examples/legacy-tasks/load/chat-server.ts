import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Milliseconds until the server answers. */
const LATENCY = 150;

const REPLIES = [
  { author: 'mara', body: 'Thank you, that helps.' },
  { author: 'jonas', body: 'One more question about the invoice.' },
];

/** Stands in for the chat server that the messaging tasks talk to. */
export async function startChatServer(latency = LATENCY): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = request.method === 'POST' ? { receipt: `r-${Date.now().toString(36)}` } : REPLIES;
    request.resume();
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(answer));
    }, latency);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
