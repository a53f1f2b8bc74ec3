import { lockedOut } from './example.mjs';
import { byRule } from './findings.mjs';
import { table } from './terminal.mjs';

/** Throws where the application on the wrapper fails in anything, or has a finding. */
export function expectSafe({ summary, findings }) {
  if (summary.done !== summary.tasks || summary.failures.length > 0)
    throw new Error('the application fails on the wrapper as well.');
  if (findings.length > 0) {
    const places = findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
    throw new Error(`the rules find something in the application on the wrapper:\n${places.join('\n')}`);
  }
}

/** Prints what the load and the rules say of the application, without and with the wrapper. */
export function printComparison(legacy, safe) {
  const row = (what, figure) => [what, figure(legacy), figure(safe)];
  const rows = [
    row(`of ${legacy.summary.tasks} tasks, done`, ({ summary }) => summary.done),
    row('not done', ({ summary }) => summary.tasks - summary.done),
    row('SQLITE_BUSY', ({ summary }) => lockedOut(summary).reduce((sum, { times }) => sum + times, 0)),
    row('longest wait for a database (ms)', ({ summary }) => summary.longestWait),
    row('findings', ({ findings }) => findings.length),
    ...byRule(legacy.findings).map(([rule]) =>
      row(`  ${rule}`, ({ findings }) => findings.filter((finding) => finding.rule === rule).length),
    ),
  ];
  table([['', 'legacy-tasks', 'safe-tasks'], ...rows]);
}
