import { join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import * as parser from '@typescript-eslint/parser';
import { Linter, type Linter as L } from 'eslint';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import { analyze, problems } from '../src/analysis/index.ts';
import plugin from '../src/index.ts';
import { readCases } from './case-folders.ts';
import { JSX, MODULES, SCRIPTS, STATEMENTS } from './odd-programs.ts';
import { Random } from './random.ts';
import { parseSource } from './analysis/program.ts';

const PROJECT = resolve('program');
const linter = new Linter({ cwd: PROJECT });
const OPENS = ["new Database('a.db')", "new DatabaseSync('b.db')", "require('libsql')('c.db')"];
const IMPORTS = `import Database from 'better-sqlite3'; import { DatabaseSync } from 'node:sqlite';`;
const REQUIRES = `var Database = require('better-sqlite3'); var DatabaseSync = require('node:sqlite').DatabaseSync;`;

/** Lints with all rules of the plugin. What ESLint itself says, where the text cannot be parsed. */
function lint(text: string, file: string): string[] {
  const messages = verify(text, file);
  expect(problems, text).toEqual([]);
  return messages.filter(({ ruleId }) => ruleId === null).map(({ message }) => message);
}

function verify(text: string, file: string): L.LintMessage[] {
  const commonjs = file.endsWith('.cjs');
  const config: L.Config = {
    ...plugin.configs.strict,
    files: ['**/*.{ts,tsx,js,cjs}'],
    languageOptions: {
      ...(/\.tsx?$/.test(file) && { parser: parser }),
      sourceType: commonjs ? 'commonjs' : 'module',
      parserOptions: { ecmaFeatures: { jsx: file.endsWith('x') } },
    },
  };
  return linter.verify(text, config, { filename: join(PROJECT, file) });
}

function filled(code: string, random: Random): string {
  return code.replaceAll('DB', () => OPENS[random.below(OPENS.length)] ?? '');
}

/** Bodies that a statement may stand in. */
const CONTEXTS: Readonly<Record<string, (code: string) => string>> = {
  module: (code) => code,
  function: (code) => `export function run() { ${code} }`,
  'async function': (code) => `export async function run() { ${code} }`,
  generator: (code) => `export function* run() { ${code} }`,
  'async generator': (code) => `export async function* run() { ${code} }`,
  'static block': (code) => `export class A { static { ${code} } }`,
  method: (code) => `export class A extends Array { async m() { ${code} } }`,
  'transaction by hand': (code) =>
    `const shared = new Database('t.db'); export async function run() { shared.exec('BEGIN'); try { ${code} } finally { shared.exec('COMMIT'); } }`,
  'transaction function': (code) => `export const run = new Database('t.db').transaction(() => { ${code} });`,
  'loop with a connection': (code) =>
    `export async function run(list) { for (const x of list) { const own = new DatabaseSync(x); ${code}\n own.close(); await fetch(x); } }`,
};

describe('syntax of every kind', () => {
  test.each(STATEMENTS)('%s', (statement) => {
    const random = new Random(statement.length);
    const parsed = Object.values(CONTEXTS).filter(
      (context) => lint(`${IMPORTS}\n${context(filled(statement, random))}`, 'main.ts').length === 0,
    );
    // At the least where `await` or `yield` is allowed.
    expect(parsed.length).toBeGreaterThan(1);
  });

  test.each(MODULES)('%s', (module) => {
    const text = filled(module, new Random(module.length));
    const [first = '', ...rest] = text.startsWith('#!') ? text.split('\n') : ['', text];
    expect(lint(`${first}\n${IMPORTS}\n${rest.join('\n')}`.trimStart(), 'main.ts')).toEqual([]);
  });

  test.each(SCRIPTS)('%s', (script) => {
    expect(lint(`${REQUIRES}\n${filled(script, new Random(script.length))}`, 'main.cjs')).toEqual([]);
  });

  test.each(JSX)('%s', (element) => {
    expect(lint(`${IMPORTS}\n${filled(element, new Random(element.length))}`, 'main.tsx')).toEqual([]);
  });

  test.each([1, 2, 3, 4])('several of them together, seed %i', (seed) => {
    const random = new Random(seed);
    const contexts = Object.values(CONTEXTS);
    let parsed = 0;
    for (let round = 0; round < 40; round += 1) {
      const statements = Array.from({ length: 4 }, () => `{ ${STATEMENTS[random.below(STATEMENTS.length)] ?? ''}\n }`);
      const context = contexts[random.below(contexts.length)] ?? ((code: string) => code);
      if (lint(`${IMPORTS}\n${context(filled(statements.join('\n'), random))}`, 'main.ts').length === 0) parsed += 1;
    }
    expect(parsed).toBeGreaterThan(10);
  });
});

describe('files without anything', () => {
  test.each([
    '',
    ' ',
    '\n\n',
    '\uFEFF',
    '// better-sqlite3',
    '/* node:sqlite',
    ';',
    '"use strict"',
    '#!/usr/bin/env node',
  ])('%j', (text) => {
    for (const file of ['main.ts', 'main.js', 'main.cjs', 'main.tsx']) lint(text, file);
  });
});

describe('depth', () => {
  const OPEN = "new Database('a.db')";
  const around = (open: string, inner: string, close: string) => (depth: number) =>
    open.repeat(depth) + inner + close.repeat(depth);

  const kinds: [string, (depth: number) => string][] = [
    ['calls', around('f(', OPEN, ')')],
    ['blocks', around('{', `${OPEN};`, '}')],
    ['sums', around('', OPEN, ' + 1')],
    ['sums to the right', around('1 + (', OPEN, ')')],
    ['texts put together', (depth) => `${OPEN}.exec('BEGIN'${" + ';'".repeat(depth)})`],
    ['conditionals', around('x ? 1 : ', OPEN, '')],
    ['branches', around('if (x) {', `${OPEN};`, '}')],
    ['other branches', around('if (x) {} else ', `${OPEN};`, '')],
    ['loops', around('for (;;) {', `${OPEN}; break;`, '}')],
    ['try statements', around('try {', `${OPEN};`, '} finally {}')],
    ['functions', around('(() => ', OPEN, ')()')],
    ['members', around('', OPEN, '.a')],
    ['optional members', around('', OPEN, '?.a')],
    ['method calls', around('', OPEN, '.unsafeMode()')],
    ['promises', around('', `f(${OPEN})`, '.then((x) => x)')],
    ['lists', around('[', OPEN, ']')],
    ['objects', (depth) => `(${around('{ a: ', OPEN, '}')(depth)})`],
    ['patterns', (depth) => `const ${around('[', 'y', ']')(depth)} = ${OPEN};`],
    ['templates', around('`${', OPEN, '}`')],
    ['labels', (depth) => `${Array.from({ length: depth }, (_, index) => `l${index}: `).join('')}${OPEN};`],
    ['classes', around('(class { static x = ', OPEN, '})')],
  ];

  function program(body: string): string {
    return `import Database from 'better-sqlite3';\nexport function run(x, f) {\n${body}\n}`;
  }

  test.each(kinds)('100 nested %s are analysed', (_, code) => {
    expect(lint(program(code(100)), 'main.js')).toEqual([]);
  });

  test.each(kinds)('2,000 nested %s at the most exhaust the stack, which is no failure', (_, code) => {
    const path = join(PROJECT, 'main.js');
    const text = program(code(2_000));
    // ESLint itself fails on some of these; what is asked here is what the analysis makes of the tree.
    const { program: ast } = parseSync(path, text, { range: true, preserveParens: false });
    expect(ast.body).toHaveLength(2);
    expect(() => analyze({ path, text, ast: ast as never, workingDirectory: PROJECT })).not.toThrow();
    expect(problems.splice(0)).toEqual([]);
  });

  const HAZARD = `${OPEN}.exec('BEGIN');`;
  const TOO_DEEP = 'This file was not checked as a whole: its code is nested too deeply to be followed.';

  /** What all rules say of a file. */
  function messages(text: string): string[] {
    const config = [{ files: ['**/*.js'] }, plugin.configs.all];
    return new Linter({ cwd: PROJECT }).verify(text, config, join(PROJECT, 'main.js')).map(({ message }) => message);
  }

  test('code that is nested too deeply is told of once, and the functions beside it are checked', () => {
    const deep = around('for (const y of x) {', HAZARD, '}')(500);
    const told = messages(`${program(deep)}\nexport function other() { ${HAZARD} }`);
    expect(told.filter((message) => message === TOO_DEEP)).toHaveLength(1);
    expect(told.length).toBeGreaterThan(1);
  });

  test('nothing is told of code that can be followed', () => {
    expect(messages(program(around('for (const y of x) {', HAZARD, '}')(50)))).not.toContain(TOO_DEEP);
  });

  test('a file is checked after one that was nested too deeply as it would be before it', () => {
    const plain = program(HAZARD);
    const before = messages(plain);
    messages(program(around('for (const y of x) {', HAZARD, '}')(500)));
    expect(messages(plain)).toEqual(before);
  });
});

describe('length', () => {
  test('20,000 lines of functions', () => {
    const functions = Array.from(
      { length: 2_500 },
      (_, index) => `
export function task${index}(flag) {
  const db = new Database('a${index}.db');
  try {
    if (flag) db.exec('DELETE FROM t');
  } finally {
    db.close();
  }
}`,
    );
    expect(lint(`import Database from 'better-sqlite3';\n${functions.join('\n')}`, 'main.js')).toEqual([]);
  });

  test('20,000 lines in one function', () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, index) => `  if (flags[${index}]) db.exec('DELETE FROM t${index}');`,
    );
    const text = `import Database from 'better-sqlite3';
export function run(flags) {
  const db = new Database('a.db');
${lines.join('\n')}
}`;
    expect(lint(text, 'main.js')).toEqual([]);
  });
});

