import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'unbusy-'));
let count = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The name of a database file that does not exist yet. */
export function freshFile(): string {
  count += 1;
  return join(folder, `${String(count)}.db`);
}
