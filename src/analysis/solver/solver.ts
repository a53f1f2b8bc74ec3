import { Activations, activationIdOf, activationOf, slotKey, type Activation } from './activation.ts';
import { call, construct, invoke, invokeSuper } from './calls.ts';
import { disposeOf } from './disposal.ts';
import { escape, keepWith } from './escape.ts';
import { forgetVariables, freshObject } from './leaks.ts';
import { awaitValue, yieldValue } from './promises.ts';
import { channelsOf, type Channels, type Frame, type Outcome } from './frame.ts';
import { KeptValues, type Kept } from './kept.ts';
import { CallSummaries } from './summaries.ts';
import { getField, hasField, makeClass, makeList, makeRecord, setField } from './objects.ts';
import { iterate } from './iteration.ts';
import { fieldAs, materialize } from './typed.ts';
import { snapshot } from './shared.ts';
import { coarsest, distinct, State, type Thrown } from './state.ts';
import {
  FALSE,
  FALSY,
  isNullish,
  knownText,
  NULL,
  primitive,
  ref,
  text,
  textOf,
  TRUE,
  TRUTHY,
  truthOf,
  UNDEFINED,
  UNKNOWN,
  type ObjectId,
  type SlotKey,
  type Value,
} from './values.ts';
import type { HeapObject } from './heap.ts';
import type { Recorder } from './recorder.ts';
import type { Block, FunctionIR, Instruction, ModuleIR, Site, Slot, Variable } from '../ir.ts';
import type { SqlText } from '../sql/tokens.ts';
import type { World } from './world.ts';

/** The run of one function took too many steps; nothing is said about it. */
export class Exhausted extends Error {}

/** What a run left out. */
export interface Cuts {
  /** The least depth of a frame whose function was called again. */
  lowest: number;
  /** Calls beyond the deepest level. */
  deep: boolean;
  /** More ways than are followed. */
  truncated: boolean;
}

