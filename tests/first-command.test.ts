import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('../', import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};

/** What a script and all that it imports need of packages before its first line runs. */
function packagesOf(file: URL, seen = new Set<string>()): string[] {
  if (seen.has(file.href)) return [];
  seen.add(file.href);
  const { module } = parseSync(fileURLToPath(file), readFileSync(file, 'utf8'));
  const specifiers = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  return specifiers.flatMap((specifier) => {
    if (specifier.startsWith('.')) return packagesOf(new URL(specifier, file), seen);
    return specifier.startsWith('node:') ? [] : [`${specifier} by ${file.href.slice(ROOT.href.length)}`];
  });
}

describe('on a fresh clone', () => {
  test.each(['demo', 'test'])('npm run %s needs no package before it has installed them', (name) => {
    const script = /^node (scripts\/\S+)$/.exec(scripts[name] ?? '')?.[1] ?? '';
    expect(script).not.toBe('');
    expect(packagesOf(new URL(script, ROOT))).toEqual([]);
  });
});
