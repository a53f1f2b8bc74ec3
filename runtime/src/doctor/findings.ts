import { hasWalResetBug } from '../environment/sqlite-version.ts';
import type { Examination } from './examine.ts';
import type { LockHolder } from './locks.ts';

export type Severity = 'error' | 'warning' | 'info';

/** Something about a database that its owner should know. */
export interface Finding {
  readonly severity: Severity;
  /** Does not change: for scripts. */
  readonly code: string;
  readonly message: string;
  /** What to do; empty where there is nothing to do. */
  readonly advice: string;
}

export interface Limits {
  /** Bytes of the -wal file beyond which it is too large. */
  readonly wal: number;
}

/** Frames that a checkpoint has not copied; SQLite asks for one at 1000, so that twice as many were not copied in time. */
const MOST_UNCOPIED = 2000;

type Check = (examination: Examination, limits: Limits) => Finding | undefined;

/** Each looks at one thing. */
const CHECKS: readonly Check[] = [
  notADatabase,
  networkFileSystem,
  walWithoutDatabase,
  leftoverJournal,
  rollbackMode,
  largeWal,
  starvation,
  notClosed,
  writtenWithBug,
  writing,
  checkpointing,
];

export function findingsOf(examination: Examination, limits: Limits): Finding[] {
  return CHECKS.map((check) => check(examination, limits)).filter((finding) => finding !== undefined);
}

function notADatabase({ bytes, header }: Examination): Finding | undefined {
  if (header || bytes === 0) return undefined;
  return {
    severity: 'error',
    code: 'not-a-database',
    message: 'The file does not begin as an SQLite database does.',
    advice:
      'If it is encrypted, its state cannot be read from outside. Otherwise it is another file, or damaged: restore it.',
  };
}

function networkFileSystem({ fileSystem, header }: Examination): Finding | undefined {
  if (fileSystem.carriesWal !== false) return undefined;
  const isWal = header?.journal === 'wal';
  return {
    severity: isWal ? 'error' : 'warning',
    code: 'network-file-system',
    message: `It is on ${fileSystem.name}, where processes of several machines share the file but not its memory${isWal ? ', which WAL mode needs' : ''}.`,
    advice: 'Move it to a disk of this machine, or use a server (libSQL).',
  };
}

function walWithoutDatabase({ bytes, wal }: Examination): Finding | undefined {
  if (bytes > 0 || !wal || wal.frames === 0) return undefined;
  return {
    severity: 'error',
    code: 'wal-without-database',
    message: `The database is empty, but its -wal file has ${count(wal.frames, 'frame')}: it was replaced or truncated.`,
    advice:
      'Do not open it: that throws the frames away. Put the database and its -wal file back together, as they were.',
  };
}

function leftoverJournal({ journal, header, locks }: Examination): Finding | undefined {
  if (!journal?.inUse) return undefined;
  if (header?.journal === 'wal') {
    return {
      severity: 'warning',
      code: 'leftover-journal',
      message:
        'A rollback journal lies beside a database in WAL mode: the file may have been copied or replaced without it.',
      advice: 'Find out where it comes from before the database is opened: it is rolled back then.',
    };
  }
  // Somebody's transaction is under way, or nobody can tell.
  if (!locks || locks.writer) return undefined;
  return {
    severity: 'warning',
    code: 'hot-journal',
    message: 'A process ended in the middle of a transaction: its journal is there still.',
    advice:
      'Nothing, if the journal belongs to this file: the next connection rolls the transaction back. Never delete it.',
  };
}

function rollbackMode({ header }: Examination): Finding | undefined {
  if (header?.journal !== 'rollback') return undefined;
  return {
    severity: 'warning',
    code: 'rollback-mode',
    message: 'It is not in WAL mode: readers and the writer lock each other out.',
    advice: 'Run `PRAGMA journal_mode = WAL` once, or open it with openDatabase, which does.',
  };
}

function largeWal({ wal }: Examination, limits: Limits): Finding | undefined {
  if (!wal || wal.bytes <= limits.wal) return undefined;
  return {
    severity: 'warning',
    code: 'large-wal',
    message: `The -wal file has ${inBytes(wal.bytes)}, which is more than ${inBytes(limits.wal)}: reads get slower, and the disk fuller.`,
    advice: 'Run `PRAGMA wal_checkpoint(TRUNCATE)` when nobody reads, and startCheckpoints in the program.',
  };
}

function starvation({ walIndex, locks }: Examination): Finding | undefined {
  if (!walIndex) return undefined;
  const uncopied = walIndex.frames - walIndex.backfilled;
  if (uncopied <= MOST_UNCOPIED) return undefined;
  // Slot 0 is for those who read the database alone.
  const pinning = (locks?.readers ?? []).flatMap((holders, slot) => {
    const mark = walIndex.readMarks[slot];
    return slot > 0 && mark !== undefined && mark < walIndex.frames ? holders : [];
  });
  const who =
    pinning.length > 0 ? ` ${sentence(pinning)} ${pinning.length > 1 ? 'read' : 'reads'} what was there before.` : '';
  return {
    severity: 'warning',
    code: 'starvation',
    message: `Checkpoints do not get ahead: ${count(uncopied, 'frame')} of ${walIndex.frames} are not in the database yet.${who}`,
    advice: 'Look for a transaction or an iterator that stays open, and end it.',
  };
}

function notClosed({ wal, locks, bytes }: Examination): Finding | undefined {
  if (!wal || wal.frames === 0 || bytes === 0 || !locks || locks.connected.length > 0) return undefined;
  return {
    severity: 'info',
    code: 'not-closed',
    message: `Nobody has it open, and its -wal file has ${count(wal.frames, 'frame')}: the last process did not close it.`,
    advice: 'Nothing: the next connection reads them. Copy the -wal file with the database.',
  };
}

function writtenWithBug({ header }: Examination): Finding | undefined {
  if (header?.journal !== 'wal' || header.writtenBy === 0) return undefined;
  const version = versionOf(header.writtenBy);
  if (!hasWalResetBug(version)) return undefined;
  return {
    severity: 'warning',
    code: 'wal-reset-bug',
    message: `SQLite ${version} wrote it last, which can corrupt a database in WAL mode when a checkpoint resets the WAL while another connection writes.`,
    advice: 'Upgrade the driver to one with SQLite 3.51.3 or later (or 3.50.7, or 3.44.6).',
  };
}

function writing({ locks }: Examination): Finding | undefined {
  if (!locks?.writer) return undefined;
  return {
    severity: 'info',
    code: 'write-lock',
    message: `${sentence([locks.writer])} has the write lock.`,
    advice: 'Nothing, if it has another holder a moment later (--watch shows that).',
  };
}

function checkpointing({ locks }: Examination): Finding | undefined {
  if (!locks?.checkpointer) return undefined;
  return {
    severity: 'info',
    code: 'checkpoint',
    message: `${sentence([locks.checkpointer])} runs a checkpoint.`,
    advice: '',
  };
}

/** 3045001 is 3.45.1 (https://sqlite.org/c3ref/c_source_id.html). */
export function versionOf(number: number): string {
  return [Math.floor(number / 1_000_000), Math.floor(number / 1000) % 1000, number % 1000].join('.');
}

/** Processes, at the beginning of a sentence. */
function sentence(holders: readonly LockHolder[]): string {
  return list(holders).replace(/^p/, 'P');
}

function list(holders: readonly LockHolder[]): string {
  return holders.map(({ pid, command }) => `process ${pid}${command ? ` (${command})` : ''}`).join(', ');
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

export function inBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}
