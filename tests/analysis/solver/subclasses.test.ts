import { describe, expect, test } from 'vitest';
import { factsOf, leaksOf, opensOf, transactionLeaksOf, waitsOf } from '../program.ts';

/** A program whose class extends a driver's; its members begin in line 3. */
const store = (members: string, use = '', parent = 'Database'): string =>
  `import Database from 'better-sqlite3';
export class Store extends ${parent} {
${members}
}
${use}`;

const CONSTRUCTOR = `constructor(path: string) { super(path, { timeout: 1000 }); this.pragma('journal_mode = WAL'); }`;

const settingsOf = (code: string): string[] =>
  (factsOf(code)?.opens ?? []).flatMap(({ lives }) =>
    lives.map(({ settings }) => `${settings.journal} ${settings.timeout}`),
  );

describe('a class that extends a driver and has a constructor', () => {
  const used = (body: string): string => store(CONSTRUCTOR, `export function run(): void { ${body} }`);

  test('opens by super', () => {
    expect(opensOf(store(CONSTRUCTOR))).toEqual(['3: better-sqlite3']);
  });

  test('is set up by what the constructor does after that', () => {
    expect(settingsOf(store(CONSTRUCTOR))).toEqual(['wal 1000']);
    expect(settingsOf(store('constructor(path: string) { super(path); }'))).toEqual(['unset unset']);
  });

  test('belongs to whoever makes an instance', () => {
    expect(leaksOf(used(`new Store('a.db');`))).toEqual(['5: normal 5']);
    expect(leaksOf(used(`const db = new Store('a.db'); db.close();`))).toEqual([]);
    expect(leaksOf(used(`const db = new Store('a.db'); try { db.exec('x'); } finally { db.close(); }`))).toEqual([]);
  });

  test('is lost where its constructor throws', () => {
    const failing = (before: string): string =>
      store(`constructor(path: string) { super(path); if (!path) { ${before} throw new Error('no path'); } }`);
    expect(leaksOf(failing(''))).toEqual(['3: explicit 3']);
    expect(leaksOf(failing('this.close();'))).toEqual([]);
  });

  test('holds what its constructor puts into fields', () => {
    expect(
      leaksOf(
        store(
          `log: Database.Database;
           constructor(path: string) { super(path); this.log = new Database('log.db'); }
           end(): void { this.log.close(); this.close(); }`,
          `export function run(): void { const db = new Store('a.db'); db.end(); }`,
        ),
      ),
    ).toEqual([]);
  });

  test('extends a class of the project that extends the driver', () => {
    const own = `class Own extends Store { constructor() { super('a.db'); } }`;
    expect(leaksOf(store(CONSTRUCTOR, `${own} export function run(): void { new Own(); }`))).toHaveLength(1);
    expect(leaksOf(store(CONSTRUCTOR, `${own} export function run(): void { new Own().close(); }`))).toEqual([]);
  });
});

describe('methods of a class that extends a driver', () => {
  test('run on the connection', () => {
    expect(
      transactionLeaksOf(
        store(`
          save(flag: boolean): void {
            this.exec('BEGIN');
            if (flag) return;
            this.exec('COMMIT');
          }`),
      ),
    ).toEqual(['5: normal 6']);
    expect(
      transactionLeaksOf(
        store(`
          save(): void {
            this.exec('BEGIN');
            try { this.exec('DELETE FROM t'); this.exec('COMMIT'); } catch (error) { this.exec('ROLLBACK'); throw error; }
          }`),
      ),
    ).toEqual([]);
  });

  test('take the place of those that they are named like', () => {
    const closing = (body: string): string =>
      store(`close(): this { ${body} return this; }`, `export function run(): void { new Store('a.db').close(); }`);
    expect(leaksOf(closing('super.close();'))).toEqual([]);
    expect(leaksOf(closing(''))).toHaveLength(1);
  });

  test('belong to a class whose parent is no driver: nothing is known', () => {
    const other = store(`save(): void { this.exec('BEGIN'); }`, '', 'Missing');
    expect(transactionLeaksOf(other)).toEqual([]);
    expect(opensOf(other)).toEqual([]);
  });
});

describe('an instance of a class that extends a driver', () => {
  test('is a connection for a layer', () => {
    const layered = (use: string): string =>
      `import { drizzle } from 'drizzle-orm/better-sqlite3';
      ${store(CONSTRUCTOR, `const db = drizzle(new Store('a.db')); ${use}`)}`;
    expect(factsOf(layered('db.transaction(async (tx) => { await tx; });'))?.asyncCallbacks).toHaveLength(1);
    expect(factsOf(layered('db.transaction((tx) => { tx.run(); });'))?.asyncCallbacks).toEqual([]);
  });

  test('is a connection for a parameter of its type', () => {
    const given = (body: string): string =>
      store(CONSTRUCTOR, `export async function save(db: Store): Promise<void> { ${body} }`);
    expect(waitsOf(given(`db.exec('BEGIN'); await fetch('http://a'); db.exec('COMMIT');`))).toHaveLength(1);
    expect(waitsOf(given(`await fetch('http://a'); db.exec('BEGIN'); db.exec('COMMIT');`))).toEqual([]);
  });

  test('is disposed of like a connection', () => {
    const disposed = (declare: string): string =>
      `import { DatabaseSync } from 'node:sqlite';
      class Store extends DatabaseSync { constructor() { super('a.db'); } }
      export function run(): void { ${declare} db = new Store(); db.exec('x'); }`;
    expect(leaksOf(disposed('using'))).toEqual([]);
    expect(leaksOf(disposed('const'))).toHaveLength(1);
  });
});
