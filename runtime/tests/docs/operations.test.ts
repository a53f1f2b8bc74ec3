import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { DOCS, readPage, tableIn, textUnder, type Fence } from '../../../tests/docs/markdown.ts';
import {
  createPool,
  inBatches,
  openDatabase,
  retryOnBusy,
  startCheckpoints,
  withTaskLimits,
} from '../../src/drivers/better-sqlite3.ts';
import { freshFile } from '../files.ts';

const folder = mkdtempSync(join(tmpdir(), 'unbusy-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const runtime = fileURLToPath(new URL('../..', import.meta.url));

/** Runs modules as an application that has the package in node_modules, as it is built; the last one is the program. */
function run(modules: readonly Fence[]): string {
  const application = mkdtempSync(join(folder, 'application-'));
  mkdirSync(join(application, 'node_modules'));
  symlinkSync(runtime, join(application, 'node_modules', 'unbusy'), 'junction');
  writeFileSync(join(application, 'package.json'), '{ "type": "module" }');
  for (const { name, text } of modules) writeFileSync(join(application, name ?? 'main.js'), text);
  const program = modules.at(-1)?.name ?? 'main.js';
  return execFileSync(process.execPath, [program], { cwd: application, encoding: 'utf8', timeout: 20_000 });
}

function promised(text: string): string[] {
  return [...text.matchAll(/\/\/ prints (.*)$/gm)].map(([, line = '']) => line);
}

/** The modules of each example: blocks with names under one heading belong together. */
function examplesOf(page: string): (readonly [string, Fence[]])[] {
  const fences = readPage(join(DOCS, page)).fences.filter(({ language }) => language === 'js');
  const examples = new Map<string, Fence[]>();
  for (const fence of fences) {
    const heading = fence.under.at(-1) ?? '';
    examples.set(heading, [...(examples.get(heading) ?? []), fence]);
  }
  return [...examples];
}

describe.each(['tasks.md', 'checkpoints.md', 'pool.md', '../runtime/README.md'])('the examples of docs/%s', (page) => {
  test.each(examplesOf(page))('print what they say: %s', (_, modules) => {
    const lines = modules.flatMap(({ text }) => promised(text));
    expect(lines.length).toBeGreaterThan(0);
    expect(run(modules)).toBe(lines.map((line) => `${line}\n`).join(''));
  });
});

describe('the options', () => {
  type Verb = (options: object) => unknown;
  const db = openDatabase(freshFile());
  afterAll(() => db.close());
  const verbs: readonly (readonly [string, string, Verb])[] = [
    ['tasks.md', '`retryOnBusy(fn, options?)`', (options) => retryOnBusy(() => 1, options)],
    ['tasks.md', '`withTaskLimits(name, fn, options?)`', (options) => withTaskLimits('a task', () => 1, options)],
    ['tasks.md', '`inBatches(db, rows, fn, options?)`', (options) => inBatches(db, [], () => 1, options)],
    ['checkpoints.md', 'Options', (options) => startCheckpoints([], options).stop()],
  ];

  test.each(verbs)('of docs/%s, %s are those that there are', async (page, heading, verb) => {
    const known = await optionsOf(verb);
    expect(known.length).toBeGreaterThan(3);
    expect(namesIn(page, heading)).toEqual(known);
  });

  test('of docs/pool.md are those that there are beside the ones of openDatabase', async () => {
    const ofOpening = await optionsOf((options) => openDatabase(freshFile(), options));
    const known = await optionsOf((options) => createPool(freshFile(), options));
    expect(namesIn('pool.md', 'Options')).toEqual(known.filter((name) => !ofOpening.includes(name)));
    expect(ofOpening.filter((name) => !known.includes(name))).toEqual(['mustExist', 'readOnly']);
  });

  /** The options in a page's table. */
  function namesIn(page: string, heading: string): string[] {
    const rows = tableIn(textUnder(readPage(join(DOCS, page)), heading));
    return rows.map(([name = '']) => name.replaceAll('`', '')).sort();
  }

  /** The options that a function has: it names them when it refuses one. */
  async function optionsOf(verb: Verb): Promise<string[]> {
    const refusal = await Promise.resolve()
      .then(() => verb({ '': 1 }))
      .then(
        () => '',
        (error: unknown) => String(error),
      );
    return (/It has: (.*)\./.exec(refusal)?.[1]?.split(', ') ?? []).sort();
  }
});
