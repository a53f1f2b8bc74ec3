import { parseSync } from 'oxc-parser';
import { lowerModule } from '../javascript/module.ts';
import { Resolver } from './resolve.ts';
import { scanSource, type Scan } from './scan.ts';
import { readSource, statSource, unwrittenChanges } from './sources.ts';
import { isJavaScript } from '../../source-paths.ts';
import type { ModuleUnit } from '../javascript/units.ts';
import type { TSESTree } from '../javascript/syntax.ts';
import type { ModuleIR } from '../ir.ts';
import type { Catalogue } from '../../drivers/catalogue.ts';

/**
 * How far the modules of the project are asked: `openers` for functions and classes that open a connection, `all` for
 * everything that leads to one, shared connections and types included.
 */
export type Reach = 'openers' | 'all';

/** Modules between a file and a driver that are looked through. */
const DEEPEST = 6;
/** Sources larger than this are bundles, which nobody imports a helper from. */
const LARGEST = 2_000_000;
/** Bytes; larger ones are made from a schema, and tell of no functions. */
const LARGEST_DECLARATIONS = 200_000;
/** Milliseconds for which a file is taken as unchanged, at least. */
const FRESH = 1_000;
/** How many times longer than looking at all files that is at least, in a project of many. */
const SELDOM = 20;
/** Characters of sources whose trees are kept, which take about 50 bytes each; beyond that all are forgotten. */
const MOST_PARSED = 12_000_000;
/** Characters of all sources that were read, parsed or not; the same holds for them. */
const MOST_READ = 60_000_000;

interface Source {
  readonly path: string;
  readonly text: string;
  readonly modified: number;
  readonly size: number;
  scan: Scan | null;
  /** The syntax tree; null where the text cannot be parsed. */
  ast: TSESTree.Program | null | undefined;
  readonly modules: Map<Reach, ModuleUnit>;
}

/** The sources of a project, read when they are first asked for and again when they have changed. */
export class Project {
  readonly catalogue: Catalogue;
  readonly #resolver = new Resolver();
  readonly #sources = new Map<string, Source | null>();
  /** Answers, each with the least depth at which it holds. */
  readonly #relevant = new Map<string, { readonly answer: boolean; readonly depth: number }>();
  /** Questions on the way to an answer, in their order. */
  readonly #asking = new Map<string, number>();
  /**
   * Questions answered with no for as long as those are open that the answer rests on: `restsOn` is the first of them,
   * `within` the last that was open at all.
   */
  readonly #provisional = new Map<string, { restsOn: number; readonly depth: number; readonly within: number }>();
  /** Modules as they look for as long as questions are open; `within` is the last of those. */
  readonly #provisionalModules = new Map<
    Reach,
    Map<string, { readonly module: ModuleUnit; readonly restsOn: number; readonly within: number }>
  >([
    ['openers', new Map()],
    ['all', new Map()],
  ]);
  /** The first question that the answer being worked out rests on. */
  #restsOn = Infinity;
  /** Modules further away were not asked. */
  #tooDeep = false;
  readonly #handsOut: (module: ModuleIR, name: string) => boolean;
  /** Number of times that each module was parsed. */
  readonly parses = new Map<string, number>();
  /** Characters of the sources that were parsed, and of those that were read. */
  #parsed = 0;
  #read = 0;
  #refreshed = -Infinity;
  #fresh = FRESH;
  #changes = 0;
  /** Counts changes: what was concluded before one is not valid after it. */
  version = 0;

  /** `handsOut` tells whether an export makes a connection that its caller has to close. */
  constructor(catalogue: Catalogue, handsOut: (module: ModuleIR, name: string) => boolean) {
    this.catalogue = catalogue;
    this.#handsOut = handsOut;
  }

  /** The module that a specifier names, parsed; null for packages and for what cannot be read. */
  moduleOf(from: string, specifier: string, reach: Reach): ModuleIR | null {
    if (this.databaseModule(from, specifier) !== null) return null;
    const path = this.#resolver.resolve(from, specifier);
    return path === null ? null : this.module(path, reach);
  }

