import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Cell {
  readonly driver: string;
  readonly arm: string;
  readonly commits: number;
  readonly errorRate: number;
  readonly broken: readonly string[];
}

test('under contention the wrapper fails nobody and loses nothing, where the drivers by themselves fail', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-contention-'));
  try {
    const json = join(folder, 'cells.json');
    const program = fileURLToPath(new URL('../bench/contention/run.mjs', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--quick', '--json', json], {
      encoding: 'utf8',
    });
    expect(status, stdout + stderr).toBe(0);
    const cells = JSON.parse(readFileSync(json, 'utf8')) as Cell[];
    expect(cells.length).toBeGreaterThan(8);
    for (const { driver, arm, commits, errorRate, broken } of cells) {
      const name = `${driver}, ${arm}`;
      expect(broken, name).toEqual([]);
      if (arm.startsWith('unbusy')) expect({ name, errorRate }).toEqual({ name, errorRate: 0 });
      if (arm.startsWith('unbusy')) expect(commits, name).toBeGreaterThan(0);
    }
    const naive = cells.filter(({ arm }) => arm === 'naive');
    expect(naive.some(({ errorRate }) => errorRate > 0)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
