import { describe, expect, test } from 'vitest';
import { nearest, nearestPragma, wrongValue } from '../../../src/analysis/sql/pragmas.ts';

describe('nearestPragma', () => {
  test.each([
    ['journal_mod', 'journal_mode'],
    ['journalmode', 'journal_mode'],
    ['busy_timout', 'busy_timeout'],
    ['busy_timeuot', 'busy_timeout'],
    ['synchronus', 'synchronous'],
    ['foreign_key', 'foreign_keys'],
    ['wal_autocheckpoints', 'wal_autocheckpoint'],
  ])('%s was meant to be %s', (name, meant) => {
    expect(nearestPragma(name)).toBe(meant);
  });

  test.each(['journal_mode', 'busy_timeout', 'user_version', 'key', 'cipher_compatibility'])('%s is known', (name) => {
    expect(nearestPragma(name)).toBeNull();
  });

  test.each(['spatial_index_memory', 'x', ''])('nothing is near to "%s"', (name) => {
    expect(nearestPragma(name)).toBeNull();
  });
});

describe('wrongValue', () => {
  test.each([
    ['journal_mode', 'wal'],
    ['journal_mode', 'off'],
    ['synchronous', 'normal'],
    ['synchronous', '1'],
    ['synchronous', 'on'],
    ['temp_store', 'memory'],
    ['auto_vacuum', '-1'],
    ['busy_timeout', 'soon'],
    ['made_up', 'anything'],
  ])('%s = %s is no mistake, or not known to be one', (name, value) => {
    expect(wrongValue(name, value)).toBeNull();
  });

  test('a journal mode is a word, never a number or a switch', () => {
    expect(wrongValue('journal_mode', '1')).not.toBeNull();
    expect(wrongValue('journal_mode', 'on')).not.toBeNull();
  });

  test('names the value that was meant', () => {
    expect(wrongValue('journal_mode', 'wal2')?.meant).toBe('wal');
    expect(wrongValue('synchronous', 'norml')?.meant).toBe('normal');
  });

  test('names the values that there are where none was meant', () => {
    expect(wrongValue('synchronous', 'sometimes')).toEqual({
      allowed: ['off', 'normal', 'full', 'extra'],
      meant: null,
    });
  });
});

describe('nearest', () => {
  test('takes the word with the fewest changes', () => {
    expect(nearest('timeot', ['timeouts', 'timeout'])).toBe('timeout');
  });

  test('two changes are near, three are not', () => {
    expect(nearest('abcd', ['abxy'])).toBe('abxy');
    expect(nearest('abcd', ['axyz'])).toBeNull();
  });

  test('counts letters that are left out and put in', () => {
    expect(nearest('redonly', ['readonly'])).toBe('readonly');
    expect(nearest('readdonly', ['readonly'])).toBe('readonly');
  });

  test('finds nothing among no words', () => {
    expect(nearest('a', [])).toBeNull();
  });
});
