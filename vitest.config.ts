import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts', 'runtime/tests/**/*.test.ts'],
    exclude: ['tests/cases/**', 'tests/**/fixtures/**', 'tests/field/.packages/**'],
    setupFiles: ['tests/setup.ts'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
