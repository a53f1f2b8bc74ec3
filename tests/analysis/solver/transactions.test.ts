import { describe, expect, test } from 'vitest';
import { ProjectFolder } from '../../project-folder.ts';
import { factsOf, transactionLeaksOf } from '../program.ts';
import type { Site } from '../../../src/analysis/ir.ts';

function lineOf({ module, node }: Site): number {
  return module.lineOf(node.range[0]);
}

/** Transactions that read first and write later, as `line of the beginning: reads in line, writes in line`. */
function upgradesOf(code: string, path?: string): string[] {
  return (factsOf(code, path)?.upgrades ?? []).map(
    ({ site, read, write }) => `${lineOf(site)}: reads in ${lineOf(read)}, writes in ${lineOf(write)}`,
  );
}

/** A function over a connection of the module; the body begins in line 4. */
function program(body: string): string {
  return `import Database from 'better-sqlite3';
const db = new Database('a.db');
export function run(flag: boolean): void {
${body}
}`;
}

const leaks = (body: string): string[] => transactionLeaksOf(program(body));
const upgrades = (body: string): string[] => upgradesOf(program(body));

describe('ends of a transaction', () => {
  test.each([
    [
      'COMMIT that fails leaves it to the rollback',
      `db.exec('BEGIN'); try { db.exec('COMMIT'); } catch (e) { db.exec('ROLLBACK'); throw e; }`,
    ],
    [
      'a rollback that fails counts as done',
      `db.exec('BEGIN'); try { db.exec('a'); db.exec('COMMIT'); } catch (e) { db.exec('ROLLBACK'); JSON.parse('x'); }`,
    ],
    [
      'ROLLBACK in a try of its own',
      `db.exec('BEGIN'); try { db.exec('a'); db.exec('COMMIT'); } catch (e) { try { db.exec('ROLLBACK'); } catch {} throw e; }`,
    ],
    ['ROLLBACK on both ways', `db.exec('BEGIN'); try { db.exec('a'); } finally { db.exec('ROLLBACK'); }`],
    ['PRAGMAs cannot fail', `db.exec('BEGIN'); db.pragma('foreign_keys = ON'); db.exec('ROLLBACK');`],
    ['a process that ends', `db.exec('BEGIN'); try { db.exec('a'); db.exec('COMMIT'); } catch { process.exit(1); }`],
  ])('%s', (_, body) => {
    expect(leaks(body)).toEqual([]);
  });

  test.each([
    ['an early return', `db.exec('BEGIN'); if (flag) return; db.exec('ROLLBACK');`, ['4: normal 4']],
    ['a throw', `db.exec('BEGIN');\nif (flag) throw new Error('no'); db.exec('ROLLBACK');`, ['4: explicit 5']],
    ['a statement that fails', `db.exec('BEGIN');\ndb.exec('a'); db.exec('COMMIT');`, ['4: implicit 5']],
    [
      'a catch that only throws on',
      `db.exec('BEGIN');\ntry { db.exec('a'); db.exec('COMMIT'); } catch (e) { throw e; }`,
      ['4: explicit 5'],
    ],
    [
      'a commit after failure as well',
      `db.exec('BEGIN'); try { db.exec('a'); } finally { db.exec('COMMIT'); }`,
      [expect.stringMatching(/^4: committed/)],
    ],
    [
      'a rollback on one way',
      `db.exec('BEGIN'); try { db.exec('a'); db.exec('COMMIT'); } catch (e) { if (flag) db.exec('ROLLBACK'); }`,
      ['4: normal 5'],
    ],
  ])('left open: %s', (_, body, expected) => {
    expect(leaks(body)).toEqual(expected);
  });
});

describe('savepoints', () => {
  test('inside a transaction are released with it', () => {
    expect(
      leaks(
        `db.exec('BEGIN'); try { db.exec('SAVEPOINT a'); db.exec('x'); db.exec('COMMIT'); } catch (e) { db.exec('ROLLBACK'); throw e; }`,
      ),
    ).toEqual([]);
  });

  test('that are rolled back to leave the transaction open', () => {
    expect(
      leaks(
        `db.exec('BEGIN'); try { db.exec('SAVEPOINT a'); db.exec('COMMIT'); } catch (e) { db.exec('ROLLBACK TO a'); throw e; }`,
      ),
    ).toHaveLength(1);
  });

  test('the outermost one begins a transaction, which its release ends', () => {
    expect(leaks(`db.exec('SAVEPOINT a');\ndb.exec('x');\ndb.exec('RELEASE a');`)).toEqual(['4: implicit 5']);
  });
});

