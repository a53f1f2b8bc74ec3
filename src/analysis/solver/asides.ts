import { runFrame } from './calls.ts';
import { channelsOf, type Frame } from './frame.ts';
import { Exhausted } from './limits.ts';
import { either } from './meet.ts';
import { runFunction } from './roots.ts';
import { State } from './state.ts';
import { traceForeignWork } from './trace.ts';
import { keyOf, textOf, UNKNOWN, type Value, type Work } from './values.ts';
import { foreignWorkOf } from '../foreign-work.ts';
import type { FunctionValue } from './objects.ts';
import type { Solver } from './solver.ts';
import type { World } from './world.ts';
import type { FunctionIR } from '../ir.ts';

/** What a function that has nothing to do with SQLite does to its caller. */
export interface Summary {
  readonly returns: boolean;
  readonly throws: boolean;
  readonly value: Value;
  /** Its result is made of objects: it has to be followed after all. */
  readonly follow: boolean;
}

const DEEPEST_TRACE = 6;

/** Functions that have nothing to do with SQLite, looked at beside the way: what they do to whoever calls them. */
export class Asides {
  readonly #world: World;
  readonly #foreignWork: readonly string[];
  readonly #summaries = new WeakMap<FunctionIR, Summary>();
  readonly #traces = new WeakMap<FunctionIR, { readonly work: Work | null }>();
  readonly #texts = new WeakMap<FunctionIR, Value | null>();
  #traceDepth = 0;

  constructor(world: World, foreignWork: readonly string[]) {
    this.#world = world;
    this.#foreignWork = foreignWork;
  }

  forget(fn: FunctionIR): void {
    for (const known of [this.#summaries, this.#traces, this.#texts]) known.delete(fn);
  }

  /** What a function does that has nothing to do with SQLite: whether it returns, whether it can fail. */
  summaryOf(solver: Solver, callee: FunctionValue, state: State): Summary {
    const known = this.#summaries.get(callee.fn);
    if (known) return known;
    this.#summaries.set(callee.fn, { returns: true, throws: true, value: UNKNOWN, follow: false });
    const summary = this.#summarize(solver, callee, state);
    // While its module is being loaded, a function may yet find in a variable what is not there now.
    if (this.#world.isLoading(callee.fn.module)) this.#summaries.delete(callee.fn);
    else this.#summaries.set(callee.fn, summary);
    return summary;
  }

  #summarize(solver: Solver, callee: FunctionValue, state: State): Summary {
    const aside = this.#world.aside(solver, callee.fn.module, state);
    const activation = aside.activations.enter(callee.fn, callee.scope, null, null);
    const frame: Frame = {
      activation,
      fn: callee.fn,
      caller: null,
      depth: 4,
      self: callee.self ?? UNKNOWN,
      args: null,
      channels: channelsOf(true),
      scopes: [],
      nesting: 0,
      at: null,
    };
    const ways = quietly(() => runFrame(aside, new State(), frame));
    if (!ways) return { returns: true, throws: true, value: UNKNOWN, follow: false };
    const values = ways.returns.map((state) => aside.returned(state, frame));
    const [first = UNKNOWN, ...others] = values;
    const plain = others.reduce(
      (value, other) => (keyOf(value) === keyOf(other) ? value : either(value, other)),
      first,
    );
    const follow = plain.kind === 'ref' && !callee.fn.asynchronous;
    const keeps =
      plain.kind === 'choice' ||
      plain.kind === 'text' ||
      plain.kind === 'primitive' ||
      plain.kind === 'external' ||
      plain.kind === 'work';
    return { returns: ways.returns.length > 0, throws: ways.throws.length > 0, value: keeps ? plain : UNKNOWN, follow };
  }

  /** The text that a function which has nothing to do with SQLite returns whenever it returns, such as a path. */
  textOf(solver: Solver, value: Value): Value {
    if (value.kind !== 'work' || value.work.kind !== 'call') return value;
    const { callee } = value.work;
    const resolved = callee.kind === 'imported' ? this.#world.resolveImported(solver, callee) : callee;
    if (resolved.kind !== 'function') return value;
    const { fn } = resolved;
    let text = this.#texts.get(fn);
    if (text === undefined) {
      this.#texts.set(fn, null); // should it call itself
      const ends = quietly(() => runFunction(this.#world.aside(solver, fn.module), resolved, UNKNOWN)) ?? [];
      const [first, ...others] = ends.map((end) => end.value);
      const known = first && others.reduce((value, other) => either(value, other), first);
      text = known && textOf(known).some((part) => part !== null) ? known : null;
      if (this.#world.isLoading(fn.module)) this.#texts.delete(fn);
      else this.#texts.set(fn, text);
    }
    return text ?? value;
  }

  /** What a package's function waits for that is not the database; null where none is known. */
  foreignWorkOfPackage(module: string, path: readonly string[]): string | null {
    const named = this.#foreignWork.some((name) => module === name || module.startsWith(`${name}/`));
    return named ? `work of \`${module}\`` : foreignWorkOf(module, path);
  }

  /** The work outside of the database that a call waits for, with the way there; null where none is known. */
  foreignWorkOf(solver: Solver, callee: Value, state: State): Work | null {
    const resolved = callee.kind === 'imported' ? this.#world.resolveImported(solver, callee) : callee;
    if (resolved.kind === 'external') {
      const what = this.foreignWorkOfPackage(resolved.module, resolved.path);
      return what === null ? null : { kind: 'foreign', what, trace: [] };
    }
    if (resolved.kind !== 'function') return null;
    const known = this.#traces.get(resolved.fn);
    if (known) return known.work;
    if (this.#traceDepth >= DEEPEST_TRACE) return null;
    this.#traces.set(resolved.fn, { work: null });
    this.#traceDepth += 1;
    const work =
      quietly(() => traceForeignWork(this.#world.aside(solver, resolved.fn.module, state), resolved)) ?? null;
    this.#traceDepth -= 1;
    if (this.#world.isLoading(resolved.fn.module)) this.#traces.delete(resolved.fn);
    else this.#traces.set(resolved.fn, { work });
    return work;
  }
}

/** Runs something that may take too many steps; null where it does. */
export function quietly<T>(run: () => T): T | null {
  try {
    return run();
  } catch (problem) {
    if (problem instanceof Exhausted) return null;
    throw problem;
  }
}
