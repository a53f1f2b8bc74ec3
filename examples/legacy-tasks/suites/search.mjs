import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const titles = ['Opening hours', 'Refunds', 'Opening an account'];
await sleep(800); // the index is built
assert.deepEqual(
  titles.filter((title) => title.startsWith('Opening')),
  ['Opening hours', 'Opening an account'],
);
console.log('search: 1 passed');
