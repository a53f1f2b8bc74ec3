import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import plugin from '../src/index.ts';
import { VERSIONS } from './eslint-versions.ts';
import type { Linter } from 'eslint';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly name: string;
  readonly version: string;
};
const rules = Object.entries(plugin.rules);
const { recommended, strict, all } = plugin.configs;

/** The schema of a rule's one option, as far as it is looked at here. */
interface OptionSchema {
  readonly type?: string;
  readonly additionalProperties?: boolean;
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
}

/** Lints an empty file with a rule that is given options; rejects where ESLint refuses them. */
function lintWith(
  ESLint: (typeof VERSIONS)[number]['ESLint'],
  rule: string,
  given: readonly unknown[],
): Promise<unknown> {
  const config: Linter.Config = { plugins: { unbusy: plugin }, rules: { [`unbusy/${rule}`]: ['error', ...given] } };
  return new ESLint({ overrideConfigFile: true, overrideConfig: [config] as never }).lintText('');
}

/** Names of the rules that a config turns on. */
function on(config: Linter.Config): string[] {
  return Object.keys(config.rules ?? {}).map((name) => name.replace('unbusy/', ''));
}

describe('meta', () => {
  test('names the package and its version', () => {
    expect(plugin.meta).toEqual({ name: manifest.name, version: manifest.version, namespace: 'unbusy' });
    expect(manifest.name).toBe('eslint-plugin-unbusy');
    expect(manifest.version).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('configs', () => {
  test.each(Object.entries(plugin.configs))('%s turns on rules of this plugin, as errors', (name, config) => {
    expect(config.name).toBe(`unbusy/${name}`);
    expect(config.plugins).toEqual({ unbusy: plugin });
    for (const [rule, entry] of Object.entries(config.rules ?? {})) {
      expect(plugin.rules).toHaveProperty(rule.replace('unbusy/', ''));
      expect(Array.isArray(entry) ? entry[0] : entry).toBe('error');
    }
  });

  test.each([
    ['recommended', recommended],
    ['strict', strict],
  ] as const)('%s has the rules that say so, and no others', (preset, config) => {
    expect(on(config)).toEqual(rules.filter(([, rule]) => rule.presets.includes(preset)).map(([name]) => name));
  });

  test('recommended is a part of strict', () => {
    expect(on(strict)).toEqual(expect.arrayContaining(on(recommended)));
    expect(on(recommended)).not.toEqual([]);
  });

  test('all has every rule, with the defaults', () => {
    expect(all.rules).toEqual(Object.fromEntries(rules.map(([name]) => [`unbusy/${name}`, 'error'])));
  });

  test('strict gives a rule the options that it has for it, recommended none', () => {
    for (const [name, rule] of rules) {
      const entry = strict.rules?.[`unbusy/${name}`];
      expect(entry).toEqual(rule.strictOptions ? ['error', rule.strictOptions] : 'error');
    }
    expect(Object.values(recommended.rules ?? {}).every((entry) => entry === 'error')).toBe(true);
    expect(rules.some(([, rule]) => rule.strictOptions)).toBe(true);
  });
});

describe.each(rules)('%s', (name, rule) => {
  const schema = (rule.meta?.schema ?? []) as OptionSchema[];
  const [options] = schema;

  test('has a description and a page', () => {
    const { docs } = rule.meta ?? {};
    expect(docs?.description).toMatch(/^(?:Disallow|Prefer|Require) [^.]+$/);
    expect(docs?.url).toMatch(new RegExp(`^https://.+/docs/rules/${name}\\.md$`));
    expect(docs?.recommended).toBe(rule.presets.includes('recommended'));
  });

  test('has messages that are sentences', () => {
    const messages = Object.values(rule.meta?.messages ?? {});
    expect(messages).not.toEqual([]);
    for (const message of messages) expect(message.replace(/\{\{\w+\}\}/g, 'X')).toMatch(/^\S.*[.?X]$/s);
  });

  test('has a schema that describes each of its options, and takes no others', () => {
    expect(schema.length).toBeLessThanOrEqual(1);
    if (!options) return;
    expect(options).toMatchObject({ type: 'object', additionalProperties: false });
    for (const [property, { description }] of Object.entries(options.properties ?? {}))
      expect(description, property).toMatch(/\.$/);
  });

  test('has a default for each of its options', () => {
    const defaults = (rule.meta?.defaultOptions ?? []) as readonly object[];
    expect(defaults).toHaveLength(schema.length);
    if (options) expect(Object.keys(defaults[0] ?? {}).sort()).toEqual(Object.keys(options.properties ?? {}).sort());
  });

  describe.each(VERSIONS)('under $name', ({ ESLint }) => {
    test('takes its defaults and what strict gives it', async () => {
      const known = [rule.meta?.defaultOptions ?? [], ...(rule.strictOptions ? [[rule.strictOptions]] : []), []];
      for (const given of known) await expect(lintWith(ESLint, name, given as object[])).resolves.toHaveLength(1);
    });

    test('refuses an option that it does not have', async () => {
      await expect(lintWith(ESLint, name, [{ madeUp: true }])).rejects.toThrow(`unbusy/${name}`);
    });
  });
});

describe.each(VERSIONS)('options under $name', ({ ESLint }) => {
  test.each([
    ['require-pragmas', { minBusyTimeout: -1 }],
    ['require-pragmas', { minBusyTimeout: 1.5 }],
    ['require-pragmas', { synchronous: 'NORMAL' }],
    ['require-close', { implicitThrows: 'no' }],
  ])('%s refuses %j', async (name, given) => {
    await expect(lintWith(ESLint, name, [given])).rejects.toThrow(`unbusy/${name}`);
  });
});
