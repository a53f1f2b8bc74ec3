import { lockedOut } from './example.mjs';
import { byRule } from './findings.mjs';
import { count, say, table } from './terminal.mjs';

/** What each rule's finding does to everybody who wants the lock. */
const EFFECT = {
  'no-await-in-transaction': 'a lock is held while the program waits for others',
  'no-await-with-open-connection': 'a connection stays open while the program waits for others',
  'prefer-immediate-transaction': 'a transaction reads, then fails at once where it wants to write',
  'require-close': 'a failure leaves a connection open with the locks it has',
  'require-pragmas': 'readers and the writer lock each other out',
  'require-rollback': 'a failure leaves a transaction open with its lock',
  'valid-open-options': 'the busy timeout that is configured never arrives',
};

/** Which code does what, so that failures of the one meet findings in the other. */
const PARTS = [
  { does: ['claim', 'settle'], files: ['src/queue/queue.ts'] },
  { does: ['heartbeat'], files: ['src/queue/heartbeat.ts'] },
  {
    does: ['promise.fulfil', 'conversation.summarize'],
    files: ['src/tasks/promise-tasks.ts', 'src/services/usage.ts'],
  },
  { does: ['message.deliver', 'replies.collect'], files: ['src/tasks/messaging-tasks.ts'] },
  { does: ['tests.run'], files: ['src/tasks/test-runner-tasks.ts'] },
];

/** The module through which all of them open their connections. */
const OPENING = 'src/utilities/database.ts';

/** Puts failures and findings side by side; throws where there are none, or where a failure has no finding. */
export function explain(summary, findings) {
  const failures = lockedOut(summary);
  if (failures.length === 0) throw new Error('the application did not fail with SQLITE_BUSY.');
  if (findings.length === 0) throw new Error('the rules found nothing.');
  const parts = PARTS.map(({ does, files }) => ({
    failures: failures.filter(({ what }) => does.includes(what)),
    causes: files.map((file) => ({ file, findings: findingsIn(findings, file) })),
  })).filter((part) => part.failures.length > 0);
  for (const part of parts) {
    if (part.causes.every((cause) => cause.findings.length === 0))
      throw new Error(`no finding explains why ${part.failures.map(({ what }) => what).join(', ')} fails.`);
  }
  return { findings, parts };
}

export function printExplanation({ findings, parts }) {
  const files = new Set(findings.map(({ file }) => file));
  console.log(`${count(findings.length, 'finding')} in ${count(files.size, 'file')}:`);
  table(byRule(findings).map(([rule, times]) => [times, rule, EFFECT[rule] ?? '']));

  console.log('\nWhat failed with SQLITE_BUSY, and what the rules find in its code:');
  for (const { failures, causes } of parts) {
    console.log(`\n  ${failures.map(({ times, what }) => `${times} x ${what}`).join(', ')}`);
    for (const cause of causes) printCause(cause);
  }
  console.log('\n  All of them, through the connections that they get:');
  printCause({ file: OPENING, findings: findingsIn(findings, OPENING) });

  console.log();
  say(`The code that fails is often not the code that holds the lock: each of these can lock out every other on the
    same database.`);
}

function printCause({ file, findings }) {
  if (findings.length > 0) say(`${file}: ${places(findings)}`, 6);
}

function findingsIn(findings, name) {
  return findings.filter(({ file }) => file === name);
}

/** `rule (lines 3, 9), other-rule (line 12)` */
function places(findings) {
  const lines = new Map();
  for (const { rule, line } of findings) lines.set(rule, [...(lines.get(rule) ?? []), line]);
  return [...lines]
    .map(([rule, numbers]) => `${rule} (${numbers.length === 1 ? 'line' : 'lines'} ${numbers.join(', ')})`)
    .join(', ');
}
