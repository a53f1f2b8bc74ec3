import { describe, expect, test } from 'vitest';
import { tokenize, type SqlText } from '../../../src/analysis/sql/tokens.ts';
import { Random } from '../../random.ts';

/** Tokens as `kind:text`; holes as `hole`. */
function tokens(...pieces: SqlText): string[] {
  return tokenize(pieces).map(({ kind, text }) => (kind === 'hole' ? 'hole' : `${kind}:${text}`));
}

describe('known text', () => {
  test('words, numbers and symbols', () => {
    expect(tokens('PRAGMA main.cache_size=-16000')).toEqual([
      'word:PRAGMA',
      'word:main',
      'symbol:.',
      'word:cache_size',
      'symbol:=',
      'symbol:-',
      'number:16000',
    ]);
  });

  test('words keep their case and may hold digits, dollar signs and letters of any script', () => {
    expect(tokens('Übung t1 _x$')).toEqual(['word:Übung', 'word:t1', 'word:_x$']);
  });

  test('numbers in every notation are one token', () => {
    expect(tokens('1.5e9 0xFF 1_000')).toEqual(['number:1.5e9', 'number:0xFF', 'number:1_000']);
  });

  test('a line comment ends with its line', () => {
    expect(tokens('SELECT -- COMMIT; \n 1')).toEqual(['word:SELECT', 'number:1']);
  });

  test('a line comment at the end of the text', () => {
    expect(tokens('COMMIT -- done')).toEqual(['word:COMMIT']);
  });

  test('a block comment spans lines, does not nest and may stay open', () => {
    expect(tokens('BEGIN /* a \n /* b */ IMMEDIATE /* COMMIT')).toEqual(['word:BEGIN', 'word:IMMEDIATE']);
  });

  test('comment marks in strings are text', () => {
    expect(tokens("'--' '/*'")).toEqual(['string:--', 'string:/*']);
  });

  test('a doubled quote is part of the string', () => {
    expect(tokens("'it''s; BEGIN'")).toEqual(["string:it's; BEGIN"]);
  });

  test.each(['"a b"', '`a b`', '[a b]'])('%s is a quoted name', (quoted) => {
    expect(tokens(quoted)).toEqual(['word:a b']);
  });

  test('a doubled quote is part of the name, but not in brackets', () => {
    expect(tokens('"a""b" `c``d` [e]]')).toEqual(['word:a"b', 'word:c`d', 'word:e', 'symbol:]']);
  });

  test('an open string swallows the rest', () => {
    expect(tokens("SELECT 'COMMIT; BEGIN")).toEqual(['word:SELECT']);
  });

  test('parameters are symbols and words', () => {
    expect(tokens('? ?1 :a @b')).toEqual([
      'symbol:?',
      'symbol:?',
      'number:1',
      'symbol::',
      'word:a',
      'symbol:@',
      'word:b',
    ]);
  });

  test('empty text has no tokens', () => {
    expect(tokens()).toEqual([]);
    expect(tokens('', ' \n\t')).toEqual([]);
  });
});

describe('holes', () => {
  test('an expression between tokens is a hole', () => {
    expect(tokens('PRAGMA busy_timeout = ', null)).toEqual(['word:PRAGMA', 'word:busy_timeout', 'symbol:=', 'hole']);
  });

  test.each([
    ['a string', "'"],
    ['a quoted name', '"'],
  ])('%s with an expression inside is a hole as a whole', (_, quote) => {
    expect(tokens(`a ${quote}b; `, null, ` COMMIT${quote} c`)).toEqual(['word:a', 'hole', 'word:c']);
  });

  test('several expressions in one string are one hole', () => {
    expect(tokens("'", null, ' ; ', null, "' x")).toEqual(['hole', 'word:x']);
  });

  test.each([
    ['block', '/* by ', ' COMMIT */ x'],
    ['line', '-- by ', ' COMMIT\n x'],
  ])('an expression in a %s comment is none', (_, start, end) => {
    expect(tokens(start, null, end)).toEqual(['word:x']);
  });

  test('what follows the comment is text again', () => {
    expect(tokens('/*', null, '*/ BEGIN ', null)).toEqual(['word:BEGIN', 'hole']);
  });
});

describe('random text', () => {
  const SOURCES = ['BEGIN', 'journal_mode', "'a''b; --'", '"t t"', '[x]', '1.5e3', '0xFF', '=', ';', '(', ','] as const;
  const GAPS = [' ', '\n', '\t ', ' /* ; COMMIT */ ', ' -- END;\n'] as const;

  test.each([1, 2, 3, 4, 5])(
    'has the same tokens whatever stands between them and however it is cut, seed %i',
    (seed) => {
      const random = new Random(seed);
      for (let round = 0; round < 200; round += 1) {
        const sources = Array.from({ length: 1 + random.below(12) }, () => random.pick(SOURCES));
        const pieces = sources.reduce<string[]>((done, source) => {
          const next = source + random.pick(GAPS);
          return random.below(3) === 0 ? [...done, next] : [...done.slice(0, -1), (done.at(-1) ?? '') + next];
        }, []);
        expect(tokens(...pieces)).toEqual(sources.flatMap((source) => tokens(source)));
      }
    },
  );
});
