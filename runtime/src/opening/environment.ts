import { EnvironmentError } from '../errors.ts';
import { fileSystemOf } from '../environment/file-system.ts';
import { hasWalResetBug } from '../environment/sqlite-version.ts';
import type { Row } from '../driver.ts';
import type { Opening, Unsafe } from './options.ts';

/** What has been warned of: once a process is enough. */
const warned = new Set<string>();

/** @throws {EnvironmentError} the file is where WAL corrupts databases, and that is refused */
export function checkPlace({ filename, inMemory, journalMode, unsafe }: Opening): void {
  if (inMemory || journalMode !== 'wal' || unsafe.fileSystem === 'allow') return;
  const place = fileSystemOf(filename);
  if (place.carriesWal !== false) return;
  react(
    unsafe.fileSystem,
    `${filename} is on a network file system (${place.name}): WAL needs memory that all processes share, and corrupts ` +
      "the database without it. Keep the file on a local disk, or use journalMode: 'delete' (https://sqlite.org/wal.html).",
    filename,
  );
}

/** The version of each driver's SQLite, which does not change while the process runs. */
const versions = new Map<string, string>();

/** The statement that asks for the version, when the answer is needed. */
export function versionQuery(driver: string, { journalMode, unsafe }: Opening): string | undefined {
  return journalMode === 'wal' && unsafe.version !== 'allow' && !versions.has(driver)
    ? 'SELECT sqlite_version()'
    : undefined;
}

/**
 * @param rows The answer of `versionQuery`, the first time.
 * @throws {EnvironmentError} the driver's SQLite has the WAL-reset bug, and that is refused
 */
export function checkVersion(driver: string, opening: Opening, rows: readonly Row[] | undefined): void {
  if (rows !== undefined) versions.set(driver, String(Object.values(rows[0] ?? {})[0]));
  const version = versions.get(driver);
  if (version !== undefined && opening.journalMode === 'wal' && opening.unsafe.version !== 'allow')
    judge(driver, version, opening);
}

function judge(driver: string, version: string, { filename, unsafe }: Opening): void {
  if (!hasWalResetBug(version)) return;
  react(
    unsafe.version,
    `${driver} brings SQLite ${version}, which can corrupt a database in WAL mode when a checkpoint resets the WAL while another ` +
      'connection writes. Upgrade the driver to one with SQLite 3.51.3 or later (or 3.50.7, or 3.44.6).',
    filename,
  );
}

function react(how: Unsafe, message: string, database: string): void {
  if (how === 'refuse') throw new EnvironmentError(message, { database });
  if (warned.has(message)) return;
  warned.add(message);
  process.emitWarning(message, { type: 'UnbusyWarning' });
}
