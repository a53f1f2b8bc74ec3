import { Activations, slotKey, type Activation } from './activation.ts';
import { step } from './control-flow.ts';
import { channelsOf, unwind, type Channels, type Frame } from './frame.ts';
import { KeptValues, type Kept } from './kept.ts';
import { freshObject } from './leaks.ts';
import {
  DEPTHS,
  MANY_STATES,
  MOST_NESTED,
  MOST_ROUNDS,
  MOST_STATES,
  MOST_STEPS,
  SEVERAL_STATES,
  TooDeep,
} from './limits.ts';
import { snapshot } from './shared.ts';
import { coarsest, distinct, type State, type Thrown } from './state.ts';
import { Escapes } from './escapes.ts';
import { CallSummaries } from './summaries.ts';
import { ref, type ObjectId, type SlotKey, type Value } from './values.ts';
import type { HeapObject } from './heap.ts';
import type { Recorder } from './recorder.ts';
import type { World } from './world.ts';
import type { Block, FunctionIR, ModuleIR, Site, Slot } from '../ir.ts';

/** What a run left out. */
export interface Cuts {
  /** The least depth of a frame whose function was called again. */
  lowest: number;
  /** Calls beyond the deepest level. */
  deep: boolean;
  /** More ways than are followed. */
  truncated: boolean;
}

/** The temporary of a frame that holds what it returns. */
const RETURN_SLOT = 2 ** 20 - 1;

/**
 * The abstract interpreter: runs functions of one module on sets of states, and tells the recorder what happens to
 * database handles on the way.
 */
export class Solver {
  readonly world: World;
  readonly module: ModuleIR;
  readonly recorder: Recorder;
  readonly activations = new Activations();
  /** What modules hold once they are loaded; states fall back on it. */
  readonly variables = new Map<SlotKey, Value>();
  readonly heap = new Map<ObjectId, HeapObject>();
  /** Handles put into captured variables and fields by code that runs at another time. */
  kept = new KeptValues();
  readonly summaries = new CallSummaries(this);
  /** Number of times that each function was run. */
  readonly runs = new Map<FunctionIR, number>();
  readonly escapes = new Escapes();
  /** Values that a step in progress holds, outside of any variable. */
  readonly #pinned: Value[] = [];
  /** Modules that were loaded, whose variables last. */
  readonly moduleActivations = new Set<number>();
  /** The other ones among them. */
  readonly loaded = new Set<ModuleIR>();
  #cuts: Cuts = { lowest: Infinity, deep: false, truncated: false };
  /** Calls within calls that are followed. */
  deepest: number = DEPTHS[0];
  steps = 0;
  limit = MOST_STEPS;

  constructor(world: World, module: ModuleIR, recorder: Recorder) {
    this.world = world;
    this.module = module;
    this.recorder = recorder;
  }

  /** A solver like this one that tells somebody else. */
  withRecorder(recorder: Recorder): Solver {
    const solver = new Solver(this.world, this.module, recorder);
    solver.kept = this.kept;
    solver.limit = this.limit;
    for (const [key, value] of this.variables) solver.variables.set(key, value);
    for (const [id, object] of this.heap) solver.heap.set(id, object);
    for (const id of this.moduleActivations) solver.moduleActivations.add(id);
    return solver;
  }

