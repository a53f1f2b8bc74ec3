import { inBytes, versionOf, type Finding, type Severity } from './findings.ts';
import type { Examination } from './examine.ts';

/** One database with what was found, or with the reason why it could not be read. */
export type Report =
  | { readonly examination: Examination; readonly findings: readonly Finding[] }
  | { readonly database: string; readonly failure: string };

const COLOURS: Readonly<Record<Severity, number>> = { error: 31, warning: 33, info: 36 };

/** The report for people. */
export function asText(report: Report, colours: boolean): string {
  const bold = (text: string): string => (colours ? `\u001b[1m${text}\u001b[0m` : text);
  if ('failure' in report) return `${bold(report.database)}\n  ${paint('error', colours)}: ${report.failure}\n`;
  const { examination, findings } = report;
  const lines = [bold(examination.database)];
  for (const [name, value] of facts(examination)) lines.push(`  ${name.padEnd(12)}${value}`);
  for (const { severity, code, message, advice } of findings) {
    lines.push(`  ${paint(severity, colours)}: ${message} [${code}]`);
    if (advice !== '') lines.push(`      ${advice}`);
  }
  if (findings.length === 0) lines.push('  Nothing to report.');
  return `${lines.join('\n')}\n`;
}

function paint(severity: Severity, colours: boolean): string {
  return colours ? `\u001b[${COLOURS[severity]}m${severity}\u001b[0m` : severity;
}

function facts({ bytes, header, wal, walIndex, fileSystem, locks }: Examination): [string, string][] {
  const lines: [string, string][] = [['size', inBytes(bytes)]];
  if (header) {
    lines.push(['journal', header.journal === 'wal' ? 'WAL' : header.journal]);
    if (header.writtenBy > 0) lines.push(['written by', `SQLite ${versionOf(header.writtenBy)}`]);
  }
  if (wal) {
    const copied = walIndex ? `, ${walIndex.backfilled} of ${walIndex.frames} frames in the database` : '';
    lines.push(['WAL', `${inBytes(wal.bytes)}${copied}`]);
  }
  if (fileSystem.carriesWal === false) lines.push(['file system', fileSystem.name]);
  if (!locks) lines.push(['locks', 'not known: only Linux tells who has them']);
  else if (locks.connected.length > 0)
    lines.push(['open in', locks.connected.map(({ pid, command = '' }) => `process ${pid} (${command})`).join(', ')]);
  return lines;
}

/** The report for scripts. */
export function asJson(report: Report): object {
  if ('failure' in report) return report;
  const { examination, findings } = report;
  return { ...examination, findings };
}
