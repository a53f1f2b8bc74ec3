import { synchronous } from '../src/rewrites/synchronous.ts';
import { createRule } from '../src/rule.ts';

export default createRule({
  name: 'no-async-transaction',
  description: 'Disallow asynchronous functions as the body of a synchronous transaction',
  presets: ['recommended', 'strict'],
  inTests: false,
  rewrites: ['makeSynchronous', 'moveWorkOut', 'awaitInOrder'],
  suggestsOnly: true,
  messages: {
    transaction:
      'An asynchronous function runs in this transaction only up to its first `await`: {{of}} ends the transaction there, and the rest runs outside of it. Do the asynchronous work first and pass a synchronous function.',
    serialize:
      '`{{method}}` does not wait for an asynchronous function: what it does after its first `await` runs outside of it. Await the statements one by one instead.',
  },
  defaults: {},
  report(facts, report) {
    for (const fact of facts.asyncCallbacks) {
      const { site, of, method } = fact;
      const messageId = method === 'transaction' ? 'transaction' : 'serialize';
      report(site, messageId, { of, method, driver: of }, (source) => [synchronous(source, fact)]);
    }
  },
});