  /** CommonJS names that a module has without declaring them; the front end gives them the first two slots. */
  setProgramVariables(state: State, activation: Activation, module: Value, exports: Value): void {
    state.variables.set(slotKey(activation, 0), module);
    state.variables.set(slotKey(activation, 1), exports);
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Objects and values

  object(state: State, id: ObjectId): HeapObject | undefined {
    return state.heap.get(id) ?? this.heap.get(id);
  }

  read(state: State, value: Value): HeapObject | undefined {
    return value.kind === 'ref' ? this.object(state, value.id) : undefined;
  }

  allocate(state: State, frame: Frame, site: Site, what: string, object: HeapObject): Value & { kind: 'ref' } {
    const id = this.activations.object(frame.activation, site, what);
    state.heap.set(id, object);
    return { kind: 'ref', id, nullable: false };
  }

  /** Identity for a handle that is made here. */
  fresh(state: State, frame: Frame, site: Site, what: string): ObjectId {
    return freshObject(this, state, frame, site, what);
  }

  /** Reads a temporary, which is gone after that. */
  take(state: State, slot: Slot, frame: Frame): Value {
    return state.temporaries.take(slotKey(frame.activation, slot));
  }

  give(state: State, slot: Slot, value: Value, frame: Frame): void {
    state.temporaries.give(slotKey(frame.activation, slot), value);
  }

  /** Keeps a value for code that runs at another time. */
  keep(slot: string, state: State, value: Value, nullable = true): void {
    const there = this.kept.get(slot);
    if (there && !there.nullable) return;
    const objects = snapshot(state, value);
    if (objects) this.kept.set(slot, { value, objects, nullable });
  }

  /** Brings what was kept into a state. */
  adopt(state: State, kept: Kept): Value {
    for (const [id, object] of kept.objects) if (!this.object(state, id)) state.heap.set(id, object);
    return kept.value.kind === 'ref' && kept.nullable ? { ...kept.value, nullable: true } : kept.value;
  }

  /** Whether a lock or a connection is held, so that it matters what other code does. */
  holdsSomething(state: State): boolean {
    for (const object of state.heap.map.values()) {
      if (
        object.type === 'connection' &&
        (object.transaction || (object.ownership === 'owned' && object.status === 'open'))
      )
        return true;
      if (object.type === 'transaction' && object.status === 'open') return true;
      if (object.type === 'layer' && object.transaction) return true;
    }
    return false;
  }

  /** Whether a frame runs a constructor: what it has made is lost where it throws. */
  constructs(frame: Frame): boolean {
    return frame.fn.cls !== null && frame.fn.cls.constructorFunction === frame.fn;
  }

  // ---------------------------------------------------------------------------------------------------------------
  // What a step in progress knows and holds

  /** A call was not followed because the frame of this depth runs the same function. */
  cutAt(depth: number): void {
    this.#cuts.lowest = Math.min(this.#cuts.lowest, depth);
  }

  /** A call was not followed because it lies too deep. */
  cutDeep(): void {
    this.#cuts.deep = true;
  }

  /** Runs something and tells what of it was not followed. */
  watching<T>(run: () => T): { result: T; cuts: Cuts } {
    const outer = this.#cuts;
    const cuts: Cuts = { lowest: Infinity, deep: false, truncated: false };
    this.#cuts = cuts;
    try {
      return { result: run(), cuts };
    } finally {
      outer.lowest = Math.min(outer.lowest, cuts.lowest);
      outer.deep ||= cuts.deep;
      outer.truncated ||= cuts.truncated;
      this.#cuts = outer;
    }
  }

  /** Runs something while values stay reachable that no variable holds. */
  pinning<T>(values: readonly Value[], run: () => T): T {
    const { length } = this.#pinned;
    this.#pinned.push(...values);
    try {
      return run();
    } finally {
      this.#pinned.length = length;
    }
  }

  /** What frames hold besides their variables. */
  heldBy(frame: Frame | null): Value[] {
    const values = [...this.#pinned];
    for (let current = frame; current; current = current.caller) {
      values.push(current.self, ...(current.args ?? []), ...current.scopes.map((id) => ref(id)));
    }
    return values;
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Control flow

  /** Runs a block; the states in which its end is reached. Where it is left otherwise goes to the frame's channels. */
  run(block: Block, states: State[], frame: Frame): State[] {
    frame.nesting += 1;
    if (frame.nesting > MOST_NESTED) throw new TooDeep();
    const ends = this.#runEach(block, states, frame);
    frame.nesting -= 1;
    return ends;
  }

  #runEach(block: Block, states: State[], frame: Frame): State[] {
    let current = states;
    for (const instruction of block) {
      if (current.length === 0) return current;
      const [only] = current;
      if (current.length === 1 && only) {
        current = step(this, instruction, only, frame);
        continue;
      }
      const next: State[] = [];
      for (const state of current) for (const result of step(this, instruction, state, frame)) next.push(result);
      current = next.length > SEVERAL_STATES ? this.merge(next) : next;
    }
    return current;
  }

  /** An exception may leave here. States that say the same as the last one are not kept twice. */
  raise(state: State, frame: Frame, site: Site, explicit = false): void {
    const { throws, observed } = frame.channels;
    // Nothing is lost, and nobody looks.
    if (!observed && !state.matters) return;
    const last = throws.at(-1);
    if (last && last.thrown?.explicit === explicit && last.sameAs(state)) return;
    const thrown: Thrown = { explicit, site, outer: state.thrown };
    const copy = state.fork();
    copy.thrown = thrown;
    throws.push(copy);
  }

  /** The same states, with those that need not be told apart put together, and no more of them than are followed. */
  merge(states: State[]): State[] {
    let merged = distinct(states);
    if (merged.length <= MANY_STATES) return merged;
    merged = coarsest(merged);
    if (merged.length <= MOST_STATES) return merged;
    // Fewer ways are followed than there are: nothing that needs all of them may be said.
    this.recorder.truncated();
    this.#cuts.truncated = true;
    return merged.slice(0, MOST_STATES);
  }

  /** Runs something with channels of its own; `observed` where exceptions from it meet something. */
  within(frame: Frame, run: () => State[], observed = true): { ends: State[]; channels: Channels } {
    const outer = frame.channels;
    const channels = channelsOf(observed);
    frame.channels = channels;
    const ends = run();
    frame.channels = outer;
    return { ends, channels };
  }

  /** Runs a body whose `break` and `continue` may belong to a loop; what does not goes on outwards. */
  loopBody(frame: Frame, label: string | null, run: () => State[]): { next: State[]; broken: State[] } {
    const { ends, channels } = this.within(frame, run, frame.channels.observed);
    frame.channels.returns.push(...channels.returns);
    frame.channels.throws.push(...channels.throws);
    const next = ends;
    const broken: State[] = [];
    for (const jump of channels.jumps) {
      if (jump.label !== null && jump.label !== label) frame.channels.jumps.push(jump);
      else if (jump.kind === 'break') broken.push(jump.state);
      else next.push(jump.state);
    }
    return { next, broken };
  }

  /** Runs rounds of a loop until no new state comes up; `round` returns the states of the next one and those that leave. */
  rounds(entry: State[], round: (states: State[]) => { next: State[]; left: State[] }): State[] {
    const heads = new Map<string, State>();
    const left: State[] = [];
    let current = entry;
    for (let count = 0; count < MOST_ROUNDS && current.length > 0; count += 1) {
      const fresh: State[] = [];
      for (const state of current) {
        const key = state.key();
        const head = heads.get(key);
        if (!head) heads.set(key, state.fork());
        // A state that was seen comes again only with less known of plain values.
        if (!head) fresh.push(state);
        else if (head.meet(state)) fresh.push(head.fork());
      }
      if (fresh.length === 0) break;
      const result = round(fresh);
      left.push(...result.left);
      current = this.merge(result.next);
    }
    return this.merge(left);
  }

  /** Runs a finalizer once for each way out, which goes on where the finalizer reaches its end. */
  finally(
    guarded: { ends: State[]; channels: Channels },
    frame: Frame,
    finalize: (states: State[]) => State[],
  ): State[] {
    const { returns, throws, jumps } = guarded.channels;
    if (returns.length > 0) {
      // A `return` in the finalizer takes the place of the value that was on its way.
      frame.channels.returns.push(...finalize(this.merge(returns)));
    }
    if (throws.length > 0) {
      for (const thrown of finalize(this.merge(throws.map((state) => unwind(state, frame)))))
        frame.channels.throws.push(thrown);
    }
    for (const jump of jumps) {
      for (const state of finalize([jump.state])) frame.channels.jumps.push({ ...jump, state });
    }
    return guarded.ends.length > 0 ? finalize(this.merge(guarded.ends)) : [];
  }

  /** What a function returns waits in a temporary of its frame. */
  returnValue(state: State, frame: Frame, value: Value): void {
    state.temporaries.give(slotKey(frame.activation, RETURN_SLOT), value);
  }

  returned(state: State, frame: Frame): Value {
    const key = slotKey(frame.activation, RETURN_SLOT);
    return state.temporaries.take(key);
  }
}
