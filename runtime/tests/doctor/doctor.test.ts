import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { look, readCommand, resultOf } from '../../src/doctor/command.ts';
import { examine, type Examination } from '../../src/doctor/examine.ts';
import { findingsOf } from '../../src/doctor/findings.ts';
import { OptionError } from '../../src/errors.ts';
import { openDatabase } from '../../src/drivers/better-sqlite3.ts';
import { freshFile } from '../files.ts';
import { otherProcess, type OtherProcess } from '../other-process.ts';

const LIMITS = { wal: 64 * 2 ** 20 };
const isLinux = process.platform === 'linux';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** What is told of a database: looked at from here, where nobody has it open. */
function codes(file: string, limits = LIMITS): string[] {
  return findingsOf(examine(file), limits).map(({ code }) => code);
}

/** A database in WAL mode that nobody has open. */
function closedDatabase(): string {
  const file = freshFile();
  const db = openDatabase(file);
  db.exec('CREATE TABLE t (x)');
  db.close();
  return file;
}

async function other(file: string): Promise<OtherProcess> {
  const started = await otherProcess(file);
  ends.push(() => started.end());
  return started;
}

/** Fills the WAL of a file from another process. */
async function fill(process: OtherProcess, rows: number): Promise<void> {
  await process.ask(
    `INSERT INTO t SELECT zeroblob(3000) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${String(rows)}) SELECT i FROM n)`,
  );
}

test('a healthy database has no finding', () => {
  expect(codes(closedDatabase())).toEqual([]);
});

test('a database that is open elsewhere is read without a lock, and left as it is', async () => {
  const file = closedDatabase();
  const process = await other(file);
  await process.ask('INSERT INTO t VALUES (1)');
  expect(codes(file)).toEqual([]);
  const { header, walIndex, locks } = examine(file);
  expect(header).toMatchObject({ pageSize: 4096, journal: 'wal' });
  expect(walIndex?.frames).toBe(1);
  if (isLinux) expect(locks?.connected.map(({ pid }) => pid)).toEqual([process.process.pid]);
  await process.ask('INSERT INTO t VALUES (2)');
});

test('a database in rollback mode', () => {
  const file = freshFile();
  const db = new Database(file);
  db.exec('CREATE TABLE t (x)');
  db.close();
  expect(codes(file)).toEqual(['rollback-mode']);
});

test('a -wal file that is too large', async () => {
  const file = closedDatabase();
  const process = await other(file);
  await fill(process, 50);
  expect(codes(file)).toEqual([]);
  expect(codes(file, { wal: 100_000 })).toEqual(['large-wal']);
});

test('checkpoints that a reader keeps from their end, with the reader', async () => {
  const file = closedDatabase();
  const [reader, writer] = [await other(file), await other(file)];
  await writer.ask('INSERT INTO t VALUES (1)');
  await reader.ask('BEGIN');
  await reader.ask('SELECT count(*) FROM t');
  for (let round = 0; round < 3; round += 1) await fill(writer, 1500);
  const [starvation, ...more] = findingsOf(examine(file), LIMITS);
  expect(more).toEqual([]);
  expect(starvation?.code).toBe('starvation');
  if (isLinux) expect(starvation?.message).toContain(`Process ${String(reader.process.pid)} (`);
  await reader.ask('COMMIT');
  await writer.ask('PRAGMA wal_checkpoint(TRUNCATE)');
  expect(codes(file)).toEqual([]);
});

test.runIf(isLinux)('the process that has the write lock, in both modes', async () => {
  const [wal, rollback] = [closedDatabase(), freshFile()];
  for (const file of [wal, rollback]) {
    const process = await other(file);
    await process.ask('BEGIN IMMEDIATE');
    const finding = findingsOf(examine(file), LIMITS).find(({ code }) => code === 'write-lock');
    expect(finding?.message).toContain(`Process ${String(process.process.pid)} (`);
    await process.ask('ROLLBACK');
    expect(codes(file)).not.toContain('write-lock');
  }
});

