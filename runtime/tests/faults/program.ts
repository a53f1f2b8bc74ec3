import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'unbusy-program-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An entry of the package, as it is built. */
function entryOf(driver: string): string {
  return pathToFileURL(fileURLToPath(new URL(`../../dist/drivers/${driver}.js`, import.meta.url))).href;
}

let count = 0;

/** A real second process that runs a program on the built package. */
export interface Program {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly lines: readonly string[];
  readonly errors: () => string;
  /** Waits until it has printed so many lines. */
  printed(lines: number): Promise<void>;
  /** Waits for its end; the exit code, or the signal. */
  ended(): Promise<number | string>;
}

/** @param code has `unbusy` (the entry's exports) and `file` */
export function run(code: string, file: string, flags: readonly string[] = [], driver = 'better-sqlite3'): Program {
  count += 1;
  const path = join(folder, `${String(count)}.mjs`);
  writeFileSync(
    path,
    `import * as unbusy from ${JSON.stringify(entryOf(driver))};\nconst file = process.argv[2];\n${code}`,
  );
  const child = spawn(process.execPath, [...flags, path, file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let errors = '';
  let told: () => void = () => undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    told();
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const end = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 0);
      told();
    });
  });
  return {
    process: child,
    lines,
    errors: () => errors,
    printed: async (wanted) => {
      while (lines.length < wanted) {
        if (child.exitCode !== null) throw new Error(`The program ended early: ${errors}`);
        await new Promise<void>((resolve) => (told = resolve));
      }
    },
    ended: () => end,
  };
}
