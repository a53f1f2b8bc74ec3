import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import sqlite3 from 'sqlite3';
import { expect } from 'vitest';

/**
 * A picture of the documentation: what connections do one after the other, what comes of it, and which lock each of them
 * holds then.
 *
 *     journal_mode = DELETE, busy_timeout = 0
 *
 *     A                  | A holds  | B                                | B holds
 *     BEGIN IMMEDIATE    | RESERVED |                                  |
 *                        | RESERVED | BEGIN IMMEDIATE → SQLITE_BUSY    |
 *
 * A step is SQL, `first row of` SQL (whose statement stays unfinished), `finalize`, `close`, or `await …` for what happens
 * outside of the database. Behind the arrow stands what comes of it: an error code, the values of the first row, or
 * `waits`, in which case a later step that is only an arrow tells the end. Without an arrow it succeeds.
 */
interface Timeline {
  readonly settings: ReadonlyMap<string, string>;
  readonly connections: readonly string[];
  readonly steps: readonly Step[];
}

interface Step {
  readonly text: string;
  readonly connection: string;
  readonly does: string;
  readonly outcome: string | null;
  /** What the connections hold afterwards, by name. */
  readonly holds: readonly string[];
}

const HEADER = /^\S+ +│/;
/** Locks that another connection cannot tell from one of the rollback journal, or not from none. */
const SEEN_AS: Readonly<Record<string, string>> = { SNAPSHOT: '', WRITE: 'RESERVED', EXCLUSIVE: 'PENDING' };
const TABLE = 'counter';

export function isTimeline(text: string): boolean {
  return text.split('\n').some((line) => HEADER.test(line));
}

export function parseTimeline(text: string): Timeline {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const at = lines.findIndex((line) => HEADER.test(line));
  const settings = lines.slice(0, at).flatMap((line) => line.split(','));
  const columns = cellsOf(lines[at] ?? '');
  const connections = columns.filter((_, index) => index % 2 === 0);
  const steps = lines
    .slice(at + 1)
    .filter((line) => !line.startsWith('─'))
    .map((line) => stepOf(line, connections));
  return {
    settings: new Map(settings.map((setting) => setting.split('=').map((part) => part.trim()) as [string, string])),
    connections,
    steps,
  };
}

function cellsOf(line: string): string[] {
  return line.split('│').map((cell) => cell.trim());
}

function stepOf(line: string, connections: readonly string[]): Step {
  const cells = cellsOf(line);
  const acting = connections.filter((_, index) => cells[index * 2] !== '');
  const [connection] = acting;
  if (connection === undefined || acting.length > 1) throw new Error(`not one step: ${line}`);
  const [does = '', outcome = null] = (cells[connections.indexOf(connection) * 2] ?? '').split('→');
  return {
    text: line,
    connection,
    does: does.trim(),
    outcome: outcome?.trim() ?? null,
    holds: connections.map((_, index) => cells[index * 2 + 1] ?? ''),
  };
}

/** Runs the steps of a picture on real connections to one file, and compares what comes of each. */
export async function runTimeline({ settings, connections, steps }: Timeline, folder: string): Promise<void> {
  const file = join(folder, 'app.db');
  const journal = settings.get('journal_mode') ?? 'DELETE';
  const busyTimeout = Number(settings.get('busy_timeout') ?? 0);
  const first = await Connection.open(file, busyTimeout);
  await first.run(`PRAGMA journal_mode = ${journal}`);
  await first.run(`CREATE TABLE ${TABLE} (n INTEGER UNIQUE)`);
  await first.run(`INSERT INTO ${TABLE} VALUES (0)`);
  await first.run('PRAGMA wal_checkpoint(TRUNCATE)');
  const opened = new Map<string, Connection>();
  // Every connection has read the schema: one that has not is none yet, as far as locks are concerned.
  const shared = settings.get('connections') === '1';
  for (const name of connections) {
    const [there] = shared ? opened.values() : [];
    const connection = there ?? (await Connection.open(file, busyTimeout));
    await connection.run(`SELECT * FROM ${TABLE}`);
    opened.set(name, connection);
  }
  await first.close();
  try {
    const waiting = new Map<string, Promise<string>>();
    for (const step of steps) {
      const connection = opened.get(step.connection);
      if (!connection) throw new Error(`no connection ${step.connection}`);
      if (step.outcome === 'waits') {
        const ended = connection.run(step.does);
        waiting.set(step.connection, ended);
        // What need not wait is done in that time.
        expect(await Promise.race([ended, pause(20, 'waits')]), step.text).toBe('waits');
        continue;
      }
      const outcome = step.does === '' ? await waiting.get(step.connection) : await connection.do(step.does);
      if (step.does === '') waiting.delete(step.connection);
      if (step.outcome === null) expect(outcome, step.text).not.toMatch(/^SQLITE_/);
      else expect(outcome, step.text).toBe(primaryCode(step.outcome));
      if (waiting.size === 0) expect(await lockOf(file), step.text).toBe(strongest(step.holds, journal));
    }
    expect([...waiting.keys()]).toEqual([]);
  } finally {
    for (const connection of opened.values()) await connection.abandon();
  }
}