describe('a process that was killed', () => {
  const kill = async (process: OtherProcess): Promise<void> => {
    const over = new Promise((resolve) => process.process.once('exit', resolve));
    process.process.kill('SIGKILL');
    await over;
  };

  test.runIf(isLinux)('leaves frames behind, which are not lost', async () => {
    const file = closedDatabase();
    const process = await other(file);
    await process.ask('INSERT INTO t VALUES (1)');
    await kill(process);
    expect(codes(file)).toEqual(['not-closed']);
    openDatabase(file).close();
    expect(codes(file)).toEqual([]);
  });

  test.runIf(isLinux)('leaves a hot journal behind', async () => {
    const file = freshFile();
    const process = await other(file);
    await process.ask('PRAGMA cache_size = 1');
    await process.ask('CREATE TABLE t (x)');
    await fill(process, 50);
    await process.ask('BEGIN IMMEDIATE');
    await process.ask('UPDATE t SET x = zeroblob(2000)');
    expect(codes(file)).toContain('write-lock');
    expect(codes(file)).not.toContain('hot-journal');
    await kill(process);
    expect(existsSync(`${file}-journal`)).toBe(true);
    expect(codes(file)).toEqual(['hot-journal', 'rollback-mode']);
    // It was only read: the next connection rolls back.
    const db = new Database(file);
    expect(db.prepare('SELECT max(length(x)) AS n FROM t').get()).toEqual({ n: 3000 });
    db.close();
    expect(codes(file)).toEqual(['rollback-mode']);
  });
});

test('a journal beside a database in WAL mode', () => {
  const file = closedDatabase();
  writeFileSync(`${file}-journal`, Buffer.from('d9d505f920a163d700000001', 'hex'));
  expect(codes(file)).toEqual(['leftover-journal']);
  writeFileSync(`${file}-journal`, Buffer.alloc(512));
  expect(codes(file)).toEqual([]);
});

test('frames whose database is gone', async () => {
  const file = closedDatabase();
  const process = await other(file);
  await process.ask('INSERT INTO t VALUES (1)');
  const copy = freshFile();
  copyFileSync(`${file}-wal`, `${copy}-wal`);
  writeFileSync(copy, '');
  expect(codes(copy)).toEqual(['wal-without-database']);
});

test('a file that is no database', () => {
  const file = freshFile();
  writeFileSync(file, 'x'.repeat(200));
  expect(codes(file)).toEqual(['not-a-database']);
  truncateSync(file, 0);
  expect(codes(file)).toEqual([]);
});

describe('what a machine of its own would be needed for', () => {
  const examination = (change: Partial<Examination>): Examination => ({ ...examine(closedDatabase()), ...change });
  const told = (change: Partial<Examination>): { code: string; severity: string }[] =>
    findingsOf(examination(change), LIMITS).map(({ code, severity }) => ({ code, severity }));

  test('a network file system', () => {
    const fileSystem = { name: 'NFS', carriesWal: false };
    expect(told({ fileSystem })).toEqual([{ code: 'network-file-system', severity: 'error' }]);
    const rollback = { pageSize: 4096, journal: 'rollback', writtenBy: 0 } as const;
    expect(told({ fileSystem, header: rollback })).toEqual([
      { code: 'network-file-system', severity: 'warning' },
      { code: 'rollback-mode', severity: 'warning' },
    ]);
  });

  test.each([
    [3045001, ['wal-reset-bug']],
    [3051002, ['wal-reset-bug']],
    [3050007, []],
    [3053002, []],
  ])('a database that SQLite %i wrote last', (writtenBy, expected) => {
    expect(told({ header: { pageSize: 4096, journal: 'wal', writtenBy } }).map(({ code }) => code)).toEqual(expected);
  });

  test('a checkpoint that runs', () => {
    const locks = { connected: [{ pid: 1 }], writer: undefined, checkpointer: { pid: 7 }, readers: [] };
    expect(findingsOf(examination({ locks }), LIMITS)[0]?.message).toBe('Process 7 runs a checkpoint.');
  });
});

