import type { Setting, Site } from '../model.ts';

/** What goes wrong, as chapters of the analysis, in their order. */
export const CHAPTERS = {
  journal: 'Journal modes',
  timeouts: 'Busy timeouts and other settings',
  connections: 'Connection management',
  locks: 'Transactions and locks held while waiting',
  concurrency: 'Concurrent access',
} as const;

type Chapter = keyof typeof CHAPTERS;

/** What some findings have in common, in the terms of who runs the program. */
export interface Cause {
  readonly chapter: Chapter;
  readonly title: string;
  /** What happens in production. */
  readonly effect: string;
  readonly cure: string;
  /** How to see that it is gone. */
  readonly test: string;
  /** A cause of errors and lost work by itself, or of what makes the others worse. */
  readonly level: 'error' | 'warning';
  readonly rule: string;
  /** Its messages; all of the rule if missing. */
  readonly messages?: readonly string[];
  /** What the connection lacks, for findings that are about settings. */
  readonly lacks?: Setting;
}

const SETTINGS_TEST =
  'Ask a connection of the running program for `PRAGMA journal_mode` and `PRAGMA busy_timeout`, or run `npx unbusy doctor FILE` on a copy.';
const HANDLES_TEST =
  'Let tasks fail and count the open handles of the database file (`lsof FILE`): the number has to come down again.';
const THROW_TEST =
  'Make a statement in the middle of the transaction fail: another connection has to be able to write right after it, and nothing of the transaction may be there.';
const WRITERS_TEST =
  'Let several processes write to a copy of the database for a minute: no error may say SQLITE_BUSY.';
const SLOW_TEST =
  'Make what is waited for take ten seconds: another process has to be able to write meanwhile, in less than its busy timeout.';

