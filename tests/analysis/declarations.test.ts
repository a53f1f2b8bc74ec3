import { describe, expect, test } from 'vitest';
import { factsOf, transactionLeaksOf } from './program.ts';
import { ProjectFolder } from '../project-folder.ts';

const DATABASE = `
  import Database from 'better-sqlite3';
  export interface Context { readonly db: Database.Database }
  export type Handle = Database.Database;`;
const SAVE = `(db, flag) {
  db.exec('BEGIN');
  if (flag) return;
  db.exec('COMMIT');
}`;

/** Transactions that a JavaScript module leaves open which has a declaration file. */
function leftOpen(code: string, declarations: string, extension = 'js'): string[] {
  const folder = new ProjectFolder({
    'package.json': '{}',
    'database.ts': DATABASE,
    [`save.${extension}`]: code,
    [`save.d.${extension.replace('js', 'ts')}`]: declarations,
  });
  return transactionLeaksOf(code, folder.file(`save.${extension}`));
}

const IMPORT = `import type { Handle, Context } from './database.js';`;

describe('a declaration file tells the types of the parameters of', () => {
  test.each([
    ['a function', `export function save${SAVE}`, `${IMPORT} export function save(db: Handle, flag: boolean): void;`],
    ['the default export', `export default function ${SAVE}`, `${IMPORT} export default function (db: Handle): void;`],
    [
      'a constant',
      `export const save = function ${SAVE};`,
      `${IMPORT} export declare const save: (db: Handle, flag: boolean) => void;`,
    ],
    [
      'a method',
      `export class Saver { save${SAVE} }`,
      `${IMPORT} export declare class Saver { save(db: Handle, flag: boolean): void; }`,
    ],
    [
      'a function, by a type of its own',
      `export function save${SAVE}`,
      `${IMPORT} type Db = Context['db']; export function save(db: Db, flag: boolean): void;`,
    ],
    [
      'a function, by a type of a package',
      `export function save${SAVE}`,
      `import type Database from 'better-sqlite3'; export function save(db: Database.Database): void;`,
    ],
  ])('%s', (_, code, declarations) => {
    expect(leftOpen(code, declarations)).toHaveLength(1);
  });

  test('a module with another extension', () => {
    const declarations = `${IMPORT} export function save(db: Handle): void;`;
    expect(leftOpen(`export function save${SAVE}`, declarations, 'mjs')).toHaveLength(1);
  });
});

describe('a declaration file tells nothing', () => {
  test.each([
    ['of a function with another name', `${IMPORT} export function load(db: Handle): void;`],
    ['of a static method by that of an instance', `${IMPORT} export declare class Saver { save(db: Handle): void; }`],
    [
      'where the type is that of another database',
      `import { Client } from 'pg'; export function save(db: Client): void;`,
    ],
    ['where it does not parse', `export function save(db: : Handle`],
    ['where it is empty', ``],
  ])('%s', (_, declarations) => {
    const code = `export function save${SAVE}\nexport class Saver { static save${SAVE} }`;
    expect(leftOpen(code, declarations)).toEqual([]);
  });

  test('where a comment in the code tells something else', () => {
    const code = `/** @param {import('pg').Client} db */\nexport function save${SAVE}`;
    expect(leftOpen(code, `${IMPORT} export function save(db: Handle): void;`)).toEqual([]);
  });
});

test.each([
  ['imports', `import { Handle } from './own.js';`],
  ['takes out of a module', `const { Handle } = require('./own.js');`],
  ['declares without a value', `let Handle;`],
  ['exports', `export const Handle = class {};`],
])('a name that the module itself %s keeps its meaning', (_, declaration) => {
  const code = `
    ${declaration}
    export const made = new Handle();
    export function save${SAVE}`;
  expect(leftOpen(code, `${IMPORT} export function save(db: Handle): void;`)).toEqual([]);
});

test('a module that imports nothing of a database is looked at where a declared type leads to one', () => {
  const code = `export function save(context) { context.db.exec('BEGIN'); }`;
  const folder = new ProjectFolder({
    'package.json': '{}',
    'database.ts': DATABASE,
    'save.js': code,
    'save.d.ts': `${IMPORT} export function save(context: Context): void;`,
    'plain.js': code,
  });
  expect(factsOf(code, folder.file('save.js'))).not.toBeNull();
  expect(factsOf(code, folder.file('plain.js'))).toBeNull();
});