describe('the command line', () => {
  test.each([
    [['doctor'], 'at least one database'],
    [['docter', 'app.db'], "no command 'docter'"],
    [['doctor', 'app.db', '--wal-limt=1'], "Did you mean 'wal-limit'?"],
    [['doctor', 'app.db', '--wal-limit=many'], 'it has to be a size'],
    [['doctor', 'app.db', '--fail-on=info'], "'error', 'warning' or 'never'"],
    [['doctor', 'app.db', '--watch=0'], 'a number of seconds above 0'],
  ])('refuses %j', (args, message) => {
    expect(() => readCommand(args)).toThrow(OptionError);
    expect(() => readCommand(args)).toThrow(message);
  });

  test('has defaults, units, and a --watch whose value may be left out', () => {
    expect(readCommand(['doctor', 'a.db', 'b.db'])).toEqual({
      files: ['a.db', 'b.db'],
      json: false,
      watch: undefined,
      limits: LIMITS,
      failOn: 'warning',
    });
    const command = readCommand(['doctor', '--watch', 'a.db', '--wal-limit=1.5kB', '--json', '--fail-on=never']);
    expect(command).toEqual({ files: ['a.db'], json: true, watch: 2000, limits: { wal: 1500 }, failOn: 'never' });
    expect(readCommand(['doctor', '--watch', '0.5', 'a.db'])).toMatchObject({ watch: 500, files: ['a.db'] });
    expect(readCommand([])).toBe('help');
    expect(readCommand(['--version'])).toBe('version');
  });

  const run = (...args: string[]): { code: number; text: string } => {
    const command = readCommand(['doctor', ...args]);
    if (typeof command === 'string') throw new Error(command);
    return resultOf(command, look(command), false);
  };

  test('ends with 0, 1 or 2', () => {
    const healthy = closedDatabase();
    const rollback = freshFile();
    const db = new Database(rollback);
    db.exec('CREATE TABLE t (x)');
    db.close();
    expect(run(healthy).code).toBe(0);
    expect(run(healthy, rollback).code).toBe(1);
    expect(run(rollback, '--fail-on=error').code).toBe(0);
    expect(run(rollback, '--fail-on=never').code).toBe(0);
    expect(run(rollback, `${rollback}.missing`)).toMatchObject({ code: 2 });
  });

  test('says what keeps a file from being read', () => {
    expect(run(`${freshFile()}.missing`).text).toContain('There is no such file.');
    expect(run(tmpdir()).text).toContain('It is a folder, not a database.');
  });

  test.runIf(process.platform !== 'win32' && process.getuid?.() !== 0)('says that the user may not read it', () => {
    const file = closedDatabase();
    chmodSync(file, 0);
    expect(run(file)).toMatchObject({ code: 2, text: expect.stringContaining('may not read') as unknown });
  });

  test('prints JSON with the facts and the findings', () => {
    const file = closedDatabase();
    const parsed = JSON.parse(run(file, '--json').text) as unknown;
    expect(parsed).toEqual([
      expect.objectContaining({
        database: file,
        findings: [],
        header: expect.objectContaining({ journal: 'wal' }) as unknown,
      }),
    ]);
  });
});

describe('the program', () => {
  const program = new URL('../../dist/doctor/main.js', import.meta.url);
  const unbusy = (...args: string[]) => spawnSync(process.execPath, [program.pathname, ...args], { encoding: 'utf8' });

  test('is what package.json names, and runs', () => {
    const { bin } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      bin: { unbusy: string };
    };
    expect(program.pathname.endsWith(bin.unbusy.slice(1))).toBe(true);
    expect(readFileSync(program, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
    const { status, stdout, stderr } = unbusy('doctor', closedDatabase());
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Nothing to report.');
  });

  test('says what is wrong with its arguments, and how to ask for help', () => {
    expect(unbusy('doctor', '--jsn', 'app.db')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: "unbusy has no option 'jsn'. Did you mean 'json'?\nSee unbusy --help.\n",
    });
    expect(unbusy('--help').stdout).toMatch(/^Usage: unbusy doctor FILE/);
  });
});
