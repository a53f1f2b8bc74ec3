import { ESLint as ESLint10, Linter as Linter10, RuleTester as RuleTester10 } from 'eslint';
import { ESLint as ESLint9, Linter as Linter9, RuleTester as RuleTester9 } from 'eslint9';

/** The versions of ESLint that the plugin promises to work with. */
export const VERSIONS = [
  { name: 'ESLint 9', ESLint: ESLint9, Linter: Linter9, RuleTester: RuleTester9 },
  { name: 'ESLint 10', ESLint: ESLint10, Linter: Linter10, RuleTester: RuleTester10 },
] as const;
