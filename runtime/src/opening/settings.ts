import { SettingError } from '../errors.ts';
import type { Row } from '../driver.ts';
import type { Opening, PragmaValue } from './options.ts';

/** Settings that SQLite takes only before the database has content or is in WAL mode (https://sqlite.org/pragma.html). */
const BEFORE_JOURNAL: ReadonlySet<string> = new Set(['page_size', 'auto_vacuum', 'encoding']);

/** PRAGMAs that do something and have no value to read back. */
const WITHOUT_VALUE: ReadonlySet<string> = new Set([
  'optimize',
  'shrink_memory',
  'incremental_vacuum',
  'case_sensitive_like',
]);

const SYNCHRONOUS = ['off', 'normal', 'full', 'extra'];

/**
 * The statements that make a connection's settings, one after the other; the rows of each come back by `next`. Whoever
 * runs them repeats a statement that fails with SQLITE_BUSY: the busy handler is not asked when another connection
 * writes while this one switches to WAL (https://sqlite.org/wal.html; measured in every native driver).
 *
 * @throws {SettingError} the database did not take a setting
 */
export function* settings(opening: Opening): Generator<string, void, readonly Row[]> {
  const { journalMode, synchronous, foreignKeys, pragmas } = opening;
  yield* set(opening, 'busy_timeout', opening.busyTimeout);
  const entries = Object.entries(pragmas);
  for (const [name, value] of entries) if (BEFORE_JOURNAL.has(name.toLowerCase())) yield* set(opening, name, value);
  if (journalMode !== 'keep') yield* setJournalMode(opening, journalMode);
  if (synchronous !== undefined) yield* set(opening, 'synchronous', synchronous);
  if (foreignKeys !== undefined) yield* set(opening, 'foreign_keys', foreignKeys);
  for (const [name, value] of entries) if (!BEFORE_JOURNAL.has(name.toLowerCase())) yield* set(opening, name, value);
}

function* setJournalMode({ filename, inMemory }: Opening, mode: string): Generator<string, void, readonly Row[]> {
  // A file in the mode already is not touched: reading the mode takes no lock.
  let actual = answer(yield 'PRAGMA journal_mode');
  if (actual !== mode) {
    const rows = yield `PRAGMA journal_mode = ${mode}`;
    actual = answer(rows.length > 0 ? rows : yield 'PRAGMA journal_mode');
  }
  if (actual === mode) return;
  throw new SettingError(
    inMemory
      ? `A database in memory cannot be in journal mode '${mode}': leave out journalMode.`
      : `The database answered journal mode '${String(actual)}' when asked for '${mode}'. Use journalMode: '${String(actual)}' if that is meant.`,
    { database: filename },
  );
}

function* set({ filename }: Opening, name: string, value: PragmaValue): Generator<string, void, readonly Row[]> {
  const rows = yield `PRAGMA ${name} = ${literal(value)}`;
  if (WITHOUT_VALUE.has(name.toLowerCase())) return;
  // Some answer with the new value at once, some say nothing.
  const actual = answer(rows.length > 0 ? rows : yield `PRAGMA ${name}`);
  if (actual === undefined || normalize(name, actual) === normalize(name, value)) return;
  throw new SettingError(`PRAGMA ${name} is ${JSON.stringify(actual)} after it was set to ${String(value)}.`, {
    database: filename,
  });
}

function answer(rows: readonly Row[]): unknown {
  const [row] = rows;
  return row === undefined ? undefined : Object.values(row)[0];
}

function literal(value: PragmaValue): string {
  return typeof value === 'boolean' ? String(Number(value)) : String(value);
}

const AS_NUMBER: ReadonlyMap<string, string> = new Map([
  ['on', '1'],
  ['yes', '1'],
  ['true', '1'],
  ['off', '0'],
  ['no', '0'],
  ['false', '0'],
]);

const NAMED_VALUES: Readonly<Record<string, readonly string[]>> = {
  synchronous: SYNCHRONOUS,
  auto_vacuum: ['none', 'full', 'incremental'],
  temp_store: ['default', 'file', 'memory'],
};

/** A value as SQLite would write it: it answers numbers where names were given. */
function normalize(name: string, value: unknown): string {
  const text = (typeof value === 'boolean' ? String(Number(value)) : String(value)).toLowerCase();
  const index = NAMED_VALUES[name.toLowerCase()]?.indexOf(text) ?? -1;
  if (index >= 0) return String(index);
  const number = AS_NUMBER.get(text) ?? text;
  return /^-?\d+(?:\.0*)?$/.test(number) ? String(Number(number)) : number;
}