  /** The driver, layer or module with openers of its own that a specifier names. */
  databaseModule(from: string, specifier: string): string | null {
    return this.catalogue.moduleOf(specifier, (name) => this.#resolver.resolve(from, name));
  }

  /** Path of the file that a specifier names; null for packages and for what is not there. */
  resolve(from: string, specifier: string): string | null {
    return this.#resolver.resolve(from, specifier);
  }

  /** Whether a specifier names a driver, a layer or a file of the project, rather than any other package. */
  isInside(from: string, specifier: string): boolean {
    return this.databaseModule(from, specifier) !== null || this.#resolver.resolve(from, specifier) !== null;
  }

  /** A file's text and what it tells at a glance; null where it cannot be read. */
  scan(path: string): { readonly text: string; readonly scan: Scan } | null {
    const source = this.#source(path);
    return source && { text: source.text, scan: (source.scan ??= scanSource(source.text, this.catalogue)) };
  }

  /** Whether what a module exports under a name has to do with SQLite. */
  relevant(from: string, specifier: string, name: string, reach: Reach, depth = 0): boolean {
    const database = this.databaseModule(from, specifier);
    if (database !== null) return this.catalogue.isDatabaseExport(database, name);
    const path = this.#resolver.resolve(from, specifier);
    return path !== null && this.#exports(path, name, reach, depth);
  }

  /** Modules may import each other in circles: an answer that rests on a question still open is not kept. */
  #exports(path: string, name: string, reach: Reach, depth: number): boolean {
    const key = `${path}\0${name}\0${reach}`;
    const known = this.#relevant.get(key);
    if (known && (known.answer || known.depth <= depth)) return known.answer;
    // What a module imports from itself adds nothing.
    const open = this.#asking.get(key) ?? this.#provisional.get(key)?.restsOn;
    if (open !== undefined) {
      this.#restsOn = Math.min(this.#restsOn, open);
      return false;
    }
    if (depth > DEEPEST) {
      this.#tooDeep = true;
      return false;
    }
    const outer = { restsOn: this.#restsOn, tooDeep: this.#tooDeep };
    this.#restsOn = Infinity;
    this.#tooDeep = false;
    const index = this.#asking.size;
    this.#asking.set(key, index);
    const answer = this.#mayLead(path, reach, depth) && this.#leads(path, name, reach, depth);
    this.#asking.delete(key);
    this.#dropProvisionalModules(index, answer);
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the calls in between
    this.#conclude(key, index, answer, this.#tooDeep ? depth : 0);
    this.#restsOn = Math.min(outer.restsOn, answer || this.#restsOn >= index ? Infinity : this.#restsOn);
    this.#tooDeep ||= outer.tooDeep;
    return answer;
  }

  /** Modules that were read as if the answer to a question were no, where it is yes; and all at the end. */
  #dropProvisionalModules(index: number, answer: boolean): void {
    for (const modules of this.#provisionalModules.values()) {
      if (index === 0) modules.clear();
      else if (answer) for (const [path, { within }] of modules) if (within >= index) modules.delete(path);
    }
  }