describe('cases with statements left out or doubled', () => {
  const cases = readCases();

  test.each(Array.from({ length: 12 }, (_, seed) => seed))('seed %i', (seed) => {
    const random = new Random(seed);
    let parsed = 0;
    for (let round = 0; round < 60; round += 1) {
      const item = cases[random.below(cases.length)];
      const [file] = item?.files ?? [];
      if (!item || file === undefined) continue;
      const path = join(item.folder, file);
      let text = readFileSync(path, 'utf8');
      for (let change = 0; change <= random.below(3); change += 1) text = mutated(text, path, random);
      try {
        analyze({ path, text, ast: parseSource(text, path), workingDirectory: item.folder });
        parsed += 1;
      } catch {
        continue; // does not parse any more
      }
      expect(problems, `${path}\n${text}`).toEqual([]);
    }
    expect(parsed).toBeGreaterThan(30);
  });

  /** The text with a statement, somewhere in it, left out, doubled or put elsewhere. */
  function mutated(text: string, path: string, random: Random): string {
    const ranges = statementsOf(text, path);
    const range = ranges[random.below(ranges.length)];
    const other = ranges[random.below(ranges.length)];
    if (!range || !other) return text;
    const statement = text.slice(...range);
    const without = text.slice(0, range[0]) + text.slice(range[1]);
    switch (random.below(3)) {
      case 0:
        return without;
      case 1:
        return `${text.slice(0, range[1])}\n${statement}${text.slice(range[1])}`;
      default:
        return `${text.slice(0, other[1])}\n${statement}${text.slice(other[1])}`;
    }
  }

  function statementsOf(text: string, path: string): [number, number][] {
    const ranges: [number, number][] = [];
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      if ('type' in node && 'range' in node && /(?:Statement|Declaration)$/.test(String(node.type)))
        ranges.push(node.range as [number, number]);
      for (const [key, child] of Object.entries(node)) {
        if (key === 'parent' || key === 'loc') continue;
        if (Array.isArray(child)) child.forEach(visit);
        else visit(child);
      }
    };
    try {
      visit(parseSource(text, path));
    } catch {
      return [];
    }
    return ranges;
  }
});
