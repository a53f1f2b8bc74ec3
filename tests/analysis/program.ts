import { dirname, resolve } from 'node:path';
import { parse } from '@typescript-eslint/parser';
import { expect } from 'vitest';
import { analyze, givenUp, type Facts } from '../../src/analysis/index.ts';
import { dedent } from '../source.ts';
import type { Site } from '../../src/analysis/ir.ts';

/** Parses a source file the way ESLint hands it to the rules. */
export function parseSource(text: string, path: string): ReturnType<typeof parse> {
  return parse(text, {
    filePath: path,
    range: true,
    loc: true,
    sourceType: path.endsWith('.cjs') ? 'script' : 'module',
    ecmaFeatures: { jsx: path.endsWith('x'), globalReturn: path.endsWith('.cjs') },
  });
}

/** The facts of a program, which need not exist on the disk; null where it has nothing to do with SQLite. */
export function factsOf(code: string, path = resolve('program', 'main.ts')): Facts | null {
  const text = dedent(code);
  const facts = analyze({ path, text, ast: parseSource(text, path), workingDirectory: dirname(path) });
  expect(givenUp.splice(0)).toEqual([]);
  return facts;
}

function lineOf({ module, node }: Site): number {
  return module.lineOf(node.range[0]);
}

/** The first of each kind, which is the one that a rule tells of. */
function exitsOf(exits: readonly { readonly kind: string; readonly site: Site }[]): string {
  return exits
    .filter(({ kind }, at) => exits.findIndex((exit) => exit.kind === kind) === at)
    .map(({ kind, site }) => `${kind} ${lineOf(site)}`)
    .sort()
    .join(', ');
}

/** Connections that are opened, as `line of the opening: driver`. */
export function opensOf(code: string, path?: string): string[] {
  return (factsOf(code, path)?.opens ?? []).map(({ site, driver }) => `${lineOf(site)}: ${driver.id}`);
}

/** Connections left open, as `line of the opening: kind of exit, line of the exit`. */
export function leaksOf(code: string, path?: string): string[] {
  return (factsOf(code, path)?.leaks ?? []).map(({ site, exits }) => `${lineOf(site)}: ${exitsOf(exits)}`);
}

/** Transactions left open, as `line of the beginning: kind of exit, line of the exit`. */
export function transactionLeaksOf(code: string, path?: string): string[] {
  return (factsOf(code, path)?.transactionLeaks ?? []).map(({ site, exits }) => `${lineOf(site)}: ${exitsOf(exits)}`);
}

/** Waits while something is held, as `line of the await: what is held since line, what it waits for`. */
export function waitsOf(code: string, path?: string): string[] {
  return (factsOf(code, path)?.waits ?? []).map(
    ({ site, holds, since, what }) => `${lineOf(site)}: ${holds} since ${lineOf(since)}, ${what}`,
  );
}

/** Transactions that write after they have read, as `line of the beginning: line of the read, line of the write`. */
export function upgradesOf(code: string, path?: string): string[] {
  return (factsOf(code, path)?.upgrades ?? []).map(
    ({ site, read, write }) => `${lineOf(site)}: ${lineOf(read)}, ${lineOf(write)}`,
  );
}

/** A program of one function over a synchronous driver; the body begins in line 3. */
export function synchronous(body: string): string {
  return `import Database from 'better-sqlite3';
export function run(flag: boolean, items: string[], given?: Database.Database): unknown {
${dedent(body)}
}`;
}

/** A program of one asynchronous function over a driver with promises; the body begins in line 3. */
export function asynchronous(body: string): string {
  return `import { open } from 'sqlite'; import sqlite3 from 'sqlite3'; const options = { filename: 'a.db', driver: sqlite3.Database };
export async function run(flag: boolean, url: string): Promise<unknown> {
${dedent(body)}
}`;
}
