import js from '@eslint/js';
import eslintPlugin from 'eslint-plugin-eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';
import unbusy from './dist/src/index.js';

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', 'tests/cases/', 'tests/**/fixtures/', '.matrix/', '.cache/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  unbusy.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Node types are compared with their names: the enum would make the parser a dependency at run time.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', setTimeout: 'readonly', URL: 'readonly' } },
  },
  {
    // The example has every hazard on purpose; the demo and a test report them. On the wrapper it has none.
    files: ['examples/legacy-tasks/**'],
    rules: Object.fromEntries(Object.keys(unbusy.configs.all.rules).map((rule) => [rule, 'off'])),
  },
  {
    // Adapters open raw connections; what the rule asks for is done for all of them in runtime/src/opening.
    files: ['runtime/src/drivers/**'],
    rules: { 'unbusy/require-pragmas': 'off' },
  },
  {
    files: ['examples/**/tests/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['describe', 'it'] }] },
      ],
    },
  },
  {
    files: ['rules/**/*.ts'],
    extends: [eslintPlugin.configs.recommended],
  },
);
