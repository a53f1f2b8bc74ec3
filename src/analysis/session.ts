import { Collector } from './collect.ts';
import { lowerModule } from './javascript/module.ts';
import { hasUntyped } from './javascript/untyped.ts';
import { Neighbours } from './neighbours.ts';
import { Outlines, projectRoot } from './modules/outlines.ts';
import { Project, type Reach } from './modules/project.ts';
import { isOfProject } from './modules/resolve.ts';
import { scanSource, type Scan } from './modules/scan.ts';
import { DEPTHS, Exhausted, MOST_STEPS, stepsAfter, TooDeep } from './solver/limits.ts';
import { Solver } from './solver/solver.ts';
import { runModule } from './solver/roots.ts';
import { handsOut } from './solver/hands-out.ts';
import { World } from './solver/world.ts';
import { Catalogue, type Additions } from '../drivers/catalogue.ts';
import { TOO_DEEP, type Facts, type ModuleFacts } from './facts.ts';
import type { ModuleIR } from './ir.ts';
import type { Told } from './told.ts';
import type { TSESTree } from './javascript/syntax.ts';

/** A source file as a linter or another tool has it. */
export interface SourceFile {
  /** Absolute path; it need not exist. */
  readonly path: string;
  readonly text: string;
  readonly ast: TSESTree.Program;
  /** Folder above which nothing belongs to the file's project. */
  readonly workingDirectory: string;
}

/** What a project says of its own code. */
export interface AnalysisSettings extends Additions {
  /** Further modules whose promises wait for work outside of the database. */
  readonly foreignWork: readonly string[];
}

/** What happened inside that should not have; tests fail on it, users hear nothing. */
export const problems: unknown[] = [];

/** Functions that were given up on because following them took too long, as `path:line`. */
export const givenUp: string[] = [];

/** Characters; longer files are bundles. */
const LONGEST = 2_000_000;
/** Characters of a file, and of its lines on average, beyond which it is minified. */
const SHORT = 50_000;
const LONG_LINES = 300;

/** Words without which a file that names no driver itself can only do harm with a connection that it opens. */
const HOLDS_LOCKS = /transact|\bbegin\b|savepoint|serialize|\biterate\b/i;

/** A part of each, in the ways that it is written: without the flag `i` it is searched for in half the time. */
const PART_OF_HOLDING = /ransact|RANSACT|egin|EGIN|avepoint|AVEPOINT|erialize|ERIALIZE|terate|TERATE/;

function holdsLocks(text: string): boolean {
  return PART_OF_HOLDING.test(text) && HOLDS_LOCKS.test(text);
}

/** What is known of a project's modules between one file and the next. */
export class Session {
  readonly project: Project;
  readonly #catalogue: Catalogue;
  readonly #foreignWork: readonly string[];
  readonly #worlds = new Map<Reach, World>();
  readonly #facts = new Map<string, ModuleFacts | null>();
  readonly #neighbours = new Map<string, Neighbours>();
  readonly #outlines = new Map<string, Outlines>();
  #version = 0;

  constructor({ foreignWork, ...additions }: AnalysisSettings) {
    this.#catalogue = new Catalogue(additions);
    this.#foreignWork = foreignWork;
    this.project = new Project(this.#catalogue, (module, name) => handsOut(this.#world('openers'), module, name));
  }

  /** The facts of a file as a linter has it; null where it has nothing to do with SQLite. */
  analyze(file: SourceFile): Facts | null {
    try {
      return this.#analyze(file);
    } catch (problem) {
      this.#forgetAll();
      if (!isStackOverflow(problem)) throw problem;
      return { ...TOO_DEEP, neighbours: this.#neighboursOf(projectRoot(file.path, file.workingDirectory)) };
    }
  }

  /** Whether the text of a file can have facts: without parsing it. */
  concerns(path: string, text: string): boolean {
    this.project.refresh();
    if (text.length > LONGEST) return false;
    return (
      this.#reachOf(path, scanSource(text, this.#catalogue), text) !== null || (isOfProject(path) && holdsLocks(text))
    );
  }

  #analyze(file: SourceFile): Facts | null {
    const { path, text, ast } = file;
    this.project.refresh();
    if (text.length > LONGEST) return null;
    const reach = this.#reachOf(path, scanSource(text, this.#catalogue), text);
    const mayBeTold = isOfProject(path) && holdsLocks(text) && hasUntyped(ast);
    if ((!reach && !mayBeTold) || isMinified(text)) return null;
    const neighbours = this.#neighboursOf(projectRoot(path, file.workingDirectory));
    const isSaved = this.project.scan(path)?.text === text;
    if (isSaved) this.project.adopt(path, ast);
    const told = mayBeTold ? neighbours.toldAbout(path) : null;
    const facts =
      told && !told.isEmpty
        ? this.#factsOfText(file, 'all', told)
        : reach && (isSaved ? this.#factsOf(path) : this.#factsOfText(file, reach));
    return facts && { ...facts, neighbours };
  }

  /** The facts of a module by itself: its text is not the one on the disk, or others tell what is in its parameters. */
  #factsOfText({ path, text, ast }: SourceFile, reach: Reach, told: Told | null = null): ModuleFacts | null {
    const relevant = (specifier: string, name: string) => this.project.relevant(path, specifier, name, reach);
    const declarations = this.project.declarationsOf(path);
    return this.#run(lowerModule({ path, text, ast, declarations }, relevant, told), reach, told);
  }

  /** The facts of a module of the project as it is on the disk. */
  #factsOf(path: string): ModuleFacts | null {
    this.#forgetOutdated();
    const known = this.#facts.get(path);
    if (known !== undefined) return known;
    const source = this.project.scan(path);
    const reach = source && this.#reachOf(path, source.scan, source.text);
    const module = reach && this.project.module(path, reach);
    const facts = module && this.#run(module, reach);
    this.#facts.set(path, facts);
    return facts;
  }

