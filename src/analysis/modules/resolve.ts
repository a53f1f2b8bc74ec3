import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { ResolverFactory, type NapiResolveOptions } from 'oxc-resolver';
import { globSync } from 'tinyglobby';
import { isSourcePath } from '../../source-paths.ts';

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];
const OPTIONS: NapiResolveOptions = {
  extensions: EXTENSIONS,
  // Sources import each other by the names that they will have once compiled.
  extensionAlias: {
    '.js': ['.ts', '.tsx', '.js', '.jsx'],
    '.jsx': ['.tsx', '.jsx'],
    '.mjs': ['.mts', '.mjs'],
    '.cjs': ['.cts', '.cjs'],
  },
  conditionNames: ['source', 'development', 'import', 'node', 'require', 'module', 'default'],
  mainFields: ['source', 'module', 'main'],
};
/** Where a package of the workspace keeps what its package.json names only once it is built. */
const SOURCE_FOLDERS = ['src', 'lib', ''];

/** Finds the file of the project that a specifier names. */
export class Resolver {
  readonly #withConfig = new ResolverFactory({ ...OPTIONS, tsconfig: 'auto' });
  readonly #plain = new ResolverFactory(OPTIONS);
  readonly #found = new Map<string, string | null>();
  /** Relative specifiers, with the folder of the file that has them, of which there was no file at all. */
  readonly #missing: { readonly folder: string; readonly specifier: string }[] = [];
  readonly #workspaces = new Map<string, Workspace | null>();
  readonly #aliases = new Map<string, Aliases | null>();

  /** Path of a source file outside of `node_modules`; null for packages and for what is not there. */
  resolve(from: string, specifier: string): string | null {
    if (isBuiltin(specifier) || specifier.startsWith('bun:')) return null;
    const key = `${dirname(from)}\0${specifier}`;
    let path = this.#found.get(key);
    if (path === undefined) this.#found.set(key, (path = this.#resolve(from, specifier)));
    return path;
  }

  /** Whether a file that was not there when it was asked for is there now. */
  findsMore(): boolean {
    if (this.#missing.length === 0) return false;
    this.#withConfig.clearCache();
    this.#plain.clearCache();
    return this.#missing.some(({ folder, specifier }) => sourceOnly(this.#plain.sync(folder, specifier).path) !== null);
  }

  forget(): void {
    this.#withConfig.clearCache();
    this.#plain.clearCache();
    for (const known of [this.#found, this.#workspaces, this.#aliases]) known.clear();
    this.#missing.length = 0;
  }

  #resolve(from: string, specifier: string): string | null {
    const found = this.#withConfig.resolveFileSync(from, specifier);
    if (found.path) return sourceOnly(found.path);
    if (specifier.startsWith('.') || isAbsolute(specifier)) {
      const { path } = this.#plain.sync(dirname(from), specifier);
      if (!path && specifier.startsWith('.')) this.#missing.push({ folder: dirname(from), specifier });
      return sourceOnly(path);
    }
    // A tsconfig that extends a package which is not installed stops the resolver; its paths may still be read.
    return this.#byAlias(from, specifier) ?? this.#inWorkspace(from, specifier);
  }

  #byAlias(from: string, specifier: string): string | null {
    const aliases = this.#aliasesOf(dirname(from));
    if (!aliases) return null;
    for (const [pattern, targets] of aliases.paths) {
      const star = pattern.indexOf('*');
      const matches =
        star < 0
          ? specifier === pattern
          : specifier.startsWith(pattern.slice(0, star)) && specifier.endsWith(pattern.slice(star + 1));
      if (!matches) continue;
      const rest = star < 0 ? '' : specifier.slice(star, specifier.length - (pattern.length - star - 1));
      for (const target of targets) {
        const path = this.#plain.sync(
          aliases.base,
          `./${relative(aliases.base, resolve(aliases.base, target.replace('*', rest)))}`,
        ).path;
        if (path) return sourceOnly(path);
      }
    }
    return null;
  }

  #aliasesOf(folder: string): Aliases | null {
    const known = this.#aliases.get(folder);
    if (known !== undefined) return known;
    const own = readAliases(join(folder, 'tsconfig.json')) ?? readAliases(join(folder, 'jsconfig.json'));
    const parent = dirname(folder);
    const aliases = own ?? (parent === folder ? null : this.#aliasesOf(parent));
    this.#aliases.set(folder, aliases);
    return aliases;
  }

