import type Database from 'better-sqlite3';

/** How a call fails: by an error of its own, or because another connection has the lock. */
export type Fault = 'error' | 'busy';

/** A connection that a program has opened. */
export interface Opened {
  /** It is open, as the driver says. */
  readonly isOpen: () => boolean;
  readonly inTransaction: () => boolean;
  readonly close: () => void | Promise<void>;
}

/** Statements that a rewrite may add or take away: that they run is not what a program does. */
const NOT_COUNTED = /^\s*(?:PRAGMA|ROLLBACK)\b/i;

/** Counts the calls that a program makes of its driver, and lets one of them fail. */
export class Faults {
  calls = 0;
  readonly opened: Opened[] = [];
  /** What statements of a transaction lacked: nobody else can make it while that is open. */
  readonly lacked: { readonly file: string; readonly error: unknown }[] = [];
  #failing: number;
  readonly #fault: Fault;

  /** Tables have a row from the start, whose columns have what functions are given as arguments. */
  readonly seeded: boolean;

  constructor(failing: number, fault: Fault, seeded: boolean) {
    this.#failing = failing;
    this.#fault = fault;
    this.seeded = seeded;
  }

  /** Lets a call fail that is still to come, and tells how many there have been. */
  arm(failing: number): number {
    this.#failing = this.calls + failing;
    return this.calls;
  }

  /** Throws where this is the call that has to fail. */
  count(sql: unknown): void {
    if (typeof sql === 'string' && NOT_COUNTED.test(sql)) return;
    this.calls += 1;
    if (this.calls !== this.#failing) return;
    const message = this.#fault === 'busy' ? 'database is locked' : 'the disk is gone';
    throw Object.assign(new Error(message), { code: this.#fault === 'busy' ? 'SQLITE_BUSY' : 'SQLITE_IOERR' });
  }
}

type Native = Database.Database;

/** What functions are given where a text is wanted. */
export const ARGUMENT = '7';

/** Runs a call, and makes the tables and columns that its statement names: programs do not bring their schema. */
export function withSchema<Result>(schema: Native, seeded: boolean, run: () => Result): Result {
  for (let attempts = 0; ; attempts += 1) {
    try {
      return run();
    } catch (error) {
      if (attempts > 30 || !extendSchema(schema, seeded, error)) throw error;
    }
  }
}

/** Whether an error told of something that is missing, which is there now. */
export function extendSchema(schema: Native, seeded: boolean, error: unknown): boolean {
  const { message } = error as Error;
  const table = /no such table: (?:main\.)?(\w+)/.exec(message)?.[1];
  if (table !== undefined) {
    schema.exec(`CREATE TABLE "${table}" (rowid_of INTEGER PRIMARY KEY)`);
    if (seeded) schema.exec(`INSERT INTO "${table}" DEFAULT VALUES`);
    return true;
  }
  const [, of, column] = /table (\w+) has no column named (\w+)/.exec(message) ?? [];
  const free = /no such column: (?:\w+\.)?"?(\w+)/.exec(message)?.[1];
  const name = column ?? free;
  if (name === undefined) return false;
  const tables = of === undefined ? tablesOf(schema) : [of];
  let added = false;
  for (const each of tables) {
    const columns = schema.prepare(`PRAGMA table_info("${each}")`).all() as { name: string }[];
    if (columns.some((known) => known.name.toLowerCase() === name.toLowerCase())) continue;
    schema.exec(`ALTER TABLE "${each}" ADD COLUMN "${name}"${seeded ? ` DEFAULT '${ARGUMENT}'` : ''}`);
    added = true;
  }
  return added;
}

export function tablesOf(database: Native): string[] {
  const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  return (rows as { name: string }[]).map(({ name }) => name);
}