  /**
   * How far the modules that a file imports have to be asked; null where it has nothing to do with SQLite. A file that
   * opens nothing and holds no locks is only asked about connections that it gets from an opening function.
   */
  #reachOf(path: string, scan: Scan, text: string): Reach | null {
    if (scan.namesDatabase) return 'all';
    const reach = this.#reachByImports(path, scan, text);
    if (reach || !holdsLocks(text)) return reach;
    // What is done with a connection that the types of a parameter lead to.
    const declarations = this.project.declarationsOf(path);
    return declarations === null ? null : this.#reachByImports(path, scanSource(declarations, this.#catalogue), text);
  }

  #reachByImports(path: string, { imports }: Scan, text: string): Reach | null {
    const inside = imports.filter(({ specifier }) => this.project.isInside(path, specifier));
    if (inside.length === 0) return null;
    const reach = holdsLocks(text) ? 'all' : 'openers';
    const leads = inside.some(({ specifier, names }) =>
      names.some((name) => this.project.relevant(path, specifier, name, reach)),
    );
    return leads ? reach : null;
  }

  #run(module: ModuleIR, reach: Reach, told: Told | null = null): ModuleFacts | null {
    if (!module.functions.some((fn) => fn.relevant)) return null;
    const world = this.#world(reach);
    const collector = new Collector(module);
    const solver = new Solver(world, module, collector);
    const failures: unknown[] = [];
    const facts = world.during(module, solver, told, () => {
      let exhausted = 0;
      runModule(solver, (fn, run) => {
        let tooDeep = false;
        for (const depth of DEPTHS) {
          solver.deepest = depth;
          solver.limit = depth === DEPTHS[0] ? stepsAfter(exhausted) : MOST_STEPS;
          collector.begin();
          solver.summaries.mark();
          try {
            run();
            collector.commit();
            if (depth !== DEPTHS[0]) solver.summaries.forget();
            return;
          } catch (problem) {
            collector.discard();
            solver.summaries.forget();
            tooDeep ||= problem instanceof TooDeep || isStackOverflow(problem);
            if (depth === DEPTHS[0]) exhausted += 1;
            if (problem instanceof Exhausted) continue;
            failures.push(problem);
            if (isStackOverflow(problem)) continue;
            problems.push(problem);
            return;
          }
        }
        if (tooDeep) collector.nestedTooDeeply();
        else givenUp.push(`${module.path}:${module.lineOf(fn.node.range[0])}`);
      });
      return collector.facts();
    });
    if (failures.length > 0) this.#forgetAll();
    return facts;
  }

  /** What was left half done by an exception would be taken for an answer. */
  #forgetAll(): void {
    this.project.recover();
    this.#forgetOutdated();
  }

  #world(reach: Reach): World {
    this.#forgetOutdated();
    let world = this.#worlds.get(reach);
    if (!world) this.#worlds.set(reach, (world = new World(this.project, reach, this.#foreignWork)));
    return world;
  }

  #forgetOutdated(): void {
    if (this.project.version === this.#version) return;
    this.#worlds.clear();
    this.#facts.clear();
    this.#neighbours.clear();
    this.#version = this.project.version;
  }

  #neighboursOf(root: string): Neighbours {
    let outlines = this.#outlines.get(root);
    if (!outlines) this.#outlines.set(root, (outlines = new Outlines(root, this.#catalogue)));
    let neighbours = this.#neighbours.get(root);
    if (!neighbours) {
      neighbours = new Neighbours(this.project, outlines, (path) => this.#factsOf(path));
      this.#neighbours.set(root, neighbours);
    }
    return neighbours;
  }
}

/** V8 and JavaScriptCore say it in the same words. */
function isStackOverflow(problem: unknown): boolean {
  return problem instanceof RangeError && problem.message.startsWith('Maximum call stack size exceeded');
}

/** What a minifier made is not what anybody would change. */
function isMinified(text: string): boolean {
  return text.length > SHORT && text.length / text.split('\n').length > LONG_LINES;
}
