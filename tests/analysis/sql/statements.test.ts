import { describe, expect, test } from 'vitest';
import { pragmaOf, statementsOf, type Statement } from '../../../src/analysis/sql/statements.ts';
import type { SqlText } from '../../../src/analysis/sql/tokens.ts';

/** What each statement does, in a few words. */
function does(...sql: SqlText): string[] {
  return statementsOf(sql).map(describeStatement);
}

function describeStatement(statement: Statement): string {
  switch (statement.does) {
    case 'begin':
      return `begin ${statement.mode}`;
    case 'savepoint':
    case 'release':
    case 'rollback to':
      return `${statement.does} ${statement.name}`;
    case 'pragma':
      return `pragma ${statement.pragma.name ?? '?'} = ${statement.pragma.value === undefined ? '?' : (statement.pragma.value ?? 'nothing')}`;
    default:
      return statement.does;
  }
}

describe('the bounds of a transaction', () => {
  test.each([
    ['BEGIN', 'begin deferred'],
    ['begin transaction', 'begin deferred'],
    ['Begin Deferred', 'begin deferred'],
    ['BEGIN IMMEDIATE TRANSACTION', 'begin immediate'],
    ['BEGIN /* alone */ EXCLUSIVE', 'begin exclusive'],
    ['-- now\nBEGIN IMMEDIATE', 'begin immediate'],
    ['COMMIT', 'commit'],
    ['commit transaction', 'commit'],
    ['END', 'commit'],
    ['end transaction', 'commit'],
    ['ROLLBACK', 'rollback'],
    ['Rollback Transaction', 'rollback'],
    ['SAVEPOINT Step', 'savepoint step'],
    ['SAVEPOINT "my step"', 'savepoint my step'],
    ['RELEASE step', 'release step'],
    ['RELEASE SAVEPOINT step', 'release step'],
    ['ROLLBACK TO step', 'rollback to step'],
    ['ROLLBACK TRANSACTION TO SAVEPOINT step', 'rollback to step'],
  ])('%s', (sql, expected) => {
    expect(does(sql)).toEqual([expected]);
  });

  test('a mode that is not known is taken as the harmless one', () => {
    expect(does('BEGIN ', null)).toEqual(['begin immediate']);
  });
});

describe('reads and writes', () => {
  test.each([
    ['SELECT 1', 'read'],
    ['VALUES (1)', 'read'],
    ['EXPLAIN QUERY PLAN DELETE FROM t', 'read'],
    ['INSERT INTO t VALUES (1)', 'write'],
    ['UPDATE t SET a = 1', 'write'],
    ['DELETE FROM t', 'write'],
    ['REPLACE INTO t VALUES (1)', 'write'],
    ['CREATE TABLE t (a)', 'write'],
    ['DROP TABLE t', 'write'],
    ['ALTER TABLE t RENAME TO u', 'write'],
    ['VACUUM', 'write'],
    ['WITH x AS (SELECT 1) SELECT * FROM x', 'read'],
    ['WITH x AS (SELECT 1), y AS (SELECT 2) INSERT INTO t SELECT * FROM x', 'write'],
    ['WITH RECURSIVE x(n) AS (VALUES (1) UNION SELECT n + 1 FROM x) DELETE FROM t', 'write'],
    ["SELECT 'DELETE FROM t'", 'read'],
    ['SELECT "update" FROM t', 'read'],
    ['FROBNICATE t', 'unknown'],
  ])('%s', (sql, expected) => {
    expect(does(sql)).toEqual([expected]);
  });

  test('a statement that begins with an expression is not known', () => {
    expect(does(null)).toEqual(['unknown']);
    expect(does(null, ' WHERE a = 1')).toEqual(['unknown']);
  });

  test('an expression within a statement leaves it what it is', () => {
    expect(does('UPDATE t SET a = ', null, ' WHERE b = ', null)).toEqual(['write']);
    expect(does('SELECT * FROM ', null)).toEqual(['read']);
  });
});

