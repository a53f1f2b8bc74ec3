import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../../docs/runtime.md', import.meta.url), 'utf8');
const entry = new URL('../../dist/drivers/better-sqlite3.js', import.meta.url);

test('the example of docs/runtime.md runs, on the package as it is built', () => {
  const code = /```js\n([^]*?)```/.exec(page)?.[1] ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-docs-'));
  const file = join(folder, 'example.mjs');
  writeFileSync(file, code.replace("'unbusy/better-sqlite3'", JSON.stringify(entry.href)));
  try {
    const output = execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
    expect(output).toBe('1\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
