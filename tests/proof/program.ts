import { readFileSync } from 'node:fs';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import ts from 'typescript';
import { driversIn } from './drivers.ts';
import { ARGUMENT, extendSchema, Faults, tablesOf, type Fault } from './faults.ts';

/** A program: the text of its files by path. */
export type Files = ReadonlyMap<string, string>;

/** What one call of one function of a program came to. */
export interface Outcome {
  /** What it returned, or the message of what it threw. */
  readonly result: string;
  /** All rows of all databases, as another connection sees them. */
  readonly rows: string;
  /** Connections that the call has opened and left open, and transactions that are open. */
  readonly leaks: number;
  readonly transactions: number;
  readonly calls: number;
}

/** The functions that a program exports, by name. */
export async function functionsOf(files: Files, main: string): Promise<string[]> {
  return inFolder(async (folder) => {
    const faults = new Faults(Infinity, 'error', false);
    const exported = await load(files, main, driversIn(folder, faults));
    const names = Object.keys(exported).filter((name) => isPlainFunction(exported[name]));
    for (const opened of faults.opened) await opened.close();
    return names;
  });
}

/** Calls one exported function, of whose calls of the driver one fails. */
export async function outcomeOf(
  files: Files,
  main: string,
  name: string,
  failing: number,
  fault: Fault,
  seeded: boolean,
): Promise<Outcome> {
  const lacked: Faults['lacked'][number][] = [];
  for (;;) {
    const { outcome, more } = await attempt({ files, main, name, failing, fault, seeded }, lacked);
    if (more.length === 0) return outcome;
    lacked.push(...more);
  }
}

interface Run {
  readonly files: Files;
  readonly main: string;
  readonly name: string;
  readonly failing: number;
  readonly fault: Fault;
  readonly seeded: boolean;
}

/** Runs it with the schema that is known so far. */
async function attempt(
  { files, main, name, failing, fault, seeded }: Run,
  lacked: Faults['lacked'],
): Promise<{ outcome: Outcome; more: Faults['lacked'] }> {
  return inFolder(async (folder) => {
    for (const { file, error } of lacked) {
      const schema = new BetterSqlite3(join(folder, file));
      extendSchema(schema, seeded, error);
      schema.close();
    }
    const faults = new Faults(Infinity, fault, seeded);
    const drivers = driversIn(folder, faults);
    const exported = await load(files, main, drivers);
    const lasting = faults.opened.length;
    // What the module does when it is loaded is not what fails.
    const armed = faults.arm(failing);
    const fn = exported[name] as (...args: unknown[]) => unknown;
    const args = argumentsOf(fn);
    let result: string;
    try {
      result = JSON.stringify([await settled(fn, args)]);
    } catch (error) {
      result = `throws ${(error as Error).message}`;
    }
    const own = faults.opened.slice(lasting);
    const leaks = own.filter((opened) => opened.isOpen()).length;
    const transactions = faults.opened.filter((opened) => opened.inTransaction()).length;
    // What is left open is rolled back with its connection, as at the end of the process.
    for (const opened of faults.opened)
      if (opened.isOpen()) await Promise.resolve(opened.close()).catch(() => undefined);
    const outcome = { result, rows: rowsIn(folder), leaks, transactions, calls: faults.calls - armed };
    return { outcome, more: faults.lacked };
  });
}

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-proof-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Modules may await at their top level. */
const AsyncFunction = (async () => Promise.resolve()).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<void>;

const COMPILED: ts.CompilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  esModuleInterop: true,
  allowJs: true,
};

/** Loads a program: what it imports are the drivers, its own files, and stand-ins for all others. */
async function load(
  files: Files,
  main: string,
  drivers: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const text = files.get(main) ?? '';
  const code = ts.transpileModule(text, {
    compilerOptions: COMPILED,
    fileName: main.replace(/\.[cm]js$/, '.js'),
  }).outputText;
  const module = { exports: {} as Record<string, unknown> };
  const loaded = new Map<string, unknown>();
  for (const [, specifier = ''] of code.matchAll(/require\(["'](\.[^"']+)["']\)/g)) {
    const path = pathOf(files, dirname(main), specifier);
    if (path !== null) loaded.set(specifier, await load(files, path, drivers));
  }
  // Functions that are given to a package while the program is loaded are called by it later.
  const callbacks: unknown[] = [];
  const given = (fn: unknown): void => void callbacks.push(fn);
  const require = (specifier: string): unknown =>
    drivers[specifier] ??
    loaded.get(specifier) ??
    (specifier.startsWith('node:path') ? pathModule : standIn(specifier, given));
  const run = new AsyncFunction('require', 'module', 'exports', 'process', 'console', 'fetch', 'setTimeout', code);
  await run(require, module, module.exports, PROCESS, SILENT, fetched, (fn: () => void) => setImmediate(fn));
  const exported = typeof module.exports === 'function' ? { main: module.exports } : module.exports;
  return { ...Object.fromEntries(callbacks.map((fn, at) => [`callback ${at}`, fn])), ...exported };
}