/** The sqlite3 package knows no extended codes: SQLITE_BUSY_SNAPSHOT arrives as SQLITE_BUSY. */
function primaryCode(outcome: string): string {
  return outcome.replace(/^(SQLITE_(?:BUSY|LOCKED))_\w+$/, '$1');
}

/** What another connection can tell of what is held. In WAL mode that is the write lock alone; snapshots are not seen. */
function strongest(holds: readonly string[], journal: string): string {
  const names = journal === 'WAL' ? ['', 'SNAPSHOT', 'WRITE'] : ['', 'SHARED', 'RESERVED', 'PENDING', 'EXCLUSIVE'];
  const ranks = holds.map((lock) => names.indexOf(lock));
  if (ranks.includes(-1)) throw new Error(`there is no such lock in ${journal} mode: ${holds.join(', ')}`);
  const lock = names[Math.max(...ranks)] ?? '';
  return SEEN_AS[lock] ?? lock;
}

/** The strongest lock that is held on a file, as a further connection finds out by asking for each. */
async function lockOf(file: string): Promise<string> {
  const probe = await Connection.open(file, 0);
  try {
    if (await probe.isRefused(`SELECT * FROM ${TABLE}`)) return 'PENDING';
    if (await probe.isRefused('BEGIN IMMEDIATE')) return 'RESERVED';
    await probe.run('ROLLBACK');
    // In WAL mode an exclusive transaction is an immediate one.
    if (await probe.isRefused('BEGIN EXCLUSIVE')) return 'SHARED';
    await probe.run('ROLLBACK');
    return '';
  } finally {
    await probe.close();
  }
}

/** A connection of the sqlite3 package, with promises. What comes of a step is told as the picture writes it. */
class Connection {
  readonly #db: sqlite3.Database;
  #unfinished: sqlite3.Statement | null = null;
  #closed = false;

  private constructor(db: sqlite3.Database) {
    this.#db = db;
  }

  static async open(file: string, busyTimeout: number): Promise<Connection> {
    const db = new sqlite3.Database(file);
    await once(db, 'open');
    db.configure('busyTimeout', busyTimeout);
    return new Connection(db);
  }

  async do(step: string): Promise<string> {
    if (step.startsWith('await ')) return '';
    if (step === 'close') return this.close();
    if (step === 'finalize') return this.#finalize();
    const [, sql] = /^first row of (.+)$/.exec(step) ?? [];
    return sql === undefined ? this.run(step) : this.#firstRow(sql);
  }

  run(sql: string): Promise<string> {
    return new Promise((resolve) => {
      this.#db.all<Record<string, unknown>>(sql, (problem, rows) => resolve(problem ? codeOf(problem) : told(rows[0])));
    });
  }

  async isRefused(sql: string): Promise<boolean> {
    return (await this.run(sql)) === 'SQLITE_BUSY';
  }

  close(): Promise<string> {
    return new Promise((resolve) => {
      this.#db.close((problem) => {
        this.#closed = problem === null;
        resolve(problem ? codeOf(problem) : '');
      });
    });
  }

  /** Closes it in whatever state it is. */
  async abandon(): Promise<void> {
    await this.#finalize();
    if (!this.#closed) await this.close();
  }

  #firstRow(sql: string): Promise<string> {
    return new Promise((resolve) => {
      const statement = this.#db.prepare(sql);
      this.#unfinished = statement;
      statement.get<Record<string, unknown>>((problem, row) => resolve(problem ? codeOf(problem) : told(row)));
    });
  }

  #finalize(): Promise<string> {
    const statement = this.#unfinished;
    this.#unfinished = null;
    return new Promise((resolve) => (statement ? statement.finalize(() => resolve('')) : resolve('')));
  }
}

function codeOf(problem: Error): string {
  return 'code' in problem ? String(problem.code) : problem.message;
}

function told(row: Record<string, unknown> | undefined): string {
  return row ? Object.values(row).join(' ') : '';
}
