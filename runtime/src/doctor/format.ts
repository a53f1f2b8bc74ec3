/**
 * The files of a database as they are on the disk (https://sqlite.org/fileformat2.html and
 * https://sqlite.org/walformat.html). They are only read, and never locked: others go on meanwhile.
 */

/** The first 100 bytes of a database. */
export interface Header {
  readonly pageSize: number;
  readonly journal: 'rollback' | 'wal' | 'unknown';
  /** The version of SQLite that wrote last, as 3045001; 0 where it did not say. */
  readonly writtenBy: number;
}

/** The head of a -wal file, and how many frames it has room for. */
export interface Wal {
  readonly bytes: number;
  /** 0 where there is no header yet. */
  readonly pageSize: number;
  /** Frames of this filling; behind them may be some of an earlier one. */
  readonly frames: number;
}

/** The wal-index in a -shm file. */
export interface WalIndex {
  /** The last valid frame. */
  readonly frames: number;
  /** Frames that a checkpoint has copied into the database. */
  readonly backfilled: number;
  /** What readers see at the most, by slot; undefined where a slot is free. */
  readonly readMarks: readonly (number | undefined)[];
}

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const WAL_MAGIC = 0x377f0682;
const WAL_HEADER = 32;
const FRAME_HEADER = 24;
/** `READMARK_NOT_USED` of wal.c. */
const FREE = 0xffffffff;

/** Undefined where the file is no database (or an encrypted one, which looks like that). */
export function readHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < 100 || !bytes.subarray(0, 16).equals(MAGIC)) return undefined;
  const size = bytes.readUInt16BE(16);
  const version = bytes.readUInt8(18);
  return {
    pageSize: size === 1 ? 65536 : size,
    journal: version === 1 ? 'rollback' : version === 2 ? 'wal' : 'unknown',
    writtenBy: bytes.readUInt32BE(96),
  };
}

/** @param frameAt reads the salts of a frame, by its number from 0 */
export function readWal(head: Buffer, bytes: number, frameAt: (offset: number) => Buffer): Wal {
  if (head.length < WAL_HEADER || (head.readUInt32BE(0) & ~1) >>> 0 !== WAL_MAGIC)
    return { bytes, pageSize: 0, frames: 0 };
  const pageSize = head.readUInt32BE(8);
  const salts = head.subarray(16, 24);
  const room = Math.max(0, Math.floor((bytes - WAL_HEADER) / (pageSize + FRAME_HEADER)));
  const isOfThisFilling = (frame: number): boolean =>
    frameAt(WAL_HEADER + frame * (pageSize + FRAME_HEADER) + 8).equals(salts);
  // Frames of this filling come first, so that the border can be searched for by halves.
  let [first, end] = [0, room];
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (isOfThisFilling(middle)) first = middle + 1;
    else end = middle;
  }
  return { bytes, pageSize, frames: first };
}

/** Undefined where it is not made yet, or is being changed at this moment (its two copies differ). */
export function readWalIndex(bytes: Buffer): WalIndex | undefined {
  if (bytes.length < 136 || !bytes.subarray(0, 48).equals(bytes.subarray(48, 96))) return undefined;
  // In the byte order of the machine, as it is shared memory.
  const number = (offset: number): number => (LITTLE_ENDIAN ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset));
  if (number(0) !== 3007000 || bytes.readUInt8(12) !== 1) return undefined;
  const marks = [0, 1, 2, 3, 4].map((slot) => number(100 + slot * 4));
  return {
    frames: number(16),
    backfilled: number(96),
    readMarks: marks.map((mark) => (mark === FREE ? undefined : mark)),
  };
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Whether a -journal file has something to roll back: its header is there, and not cleared. */
export function isJournalInUse(head: Buffer): boolean {
  return head.length >= 8 && head.subarray(0, 8).equals(JOURNAL_MAGIC);
}

const JOURNAL_MAGIC = Buffer.from([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
