import { describe, expect, test } from 'vitest';
import { factsOf, leaksOf, waitsOf } from '../program.ts';

const program = (body: string, driver = 'better-sqlite3'): string => `
  import { openDatabase, openDatabaseAsync, withConnection, withConnectionAsync, withTransactionAsync } from 'unbusy/${driver}';
  export async function run(task) {
    ${body}
  }
`;

describe('openDatabaseAsync', () => {
  test('hands out a connection that has to be closed', () => {
    const open = 'const db = await openDatabaseAsync("app.db");';
    expect(leaksOf(program(`${open} task(); db.close();`))).toHaveLength(1);
    expect(leaksOf(program(`${open} try { task(); } finally { db.close(); }`))).toEqual([]);
  });

  test('is not there for drivers whose openDatabase is asynchronous', () => {
    expect(leaksOf(program('const db = await openDatabaseAsync("app.db"); task();', 'sqlite'))).toEqual([]);
    expect(leaksOf(program('const db = await openDatabase("app.db"); task();', 'sqlite'))).toHaveLength(1);
  });
});

describe('withConnectionAsync', () => {
  test('closes the connection, whatever becomes of the callback', () => {
    expect(leaksOf(program('await withConnectionAsync("app.db", (db) => { db.exec("x"); task(); });'))).toEqual([]);
  });

  test('holds it while the callback waits for something else', () => {
    const body =
      'await withConnectionAsync("app.db", async (db) => { db.exec("BEGIN"); await fetch("http://a"); db.exec("COMMIT"); });';
    expect(waitsOf(program(body))).toHaveLength(1);
    expect(waitsOf(program(body.replace('await fetch("http://a"); ', '')))).toEqual([]);
  });
});

describe('withTransactionAsync', () => {
  const callbacks = (callback: string): readonly unknown[] =>
    factsOf(program(`const db = await openDatabaseAsync("app.db"); await withTransactionAsync(db, ${callback});`))
      ?.asyncCallbacks ?? [];

  test('waits for the lock only: its callback is synchronous', () => {
    expect(callbacks('async () => { await fetch("http://a"); }')).toHaveLength(1);
    expect(callbacks('() => { db.exec("x"); }')).toEqual([]);
  });
});