describe('several statements', () => {
  test('are told apart by semicolons, empty ones left out', () => {
    expect(does(';; BEGIN; DELETE FROM t;\nCOMMIT;;')).toEqual(['begin deferred', 'write', 'commit']);
  });

  test('semicolons in strings, names and comments do not count', () => {
    expect(does(`INSERT INTO "a;b" VALUES (';') -- ;\n /* ; */ ; COMMIT`)).toEqual(['write', 'commit']);
  });

  test('statements that are not known come before one that is', () => {
    expect(does(null, ' COMMIT')).toEqual(['unknown', 'commit']);
    expect(does('BEGIN; ', null, '; COMMIT')).toEqual(['begin deferred', 'unknown', 'commit']);
  });

  test('a word that may stand within a statement does not begin one', () => {
    expect(does(null, ' SELECT 1')).toEqual(['unknown']);
  });

  test('empty text and comments alone have none', () => {
    expect(does()).toEqual([]);
    expect(does('  -- BEGIN')).toEqual([]);
    expect(does('/* BEGIN; */')).toEqual([]);
  });
});

describe('the body of a trigger', () => {
  test.each(['CREATE TRIGGER', 'create temp trigger', 'CREATE TEMPORARY TRIGGER'])(
    'of %s is one statement',
    (create) => {
      expect(does(`${create} log AFTER INSERT ON t BEGIN DELETE FROM a; DELETE FROM b; END; COMMIT`)).toEqual([
        'write',
        'commit',
      ]);
    },
  );

  test('CASE within it has an END of its own', () => {
    expect(
      does(
        'CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN b THEN 1 ELSE 2 END; DELETE FROM c; END; BEGIN',
      ),
    ).toEqual(['write', 'begin deferred']);
  });

  test('CASE in its condition, before the body', () => {
    expect(
      does(
        'CREATE TRIGGER x AFTER INSERT ON t WHEN CASE NEW.a WHEN 1 THEN 1 ELSE 0 END BEGIN DELETE FROM c; END; COMMIT',
      ),
    ).toEqual(['write', 'commit']);
  });

  test('END elsewhere commits', () => {
    expect(does('CREATE TABLE trigger_log (a); END')).toEqual(['write', 'commit']);
  });
});

describe('PRAGMA', () => {
  test.each([
    ['PRAGMA journal_mode', 'pragma journal_mode = nothing'],
    ['pragma Journal_Mode = WAL', 'pragma journal_mode = wal'],
    ['PRAGMA main.journal_mode=wal', 'pragma journal_mode = wal'],
    ['PRAGMA journal_mode(WAL)', 'pragma journal_mode = wal'],
    ["PRAGMA journal_mode = 'WAL'", 'pragma journal_mode = wal'],
    ['PRAGMA "journal_mode" = "wal"', 'pragma journal_mode = wal'],
    ['PRAGMA busy_timeout = 5000', 'pragma busy_timeout = 5000'],
    ['PRAGMA cache_size = -16000', 'pragma cache_size = -16000'],
    ['PRAGMA cache_size = +1', 'pragma cache_size = +1'],
    ['PRAGMA main . user_version', 'pragma user_version = nothing'],
  ])('%s', (sql, expected) => {
    expect(does(sql)).toEqual([expected]);
  });

  test('a value that is an expression is not known', () => {
    expect(does('PRAGMA busy_timeout = ', null)).toEqual(['pragma busy_timeout = ?']);
    expect(does("PRAGMA journal_mode = '", null, "'")).toEqual(['pragma journal_mode = ?']);
  });

  test('a name that is an expression, in part or as a whole, is not known', () => {
    expect(does('PRAGMA ', null)).toEqual(['pragma ? = ?']);
    expect(does('PRAGMA journal', null, ' = WAL')).toEqual(['pragma ? = ?']);
  });

  test('text without the keyword, as a driver takes it', () => {
    expect(pragmaOf(['journal_mode = WAL'])).toEqual({ name: 'journal_mode', value: 'wal' });
    expect(pragmaOf(['journal_mode'])).toEqual({ name: 'journal_mode', value: null });
    expect(pragmaOf(['busy_timeout = ', null])).toEqual({ name: 'busy_timeout', value: undefined });
    expect(pragmaOf([null])).toEqual({ name: null, value: undefined });
    expect(pragmaOf([''])).toEqual({ name: null, value: undefined });
  });
});
