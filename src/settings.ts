import { isTestSource } from './analysis/modules/test-files.ts';
import type { Rule } from 'eslint';

/** Shared settings of the plugin, under `settings.unbusy` of an ESLint config. */
export interface UnbusySettings {
  /** The module that hands out safe connections; opens in it are its own business. */
  readonly wrapper?: { readonly module?: string; readonly names?: Readonly<Record<string, string>> };
  /** Shortest busy timeout in milliseconds that counts as one. */
  readonly minBusyTimeout?: number;
  /** Own functions that open a connection, as `{ module, name, driver }`. */
  readonly openers?: readonly {
    readonly module: string;
    readonly name: string;
    readonly driver: string;
    readonly configured?: boolean;
  }[];
  /** Further modules whose promises wait for work outside of the database. */
  readonly foreignWork?: readonly string[];
  /** What to do in test files: `ignore` (the default) or `check`. Or patterns of paths that are tests. */
  readonly tests?: 'ignore' | 'check' | readonly string[];
}

export function settingsOf(context: Rule.RuleContext): UnbusySettings {
  const settings: unknown = context.settings.unbusy;
  return typeof settings === 'object' && settings !== null ? settings : {};
}

/** Whether a file is a test, which holds handles for as long as it likes. */
export function isIgnoredTest(context: Rule.RuleContext): boolean {
  const { tests = 'ignore' } = settingsOf(context);
  if (tests === 'check') return false;
  const path =
    context.cwd && context.filename.startsWith(context.cwd)
      ? context.filename.slice(context.cwd.length)
      : context.filename;
  if (tests !== 'ignore') return tests.some((pattern) => path.includes(pattern));
  return isTestSource(path, context.sourceCode.text);
}