describe('read, then write', () => {
  test.each([
    [
      'in one function',
      `db.exec('BEGIN');\ndb.prepare('SELECT 1 FROM t').get();\ndb.exec('DELETE FROM t'); db.exec('COMMIT');`,
      ['4: reads in 5, writes in 6'],
    ],
    [
      'in a loop, the second round',
      `db.exec('BEGIN');\nfor (;;) { db.exec('SAVEPOINT a'); db.prepare('SELECT 1').all(); if (flag) break; db.exec('DELETE FROM t'); }\ndb.exec('COMMIT');`,
      ['4: reads in 5, writes in 5'],
    ],
    [
      'written first',
      `db.exec('BEGIN'); db.exec('DELETE FROM t'); db.prepare('SELECT 1').get(); db.exec('DELETE FROM t'); db.exec('COMMIT');`,
      [],
    ],
    [
      'immediate',
      `db.exec('BEGIN IMMEDIATE'); db.prepare('SELECT 1').get(); db.exec('DELETE FROM t'); db.exec('COMMIT');`,
      [],
    ],
    [
      'in two transactions',
      `db.exec('BEGIN'); db.prepare('SELECT 1').get(); db.exec('COMMIT'); db.exec('BEGIN'); db.exec('DELETE FROM t'); db.exec('COMMIT');`,
      [],
    ],
    [
      'on different ways',
      `db.exec('BEGIN'); if (flag) db.prepare('SELECT 1').get(); else db.exec('DELETE FROM t'); db.exec('COMMIT');`,
      [],
    ],
    ['in one string', `db.exec('BEGIN; SELECT 1 FROM t; DELETE FROM t; COMMIT');`, ['4: reads in 4, writes in 4']],
    [
      'a read that is only prepared',
      `db.exec('BEGIN'); const all = db.prepare('SELECT 1'); db.exec('DELETE FROM t'); all.get(); db.exec('COMMIT');`,
      [],
    ],
  ])('%s', (_, body, expected) => {
    expect(upgrades(body)).toEqual(expected);
  });
});

describe('transaction functions', () => {
  const BODY = `() => {\ndb.prepare('SELECT 1 FROM t').get();\ndb.exec('DELETE FROM t');\n}`;

  test.each([
    ['called', `db.transaction(${BODY})();`, ['4: reads in 5, writes in 6']],
    ['deferred', `db.transaction(${BODY}).deferred();`, ['4: reads in 5, writes in 6']],
    ['default', `db.transaction(${BODY}).default();`, ['4: reads in 5, writes in 6']],
    ['immediate', `db.transaction(${BODY}).immediate();`, []],
    ['exclusive', `db.transaction(${BODY}).exclusive();`, []],
    ['within another one, which has the lock', `db.transaction(() => db.transaction(${BODY})()).immediate();`, []],
  ])('%s', (_, body, expected) => {
    expect(upgrades(body)).toEqual(expected);
  });

  test('end by themselves, also where their body throws', () => {
    expect(leaks(`db.transaction(() => { throw new Error('no'); })();`)).toEqual([]);
  });

  test('a BEGIN within one fails, and is none', () => {
    expect(
      leaks(`db.transaction(() => { db.exec('DELETE FROM t'); })(); db.exec('BEGIN'); db.exec('ROLLBACK');`),
    ).toEqual([]);
  });
});

describe('a wrapper of the project that begins, reads and writes for its callers', () => {
  const wrapper = `
    import { DatabaseSync } from 'node:sqlite';
    export class Store {
      private readonly db = new DatabaseSync('a.db');
      get(sql: string) { return this.db.prepare(sql).get(); }
      run(sql: string) { return this.db.prepare(sql).run(); }
      transaction(work: () => void): void {
        this.db.exec('BEGIN');
        try { work(); this.db.exec('COMMIT'); } catch (e) { this.db.exec('ROLLBACK'); throw e; }
      }
      take(): void { this.transaction(() => { if (this.get('SELECT a FROM t')) this.run('DELETE FROM t'); }); }
    }
  `;
  const upgradesIn = (files: Record<string, string>): string[] => {
    const project = new ProjectFolder({ 'package.json': '{}', 'store.ts': wrapper, ...files });
    return ['store.ts', 'main.ts'].flatMap((name) =>
      upgradesOf(project.text(name), project.file(name)).map((upgrade) => `${name} ${upgrade}`),
    );
  };

  test('is told where the caller begins, reads and writes', () => {
    const main = `
      import { Store } from './store.ts';
      const store = new Store();
      export const take = (): void => store.transaction(() => {
        const row = store.get('SELECT a FROM t');
        if (row) store.run('UPDATE t SET a = 1');
      });
    `;
    expect(upgradesIn({ 'main.ts': main })).toContain('main.ts 3: reads in 4, writes in 5');
  });

  test('is told in its own module where all of it happens there', () => {
    const main = `
      import { Store } from './store.ts';
      const store = new Store();
      export const take = (): void => store.take();
    `;
    expect(upgradesIn({ 'main.ts': main })).toEqual(['store.ts 7: reads in 4, writes in 5']);
  });
});
