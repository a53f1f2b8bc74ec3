import { describe, expect, test } from 'vitest';
import { OptionError } from '../src/errors.ts';
import { checkOptions } from '../src/options.ts';

const KNOWN = ['readOnly', 'mustExist', 'busyTimeout', 'journalMode', 'foreignKeys', 'pragmas'];

function refusal(given: unknown, known: readonly string[] = KNOWN): string {
  try {
    checkOptions(given as object, known, 'openDatabase');
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ code: 'UNBUSY_OPTION' });
    return (error as OptionError).message;
  }
  return '';
}

describe('checkOptions', () => {
  test.each([[undefined], [{}], [{ readOnly: true }], [{ pragmas: undefined }], [Object.create({ inherited: 1 })]])(
    'accepts %o',
    (given) => expect(refusal(given)).toBe(''),
  );

  test.each([
    ['readonly', 'readOnly'],
    ['read_only', 'readOnly'],
    ['busy-timeout', 'busyTimeout'],
    ['busyTimout', 'busyTimeout'],
    ['bsuyTimeout', 'busyTimeout'],
    ['busyTimeouts', 'busyTimeout'],
    ['timeout', 'busyTimeout'],
    ['journal', 'journalMode'],
    ['enableForeignKeys', 'foreignKeys'],
    ['pragma', 'pragmas'],
  ])('for %s names %s', (written, meant) => {
    expect(refusal({ [written]: 1 })).toBe(`openDatabase has no option '${written}'. Did you mean '${meant}'?`);
  });

  test('lists what there is where nothing is near', () => {
    expect(refusal({ cache: 1 })).toBe(`openDatabase has no option 'cache'. It has: ${KNOWN.join(', ')}.`);
    expect(refusal({ cache: 1 }, [])).toBe("openDatabase has no option 'cache'. It has none.");
  });

  test('takes the nearest of several', () => {
    expect(refusal({ longHolt: 1 }, ['longWait', 'longHold'])).toContain("'longHold'");
    expect(refusal({ longWalt: 1 }, ['longHold', 'longWait'])).toContain("'longWait'");
  });

  test('refuses an unknown option that is undefined: it is misspelt all the same', () => {
    expect(refusal({ readonly: undefined })).toContain("'readOnly'");
  });

  test.each([
    [5000, 'a number'],
    ['wal', 'a string'],
    [null, 'null'],
    [[], 'an array'],
    [() => 1, 'a function'],
  ])('refuses %o in the place of the options', (given, name) => {
    expect(refusal(given)).toBe(`openDatabase takes its options as an object, and got ${name}.`);
  });
});
