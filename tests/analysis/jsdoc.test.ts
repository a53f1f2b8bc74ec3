import { describe, expect, test } from 'vitest';
import { transactionLeaksOf } from './program.ts';
import { ProjectFolder } from '../project-folder.ts';

const FUNCTION = `exports.save = (db, flag) => {
  db.exec('BEGIN');
  if (flag) return;
  db.exec('COMMIT');
};`;

/** Transactions that a file leaves open, in a project where `database.ts` has an interface with a connection. */
function leftOpen(text: string, name = 'save.js'): string[] {
  const folder = new ProjectFolder({
    'package.json': '{}',
    'database.ts': `import Database from 'better-sqlite3';
      export interface Context { readonly db: Database.Database }
      export type Handle = Database.Database;`,
    [name]: text,
  });
  return transactionLeaksOf(text, folder.file(name));
}

describe('a comment tells the type of', () => {
  test.each([
    ['a parameter', `/** @param {import('better-sqlite3').Database} db */\n${FUNCTION}`],
    ['a parameter that may be left out', `/** @param {import('better-sqlite3').Database} [db] */\n${FUNCTION}`],
    ['a parameter that may be null', `/** @param {?import('better-sqlite3').Database} db */\n${FUNCTION}`],
    ['a parameter, by the type of another module', `/** @param {import('./database').Handle} db */\n${FUNCTION}`],
    [
      'a parameter, over several lines',
      `/**\n * Saves.\n * @param {import('better-sqlite3')\n *   .Database} db where to\n * @param {boolean} flag\n */\n${FUNCTION}`,
    ],
    [
      'a parameter, by a name that the file defines',
      `/** @typedef {import('./database').Handle} Db */\n/** @param {Db} db */\n${FUNCTION}`,
    ],
    [
      'a field',
      `class Store {
        /** @type {import('better-sqlite3').Database} */
        db;
        save(flag) {
          this.db.exec('BEGIN');
          if (flag) return;
          this.db.exec('COMMIT');
        }
      }`,
    ],
    [
      'the parameter of a method',
      `class Store {
        /** @param {import('./database').Context} context */
        async save(context, flag) {
          context.db.exec('BEGIN');
          if (flag) return;
          context.db.exec('COMMIT');
        }
      }`,
    ],
    [
      'the parameter of a constant function that is exported',
      `/** @param {import('better-sqlite3').Database} db */
      export const save = function (db, flag) {
        db.exec('BEGIN');
        if (flag) return;
        db.exec('COMMIT');
      };`,
    ],
  ])('%s', (_, text) => {
    expect(leftOpen(text)).toHaveLength(1);
  });
});

describe('a comment tells nothing', () => {
  test.each([
    ['of a parameter with another name', `/** @param {import('better-sqlite3').Database} other */\n${FUNCTION}`],
    ['where it is no documentation', `/* @param {import('better-sqlite3').Database} db */\n${FUNCTION}`],
    [
      'where something else stands between',
      `/** @param {import('better-sqlite3').Database} db */\nlet x;\n${FUNCTION}`,
    ],
    ['where the type does not parse', `/** @param {import('better-sqlite3'.Database} db */\n${FUNCTION}`],
    ['where the brace is not closed', `/** @param {import('better-sqlite3').Database db */\n${FUNCTION}`],
    ['of the driver of another database', `/** @param {import('pg').Client} db */\n${FUNCTION}`],
    ['in text', `const help = "/** @param {import('better-sqlite3').Database} db */";\n${FUNCTION}`],
  ])('%s', (_, text) => {
    expect(leftOpen(text)).toEqual([]);
  });

  test('in TypeScript, where annotations tell', () => {
    const text = `/** @param {import('better-sqlite3').Database} db */\nexport function save(db, flag) {
      db.exec('BEGIN');
      if (flag) return;
      db.exec('COMMIT');
    }`;
    expect(leftOpen(text, 'save.ts')).toEqual([]);
    expect(leftOpen(text)).toHaveLength(1);
  });
});
