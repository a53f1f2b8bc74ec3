import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { openDatabase } from '../src/drivers/libsql-client.ts';
import type { AddressInfo } from 'node:net';

test('a database on a server is asked for no settings: they are not of this machine', async () => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(500).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const db = await openDatabase(`http://127.0.0.1:${String(port)}`);
    expect(requests).toEqual([]);
    await expect(db.execute('SELECT 1')).rejects.toThrow();
    expect(requests.length).toBeGreaterThan(0);
    await db[Symbol.asyncDispose]();
  } finally {
    server.close();
  }
});
