import { ESLint } from 'eslint';
import * as parser from '@typescript-eslint/parser';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import plugin from '../../src/index.ts';
import { readCases, type Case } from '../case-folders.ts';
import { RUNNING } from './drivers.ts';
import { filesOf, functionsOf, outcomeOf, type Files, type Outcome } from './program.ts';

/** The rules whose fixes are to change nothing but what is left behind. */
const RULES = ['require-close', 'require-rollback', 'prefer-immediate-transaction'] as const;

/** What a program imports that runs here; the others are named below. */
const IMPORTS = /['"](better-sqlite3|libsql|sqlite|sqlite3|@libsql\/client|node:sqlite|bun:sqlite)['"]/g;

const WAYS = (['error', 'busy'] as const).flatMap((fault) => [false, true].map((seeded) => ({ fault, seeded })));
const NOTHING = { leaks: 0, transactions: 0 };

interface Program {
  readonly name: string;
  readonly main: string;
  readonly before: Files;
  readonly after: Files;
}

const programs: Program[] = [];
const elsewhere: string[] = [];
/** Programs that left something open before, and do not now. */
const shown: string[] = [];

/** The text of a file once nothing is left to fix. */
async function fixed(folder: string, path: string, text: string): Promise<string> {
  const eslint = new ESLint({
    cwd: folder,
    fix: true,
    ignore: false,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.{ts,js,mjs,cjs}'],
        plugins: { unbusy: plugin },
        languageOptions: { parser },
        rules: Object.fromEntries(RULES.map((rule) => [`unbusy/${rule}`, 'error'])),
      },
    ],
  });
  const [result] = await eslint.lintText(text, { filePath: path });
  return result?.output ?? text;
}

async function programOf({ id, folder, files, situation }: Case): Promise<Program | null> {
  const before = filesOf(folder, files);
  const after = new Map<string, string>();
  for (const [path, text] of before) after.set(path, await fixed(folder, path, text));
  const [main] = before.keys();
  const isChanged = [...before].some(([path, text]) => after.get(path) !== text);
  return main !== undefined && isChanged ? { name: `${id}, ${situation}`, main, before, after } : null;
}

const changed = (await Promise.all(readCases().map(programOf))).filter((program) => program !== null);
for (const program of changed) {
  const text = [...program.before.values()].join('\n');
  // sqlite3 is what sqlite opens; by itself it answers by callbacks.
  const wanted = [...text.matchAll(IMPORTS)].map(([, name = '']) => name);
  const known = wanted.includes('sqlite') ? wanted.filter((name) => name !== 'sqlite3') : wanted;
  if (known.every((name) => RUNNING.includes(name))) programs.push(program);
  else elsewhere.push(program.name);
}

describe('a case and what the fixes make of it', () => {
  // What is written is the same at any time.
  beforeAll(() => vi.useFakeTimers({ toFake: ['Date'], now: 0 }));
  afterAll(() => vi.useRealTimers());

  test('there are enough of them that run here', () => {
    expect(programs.length).toBeGreaterThan(15);
  });

  describe.each(programs)('$name', ({ name, main, before, after }) => {
    test('do the same, whichever call fails, and leave nothing open', async () => {
      const names = await functionsOf(before, main);
      expect(names, 'nothing is exported').not.toEqual([]);
      const left = { before: 0, after: 0 };
      for (const exported of names) {
        for (const { fault, seeded } of WAYS) {
          const run = (files: Files, failing: number): Promise<Outcome> =>
            outcomeOf(files, main, exported, failing, fault, seeded);
          const { calls } = await run(before, Infinity);
          for (let failing = 1; failing <= calls + 1; failing += 1) {
            const old = await run(before, failing);
            const now = await run(after, failing);
            const place = `${exported}, ${fault} at call ${failing} of ${calls}${seeded ? ', with rows' : ''}`;
            expect(now.result, place).toBe(old.result);
            expect(now.rows, place).toBe(old.rows);
            // A function that fails before it hands its connection over is not reported, and not changed.
            expect(now.leaks, `${place}: connections left open`).toBeLessThanOrEqual(old.leaks);
            expect(now.transactions, `${place}: transactions left open`).toBeLessThanOrEqual(old.transactions);
            if (failing > calls) expect({ leaks: now.leaks, transactions: now.transactions }).toEqual(NOTHING);
            left.before += old.leaks + old.transactions;
            left.after += now.leaks + now.transactions;
          }
        }
      }
      expect(left.after).toBeLessThanOrEqual(left.before);
      if (left.after < left.before || changesLocksAlone(before, after)) shown.push(name);
    });
  });

  test('nearly all of them left something open before', () => {
    // What fails in the others is no call of the driver.
    expect(shown.length).toBeGreaterThanOrEqual(programs.length - 4);
  });

  test.skip.each(elsewhere)('%s: its driver needs another runtime, or answers by callbacks', () => undefined);
});

/** BEGIN IMMEDIATE changes when a lock is taken, not what is left behind. */
function changesLocksAlone(before: Files, after: Files): boolean {
  const bare = (text: string): string => text.replace(/\.immediate(?=\()|\s+IMMEDIATE\b/gi, '');
  return [...before].every(([path, text]) => bare(after.get(path) ?? '') === bare(text));
}
