import { parseArgs } from 'node:util';
import { OptionError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import { examine } from './examine.ts';
import { findingsOf, type Limits, type Severity } from './findings.ts';
import { asJson, asText, type Report } from './report.ts';

export const USAGE = `Usage: unbusy doctor FILE... [options]

Reads SQLite databases from outside, without a lock and without a driver: the journal mode, the size of the WAL,
checkpoints that starve, who has which lock, and files that were left behind.

Options:
  --json                  print one JSON document
  --watch [SECONDS]       look again each SECONDS (default: 2) until interrupted
  --wal-limit SIZE        report a -wal file that is larger: 64MiB, 500kB, ... (default: 64MiB)
  --fail-on LEVEL         exit with 1 at 'error', 'warning' (default) or 'never'
  --help, --version

Exit codes: 0 healthy, 1 findings of the level or above, 2 wrong usage, or a file that cannot be read.
`;

const OPTIONS = {
  json: { type: 'boolean' },
  watch: { type: 'string' },
  'wal-limit': { type: 'string' },
  'fail-on': { type: 'string' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

/** What the command line asks for. */
export interface Command {
  readonly files: readonly string[];
  readonly json: boolean;
  /** Milliseconds between two looks; undefined for one look. */
  readonly watch: number | undefined;
  readonly limits: Limits;
  readonly failOn: 'error' | 'warning' | 'never';
}

/** @throws {OptionError} what is wrong with the arguments, with the cure */
export function readCommand(args: readonly string[]): Command | 'help' | 'version' {
  const { values, positionals } = parseArgs({
    // The value of --watch may be left out.
    args: args.flatMap((arg, index) => (arg === '--watch' && !isNumber(args[index + 1]) ? ['--watch=2'] : [arg])),
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
  });
  checkOptions(values, Object.keys(OPTIONS), 'unbusy');
  if (values.help === true || (positionals.length === 0 && args.length === 0)) return 'help';
  if (values.version === true) return 'version';
  const [verb, ...files] = positionals;
  if (verb !== 'doctor') throw new OptionError(`unbusy has no command '${String(verb)}'. Did you mean 'doctor'?`);
  if (files.length === 0) throw new OptionError('unbusy doctor wants at least one database: unbusy doctor app.db');
  const failOn = values['fail-on'] ?? 'warning';
  if (failOn !== 'error' && failOn !== 'warning' && failOn !== 'never')
    throw new OptionError(`--fail-on is '${String(failOn)}'; it has to be 'error', 'warning' or 'never'.`);
  return {
    files,
    json: values.json === true,
    watch: values.watch === undefined ? undefined : seconds(values.watch) * 1000,
    limits: { wal: bytesOf(values['wal-limit'] ?? '64MiB') },
    failOn,
  };
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text);
}

function seconds(value: unknown): number {
  if (typeof value !== 'string' || !isNumber(value) || Number(value) === 0)
    throw new OptionError(`--watch is '${String(value)}'; it has to be a number of seconds above 0.`);
  return Number(value);
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

function bytesOf(value: unknown): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(String(value)) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (number === undefined || factor === undefined)
    throw new OptionError(
      `--wal-limit is '${String(value)}'; it has to be a size: 64MiB, 500kB, or a number of bytes.`,
    );
  return Number(number) * factor;
}

/** Looks at each database once. */
export function look({ files, limits }: Command): Report[] {
  return files.map((database) => {
    try {
      const examination = examine(database);
      return { examination, findings: findingsOf(examination, limits) };
    } catch (error) {
      return { database, failure: failureOf(error as NodeJS.ErrnoException) };
    }
  });
}

const FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  EISDIR: 'It is a folder, not a database.',
  EACCES: 'This user may not read it.',
  EPERM: 'This user may not read it.',
};

function failureOf(error: NodeJS.ErrnoException): string {
  return FAILURES[error.code ?? ''] ?? error.message;
}

/** The text of a look, and the exit code that it means. */
export function resultOf(
  { json, failOn }: Command,
  reports: readonly Report[],
  colours: boolean,
): { readonly text: string; readonly code: number } {
  const text = json
    ? `${JSON.stringify(reports.map(asJson), null, 2)}\n`
    : reports.map((report) => asText(report, colours)).join('\n');
  if (reports.some((report) => 'failure' in report)) return { text, code: 2 };
  const failing: readonly Severity[] = failOn === 'never' ? [] : failOn === 'error' ? ['error'] : ['error', 'warning'];
  const found = reports.flatMap((report) => ('findings' in report ? report.findings : []));
  return { text, code: found.some(({ severity }) => failing.includes(severity)) ? 1 : 0 };
}
