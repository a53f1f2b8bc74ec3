import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOCS, readPage, tableIn, textUnder } from '../../../tests/docs/markdown.ts';
import { USAGE } from '../../src/doctor/command.ts';
import { findingsOf } from '../../src/doctor/findings.ts';
import { asText } from '../../src/doctor/report.ts';
import type { Examination } from '../../src/doctor/examine.ts';

const page = readPage(join(DOCS, 'doctor.md'));

const names = (heading: string): string[] =>
  tableIn(textUnder(page, heading)).map(([name = '']) => name.replaceAll('`', ''));

/** What the page tells of: a reader that pins the WAL, and a writer. */
const EXAMPLE: Examination = {
  database: 'shop.db',
  bytes: 4096,
  header: { pageSize: 4096, journal: 'wal', writtenBy: 3053002 },
  wal: { bytes: 18_580_000, pageSize: 4096, frames: 4510 },
  walIndex: { frames: 4510, backfilled: 2, readMarks: [0, 2, 4510, undefined, undefined] },
  journal: undefined,
  fileSystem: { name: 'ext4', carriesWal: undefined },
  locks: {
    connected: [
      { pid: 41, command: 'node report.js' },
      { pid: 42, command: 'node import.js' },
    ],
    writer: { pid: 42, command: 'node import.js' },
    checkpointer: undefined,
    readers: [[], [{ pid: 41, command: 'node report.js' }], [], [], []],
  },
};

test('the example is what is printed', () => {
  const findings = findingsOf(EXAMPLE, { wal: 64 * 2 ** 20 });
  const [example] = page.fences.filter(({ language }) => language === 'text');
  expect(example?.text).toBe(asText({ examination: EXAMPLE, findings }, false));
});

test('the options are those of --help', () => {
  const known = [...USAGE.matchAll(/^ {2}(--[\w-]+(?: \[?[A-Z]+\]?)?) {2,}/gm)].map(([, option]) => option);
  expect(names('Options')).toEqual(known);
});

test('the findings are those that there are', () => {
  const all: Examination[] = [
    EXAMPLE,
    { ...EXAMPLE, header: undefined },
    { ...EXAMPLE, bytes: 0, header: undefined },
    { ...EXAMPLE, fileSystem: { name: 'NFS', carriesWal: false }, journal: { inUse: true } },
    { ...EXAMPLE, header: { pageSize: 4096, journal: 'rollback', writtenBy: 0 }, wal: undefined, walIndex: undefined },
    { ...EXAMPLE, header: { pageSize: 4096, journal: 'wal', writtenBy: 3045001 } },
    {
      ...EXAMPLE,
      header: { pageSize: 4096, journal: 'rollback', writtenBy: 0 },
      journal: { inUse: true },
      locks: { connected: [], writer: undefined, checkpointer: { pid: 1 }, readers: [] },
    },
  ];
  const codes = new Set(all.flatMap((examination) => findingsOf(examination, { wal: 0 })).map(({ code }) => code));
  expect(names('Findings').sort()).toEqual([...codes].sort());
});
