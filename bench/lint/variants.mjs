// What is measured side by side.
import plugin from '../../dist/src/index.js';

/** Rules of ESLint itself that follow control flow, references or assignments, as ours do. */
const COMPARABLE = [
  'array-callback-return',
  'consistent-return',
  'no-fallthrough',
  'no-promise-executor-return',
  'no-unmodified-loop-condition',
  'no-unreachable-loop',
  'no-unused-vars',
  'no-use-before-define',
  'no-useless-return',
  'require-atomic-updates',
];

/** Flat configurations by name. */
export const VARIANTS = {
  'no rules': {},
  unbusy: { ...plugin.configs.all, settings: { unbusy: { tests: 'check' } } },
  comparable: { rules: Object.fromEntries(COMPARABLE.map((rule) => [rule, 'error'])) },
};
