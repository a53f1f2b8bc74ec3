import { describe, expect, test } from 'vitest';
import { scanSource, type Scan } from '../../../src/analysis/modules/scan.ts';
import { Catalogue } from '../../../src/drivers/catalogue.ts';

const catalogue = new Catalogue();

function scan(text: string): Scan {
  return scanSource(text, catalogue);
}

describe('scanSource', () => {
  test.each([
    [`import a from 'x';`, ['default']],
    [`import * as a from 'x';`, ['*']],
    [`import { a, b as c, type D } from 'x';`, ['a', 'b', 'D']],
    [`import a, { b } from "x";`, ['default', 'b']],
    [`import type { A } from 'x';`, ['A']],
    [`import {\n  a,\n  b,\n} from 'x';`, ['a', 'b']],
    [`export { a as b } from 'x';`, ['a']],
    [`export * from 'x';`, ['*']],
    [`export * as a from 'x';`, ['*']],
    [`const a = require('x');`, ['*']],
    [`const { a, b: c } = require("x");`, ['a', 'b']],
    [`const { a } = await import('x');`, ['a']],
    ['await import(`x`)', ['*']],
  ])('%s takes %j', (text, names) => {
    expect(scan(text).imports).toMatchObject([{ specifier: 'x', names }]);
  });

  test('all modules that a source names, in their order', () => {
    const { imports } = scan(`import a from 'one';\nexport * from 'two';\nconst c = require('three');`);
    expect(imports.map(({ specifier }) => specifier)).toEqual(['one', 'two', 'three']);
  });

  test('tells what a source hands on from what it uses', () => {
    const { imports } = scan(`import a from 'one';\nexport * from 'two';\nexport { c } from 'three';`);
    expect(imports.map(({ reexports }) => reexports)).toEqual([false, true, true]);
  });

  test('imports nothing', () => {
    expect(scan('export const from = "x";').imports).toEqual([]);
    expect(scan('').imports).toEqual([]);
  });

  test.each(['better-sqlite3', 'node:sqlite', 'SQLite', '@libsql/client', 'drizzle-orm', 'kysely'])(
    'a text with %s names a database',
    (name) => {
      expect(scan(`// ${name}`).namesDatabase).toBe(true);
    },
  );

  test('a text without one does not', () => {
    expect(scan(`import { db } from './database'; db.exec('BEGIN');`).namesDatabase).toBe(false);
  });
});
