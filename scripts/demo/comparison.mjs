import { lockedOut } from './example.mjs';
import { byRule } from './findings.mjs';
import { table } from './terminal.mjs';

/** Throws where an application fails in anything, or has a finding. */
export function expectSafe(name, { summary, findings }) {
  if (summary.done !== summary.tasks || summary.failures.length > 0) throw new Error(`${name} fails as well.`);
  if (findings.length > 0) {
    const places = findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
    throw new Error(`the rules find something in ${name}:\n${places.join('\n')}`);
  }
}

/** Prints what the load and the rules say of applications, the first of them as it was. */
export function printComparison(applications) {
  const [legacy] = Object.values(applications);
  const row = (what, figure) => [what, ...Object.values(applications).map(figure)];
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
  table([['', ...Object.keys(applications)], ...rows]);
}
