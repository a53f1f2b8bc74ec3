import { isAbsolute, resolve } from 'node:path';
import { isTestSource } from './analysis/modules/test-files.ts';
import { isUsable, settingsProblems } from './settings-checks.ts';
import { fileModule } from './drivers/catalogue.ts';
import type { AnalysisSettings } from './analysis/index.ts';
import type { WrapperNames } from './drivers/unbusy.ts';
import type { Rule } from 'eslint';

/** Shared settings of the plugin, under `settings.unbusy` of an ESLint config. */
export interface UnbusySettings {
  /**
   * The module that hands out safe connections: a specifier as it is imported, or a path from the working directory. What
   * it opens itself is its own business. `driver` says whose connections they are where the module's source is not
   * there to be read; `names` are its names for `openDatabase`, `withConnection` and `withTransaction`.
   */
  readonly wrapper?: { readonly module: string; readonly driver?: string; readonly names?: Partial<WrapperNames> };
  /** Shortest busy timeout in milliseconds that counts as one. */
  readonly minBusyTimeout?: number;
  /** Own functions that open a connection; `configured` where they set the busy timeout and WAL. */
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

interface Checked {
  readonly settings: UnbusySettings;
  readonly problems: readonly string[];
  /** What they tell the analysis, by working directory. */
  readonly forAnalysis: Map<string, AnalysisSettings>;
}

/** Settings that were looked at, by the object that ESLint hands out. */
const checked = new WeakMap<object, Checked>();

/** The shared settings, without those that cannot be used. */
export function settingsOf(context: Pick<Rule.RuleContext, 'settings'>): UnbusySettings {
  return check(context).settings;
}

/** What is wrong with the shared settings, in sentences for the user. */
export function problemsOfSettings(context: Rule.RuleContext): readonly string[] {
  return check(context).problems;
}

function check({ settings: all }: Pick<Rule.RuleContext, 'settings'>): Checked {
  let entry = checked.get(all);
  if (!entry) {
    const given: unknown = all.unbusy === undefined ? {} : all.unbusy;
    const entries = typeof given === 'object' && given !== null ? Object.entries(given) : [];
    const usable = entries.filter(([name, value]) => isUsable(name, value));
    entry = { settings: Object.fromEntries(usable), problems: settingsProblems(given), forAnalysis: new Map() };
    checked.set(all, entry);
  }
  return entry;
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

/** What the settings tell the analysis. */
export function analysisSettings(context: Pick<Rule.RuleContext, 'settings' | 'cwd'>): AnalysisSettings {
  const { forAnalysis } = check(context);
  let settings = forAnalysis.get(context.cwd);
  if (!settings) forAnalysis.set(context.cwd, (settings = readForAnalysis(context)));
  return settings;
}

function readForAnalysis(context: Pick<Rule.RuleContext, 'settings' | 'cwd'>): AnalysisSettings {
  const { wrapper, openers = [], foreignWork = [] } = settingsOf(context);
  return {
    ...(wrapper?.driver === undefined
      ? {}
      : {
          wrapper: {
            module: moduleName(context, wrapper.module),
            driver: wrapper.driver,
            names: wrapper.names ?? {},
          },
        }),
    openers: openers.map(({ module, name, driver, configured = false }) => ({
      module: moduleName(context, module),
      name,
      driver,
      configured,
    })),
    foreignWork,
  };
}

/** Whether a file is the project's own wrapper module. */
export function isWrapper(context: Rule.RuleContext): boolean {
  const { wrapper } = settingsOf(context);
  return wrapper !== undefined && fileModule(context.filename) === moduleName(context, wrapper.module);
}

/** A module as the analysis names it: files of the project by their path. */
function moduleName(context: Pick<Rule.RuleContext, 'cwd'>, module: string): string {
  return module.startsWith('.') || isAbsolute(module) ? fileModule(resolve(context.cwd, module)) : module;
}
