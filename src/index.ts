import { createRequire } from 'node:module';
import { rules } from '../rules/index.ts';
import type { ESLint, Linter } from 'eslint';
import type { Preset, UnbusyRule } from './rule.ts';

/** By its own name, so that the sources find it as well as what is built from them. */
const manifest = createRequire(import.meta.url)('eslint-plugin-unbusy/package.json') as {
  name: string;
  version: string;
};

const plugin = {
  meta: { name: manifest.name, version: manifest.version, namespace: 'unbusy' },
  rules: rules as Record<string, UnbusyRule>,
  configs: {} as Record<'recommended' | 'strict' | 'all', Linter.Config>,
} satisfies ESLint.Plugin;

function config(name: string, entries: readonly (readonly [string, Linter.RuleEntry])[]): Linter.Config {
  return {
    name: `unbusy/${name}`,
    plugins: { unbusy: plugin },
    rules: Object.fromEntries(entries.map(([rule, entry]) => [`unbusy/${rule}`, entry])),
  };
}

function preset(name: Preset): Linter.Config {
  const entries = Object.entries(rules).filter(([, rule]) => rule.presets.includes(name));
  return config(
    name,
    entries.map(([rule, { strictOptions }]) => [
      rule,
      name === 'strict' && strictOptions ? ['error', strictOptions] : 'error',
    ]),
  );
}

Object.assign(plugin.configs, {
  recommended: preset('recommended'),
  strict: preset('strict'),
  all: config(
    'all',
    Object.keys(rules).map((rule) => [rule, 'error']),
  ),
});

export default plugin;
