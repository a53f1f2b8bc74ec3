import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { REASONS } from '../../src/rewrites/reasons.ts';
import { TITLES } from '../../src/rewrites/titles.ts';

const cwd = fileURLToPath(new URL('../..', import.meta.url));
const ignore = ['src/rewrites/reasons.ts', 'src/rewrites/titles.ts'];
const files = globSync(['rules/*.ts', 'src/**/*.ts'], { cwd, ignore, absolute: true });
const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');

// They are documented one by one: what nothing gives any more would stay in the docs.
test.each([...Object.keys(REASONS), ...Object.keys(TITLES)])('%s is given by a rewrite', (name) => {
  expect(text.includes(`'${name}'`)).toBe(true);
});