/** By how the analysis tells them, first to last. */
export const CAUSES: readonly Cause[] = [
  {
    chapter: 'journal',
    title: 'Database files that are not in WAL mode',
    effect:
      'With a rollback journal one writer and its readers exclude each other: a commit waits until the last reader is done, and nobody can read while it is written. Whoever waits longer than the busy timeout gets SQLITE_BUSY.',
    cure: 'Set `journal_mode = WAL` right after opening, behind the busy timeout. It belongs to the file, so that one place that opens it is enough; a wrapper that opens all connections is the simplest such place.',
    test: SETTINGS_TEST,
    level: 'error',
    rule: 'require-pragmas',
    lacks: 'journal_mode',
  },
  {
    chapter: 'journal',
    title: 'Commits that wait for the disk in WAL mode',
    effect:
      'With `synchronous = FULL` each commit waits for the disk while it holds the write lock. In WAL mode NORMAL keeps the database as consistent; only a loss of power can take the last commits away.',
    cure: 'Set `synchronous = NORMAL` on every connection that writes, unless no commit may be lost with the power.',
    test: WRITERS_TEST,
    level: 'warning',
    rule: 'require-pragmas',
    lacks: 'synchronous',
  },
  {
    chapter: 'timeouts',
    title: 'Connections that do not wait for a lock, or not long enough',
    effect:
      'SQLite has one writer at a time. Without a busy timeout the second one fails with SQLITE_BUSY at once instead of taking its turn, under load as often as two of them meet.',
    cure: 'Set `busy_timeout` to 5000 ms on every connection, as the first statement: it belongs to the connection, not to the file.',
    test: SETTINGS_TEST,
    level: 'error',
    rule: 'require-pragmas',
    messages: ['missing'],
    lacks: 'busy_timeout',
  },
  {
    chapter: 'timeouts',
    title: 'WAL switched on before there is a busy timeout',
    effect:
      'The switch needs the file for itself. Without a busy timeout it fails with SQLITE_BUSY when another process reads at that moment: the program does not start, now and then.',
    cure: 'Set `busy_timeout` first and `journal_mode` behind it.',
    test: 'Start several processes at once on a database that does not exist yet, some dozen times: each has to come up.',
    level: 'error',
    rule: 'require-pragmas',
    messages: ['walFirst'],
  },
  {
    chapter: 'timeouts',
    title: 'Settings that never reach the database',
    effect:
      'Driver or SQLite ignores the name without an error: the program runs with a default that nobody chose, and the source says otherwise.',
    cure: 'Write the option or PRAGMA that there is, or hand it to the wrapper, which refuses what it does not know.',
    test: SETTINGS_TEST,
    level: 'warning',
    rule: 'valid-open-options',
  },
  {
    chapter: 'connections',
    title: 'Connections that stay open',
    effect:
      'When something throws, SQLITE_BUSY itself above all, the connection is not closed: its locks, its snapshot and its file handles stay until the process ends. Others are locked out, and in WAL mode the log is not reset and grows.',
    cure: 'Close in a `finally` block, by `using`, or let `withConnection` of the wrapper do it.',
    test: HANDLES_TEST,
    level: 'error',
    rule: 'require-close',
  },
  {
    chapter: 'connections',
    title: 'Connections held open while other work is awaited',
    effect:
      'As many connections are open as tasks wait. Each costs file handles and memory, and is one more that can hold a lock or a snapshot when something goes wrong meanwhile.',
    cure: 'Read, close, wait, and open again to write what came of it.',
    test: HANDLES_TEST,
    level: 'warning',
    rule: 'no-await-with-open-connection',
  },
  {
    chapter: 'locks',
    title: 'Transactions that stay open when something throws',
    effect:
      'The connection keeps the write lock until it is closed or somebody rolls it back by chance: every other writer gets SQLITE_BUSY until then, and the next BEGIN on it fails.',
    cure: 'Roll back in a `catch` block around all of the transaction, or run it in `withTransaction` of the wrapper.',
    test: THROW_TEST,
    level: 'error',
    rule: 'require-rollback',
    messages: ['normal', 'explicit', 'implicit'],
  },
  {
    chapter: 'locks',
    title: 'Transactions that commit half of their work',
    effect: 'COMMIT runs also where a statement before it has failed: what was meant to be all or nothing is half.',
    cure: 'Commit at the end of the work, and roll back in a `catch` block.',
    test: THROW_TEST,
    level: 'error',
    rule: 'require-rollback',
    messages: ['committed'],
  },
  {
    chapter: 'locks',
    title: 'Write locks held while the program waits for something else',
    effect:
      'Nobody else can write for as long as a network, a timer, a process or a person takes to answer. No busy timeout is long enough for that.',
    cure: 'Do the other work before the transaction begins or after it ends. Where it lies between reading and writing, make it two transactions, and check in the second that what was read still holds.',
    test: SLOW_TEST,
    level: 'error',
    rule: 'no-await-in-transaction',
    messages: ['transaction'],
  },
  {
    chapter: 'locks',
    title: 'Snapshots held while the program waits for something else',
    effect:
      'An open read keeps others from committing, or in WAL mode keeps the log from being reset: it grows, and every read gets slower, for as long as the wait lasts.',
    cure: 'Read all rows into memory, end the transaction, and wait then.',
    test: SLOW_TEST,
    level: 'error',
    rule: 'no-await-in-transaction',
    messages: ['snapshot', 'rows'],
  },
  {
    chapter: 'locks',
    title: 'Asynchronous functions in synchronous transactions',
    effect:
      'The transaction ends at the first `await` of the function: what comes behind it is committed statement by statement, or runs in a transaction of somebody else.',
    cure: 'Await first, and give the transaction a function that does not.',
    test: THROW_TEST,
    level: 'error',
    rule: 'no-async-transaction',
  },
  {
    chapter: 'concurrency',
    title: 'Transactions that read first and write later',
    effect:
      'When another connection has written in between, the first write fails at once with SQLITE_BUSY, whatever the busy timeout: in WAL mode because the snapshot is out of date, otherwise because two of them would wait for each other.',
    cure: 'Begin with `BEGIN IMMEDIATE`, so that the wait is at the beginning, where the busy timeout works.',
    test: WRITERS_TEST,
    level: 'error',
    rule: 'prefer-immediate-transaction',
  },
];

/** The causes that a finding shows: several where a connection lacks several settings. */
export function causesOf({ rule, messageId, lacks = [] }: Pick<Site, 'rule' | 'messageId' | 'lacks'>): Cause[] {
  return CAUSES.filter(
    (cause) =>
      cause.rule === rule &&
      (cause.messages?.includes(messageId) ?? true) &&
      (cause.lacks === undefined || lacks.includes(cause.lacks)),
  );
}

/** The worst that a finding can do. */
export function levelOf(site: Pick<Site, 'rule' | 'messageId' | 'lacks'>): Cause['level'] {
  return causesOf(site).every(({ level }) => level === 'warning') ? 'warning' : 'error';
}
