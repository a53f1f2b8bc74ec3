import { expect, test } from 'vitest';
import { rules } from '../../../rules/index.ts';
import { CAUSES, causesOf, levelOf } from '../../../src/codemod/report/causes.ts';
import { TITLES } from '../../../src/rewrites/titles.ts';

const findings = Object.entries(rules).flatMap(([rule, { meta }]) =>
  Object.keys(meta?.messages ?? {})
    .filter((messageId) => !(messageId in TITLES))
    .map((messageId) => ({ rule, messageId })),
);

test.each(findings)('$rule: $messageId has a root cause', ({ rule, messageId }) => {
  const lacks = messageId === 'missing' ? (['busy_timeout'] as const) : [];
  expect(causesOf({ rule, messageId, lacks })).toHaveLength(1);
});

test('every root cause is that of a message that there is', () => {
  const told = CAUSES.flatMap(({ rule, messages = [] }) => messages.map((messageId) => ({ rule, messageId })));
  expect(findings).toEqual(expect.arrayContaining(told));
  expect(Object.keys(rules)).toEqual(expect.arrayContaining(CAUSES.map(({ rule }) => rule)));
});

test('a connection without several settings shows several causes, each by itself', () => {
  const titles = (lacks: readonly ('busy_timeout' | 'journal_mode' | 'synchronous')[]): string[] =>
    causesOf({ rule: 'require-pragmas', messageId: 'missing', lacks }).map(({ title }) => title);
  expect(titles(['journal_mode'])).toEqual(['Database files that are not in WAL mode']);
  expect(titles(['journal_mode', 'busy_timeout'])).toEqual([
    'Database files that are not in WAL mode',
    'Connections that do not wait for a lock, or not long enough',
  ]);
});

test('what locks nobody out by itself is a warning', () => {
  const level = (rule: string, messageId: string): string => levelOf({ rule, messageId });
  expect(level('valid-open-options', 'ignored')).toBe('warning');
  expect(level('no-await-in-transaction', 'transaction')).toBe('error');
});
