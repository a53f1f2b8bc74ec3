import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';

const ENTRY = fileURLToPath(new URL('src/index.ts', import.meta.url)).replaceAll('\\', '/');

/** `src/index.ts` finds the manifest from where the build puts it, one folder deeper than its source. */
const manifestOfSources: Plugin = {
  name: 'manifest-of-sources',
  enforce: 'pre',
  transform: (code, id) => (id === ENTRY ? code.replace("'../../package.json'", "'../package.json'") : null),
};

export default defineConfig({
  plugins: [manifestOfSources],
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/cases/**', 'tests/**/fixtures/**', 'tests/field/.packages/**'],
    setupFiles: ['tests/setup.ts'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
