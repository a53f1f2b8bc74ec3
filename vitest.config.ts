import { defineConfig } from 'vitest/config';

/** Where the drivers of another runtime are, while the tests run on it (scripts/runtimes.mjs). */
const { UNBUSY_TEST_DRIVERS: drivers } = process.env;

export default defineConfig({
  resolve: { alias: drivers === undefined ? {} : { 'better-sqlite3': `${drivers}/better-sqlite3` } },
  test: {
    include: ['tests/**/*.test.ts', 'runtime/tests/**/*.test.ts'],
    exclude: ['tests/cases/**', 'tests/**/fixtures/**', 'tests/field/.packages/**'],
    setupFiles: ['tests/setup.ts'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
