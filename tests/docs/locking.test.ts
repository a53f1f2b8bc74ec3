import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'sqlite';
import sqlite3 from 'sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import plugin from '../../src/index.ts';
import { DRIVERS } from '../../src/drivers/index.ts';
import { DOCS, readPage, tableIn, textUnder } from './markdown.ts';
import { isTimeline, parseTimeline, runTimeline } from './timeline.ts';

const page = readPage(join(DOCS, 'locking.md'));
const pictures = page.fences
  .filter(({ text }) => isTimeline(text))
  .map(({ text, line, under }) => ({ name: under.at(-1) ?? '', line, timeline: parseTimeline(text) }));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unbusy-locking-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the pictures of docs/locking.md happen', () => {
  test.each(pictures)('$name (line $line)', async ({ timeline }) => {
    await runTimeline(timeline, mkdtempSync(join(folder, 'picture-')));
  });

  test('every cause has one', () => {
    const causes = page.headings.filter(({ level }) => level === 3).map(({ text }) => text);
    const drawn = new Set(page.fences.flatMap(({ under }) => under[2] ?? []));
    expect(causes.filter((cause) => !drawn.has(cause))).toEqual([]);
  });
});

test('every rule is the rule for some cause', () => {
  const named = page.links.flatMap((link) => /^rules\/(.+)\.md$/.exec(link)?.[1] ?? []);
  expect([...new Set(named)].sort()).toEqual(Object.keys(plugin.rules).sort());
});

test('the table of busy timeouts is that of the driver catalogue', () => {
  const rows = tableIn(textUnder(page, 'What each driver waits for'));
  const documented = rows.map(([driver = '', milliseconds = '']) => [driver.replaceAll('`', ''), Number(milliseconds)]);
  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries(DRIVERS.map(({ id, defaultBusyTimeout }) => [id, defaultBusyTimeout])),
  );
});

test('sqlite3 and sqlite wait 1000 ms by default, and sqlite ignores an option for it', async () => {
  const filename = join(folder, 'defaults.db');
  // eslint-disable-next-line unbusy/valid-open-options -- that the option is ignored is what this shows
  const options = { filename, driver: sqlite3.Database, timeout: 5000 };
  const db = await open(options);
  try {
    expect(await db.get('PRAGMA busy_timeout')).toEqual({ timeout: 1000 });
  } finally {
    await db.close();
  }
});

test('sqlite opens read-only, and only what exists, by its mode', async () => {
  const driver = sqlite3.Database;
  const filename = join(folder, 'modes.db');
  await expect(open({ filename, driver, mode: sqlite3.OPEN_READWRITE })).rejects.toThrow('SQLITE_CANTOPEN');
  await (await open({ filename, driver })).close();
  const db = await open({ filename, driver, mode: sqlite3.OPEN_READONLY });
  try {
    await expect(db.exec('CREATE TABLE t (x)')).rejects.toThrow('SQLITE_READONLY');
  } finally {
    await db.close();
  }
});
