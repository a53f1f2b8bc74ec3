/** What a rule's findings mean for the program, in the terms of who runs it. */
export interface Cause {
  readonly title: string;
  /** What happens in production. */
  readonly effect: string;
  readonly cure: string;
}

/** By rule; the order is that of the analysis: how connections are set up, how they are managed, who waits for whom. */
export const CAUSES: Readonly<Record<string, Cause>> = {
  'require-pragmas': {
    title: 'Connections without WAL or a busy timeout',
    effect:
      'Without WAL readers and the writer lock each other out; without a busy timeout the second of two writers fails at once instead of waiting its turn.',
    cure: 'Open every connection by one function that sets journal_mode = WAL, busy_timeout and synchronous = NORMAL, and reads them back.',
  },
  'valid-open-options': {
    title: 'Settings that never reach the database',
    effect:
      'The driver or SQLite ignores the name without an error: the program runs with a default that nobody chose.',
    cure: 'Write the option or PRAGMA that there is, or hand it to the wrapper, which refuses what it does not know.',
  },
  'require-close': {
    title: 'Connections that stay open',
    effect:
      'A connection that is not closed keeps its locks and file handles until the process ends; in WAL mode it also keeps the log from being reset, which grows.',
    cure: 'Close in a finally block, by `using`, or let withConnection do it.',
  },
  'no-await-with-open-connection': {
    title: 'Connections held while waiting for other work',
    effect: 'As many connections are open as tasks wait; each is one more that can hold a lock or pin the log.',
    cure: 'Read, close, wait, and open again to write what came of it.',
  },
  'require-rollback': {
    title: 'Transactions that stay open when something throws',
    effect:
      'The lock for writing is kept until the connection is closed: every other writer gets SQLITE_BUSY until then.',
    cure: 'Roll back in a catch block around all of the transaction, or use withTransaction.',
  },
  'no-await-in-transaction': {
    title: 'Locks held while waiting for a network, a timer or a process',
    effect:
      'Nobody else can write for as long as the other side takes to answer, minutes where a model or a person does.',
    cure: 'Do the other work before the transaction begins or after it ends; where it lies between reading and writing, make two transactions of one.',
  },
  'no-async-transaction': {
    title: 'Asynchronous functions in synchronous transactions',
    effect: 'The transaction ends at the first await: what comes behind is written by itself, or not at all.',
    cure: 'Await first, and give the transaction a function that does not.',
  },
  'prefer-immediate-transaction': {
    title: 'Transactions that read first and write later',
    effect:
      'When another connection writes in between, the write fails at once with SQLITE_BUSY_SNAPSHOT, whatever the busy timeout.',
    cure: 'Begin with BEGIN IMMEDIATE, so that the wait is at the beginning.',
  },
};