function pathOf(files: Files, folder: string, specifier: string): string | null {
  const base = resolve(folder, specifier);
  const paths = ['', '.ts', '.js', '.cjs', '.mjs', '/index.ts', '/index.js'].map((end) => base + end);
  return paths.find((path) => files.has(path)) ?? null;
}

const pathModule = { join: (...parts: unknown[]) => parts.join('/'), basename: (path: unknown) => String(path) };

/** Another package, or a part of the system: it can be called, read, awaited and built, and does nothing. */
function standIn(name: string, given: (fn: unknown) => void): unknown {
  const target = (): unknown => undefined;
  return new Proxy(target, {
    get(_, key) {
      if (key === 'then' || typeof key === 'symbol') return key === Symbol.toPrimitive ? () => name : undefined;
      if (key === 'toString' || key === 'toJSON') return () => name;
      return standIn(`${name}.${key}`, given);
    },
    apply: (_, __, args: unknown[]) => {
      args.filter(isPlainFunction).forEach(given);
      return standIn(`${name}()`, given);
    },
    construct: () => standIn(`new ${name}`, given) as object,
  });
}

const SILENT = { log: () => undefined, error: () => undefined, warn: () => undefined, info: () => undefined };
const PROCESS = { env: {}, argv: [], on: () => undefined, cwd: () => '.' };
const fetched = (): Promise<unknown> =>
  Promise.resolve({
    ok: true,
    status: 200,
    statusText: 'OK',
    url: 'u',
    text: () => Promise.resolve('text'),
    json: () => Promise.resolve({}),
  });

function isPlainFunction(value: unknown): boolean {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value));
}

/** Something for each parameter, by its name. */
function argumentsOf(fn: (...args: unknown[]) => unknown): unknown[] {
  const text = Function.prototype.toString.call(fn);
  const list = /^(?:async\s+)?(?:function\s*\*?\s*\w*)?\s*\(?([^)=]*)/.exec(text)?.[1] ?? '';
  const names = list.split(',').map((name) => name.trim());
  return names
    .filter((name) => name !== '')
    .map((name) => {
      if (/^(?:done|callback|cb|send|next)$/.test(name)) return () => undefined;
      if (name.endsWith('s')) return ['1;2', '3;4'];
      return /^(?:given|conn|db)$/.test(name) ? undefined : ARGUMENT;
    });
}

/** Runs a function to its end, a generator with all its values. */
async function settled(fn: (...args: unknown[]) => unknown, args: unknown[]): Promise<unknown> {
  const value = await fn(...args);
  if (typeof value !== 'object' || value === null || !('next' in value)) return value;
  const values: unknown[] = [];
  for await (const item of value as unknown as AsyncIterable<unknown>) values.push(item);
  return values;
}

function rowsIn(folder: string): string {
  const files = readdirSync(folder).filter((file) => !/-(?:wal|shm|journal)$/.test(file));
  return files
    .sort()
    .flatMap((file) => {
      const database = new BetterSqlite3(join(folder, file));
      try {
        return tablesOf(database).map(
          (table) => `${file} ${table} ${JSON.stringify(database.prepare(`SELECT * FROM "${table}"`).all(), timeless)}`,
        );
      } finally {
        database.close();
      }
    })
    .filter((line) => !line.endsWith('[]'))
    .join('\n');
}

/** How long a run may take (milliseconds): what SQL's clock gave within that time is "now". */
const LATELY = 600_000;

/** SQL has its own clock (`unixepoch()`, CURRENT_TIMESTAMP), and a second may pass between two runs. */
function timeless(_key: string, value: unknown): unknown {
  // `Date.now` stands still in these tests.
  const now = performance.timeOrigin + performance.now();
  const time = typeof value === 'string' ? utc(value) : typeof value === 'number' ? value * 1000 : NaN;
  return Math.abs(now - time) < LATELY ? 'now' : value;
}

/** The time (milliseconds since 1970) in a text as SQLite's `datetime()` writes it; NaN for other texts. */
function utc(text: string): number {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? Date.parse(`${text.replace(' ', 'T')}Z`) : NaN;
}

/** The files of a folder, as a program. */
export function filesOf(folder: string, names: readonly string[]): Map<string, string> {
  return new Map(
    names
      .map((name) => join(folder, name))
      .filter((path) => existsSync(path))
      .map((path) => [path, readFileSync(path, 'utf8')]),
  );
}
