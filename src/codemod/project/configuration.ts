import { extname } from 'node:path';
import { rules } from '../../../rules/index.ts';
import { CodemodError, EXIT } from '../exit-codes.ts';
import type { Linter } from 'eslint';

/** How the rules look at a file. */
export interface Configuration {
  /** Options of each rule that is on, by its name without a prefix. */
  readonly rules: ReadonlyMap<string, readonly unknown[]>;
  /** `settings` of the ESLint config. */
  readonly settings: Linter.Config['settings'];
  readonly languageOptions: Linter.LanguageOptions;
  /** Findings of other drivers are left out; null for all. */
  readonly drivers: ReadonlySet<string> | null;
}

/** What the command line says of the rules; it goes before the project's config. */
export interface Choice {
  /** Rules to run, without a prefix; all that are on if empty. */
  readonly rules: readonly string[];
  /** Drivers of the catalogue; all if empty. */
  readonly drivers: readonly string[];
  readonly style: 'finally' | 'using' | 'wrapper' | null;
  readonly open: 'wrapper' | 'pragmas' | null;
}

const PLUGIN = 'eslint-plugin-unbusy';
const TYPED = new Set(['.ts', '.tsx', '.mts', '.cts']);

/** Rules that have the option, which the command line gives a value. */
const STYLED = { 'require-close': 'style', 'require-pragmas': 'open' } as const;

/**
 * Reads what the project's ESLint config says of the plugin, so that linter and codemod agree. Where it says nothing, the
 * recommended rules are on.
 */
export class Configurations {
  readonly #root: string;
  readonly #file: string | false | null;
  readonly #choice: Choice;
  #calculate: ((path: string) => Promise<Calculated | null>) | null = null;

  /** `file` is an ESLint config to use instead of the one that ESLint finds; false for none. */
  constructor(root: string, file: string | false | null, choice: Choice) {
    this.#root = root;
    this.#file = file;
    this.#choice = choice;
  }

  /** Throws `CodemodError` where the config cannot be loaded, or no parser for the file is installed. */
  async of(path: string): Promise<Configuration> {
    this.#calculate ??= await this.#load();
    const found = await this.#calculate(path);
    return {
      rules: this.#chosen(found),
      settings: found?.settings ?? {},
      languageOptions: await languageOf(path, found),
      drivers: this.#choice.drivers.length > 0 ? new Set(this.#choice.drivers) : null,
    };
  }

  async #load(): Promise<(path: string) => Promise<Calculated | null>> {
    const file = this.#file;
    if (file === false) return () => Promise.resolve(null);
    const { ESLint } = await import('eslint');
    const eslint = new ESLint({ cwd: this.#root, ...(file !== null && { overrideConfigFile: file }) });
    // ESLint throws where there is no config, which is no mistake unless one was named.
    if (file === null && (await eslint.findConfigFile().catch(() => undefined)) === undefined)
      return () => Promise.resolve(null);
    return async (path) => {
      try {
        return ((await eslint.calculateConfigForFile(path)) as Calculated | undefined) ?? null;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new CodemodError(
          EXIT.usage,
          `The ESLint config could not be loaded: ${why}\nMend it, name another one with --config FILE, or pass --no-config for the recommended rules.`,
          { cause: error },
        );
      }
    };
  }

  #chosen(found: Calculated | null): Configuration['rules'] {
    const configured = ofPlugin(found) ?? recommended();
    const { rules: names } = this.#choice;
    const chosen = new Map(names.length === 0 ? configured : names.map((name) => [name, configured.get(name) ?? []]));
    for (const [rule, option] of Object.entries(STYLED)) {
      const value = this.#choice[option];
      const options = chosen.get(rule);
      if (options && value !== null) chosen.set(rule, [{ ...(options[0] as object | undefined), style: value }]);
    }
    return chosen;
  }
}

interface Calculated {
  readonly plugins?: Readonly<Record<string, { readonly meta?: { readonly name?: string } }>>;
  readonly rules?: Readonly<Record<string, readonly unknown[]>>;
  readonly settings?: Record<string, unknown>;
  readonly languageOptions?: Linter.LanguageOptions;
}

/** The plugin's rules that a config has on; null where the config does not have the plugin. */
function ofPlugin(found: Calculated | null): Map<string, readonly unknown[]> | null {
  const entry = Object.entries(found?.plugins ?? {}).find(([, { meta }]) => meta?.name === PLUGIN);
  if (!entry) return null;
  const prefix = `${entry[0]}/`;
  const there = Object.entries(found?.rules ?? {}).filter(([name]) => name.startsWith(prefix));
  const on = there.filter(([, [severity]]) => severity !== 0 && severity !== 'off');
  return new Map(on.map(([name, [, ...options]]) => [name.slice(prefix.length), options]));
}

function recommended(): Map<string, readonly unknown[]> {
  const there = Object.entries(rules).filter(([, { presets }]) => presets.includes('recommended'));
  return new Map(there.map(([name]) => [name, []]));
}

async function languageOf(path: string, found: Calculated | null): Promise<Linter.LanguageOptions> {
  const extension = extname(path);
  const given = found?.languageOptions;
  const parser = given?.parser;
  const isTyped = TYPED.has(extension);
  // ESLint's own parser, which a config has where it names none, does not read TypeScript.
  if (isTyped && !isForTypes(parser)) return { parser: await typescriptParser(path) };
  // No rule asks for types: a program for each file would only take time.
  if (parser) {
    const parserOptions = { ecmaFeatures: { jsx: isTyped ? extension === '.tsx' : true } };
    return { parser, parserOptions, ...(given.sourceType && { sourceType: given.sourceType }) };
  }
  return {
    sourceType: extension === '.cjs' ? 'commonjs' : 'module',
    parserOptions: { ecmaFeatures: { jsx: true } },
  };
}

function isForTypes(parser: unknown): boolean {
  const name = (parser as { meta?: { name?: string } } | undefined)?.meta?.name;
  return name !== undefined && name !== 'espree';
}

async function typescriptParser(path: string): Promise<Linter.Parser> {
  try {
    return await import('@typescript-eslint/parser');
  } catch (error) {
    throw new CodemodError(
      EXIT.usage,
      `${path} is TypeScript, and no parser for it can be loaded. Run: npm install --save-dev @typescript-eslint/parser typescript`,
      { cause: error },
    );
  }
}