/** Instructions that the run of one function and all it calls may take. */
const MOST_STEPS = 40_000;
/** Calls within calls that are followed; the next one is tried where the run takes too many steps. */
export const DEPTHS = [9, 4, 2] as const;
/** States that may go on beside each other until ways come together. */
const SEVERAL_STATES = 4;
/** From this number on, states are told apart by the handles themselves only. */
const MANY_STATES = 12;
/** States beyond this number are not followed. */
const MOST_STATES = 24;
/** Rounds of a loop after which it is taken as known. */
const MOST_ROUNDS = 6;
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
  /** Functions given away, to be called by nobody knows whom, each with the state of its free variables. */
  readonly escaped = new Map<
    FunctionIR,
    { readonly value: Value & { readonly kind: 'function' }; readonly state: State }
  >();
  /** Values that a step in progress holds, outside of any variable. */
  readonly #pinned: Value[] = [];
  /** Modules that were loaded, whose variables last. */
  readonly moduleActivations = new Set<number>();
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
  // Objects and variables

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

  /** Identity for a handle that is made here. */
  fresh(state: State, frame: Frame, site: Site, what: string): ObjectId {
    return freshObject(this, state, frame, site, what);
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

  keyOf(variable: Variable, frame: Frame): SlotKey | null {
    const activation =
      activationOf(variable.owner, frame.activation) ?? this.world.moduleActivation(this, variable.owner);
    return activation && slotKey(activation, variable.slot);
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Control flow

  /** Runs a block; the states in which its end is reached. Where it is left otherwise goes to the frame's channels. */
  run(block: Block, states: State[], frame: Frame): State[] {
    let current = states;
    for (const instruction of block) {
      if (current.length === 0) return current;
      const [only] = current;
      if (current.length === 1 && only) {
        current = this.#step(instruction, only, frame);
        continue;
      }
      const next: State[] = [];
      for (const state of current) for (const result of this.#step(instruction, state, frame)) next.push(result);
      current = next.length > SEVERAL_STATES ? this.merge(next) : next;
    }
    return current;
  }

  #step(instruction: Instruction, state: State, frame: Frame): State[] {
    this.steps += 1;
    if (this.steps > this.limit) throw new Exhausted();
    switch (instruction.op) {
      case 'branch':
        return this.#branch(instruction, state, frame);
      case 'loop':
        return this.#loop(instruction, state, frame);
      case 'each':
        return iterate(this, instruction, state, frame);
      case 'switch':
        return this.#switch(instruction, state, frame);
      case 'labelled':
        return this.#labelled(instruction, state, frame);
      case 'block':
        return this.#block(instruction, state, frame);
      case 'try':
        return this.#try(instruction, state, frame);
      case 'scope':
        return this.#scope(instruction, state, frame);
      case 'return': {
        const value = instruction.from === null ? UNDEFINED : this.take(state, instruction.from, frame);
        state.returned = instruction.site;
        this.#leave(state, frame, value);
        return [];
      }
      case 'throw':
        this.take(state, instruction.from, frame);
        this.raise(state, frame, instruction.site, true);
        return [];
      case 'break':
      case 'continue':
        frame.channels.jumps.push({ kind: instruction.op, label: instruction.label, state });
        return [];
      default:
        return this.#compute(instruction, state, frame);
    }
  }

  #leave(state: State, frame: Frame, value: Value): void {
    this.returnValue(state, frame, value);
    frame.channels.returns.push(state);
  }

  returnValue(state: State, frame: Frame, value: Value): void {
    state.temporaries.give(slotKey(frame.activation, RETURN_SLOT), value);
  }

  returned(state: State, frame: Frame): Value {
    const key = slotKey(frame.activation, RETURN_SLOT);
    return state.temporaries.take(key);
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

  #branch(instruction: Instruction & { op: 'branch' }, state: State, frame: Frame): State[] {
    const [yes, no] = this.split(this.take(state, instruction.condition, frame), state);
    const ends: State[] = [];
    if (yes) ends.push(...this.run(instruction.then, [yes], frame));
    if (no) ends.push(...this.run(instruction.otherwise, [no], frame));
    return this.merge(ends);
  }

  /** The states in which a condition holds and in which it does not. */
  split(condition: Value, state: State): [State | null, State | null] {
    const truth = truthOf(condition);
    if (truth !== undefined) return truth ? [state, null] : [null, state];
    const yes = state;
    const no = state.fork();
    if (condition.kind === 'symbol') {
      yes.facts.set(condition.key, 'truthy');
      no.facts.set(condition.key, 'falsy');
    } else if (condition.kind === 'test') {
      const holds = condition.negated ? no : yes;
      const fails = condition.negated ? yes : no;
      holds.facts.set(condition.key, condition.about === 'truthy' ? 'truthy' : 'nullish');
      fails.facts.set(condition.key, condition.about === 'truthy' ? 'falsy' : 'present');
    }
    return [yes, no];
  }

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

  #loop(instruction: Instruction & { op: 'loop' }, state: State, frame: Frame): State[] {
    const { test, body, update, label, bodyFirst } = instruction;
    const runTest = (states: State[]): { stay: State[]; leave: State[] } => {
      if (!test) return { stay: states, leave: [] };
      const stay: State[] = [];
      const leave: State[] = [];
      for (const tested of this.run(test.block, states, frame)) {
        const [yes, no] = this.split(this.take(tested, test.slot, frame), tested);
        if (yes) stay.push(yes);
        if (no) leave.push(no);
      }
      return { stay, leave };
    };
    const runBody = (states: State[]): { next: State[]; broken: State[] } => {
      const { next, broken } = this.loopBody(frame, label, () => this.run(body, states, frame));
      return { next: this.run(update, this.merge(next), frame), broken };
    };
    return this.rounds([state], (states) => {
      if (bodyFirst) {
        const { next, broken } = runBody(states);
        const { stay, leave } = runTest(next);
        return { next: stay, left: [...broken, ...leave] };
      }
      const { stay, leave } = runTest(states);
      const { next, broken } = runBody(stay);
      return { next, left: [...leave, ...broken] };
    });
  }

  #switch(instruction: Instruction & { op: 'switch' }, state: State, frame: Frame): State[] {
    const subject = this.take(state, instruction.subject, frame);
    const { next, broken } = this.loopBodyOfSwitch(frame, instruction.label, () => {
      const entries: State[][] = instruction.cases.map(() => []);
      let waiting: State[] = [state];
      for (const [index, entry] of instruction.cases.entries()) {
        if (!entry.test) continue;
        const rest: State[] = [];
        for (const tested of this.run(entry.test.block, waiting, frame)) {
          const [yes, no] = this.split(
            this.equals(tested, subject, this.take(tested, entry.test.slot, frame), false),
            tested,
          );
          if (yes) entries[index]?.push(yes);
          if (no) rest.push(no);
        }
        waiting = rest;
      }
      const otherwise = instruction.cases.findIndex((entry) => !entry.test);
      let current: State[] = [];
      if (otherwise >= 0) entries[otherwise]?.push(...waiting);
      for (const [index, entry] of instruction.cases.entries()) {
        current = this.run(entry.body, this.merge([...current, ...(entries[index] ?? [])]), frame);
      }
      return otherwise >= 0 ? current : [...current, ...waiting];
    });
    return this.merge([...next, ...broken]);
  }

  /** Like a loop's body, but `continue` belongs to a loop further out. */
  private loopBodyOfSwitch(frame: Frame, label: string | null, run: () => State[]): { next: State[]; broken: State[] } {
    const { ends, channels } = this.within(frame, run, frame.channels.observed);
    frame.channels.returns.push(...channels.returns);
    frame.channels.throws.push(...channels.throws);
    const broken: State[] = [];
    for (const jump of channels.jumps) {
      if (jump.kind === 'break' && (jump.label === null || jump.label === label)) broken.push(jump.state);
      else frame.channels.jumps.push(jump);
    }
    return { next: ends, broken };
  }

  #labelled(instruction: Instruction & { op: 'labelled' }, state: State, frame: Frame): State[] {
    const { ends, channels } = this.within(
      frame,
      () => this.run(instruction.body, [state], frame),
      frame.channels.observed,
    );
    frame.channels.returns.push(...channels.returns);
    frame.channels.throws.push(...channels.throws);
    for (const jump of channels.jumps) {
      if (jump.kind === 'break' && jump.label === instruction.label) ends.push(jump.state);
      else frame.channels.jumps.push(jump);
    }
    return this.merge(ends);
  }

  #try(instruction: Instruction & { op: 'try' }, state: State, frame: Frame): State[] {
    const { body, handler, finalizer } = instruction;
    const guarded = this.within(
      frame,
      () => {
        const tried = this.within(
          frame,
          () => this.run(body, [state], frame),
          handler !== null || frame.channels.observed,
        );
        frame.channels.returns.push(...tried.channels.returns);
        frame.channels.jumps.push(...tried.channels.jumps);
        if (!handler) {
          frame.channels.throws.push(...tried.channels.throws);
          return tried.ends;
        }
        const caught = this.merge(tried.channels.throws.map((thrown) => this.#caught(thrown, frame)));
        return [...tried.ends, ...this.run(handler.body, caught, frame)];
      },
      finalizer !== null || frame.channels.observed,
    );
    if (!finalizer) {
      frame.channels.returns.push(...guarded.channels.returns);
      frame.channels.throws.push(...guarded.channels.throws);
      frame.channels.jumps.push(...guarded.channels.jumps);
      return this.merge(guarded.ends);
    }
    return this.finally(guarded, frame, (states) => this.run(finalizer, states, frame));
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
      for (const thrown of finalize(this.merge(throws.map((state) => this.#unwind(state, frame)))))
        frame.channels.throws.push(thrown);
    }
    for (const jump of jumps) {
      for (const state of finalize([jump.state])) frame.channels.jumps.push({ ...jump, state });
    }
    return guarded.ends.length > 0 ? finalize(this.merge(guarded.ends)) : [];
  }

  #caught(state: State, frame: Frame): State {
    this.#unwind(state, frame);
    state.thrown = state.thrown?.outer ?? null;
    return state;
  }

  /** Forgets the temporaries of what the exception has left. */
  #unwind(state: State, frame: Frame): State {
    if (state.temporaries.empty) return state;
    const outer = new Set<number>();
    for (let caller = frame.caller; caller; caller = caller.caller) outer.add(caller.activation.id);
    state.temporaries.retain((key) => outer.has(activationIdOf(key)));
    return state;
  }

  #block(instruction: Instruction & { op: 'block' }, state: State, frame: Frame): State[] {
    const { body, variables, site } = instruction;
    const { ends, channels } = this.within(frame, () => this.run(body, [state], frame), frame.channels.observed);
    const keys = variables.map((variable) => slotKey(frame.activation, variable.slot));
    const forget = (left: State): State => {
      forgetVariables(this, left, frame, keys, site);
      return left;
    };
    for (const left of channels.returns) frame.channels.returns.push(forget(left));
    for (const left of channels.throws) frame.channels.throws.push(forget(left));
    for (const jump of channels.jumps) frame.channels.jumps.push({ ...jump, state: forget(jump.state) });
    return this.merge(ends.map(forget));
  }

  #scope(instruction: Instruction & { op: 'scope' }, state: State, frame: Frame): State[] {
    const id = this.activations.object(frame.activation, instruction.site, 'scope');
    state.heap.set(id, { type: 'stack', actions: [] });
    frame.scopes.push(id);
    const guarded = this.within(frame, () => this.run(instruction.body, [state], frame));
    frame.scopes.pop();
    return this.finally(guarded, frame, (states) => states.flatMap((ended) => disposeOf(this, ended, frame, id)));
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Values

  take(state: State, slot: Slot, frame: Frame): Value {
    return state.temporaries.take(slotKey(frame.activation, slot));
  }

  give(state: State, slot: Slot, value: Value, frame: Frame): void {
    state.temporaries.give(slotKey(frame.activation, slot), value);
  }

  #args(state: State, args: readonly { from: Slot; spread: boolean }[], frame: Frame): Value[] {
    const values: Value[] = [];
    for (const { from, spread } of args) {
      const value = this.take(state, from, frame);
      if (!spread) {
        values.push(value);
        continue;
      }
      const list = this.read(state, value);
      if (list?.type === 'list' && list.exact) values.push(...list.items);
      else values.push(UNKNOWN, UNKNOWN, UNKNOWN);
    }
    return values;
  }

  #finish(outcomes: readonly Outcome[], to: Slot, frame: Frame): State[] {
    if (outcomes.length === 1 && outcomes[0]) {
      this.give(outcomes[0].state, to, outcomes[0].value, frame);
      return [outcomes[0].state];
    }
    for (const { state, value } of outcomes) this.give(state, to, value, frame);
    const states = outcomes.map((outcome) => outcome.state);
    // With a handle and without it: what comes next mostly asks which.
    return states.length <= 2 ? states : this.merge(states);
  }

  #compute(instruction: Instruction, state: State, frame: Frame): State[] {
    switch (instruction.op) {
      case 'constant':
        this.give(
          state,
          instruction.to,
          typeof instruction.value === 'string'
            ? text([instruction.value], instruction.site ?? null)
            : primitive(instruction.value),
          frame,
        );
        return [state];
      case 'text':
        this.give(state, instruction.to, this.#text(state, instruction, frame), frame);
        return [state];
      case 'unknown':
        this.give(state, instruction.to, UNKNOWN, frame);
        return [state];
      case 'argument':
        return this.#argument(instruction, state, frame);
      case 'self':
        this.give(state, instruction.to, frame.self, frame);
        return [state];
      case 'copy':
        this.give(state, instruction.to, state.temporaries.peek(slotKey(frame.activation, instruction.from)), frame);
        return [state];
      case 'drop':
        this.take(state, instruction.from, frame);
        return [state];
      case 'escape':
        escape(
          this,
          state,
          frame,
          this.take(state, instruction.from, frame),
          { kind: 'unknown', handles: [] },
          instruction.stored,
        );
        return [state];
      case 'load':
        return this.#finish(this.load(state, instruction.variable, frame), instruction.to, frame);
      case 'store':
        this.store(state, instruction.variable, this.take(state, instruction.from, frame), frame);
        return [state];
      case 'global':
        this.give(state, instruction.to, { kind: 'global', path: [instruction.name] }, frame);
        return [state];
      case 'field': {
        const object = this.take(state, instruction.object, frame);
        if (instruction.optional && isNullish(object)) {
          this.give(state, instruction.to, UNDEFINED, frame);
          return [state];
        }
        return this.#finish(getField(this, state, frame, object, instruction.name), instruction.to, frame);
      }
      case 'set field': {
        const object = this.take(state, instruction.object, frame);
        setField(this, state, frame, object, instruction.name, this.take(state, instruction.from, frame));
        return [state];
      }
      case 'function':
        this.give(
          state,
          instruction.to,
          {
            kind: 'function',
            fn: instruction.fn,
            scope: frame.activation,
            self: instruction.fn.arrow ? frame.self : null,
          },
          frame,
        );
        return [state];
      case 'class': {
        const parent = instruction.parent === null ? null : this.take(state, instruction.parent, frame);
        return this.#finish(makeClass(this, state, frame, instruction.cls, parent), instruction.to, frame);
      }
      case 'object': {
        const entries = instruction.entries.map((entry) => ({ ...entry, value: this.take(state, entry.from, frame) }));
        this.give(state, instruction.to, makeRecord(this, state, frame, instruction.site, entries), frame);
        return [state];
      }
      case 'array': {
        const elements = instruction.elements.map(
          (element) => element && { value: this.take(state, element.from, frame), spread: element.spread },
        );
        this.give(state, instruction.to, makeList(this, state, frame, instruction.site, elements), frame);
        return [state];
      }
      case 'call': {
        const callee = this.take(state, instruction.callee, frame);
        const args = this.#args(state, instruction.args, frame);
        frame.at = instruction.site;
        return this.#finish(call(this, state, frame, callee, UNDEFINED, args, instruction.site), instruction.to, frame);
      }
      case 'construct': {
        const callee = this.take(state, instruction.callee, frame);
        const args = this.#args(state, instruction.args, frame);
        frame.at = instruction.site;
        return this.#finish(construct(this, state, frame, callee, args, instruction.site), instruction.to, frame);
      }
      case 'invoke': {
        const object = this.take(state, instruction.object, frame);
        const args = this.#args(state, instruction.args, frame);
        if (instruction.optional && isNullish(object)) {
          this.give(state, instruction.to, UNDEFINED, frame);
          return [state];
        }
        frame.at = instruction.site;
        return this.#finish(
          invoke(this, state, frame, object, instruction.name, args, instruction.site),
          instruction.to,
          frame,
        );
      }
      case 'super': {
        const args = this.#args(state, instruction.args, frame);
        frame.at = instruction.site;
        return this.#finish(
          invokeSuper(this, state, frame, instruction.name, args, instruction.site),
          instruction.to,
          frame,
        );
      }
      case 'cast':
        return this.#cast(instruction, state, frame);
      case 'await':
        frame.at = instruction.site;
        return this.#finish(
          awaitValue(this, state, frame, this.take(state, instruction.from, frame), instruction.site),
          instruction.to,
          frame,
        );
      case 'yield':
        return this.#finish(
          yieldValue(
            this,
            state,
            frame,
            this.take(state, instruction.from, frame),
            instruction.delegates,
            instruction.site,
          ),
          instruction.to,
          frame,
        );
      case 'using': {
        const id = frame.scopes.at(-1);
        const stack = id === undefined ? undefined : state.heap.get(id);
        const run = this.take(state, instruction.from, frame);
        if (id !== undefined && stack?.type === 'stack')
          state.heap.set(id, { type: 'stack', actions: [...stack.actions, { run, on: null }] });
        return [state];
      }
      case 'not': {
        this.give(state, instruction.to, negate(this.take(state, instruction.from, frame)), frame);
        return [state];
      }
      case 'is nullish':
        this.give(state, instruction.to, this.nullishness(state, this.take(state, instruction.from, frame)), frame);
        return [state];
      case 'compare': {
        const left = this.take(state, instruction.left, frame);
        const right = this.take(state, instruction.right, frame);
        const equal = this.equals(state, left, right, instruction.loose);
        this.give(state, instruction.to, instruction.negated ? negate(equal) : equal, frame);
        return [state];
      }
      case 'typeof':
        this.give(state, instruction.to, typeName(this.take(state, instruction.from, frame)), frame);
        return [state];
      case 'has':
        this.give(
          state,
          instruction.to,
          hasField(this, state, this.take(state, instruction.object, frame), instruction.name),
          frame,
        );
        return [state];
      default:
        return [state];
    }
  }

  #argument(instruction: Instruction & { op: 'argument' }, state: State, frame: Frame): State[] {
    const { index, rest, type, optional } = instruction;
    let value: Value = UNKNOWN;
    if (frame.args) {
      if (rest) {
        const elements = frame.args.slice(index).map((item) => ({ value: item, spread: false }));
        value = makeList(this, state, frame, instruction.site, elements);
      } else {
        value = frame.args[index] ?? UNDEFINED;
      }
    }
    if (value.kind === 'unknown' && type && !rest) {
      const info = this.world.typeOf(type);
      if (info) value = materialize(this, state, frame, instruction.site, info);
      if (value.kind === 'ref' && optional && !frame.args) value = { ...value, nullable: true };
    }
    return this.#finish(this.#unfold(state, value), instruction.to, frame);
  }

  /** A handle that may be missing becomes two states: one with it and one without. */
  #unfold(state: State, value: Value): Outcome[] {
    if (value.kind !== 'ref' || !value.nullable) return [{ state, value }];
    return [
      { state: state.fork(), value: NULL },
      { state, value: ref(value.id) },
    ];
  }

  load(state: State, variable: Variable, frame: Frame): Outcome[] {
    if (variable.imported) {
      return [
        {
          state,
          value: this.world.importValue(
            this,
            variable.owner.module,
            variable.imported.specifier,
            variable.imported.name,
          ),
        },
      ];
    }
    const key = this.keyOf(variable, frame);
    if (key === null) return [{ state, value: UNKNOWN }];
    let value = state.variables.get(key);
    if (!value) {
      value = this.variables.get(key);
      // What a variable held when its module was loaded; meanwhile others may have put something else there.
      if (variable.captured && !variable.constant && (!value || value.kind === 'primitive' || value.kind === 'text')) {
        const kept = this.kept.get(`$${key}`);
        value = kept && this.adopt(state, kept);
      }
    }
    if (!value) {
      const fact = state.facts.get(key);
      value =
        fact === 'truthy'
          ? TRUTHY
          : fact === 'falsy'
            ? FALSY
            : fact === 'nullish'
              ? UNDEFINED
              : { kind: 'symbol', key, parameter: variable.parameter };
      return [{ state, value }];
    }
    if (value.kind !== 'ref' || !value.nullable) return [{ state, value }];
    const outcomes = this.#unfold(state, value);
    for (const outcome of outcomes) outcome.state.variables.set(key, outcome.value);
    return outcomes;
  }

  store(state: State, variable: Variable, value: Value, frame: Frame): void {
    const key = this.keyOf(variable, frame);
    if (key === null) {
      escape(this, state, frame, value, { kind: 'unknown', handles: [] });
      return;
    }
    state.facts.delete(key);
    if (value.kind === 'unknown' || value.kind === 'symbol' || value.kind === 'test' || isTransient(value)) {
      if (this.variables.has(key)) state.variables.set(key, UNKNOWN);
      else state.variables.delete(key);
      if (value.kind === 'symbol') copyFact(state, value.key, key);
      return;
    }
    state.variables.set(key, value);
    if (variable.captured && !variable.constant) this.keep(`$${key}`, state, value);
    // A variable of the module outlives the function that sets it.
    if (variable.owner === variable.owner.module.program && frame.fn !== variable.owner)
      keepWith(this, state, frame, value, false);
  }

  /** Keeps a value for code that runs at another time. */
  keep(slot: string, state: State, value: Value, nullable = true): void {
    const there = this.kept.get(slot);
    if (there && !there.nullable) return;
    const objects = snapshot(state, value);
    if (objects) this.kept.set(slot, { value, objects, nullable });
  }

  adopt(state: State, kept: Kept): Value {
    for (const [id, object] of kept.objects) if (!this.object(state, id)) state.heap.set(id, object);
    return kept.value.kind === 'ref' && kept.nullable ? { ...kept.value, nullable: true } : kept.value;
  }

  #cast(instruction: Instruction & { op: 'cast' }, state: State, frame: Frame): State[] {
    let value = this.take(state, instruction.from, frame);
    const holder = instruction.field && this.take(state, instruction.field.object, frame);
    const info = this.world.typeOf(instruction.type);
    if (
      this.read(state, value)?.type === 'layer' &&
      info?.kind === 'external' &&
      !this.world.catalogue.isDatabaseModule(info.module)
    ) {
      value = UNKNOWN; // the code knows better: a layer over another database
    } else if (value.kind === 'unknown' || value.kind === 'symbol') {
      if (info) {
        const typed =
          instruction.field && holder?.kind === 'ref'
            ? fieldAs(this, state, frame, holder, instruction.field.name, instruction.site, info)
            : materialize(this, state, frame, instruction.site, info);
        if (typed.kind !== 'unknown') value = typed;
      }
    }
    return this.#finish(this.#unfold(state, value), instruction.to, frame);
  }

  #text(state: State, instruction: Instruction & { op: 'text' }, frame: Frame): Value {
    const parts: (string | null)[] = [];
    let temporary = false;
    let known = false;
    for (const part of instruction.parts) {
      const value = typeof part === 'string' ? text([part]) : this.take(state, part, frame);
      if (value.kind === 'text') {
        known ||= typeof part !== 'string' || instruction.parts.length !== 2;
        temporary ||= value.temporary;
      }
      append(parts, textOf(value));
    }
    // A sum of two numbers looks the same as two texts put together.
    if (!known && !parts.some((part) => part !== null && part !== '')) return UNKNOWN;
    return text(parts, instruction.site, temporary);
  }

  /** Whether a value is null or undefined. */
  nullishness(state: State, value: Value): Value {
    switch (value.kind) {
      case 'primitive':
        return isNullish(value) ? TRUE : FALSE;
      case 'symbol': {
        const fact = state.facts.get(value.key);
        if (fact === 'nullish') return TRUE;
        if (fact === 'present' || fact === 'truthy') return FALSE;
        return { kind: 'test', key: value.key, about: 'nullish', negated: false };
      }
      case 'unknown':
      case 'falsy':
      case 'external':
      case 'imported':
      case 'derived':
      case 'work':
      case 'global':
        return UNKNOWN;
      case 'ref':
        return value.nullable ? UNKNOWN : FALSE;
      default:
        return FALSE;
    }
  }

  equals(state: State, left: Value, right: Value, loose: boolean): Value {
    if (isNullish(right)) return this.#equalsNullish(state, left, right, loose);
    if (isNullish(left)) return this.#equalsNullish(state, right, left, loose);
    if (left.kind === 'primitive' && right.kind === 'primitive') return primitive(left.value === right.value);
    const a = knownText(left);
    const b = knownText(right);
    if (a !== null && b !== null) return primitive(a === b);
    if (left.kind === 'ref' && right.kind === 'ref' && left.id === right.id)
      return left.nullable || right.nullable ? UNKNOWN : TRUE;
    // What has not left the function is not what comes from elsewhere.
    return this.#isOwned(state, left) || this.#isOwned(state, right) ? FALSE : UNKNOWN;
  }

  #isOwned(state: State, value: Value): boolean {
    const object = this.read(state, value);
    return object?.type === 'connection' && object.ownership === 'owned';
  }

  #equalsNullish(state: State, value: Value, nullish: Value, loose: boolean): Value {
    const answer = this.nullishness(state, value);
    if (loose || answer !== TRUE) return answer;
    // `=== null` does not hold for undefined, nor the other way round; what is known to be one of them may be either.
    if (value.kind === 'primitive' && nullish.kind === 'primitive') return primitive(value.value === nullish.value);
    return UNKNOWN;
  }
}

function isTransient(value: Value): boolean {
  return value.kind === 'work' && value.work.kind === 'database';
}

function copyFact(state: State, from: SlotKey, to: SlotKey): void {
  const fact = state.facts.get(from);
  if (fact) state.facts.set(to, fact);
}

function append(parts: (string | null)[], more: SqlText): void {
  for (const part of more) {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else parts.push(part);
  }
}

function negate(value: Value): Value {
  const truth = truthOf(value);
  if (truth !== undefined) return truth ? FALSE : TRUE;
  if (value.kind === 'symbol') return { kind: 'test', key: value.key, about: 'truthy', negated: true };
  if (value.kind === 'test') return { ...value, negated: !value.negated };
  return UNKNOWN;
}

function typeName(value: Value): Value {
  switch (value.kind) {
    case 'text':
      return text(['string']);
    case 'primitive':
      return text([value.value === null ? 'object' : typeof value.value]);
    case 'function':
    case 'class':
    case 'method':
    case 'settle':
      return text(['function']);
    case 'ref':
      return value.nullable ? UNKNOWN : text(['object']);
    default:
      return UNKNOWN;
  }
}
