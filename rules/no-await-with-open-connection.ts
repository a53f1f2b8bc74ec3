import { lineOf, traceOf } from '../src/places.ts';
import { waiting } from '../src/rewrites/waiting.ts';
import { createRule } from '../src/rule.ts';

export default createRule({
  name: 'no-await-with-open-connection',
  description: 'Disallow waiting for other work while a connection that the function opened is open',
  presets: ['recommended', 'strict'],
  rewrites: ['waitBehind', 'waitBefore', 'splitConnection'],
  suggestsOnly: true,
  messages: {
    connection:
      'The connection opened at {{line}} stays open while this waits for {{what}}{{trace}}. Close it before waiting and open it again afterwards.',
  },
  defaults: {},
  report(facts, report) {
    for (const wait of facts.waits) {
      if (wait.holds !== 'connection') continue;
      const driver = wait.driver && { driver: wait.driver.id };
      const data = { line: lineOf(wait.since, wait.site), what: wait.what, trace: traceOf(wait), ...driver };
      report(wait.site, 'connection', data, (source) => waiting(source, wait));
    }
  },
});