  /**
   * A question has its answer. Where it is no, so is that of those that rested on it; where it is yes, any question that
   * came up meanwhile may have been answered as if it were no, whatever else it rested on, and is asked again.
   */
  #conclude(key: string, index: number, answer: boolean, depth: number): void {
    const restsOn = answer || this.#restsOn >= index ? null : this.#restsOn;
    for (const [other, provisional] of this.#provisional) {
      if (answer) {
        if (provisional.within >= index) this.#provisional.delete(other);
      } else if (provisional.restsOn >= index) {
        if (restsOn !== null) {
          provisional.restsOn = restsOn;
        } else {
          this.#provisional.delete(other);
          this.#relevant.set(other, { answer: false, depth: provisional.depth });
        }
      }
    }
    if (restsOn === null) this.#relevant.set(key, { answer, depth: answer ? 0 : depth });
    else this.#provisional.set(key, { restsOn, depth, within: index - 1 });
  }

  /** Whether a module names a driver, or imports something that leads to one; decided by its text alone. */
  #mayLead(path: string, reach: Reach, depth: number): boolean {
    const source = this.#source(path);
    if (!source) return false;
    source.scan ??= scanSource(source.text, this.catalogue);
    if (source.scan.namesDatabase) return true;
    return source.scan.imports.some(({ specifier, names }) =>
      names.some((name) => this.relevant(path, specifier, name, reach, depth + 1)),
    );
  }

  #leads(path: string, name: string, reach: Reach, depth: number): boolean {
    const module = this.module(path, reach);
    if (!module) return false;
    if (name === '*' || name === 'require') {
      if (module.functions.some((fn) => fn.relevant) && (reach === 'all' || this.#handsOut(module, name))) return true;
      const passedOn = [...module.exports.values()].filter((exported) => exported.kind === 'from');
      return (
        passedOn.some((exported) => this.relevant(path, exported.specifier, exported.name, reach, depth + 1)) ||
        module.exportsAllOf.some((specifier) => this.relevant(path, specifier, '*', reach, depth + 1))
      );
    }
    const type = module.typeExports.get(name);
    if (type?.flows.relevant && reach === 'all') return true;
    const exported = module.exports.get(name);
    if (exported?.kind === 'from') return this.relevant(path, exported.specifier, exported.name, reach, depth + 1);
    if (exported) {
      const { variable } = exported;
      if (variable.imported)
        return this.relevant(path, variable.imported.specifier, variable.imported.name, reach, depth + 1);
      return variable.relevant && (reach === 'all' || this.#handsOut(module, name));
    }
    // A CommonJS module: what it exports under a name is decided when it runs.
    if (module.exports.size === 0 && module.exportsAllOf.length === 0) {
      return module.program.relevant && (reach === 'all' || this.#handsOut(module, name));
    }
    return module.exportsAllOf.some((specifier) => this.relevant(path, specifier, name, reach, depth + 1));
  }

  /** Takes the syntax tree of a file from somebody who has parsed it already. */
  adopt(path: string, ast: TSESTree.Program): void {
    const source = this.#source(path);
    if (source && source.ast === undefined) source.ast = ast;
  }

  module(path: string, reach: Reach): ModuleUnit | null {
    const source = this.#source(path);
    if (!source) return null;
    if (source.ast === undefined) source.ast = this.#parse(source);
    if (!source.ast) return null;
    const known = source.modules.get(reach);
    if (known) return known;
    const provisional = this.#provisionalModules.get(reach)?.get(path);
    if (provisional) {
      this.#restsOn = Math.min(this.#restsOn, provisional.restsOn);
      return provisional.module;
    }
    const outer = this.#restsOn;
    this.#restsOn = Infinity;
    const module = lowerModule(
      { path, text: source.text, ast: source.ast, declarations: this.declarationsOf(path) },
      (specifier, name) => this.relevant(path, specifier, name, reach, 1),
    );
    if (this.#restsOn === Infinity) source.modules.set(reach, module);
    else
      this.#provisionalModules.get(reach)?.set(path, { module, restsOn: this.#restsOn, within: this.#asking.size - 1 });
    this.#restsOn = Math.min(outer, this.#restsOn);
    return module;
  }

  /**
   * The text of the declaration file of a JavaScript module; null where it has none, and where that imports nothing: it
   * knows no database then, nor a class of another module.
   */
  declarationsOf(path: string): string | null {
    if (!isJavaScript(path)) return null;
    const source = this.#source(path.replace(/\.([cm]?)jsx?$/, '.d.$1ts'));
    return source && source.size <= LARGEST_DECLARATIONS && /\bimport\b/.test(source.text) ? source.text : null;
  }

  #parse(source: Source): TSESTree.Program | null {
    this.parses.set(source.path, (this.parses.get(source.path) ?? 0) + 1);
    this.#parsed += source.text.length;
    try {
      const { program, errors } = parseSync(source.path, source.text, { range: true, preserveParens: false });
      if (program.body.length === 0 && errors.some((error) => error.severity === 'Error')) return null;
      // The same tree by another declaration: oxc declares node types of its own (oxc-parser, "ESTree compatibility").
      return program as unknown as TSESTree.Program;
    } catch {
      return null; // the parser has no binary for this platform
    }
  }

  /**
   * Looks once more at the files that were read, and for those that were not there. Where anything has changed, all that
   * was concluded is forgotten. Called before each analysis.
   */
  refresh(): void {
    // Not in the middle of an analysis, whose modules have to stay the same.
    if (this.#parsed > MOST_PARSED || this.#read > MOST_READ) this.#forget();
    const now = Date.now();
    const changes = unwrittenChanges();
    if (now - this.#refreshed < this.#fresh && changes === this.#changes) return;
    this.#changes = changes;
    const isOutdated = [...this.#sources].some(([path, source]) => hasChanged(path, source));
    if (this.#resolver.findsMore() || isOutdated) this.#forget();
    this.#refreshed = Date.now();
    this.#fresh = Math.max(FRESH, SELDOM * (this.#refreshed - now));
  }

  #source(path: string): Source | null {
    const known = this.#sources.get(path);
    if (known !== undefined) return known;
    const source = read(path);
    this.#read += source?.text.length ?? 0;
    this.#sources.set(path, source);
    return source;
  }

  /** Begins anew after an exception, which left questions without an answer. */
  recover(): void {
    this.#asking.clear();
    this.#provisional.clear();
    for (const modules of this.#provisionalModules.values()) modules.clear();
    this.#restsOn = Infinity;
    this.#tooDeep = false;
    this.#forget();
  }

  #forget(): void {
    this.#sources.clear();
    this.#parsed = 0;
    this.#read = 0;
    this.#relevant.clear();
    this.#resolver.forget();
    this.version += 1;
  }
}

function hasChanged(path: string, source: Source | null): boolean {
  const stats = statSource(path);
  if (!source) return stats !== null && stats.size <= LARGEST;
  return stats?.modified !== source.modified || stats.size !== source.size;
}

function read(path: string): Source | null {
  try {
    const stats = statSource(path);
    if (!stats || stats.size > LARGEST) return null;
    return { path, text: readSource(path), ...stats, scan: null, ast: undefined, modules: new Map() };
  } catch {
    return null; // not there, or not ours to read
  }
}
