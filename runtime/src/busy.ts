/** The kinds of SQLITE_BUSY (https://sqlite.org/rescode.html, "Extended Result Code Definitions"). */
export type BusyCode = 'SQLITE_BUSY' | 'SQLITE_BUSY_RECOVERY' | 'SQLITE_BUSY_SNAPSHOT' | 'SQLITE_BUSY_TIMEOUT';

const EXTENDED: ReadonlyMap<number, BusyCode> = new Map([
  [5, 'SQLITE_BUSY'],
  [261, 'SQLITE_BUSY_RECOVERY'],
  [517, 'SQLITE_BUSY_SNAPSHOT'],
  [773, 'SQLITE_BUSY_TIMEOUT'],
]);

/** Where the drivers keep SQLite's number: node:sqlite, sqlite3 and bun:sqlite, libsql and @libsql/client. */
const NUMBERS = ['errcode', 'errno', 'rawCode'] as const;
const TEXTS = ['extendedCode', 'code'] as const;

/**
 * Which kind of SQLITE_BUSY an error is, whatever driver threw it; null for every other error. sqlite3 (npm) says
 * SQLITE_BUSY for a snapshot that is too old as well (5.1.7 and 6.0.1).
 */
export function busyCodeOf(error: unknown): BusyCode | null {
  if (typeof error !== 'object' || error === null) return null;
  const fields = error as Readonly<Record<string, unknown>>;
  for (const key of NUMBERS) {
    const number = fields[key];
    if (typeof number === 'number' && (number & 0xff) === 5) return EXTENDED.get(number) ?? 'SQLITE_BUSY';
  }
  for (const key of TEXTS) {
    const text = fields[key];
    if (typeof text === 'string' && text.startsWith('SQLITE_BUSY')) return known(text);
  }
  // node-sqlite3-wasm has no code at all, and layers (drizzle, Prisma) put the driver's error into `cause`.
  if (typeof fields.code !== 'string' && /\bdatabase is locked$/.test(String(fields.message))) return 'SQLITE_BUSY';
  return fields.cause === undefined || fields.cause === error ? null : busyCodeOf(fields.cause);
}

/** Whether an error says that the database is locked. */
export function isBusy(error: unknown): boolean {
  return busyCodeOf(error) !== null;
}

function known(text: string): BusyCode {
  for (const code of EXTENDED.values()) if (code === text) return code;
  return 'SQLITE_BUSY';
}
