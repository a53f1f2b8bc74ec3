import { Collector } from './collect.ts';
import { lowerModule } from './javascript/module.ts';
import { Project, type Reach } from './modules/project.ts';
import { scanSource } from './modules/scan.ts';
import { DEPTHS, Exhausted, Solver } from './solver/solver.ts';
import { runModule } from './solver/roots.ts';
import { World } from './solver/world.ts';
import type { Facts } from './facts.ts';
import type { TSESTree } from './javascript/syntax.ts';

/** A source file as a linter or another tool has it. */
export interface SourceFile {
  /** Absolute path; it need not exist. */
  readonly path: string;
  readonly text: string;
  readonly ast: TSESTree.Program;
}

/** What happened inside that should not have; tests fail on it, users hear nothing. */
export const problems: unknown[] = [];

/** Functions that were given up on because following them took too long, as `path:line`. */
export const givenUp: string[] = [];

/** Words without which a file that names no driver itself can only do harm with a connection that it opens. */
const HOLDS_LOCKS = /transaction|\bbegin\b|savepoint|serialize|\biterate\b/i;

class Session {
  readonly project: Project = new Project((module, name) => this.world('openers').handsOut(module, name));
  readonly #worlds = new Map<Reach, World>();
  #version = 0;

  world(reach: Reach): World {
    if (this.project.version !== this.#version) {
      this.#worlds.clear();
      this.#version = this.project.version;
    }
    let world = this.#worlds.get(reach);
    if (!world) this.#worlds.set(reach, (world = new World(this.project, reach)));
    return world;
  }
}

let session = new Session();

/** Forgets all modules of the project that were read. */
export function forgetModules(): void {
  session = new Session();
}

export function currentProject(): Project {
  return session.project;
}

/** The facts of a file; null where it has nothing to do with SQLite. */
export function analyze(file: SourceFile): Facts | null {
  try {
    return analyzeUnguarded(file);
  } catch (problem) {
    problems.push(problem);
    return null;
  }
}

function analyzeUnguarded(file: SourceFile): Facts | null {
  const scan = scanSource(file.text);
  const reach: Reach = scan.namesDatabase || HOLDS_LOCKS.test(file.text) ? 'all' : 'openers';
  const { project } = session;
  const leads = scan.imports.some(({ specifier, names }) =>
    names.some((name) => project.relevant(file.path, specifier, name, reach)),
  );
  if (!leads && !scan.namesDatabase) return null;
  const world = session.world(reach);
  const module = lowerModule(file.path, file.text, file.ast, (specifier, name) =>
    project.relevant(file.path, specifier, name, reach),
  );
  if (!module.functions.some((fn) => fn.relevant)) return null;
  const collector = new Collector(module);
  const solver = new Solver(world, module, collector);
  return world.during(module, solver, () => {
    runModule(solver, (fn, run) => {
      for (const depth of DEPTHS) {
        solver.deepest = depth;
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
          if (problem instanceof Exhausted) continue;
          problems.push(problem);
          return;
        }
      }
      givenUp.push(`${module.path}:${module.lineOf(fn.node.range[0])}`);
    });
    return collector.facts();
  });
}

export type { Facts } from './facts.ts';
