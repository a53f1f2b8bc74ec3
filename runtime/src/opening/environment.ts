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

/** @throws {EnvironmentError} the driver's SQLite has the WAL-reset bug, and that is refused */
export function checkVersion(
  driver: string,
  opening: Opening,
  ask: () => readonly Row[] | Promise<readonly Row[]>,
): void | Promise<void> {
  if (opening.journalMode !== 'wal' || opening.unsafe.version === 'allow') return;
  const known = versions.get(driver);
  if (known !== undefined) return judge(driver, known, opening);
  const rows = ask();
  return rows instanceof Promise
    ? rows.then((later) => judge(driver, remember(driver, later), opening))
    : judge(driver, remember(driver, rows), opening);
}

function remember(driver: string, rows: readonly Row[]): string {
  const version = String(Object.values(rows[0] ?? {})[0]);
  versions.set(driver, version);
  return version;
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
