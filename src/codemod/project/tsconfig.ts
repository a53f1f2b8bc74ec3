import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ts } from 'ts-morph';
import { withSlashes } from '../files/slashes.ts';

/** What one program is made of. */
export interface Config {
  /** The file it is from; null where there is none. */
  readonly path: string | null;
  readonly folder: string;
  readonly options: ts.CompilerOptions;
  readonly files: readonly string[];
  /** It is the config of its files; otherwise they are looked at as if it were, and nobody checks them in JavaScript. */
  readonly isOwner: boolean;
}

/** Files that no config has, as a team without one would have them checked. */
const LOOSE: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
};

/** Finds the config of each file; each config is read once. */
export class Configs {
  readonly #root: string;
  readonly #read = new Map<string, ts.ParsedCommandLine | null>();
  /** By key, so that files of the same config come together. */
  readonly #made = new Map<string, Config>();

  constructor(root: string) {
    this.#root = withSlashes(root);
  }

  /** The nearest config that has a file, or refers to one that has it; else the nearest one, for its options. */
  of(path: string): Config {
    const file = withSlashes(path);
    let nearest: string | null = null;
    for (let folder = dirname(file); ; folder = dirname(folder)) {
      for (const config of configsIn(folder)) {
        const found = this.#owner(config, file, new Set());
        if (found !== null) return this.#make(found, true);
        if (config.endsWith('/tsconfig.json')) nearest ??= config;
      }
      if (folder === this.#root || dirname(folder) === folder) break;
    }
    return this.#make(nearest, false);
  }

  #make(path: string | null, isOwner: boolean): Config {
    const key = `${path ?? ''}:${String(isOwner)}`;
    const known = this.#made.get(key);
    if (known) return known;
    const parsed = path === null ? null : this.#parse(path);
    const config: Config = {
      path,
      isOwner,
      folder: path === null ? this.#root : dirname(path),
      options: { ...(parsed?.options ?? LOOSE), noEmit: true, ...(!isOwner && { allowJs: true }) },
      files: isOwner ? (parsed?.fileNames ?? []) : [],
    };
    this.#made.set(key, config);
    return config;
  }

  #owner(config: string, file: string, asked: Set<string>): string | null {
    if (asked.has(config)) return null;
    asked.add(config);
    const parsed = this.#parse(config);
    if (!parsed) return null;
    if (parsed.fileNames.includes(file)) return config;
    for (const reference of parsed.projectReferences ?? []) {
      const found = this.#owner(ts.resolveProjectReferencePath(reference), file, asked);
      if (found !== null) return found;
    }
    return null;
  }

  #parse(config: string): ts.ParsedCommandLine | null {
    let parsed = this.#read.get(config);
    if (parsed === undefined) {
      const host: ts.ParseConfigFileHost = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
      parsed = ts.getParsedCommandLineOfConfigFile(config, {}, host) ?? null;
      this.#read.set(config, parsed);
    }
    return parsed;
  }
}

/** The configs of a folder, those first that compilers look for by themselves. */
function configsIn(folder: string): readonly string[] {
  const first = ['tsconfig.json', 'jsconfig.json']
    .map((name) => `${folder}/${name}`)
    .filter((path) => existsSync(path));
  if (!existsSync(folder)) return [];
  const others = readdirSync(folder).filter((name) => /^tsconfig\..+\.json$/.test(name));
  return [...first, ...others.toSorted().map((name) => `${folder}/${name}`)];
}