  /** A package of the workspace that is not linked into `node_modules`, or not built yet. */
  #inWorkspace(from: string, specifier: string): string | null {
    const workspace = this.#workspaceOf(dirname(from));
    if (!workspace) return null;
    const parts = specifier.split('/');
    const length = specifier.startsWith('@') ? 2 : 1;
    const folder = workspace.get(parts.slice(0, length).join('/'));
    if (folder === undefined) return null;
    const rest = parts.slice(length).join('/');
    const self = this.#plain.sync(folder, specifier).path ?? this.#plain.sync(folder, rest ? `./${rest}` : '.').path;
    if (self) return sourceOnly(self);
    for (const source of SOURCE_FOLDERS) {
      const path = this.#plain.sync(join(folder, source), `./${rest || 'index'}`).path;
      if (path) return sourceOnly(path);
    }
    return null;
  }

  #workspaceOf(folder: string): Workspace | null {
    const known = this.#workspaces.get(folder);
    if (known !== undefined) return known;
    const patterns = workspacePatterns(folder);
    const parent = dirname(folder);
    const workspace = patterns ? readWorkspace(folder, patterns) : parent === folder ? null : this.#workspaceOf(parent);
    this.#workspaces.set(folder, workspace);
    return workspace;
  }
}

type Workspace = ReadonlyMap<string, string>;

interface Aliases {
  readonly base: string;
  readonly paths: readonly (readonly [string, readonly string[]])[];
}

/** Whether a file is code of the project, rather than of a package that it uses: no import leads to one of those. */
export function isOfProject(path: string): boolean {
  return !/[\\/]node_modules[\\/]/.test(path);
}

/** Files of packages and declarations have no code of the project. */
function sourceOnly(path: string | null | undefined): string | null {
  return path && isSourcePath(path) && isOfProject(path) ? path : null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** `compilerOptions.paths`, read with comments and trailing commas and without what the file extends. */
function readAliases(path: string): Aliases | null {
  const text = readText(path);
  if (!text?.includes('"paths"')) return null;
  const config = parseLenient(text) as {
    compilerOptions?: { baseUrl?: unknown; paths?: Record<string, unknown> };
  } | null;
  const paths = config?.compilerOptions?.paths;
  if (!paths || typeof paths !== 'object') return null;
  const baseUrl = config.compilerOptions?.baseUrl;
  const entries = Object.entries(paths).flatMap(([pattern, targets]) =>
    Array.isArray(targets) ? [[pattern, targets.filter((target) => typeof target === 'string')] as const] : [],
  );
  return { base: resolve(dirname(path), typeof baseUrl === 'string' ? baseUrl : '.'), paths: entries };
}

function parseLenient(text: string): unknown {
  // Comments outside of strings, then commas before a closing bracket.
  const bare = text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1')
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, '$1');
  try {
    return JSON.parse(bare);
  } catch {
    return null;
  }
}

/** Patterns of the workspace whose root a folder is. */
function workspacePatterns(folder: string): string[] | null {
  const pnpm = readText(join(folder, 'pnpm-workspace.yaml'));
  if (pnpm !== null) {
    const list = /^packages:\s*\n((?:\s+-.*\n?|\s*#.*\n?|\s*\n)*)/m.exec(pnpm)?.[1] ?? '';
    return [...list.matchAll(/^\s+-\s*["']?([^"'\n#]+?)["']?\s*(?:#.*)?$/gm)].map((match) => match[1] ?? '');
  }
  const manifest = readText(join(folder, 'package.json'));
  if (!manifest?.includes('"workspaces"')) return null;
  const { workspaces } = (parseLenient(manifest) ?? {}) as { workspaces?: unknown };
  const patterns = Array.isArray(workspaces)
    ? workspaces
    : (workspaces as { packages?: unknown } | undefined)?.packages;
  return Array.isArray(patterns) ? patterns.filter((pattern) => typeof pattern === 'string') : null;
}

function readWorkspace(root: string, patterns: readonly string[]): Workspace {
  const packages = new Map<string, string>();
  const manifests = patterns.map((pattern) => `${pattern.replace(/\/+$/, '')}/package.json`);
  for (const path of globSync(manifests, { cwd: root, absolute: true, ignore: ['**/node_modules/**'] })) {
    const manifest = readText(path);
    const name = manifest === null ? undefined : (parseLenient(manifest) as { name?: unknown } | null)?.name;
    if (typeof name === 'string') packages.set(name, normalize(dirname(path)));
  }
  return packages;
}
