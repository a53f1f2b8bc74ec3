import { existsSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import type { ts } from 'ts-morph';

/** The compiler, as ts-morph brings it: the same whatever the project has installed, if anything. */
type Compiler = typeof ts;

/** An error of the type checker. */
interface TypeError {
  /** Counts from 1. */
  readonly line: number;
  readonly code: number;
  readonly message: string;
}

/** Texts of files by their absolute paths. */
type Texts = ReadonlyMap<string, string>;

/** Asks the type checker what it has against texts that are not written yet. */
export interface TypeCheck {
  /**
   * The errors that texts bring with them, in their own files and in those that import them: what is there already does
   * not count, wherever it has moved. By absolute path.
   */
  errorsAdded(texts: Texts): Promise<ReadonlyMap<string, readonly TypeError[]>>;
}

/** Loads nothing before the first question: files without SQLite never come here. */
export function typeCheck(): TypeCheck {
  const projects = new Map<string, CheckedProject>();
  return {
    async errorsAdded(texts) {
      const { ts } = await import('ts-morph');
      const added = new Map<string, readonly TypeError[]>();
      for (const [config, files] of byConfig([...texts.keys()], ts)) {
        let project = projects.get(config);
        if (!project) projects.set(config, (project = new CheckedProject(ts, config)));
        for (const [file, errors] of project.errorsAdded(files, texts)) added.set(file, errors);
      }
      return added;
    },
  };
}

/** The files of each tsconfig; those of none are not checked by the project either. */
function byConfig(files: readonly string[], compiler: Compiler): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of files) {
    const config = configFor(file, compiler);
    if (config !== null) found.set(config, [...(found.get(config) ?? []), file]);
  }
  return found;
}

/** The nearest tsconfig that has a file, or refers to one that has it. */
function configFor(file: string, compiler: Compiler): string | null {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    for (const name of ['tsconfig.json', 'jsconfig.json']) {
      const config = `${folder}/${name}`;
      const found = existsSync(config) ? owner(config, file, compiler, new Set()) : null;
      if (found !== null) return found;
    }
    if (dirname(folder) === folder) return null;
  }
}

function owner(config: string, file: string, compiler: Compiler, asked: Set<string>): string | null {
  if (asked.has(config)) return null;
  asked.add(config);
  const parsed = parseConfig(config, compiler);
  if (!parsed) return null;
  if (parsed.fileNames.includes(file.replaceAll('\\', '/'))) return config;
  for (const reference of parsed.projectReferences ?? []) {
    const found = owner(compiler.resolveProjectReferencePath(reference), file, compiler, asked);
    if (found !== null) return found;
  }
  return null;
}

/** Which files a config has is found by walking its folder: once a run. */
const parsedConfigs = new Map<string, ts.ParsedCommandLine | null>();

function parseConfig(config: string, compiler: Compiler): ts.ParsedCommandLine | null {
  let parsed = parsedConfigs.get(config);
  if (parsed === undefined) {
    const host: ts.ParseConfigFileHost = { ...compiler.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
    parsed = compiler.getParsedCommandLineOfConfigFile(config, { noEmit: true }, host) ?? null;
    parsedConfigs.set(config, parsed);
  }
  return parsed;
}

/** The program of one tsconfig, kept between questions: most of it stays as it is. */
class CheckedProject {
  readonly #ts: Compiler;
  readonly #service: ts.LanguageService;
  #texts: Texts = new Map();
  #version = 0;
  readonly #versions = new Map<string, number>();
  readonly #before = new Map<string, readonly TypeError[]>();

  constructor(compiler: Compiler, config: string) {
    this.#ts = compiler;
    const parsed = parseConfig(config, compiler);
    const host: ts.LanguageServiceHost = {
      getCompilationSettings: () => parsed?.options ?? {},
      getScriptFileNames: () => parsed?.fileNames ?? [],
      getProjectVersion: () => String(this.#version),
      getScriptVersion: (file) => String(this.#versions.get(file) ?? 0),
      getScriptSnapshot: (file) => {
        const text = this.#texts.get(file) ?? compiler.sys.readFile(file);
        return text === undefined ? undefined : compiler.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => dirname(config),
      getDefaultLibFileName: (options) => compiler.getDefaultLibFilePath(options),
      fileExists: (file) => compiler.sys.fileExists(file),
      readFile: (file) => compiler.sys.readFile(file),
      readDirectory: (...args) => compiler.sys.readDirectory(...args),
      directoryExists: (folder) => compiler.sys.directoryExists(folder),
      getDirectories: (folder) => compiler.sys.getDirectories(folder),
      realpath: (path) => compiler.sys.realpath?.(path) ?? path,
    };
    this.#service = compiler.createLanguageService(host);
  }

  errorsAdded(files: readonly string[], texts: Texts): Map<string, readonly TypeError[]> {
    this.#show(new Map());
    const asked = [...files, ...this.#importersOf(files)];
    for (const file of asked) if (!this.#before.has(file)) this.#before.set(file, this.#errorsOf(file));
    this.#show(new Map([...texts].map(([file, text]) => [file.replaceAll('\\', '/'), text])));
    const added = new Map<string, readonly TypeError[]>();
    for (const file of asked) {
      const errors = without(this.#errorsOf(file), this.#before.get(file) ?? []);
      if (errors.length > 0) added.set(file, errors);
    }
    return added;
  }

  #show(texts: Texts): void {
    for (const file of new Set([...this.#texts.keys(), ...texts.keys()]))
      if (this.#texts.get(file) !== texts.get(file)) this.#versions.set(file, (this.#versions.get(file) ?? 0) + 1);
    this.#texts = texts;
    this.#version += 1;
  }

  #errorsOf(file: string): readonly TypeError[] {
    const diagnostics = [...this.#service.getSyntacticDiagnostics(file), ...this.#service.getSemanticDiagnostics(file)];
    return diagnostics.map(({ code, messageText, file: source, start }) => ({
      code,
      message: this.#ts.flattenDiagnosticMessageText(messageText, '\n'),
      line: source && start !== undefined ? source.getLineAndCharacterOfPosition(start).line + 1 : 1,
    }));
  }

  /** Files of the project that import one of some files. */
  #importersOf(files: readonly string[]): readonly string[] {
    const program = this.#service.getProgram();
    const names = files.map((file) => basename(file, extname(file)));
    const wanted = new Set(files);
    const sources = program?.getSourceFiles().filter(({ isDeclarationFile }) => !isDeclarationFile) ?? [];
    return sources
      .filter(({ fileName, text }) => !wanted.has(fileName) && names.some((name) => text.includes(name)))
      .filter((source) => this.#importsOneOf(source, wanted, program?.getCompilerOptions() ?? {}))
      .map(({ fileName }) => fileName);
  }

  #importsOneOf(source: ts.SourceFile, wanted: ReadonlySet<string>, options: ts.CompilerOptions): boolean {
    return this.#ts.preProcessFile(source.text, true, true).importedFiles.some(({ fileName }) => {
      const { resolvedModule } = this.#ts.resolveModuleName(fileName, source.fileName, options, this.#ts.sys);
      return resolvedModule !== undefined && wanted.has(resolvedModule.resolvedFileName);
    });
  }
}

/** Those that are not among others: an error is the same by what it says, wherever it has moved. */
function without(errors: readonly TypeError[], others: readonly TypeError[]): readonly TypeError[] {
  const left = others.map(keyOf);
  return errors.filter((error) => {
    const at = left.indexOf(keyOf(error));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function keyOf({ code, message }: TypeError): string {
  return `${code} ${message}`;
}
