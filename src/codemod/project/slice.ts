import { Project, ts } from 'ts-morph';
import { withSlashes } from '../files/slashes.ts';
import type { Config } from './tsconfig.ts';
import type { Texts, TypeFault } from './types.ts';

/** Where the wrapper is not installed, importing it is no error of the types: its values are `any`. */
const WRAPPER = "declare module 'unbusy/*';\n";

/** The declarations of the language itself, which ts-morph has inside: the same whatever the project has installed. */
const LIBRARY = '/node_modules/typescript/lib';
const library = new Project({ useInMemoryFileSystem: true }).getModuleResolutionHost();

function libraryFile(path: string): string | undefined {
  return path.startsWith(`${LIBRARY}/`) ? library.readFile(path) : undefined;
}

/** The program of one config, with texts that are not written in place of those on the disk. */
export class Slice {
  readonly config: Config;
  readonly service: ts.LanguageService;
  readonly #files: Set<string>;
  #texts: Texts = new Map();
  #version = 0;
  readonly #snapshots = new Map<string, ts.IScriptSnapshot>();
  readonly #versions = new Map<string, number>();
  #importers: ReadonlyMap<string, readonly string[]> | null = null;

  constructor(config: Config) {
    this.config = config;
    this.#files = new Set(config.files);
    this.service = ts.createLanguageService(this.#host());
  }

  /** As the texts that are shown make it. */
  get program(): ts.Program {
    const program = this.service.getProgram();
    if (!program) throw new Error(`${this.config.path ?? this.config.folder} has no program`);
    return program;
  }

  /** Whether a file is part of it, named by its config or imported. */
  has(path: string): boolean {
    return this.program.getSourceFile(withSlashes(path)) !== undefined;
  }

  /** Files of the program that are the project's own. */
  get sources(): readonly ts.SourceFile[] {
    return this.program.getSourceFiles().filter((source) => this.isOwn(source));
  }

  isOwn({ fileName, isDeclarationFile }: ts.SourceFile): boolean {
    return !isDeclarationFile && !fileName.includes('/node_modules/');
  }

  /** Whether a file is where the compiler writes what it makes of others. */
  isBuilt(path: string): boolean {
    const { outDir, declarationDir } = this.config.options;
    return [outDir, declarationDir].some(
      (folder) => folder !== undefined && withSlashes(path).startsWith(`${folder}/`),
    );
  }

  /** Puts texts in the place of those on the disk; all others are as they are there. */
  show(texts: Texts): void {
    const shown = new Map([...texts].map(([path, text]) => [withSlashes(path), text]));
    const differing = [...new Set([...this.#texts.keys(), ...shown.keys()])].filter(
      (path) => this.#texts.get(path) !== shown.get(path),
    );
    if (differing.length === 0) return;
    for (const path of differing) {
      this.#versions.set(path, (this.#versions.get(path) ?? 0) + 1);
      this.#snapshots.delete(path);
    }
    this.#texts = shown;
    this.#changed();
  }

  /** Takes files in that its config leaves out; returns whether there was a new one. */
  extend(paths: readonly string[]): boolean {
    const before = this.#files.size;
    for (const path of paths) if (!this.has(path)) this.#files.add(withSlashes(path));
    if (this.#files.size === before) return false;
    this.#changed();
    return true;
  }

  /** What the type checker has against a file; nothing where nobody has it look at that. */
  faultsIn(path: string): readonly TypeFault[] {
    const file = withSlashes(path);
    const isJavaScript = /\.[cm]?jsx?$/.test(file);
    if (!this.has(file) || (isJavaScript && !this.config.isOwner)) return [];
    const diagnostics = [...this.service.getSyntacticDiagnostics(file), ...this.service.getSemanticDiagnostics(file)];
    return diagnostics.map(({ code, messageText, file: source, start }) => ({
      code,
      message: ts.flattenDiagnosticMessageText(messageText, '\n'),
      line: source && start !== undefined ? source.getLineAndCharacterOfPosition(start).line + 1 : 1,
    }));
  }

  /** The project's files that import one of some files, and are none of them. */
  importersOf(paths: readonly string[]): readonly string[] {
    const files = paths.map((path) => withSlashes(path));
    this.#importers ??= this.#findImporters();
    const found = new Set(files.flatMap((file) => this.#importers?.get(file) ?? []));
    for (const file of files) found.delete(file);
    return [...found];
  }

  dispose(): void {
    this.service.dispose();
  }

  #changed(): void {
    this.#version += 1;
    this.#importers = null;
  }

  #findImporters(): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>();
    const cache = ts.createModuleResolutionCache(this.config.folder, (name) => name, this.config.options);
    for (const source of this.sources)
      for (const { fileName } of ts.preProcessFile(source.text, true, true).importedFiles) {
        const { fileName: from, impliedNodeFormat: mode } = source;
        const resolution = ts.resolveModuleName(fileName, from, this.config.options, ts.sys, cache, undefined, mode);
        const imported = resolution.resolvedModule?.resolvedFileName;
        if (imported !== undefined) found.set(imported, [...(found.get(imported) ?? []), from]);
      }
    return found;
  }

  #host(): ts.LanguageServiceHost {
    const wrapper = `${this.config.folder}/unbusy-is-not-installed.d.ts`;
    const read = (path: string): string | undefined =>
      this.#texts.get(path) ?? (path === wrapper ? WRAPPER : (libraryFile(path) ?? ts.sys.readFile(path)));
    return {
      getCompilationSettings: () => this.config.options,
      getScriptFileNames: () => [...this.#files, wrapper],
      getProjectVersion: () => String(this.#version),
      getScriptVersion: (path) => String(this.#versions.get(path) ?? 0),
      // The service asks for all of them whenever one has changed.
      getScriptSnapshot: (path) => {
        const text = this.#snapshots.get(path) ?? snapshotOf(read(path));
        if (text) this.#snapshots.set(path, text);
        return text;
      },
      getCurrentDirectory: () => this.config.folder,
      getDefaultLibFileName: (options) => `${LIBRARY}/${ts.getDefaultLibFileName(options)}`,
      fileExists: (path) => path === wrapper || libraryFile(path) !== undefined || ts.sys.fileExists(path),
      readFile: read,
      readDirectory: (...args) => ts.sys.readDirectory(...args),
      directoryExists: (folder) => ts.sys.directoryExists(folder),
      getDirectories: (folder) => ts.sys.getDirectories(folder),
      realpath: (path) => ts.sys.realpath?.(path) ?? path,
    };
  }
}

function snapshotOf(text: string | undefined): ts.IScriptSnapshot | undefined {
  return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
}
