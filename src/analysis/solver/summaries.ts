import { activationIdOf, activationOf, slotKey } from './activation.ts';
import { leadsTo } from './essential.ts';
import { anyHeld, objectKey, type HeapObject, type PromiseObject } from './heap.ts';
import { keyOf, ref, UNKNOWN, workKey, type ObjectId, type SlotKey, type Value } from './values.ts';
import type { Frame, Outcome } from './frame.ts';
import type { KeptReads } from './kept.ts';
import type { FunctionValue } from './objects.ts';
import type { Solver } from './solver.ts';
import type { Fact, State } from './state.ts';
import type { FunctionIR, Site } from '../ir.ts';

/** One way in which a call ends. */
interface Ending {
  readonly value: Value;
  /** Plain objects that the call made and that are still there. */
  readonly made: readonly (readonly [ObjectId, HeapObject])[];
  /** What became of what lasts: module variables, what is known of them, and objects that were there before. */
  readonly variables: readonly (readonly [SlotKey, Value | undefined])[];
  readonly facts: readonly (readonly [SlotKey, Fact | undefined])[];
  readonly objects: readonly (readonly [ObjectId, HeapObject])[];
}

interface Summary {
  /** What it found that was kept by code that runs at another time. */
  readonly reads: KeptReads;
  /** The least depth at which it holds: from further up, more of it would be followed. */
  readonly depth: number;
  readonly returns: readonly Ending[];
  readonly throws: readonly Ending[];
}

/** Values that lead to no variable and to no object. */
const CONSTANT: ReadonlySet<Value['kind']> = new Set([
  'truthy',
  'falsy',
  'primitive',
  'text',
  'external',
  'global',
  'imported',
  'namespace',
]);

/** The variables of a module. */
interface Contents {
  /** Identifies all that are the same for whoever is given them. */
  readonly constant: string;
  readonly others: readonly (readonly [SlotKey, Value])[];
}

/** More objects in reach than this, and following the call again costs less than telling whether it is the same. */
const MOST_OBJECTS = 32;

/**
 * Calls that could not get at anything that was open. The same function, given the same, does the same again, so that it
 * is followed once for all of its callers.
 */
export class CallSummaries {
  readonly #solver: Solver;
  readonly #known = new Map<FunctionIR, Map<string, Summary | null>>();
  /** Closures on the way while a key is made. */
  readonly #closures = new Set<string>();
  readonly #contents = new WeakMap<object, Contents>();
  readonly #numbers = new Map<string, number>();
  #sinceMark: { readonly fn: FunctionIR; readonly key: string }[] = [];

  constructor(solver: Solver) {
    this.#solver = solver;
  }

  /** What comes from now on may be forgotten by `forget`. */
  mark(): void {
    this.#sinceMark = [];
  }

  /** The run in which these calls were followed does not count. */
  forget(): void {
    for (const { fn, key } of this.#sinceMark) this.#known.get(fn)?.delete(key);
    this.#sinceMark = [];
  }

  /** Calls a function, or does what it did the last time. `follow` adds exceptions to the frame's channels. */
  through(
    state: State,
    frame: Frame,
    callee: FunctionValue,
    given: readonly Value[],
    site: Site,
    follow: () => Outcome[],
  ): Outcome[] {
    const { fn } = callee;
    const key = this.#keyOf(state, frame, callee, given);
    if (key === null) return follow();
    let byKey = this.#known.get(fn);
    if (!byKey) this.#known.set(fn, (byKey = new Map<string, Summary | null>()));
    const known = byKey.get(key);
    if (known && known.depth <= frame.depth && this.#solver.kept.stillHolds(known.reads))
      return this.#replay(known, state, frame, site);
    if (known === null) return follow();
    const before = state.fork();
    const thrownBefore = frame.channels.throws.length;
    const { kept } = this.#solver;
    const {
      result: { result, cuts },
      reads,
    } = kept.reading(() => this.#solver.watching(follow));
    const complete = cuts.lowest > frame.depth && !cuts.truncated;
    const endings = complete
      ? summarize(this.#solver, before, result, frame.channels.throws.slice(thrownBefore))
      : null;
    const summary = endings && { ...endings, reads, depth: cuts.deep ? frame.depth : 0 };
    byKey.set(key, summary);
    this.#sinceMark.push({ fn, key });
    return result;
  }

  #replay(summary: Summary, state: State, frame: Frame, site: Site): Outcome[] {
    if (summary.depth > 0) this.#solver.cutDeep();
    for (const ending of summary.throws) {
      const thrown = state.fork();
      this.#apply(ending, thrown, frame, site);
      this.#solver.raise(thrown, frame, site);
    }
    const last = summary.returns.length - 1;
    return summary.returns.map((ending, index) => {
      const end = index === last ? state : state.fork();
      return { state: end, value: this.#apply(ending, end, frame, site) };
    });
  }

  /** Does to a state what the call did, and makes anew what it made. */
  #apply(ending: Ending, state: State, frame: Frame, site: Site): Value {
    const ids = new Map<ObjectId, ObjectId>();
    for (const [index, [id]] of ending.made.entries()) {
      ids.set(
        id,
        this.#solver.activations.object(frame.activation, site, index === 0 ? 'promise result' : `result ${index}`),
      );
    }
    for (const [id, object] of ending.made) state.heap.set(ids.get(id) ?? id, renamed(object, ids));
    for (const [key, value] of ending.variables) {
      if (value) state.variables.set(key, renamedValue(value, ids));
      else state.variables.delete(key);
    }
    for (const [key, fact] of ending.facts) {
      if (fact) state.facts.set(key, fact);
      else state.facts.delete(key);
    }
    for (const [id, object] of ending.objects) state.heap.set(id, renamed(object, ids));
    return renamedValue(ending.value, ids);
  }

  /** Identifies what a call is given and all that it can get at; null where it has to be followed. */
  #keyOf(state: State, frame: Frame, callee: FunctionValue, given: readonly Value[]): string | null {
    // What a function waits for matters to all that is open meanwhile.
    if (callee.fn.asynchronous && state.matters) return null;
    const solver = this.#solver;
    const { essential } = state.heap;
    // Most calls that get at something open are given it, or find it in a module: no need to look at all the rest.
    for (const id of essential) if (solver.heap.has(id)) return null;
    if (given.some((value) => leadsTo(value, essential))) return null;
    const parts: string[] = [frame.channels.observed || state.matters ? '!' : ''];
    const seeds: ObjectId[] = [];
    this.#closures.clear();
    for (const value of [callee, ...given]) {
      const key = this.#canonical(state, value, seeds);
      if (key === null) return null;
      parts.push(key);
    }
    for (const activation of state.variables.activations()) {
      if (!solver.moduleActivations.has(activation)) continue;
      const { constant, others } = this.#contentsOf(state, activation);
      parts.push(constant);
      for (const [slot, value] of others) {
        const key = this.#canonical(state, value, seeds);
        if (key === null) return null;
        parts.push(`${slot}=${key}`);
      }
    }
    for (const [slot, fact] of state.facts.map) {
      if (solver.moduleActivations.has(activationIdOf(slot))) parts.push(`${slot}:${fact}`);
    }
    for (const id of state.heap.map.keys()) if (solver.heap.has(id)) seeds.push(id);
    const seen = new Set<ObjectId>();
    for (let id = seeds.pop(); id !== undefined; id = seeds.pop()) {
      const object = state.heap.get(id);
      if (seen.has(id) || !object) continue;
      seen.add(id);
      if (seen.size > MOST_OBJECTS || essential.has(id)) return null;
      if (anyHeld(object, (value) => this.#canonical(state, value, seeds) === null)) return null;
      parts.push(`#${id}${objectKey(object)}`);
    }
    return parts.join('\n');
  }

  /** What a module's variables hold; most of them are functions of the module, of which a large one has thousands. */
  #contentsOf(state: State, activation: number): Contents {
    // Made anew whenever one of the variables has changed.
    const version = state.variables.references(activation);
    let contents = this.#contents.get(version);
    if (!contents) {
      const constant: string[] = [];
      const others: [SlotKey, Value][] = [];
      for (const [slot, value] of state.variables.of(activation) ?? []) {
        if (this.#isConstant(value)) constant.push(`${slot}=${keyOf(value)}`);
        else others.push([slot, value]);
      }
      this.#contents.set(version, (contents = { constant: this.#numbered(constant.join('\n')), others }));
    }
    return contents;
  }

  /** Whether a value is the same for whoever is given it, whatever else is known. */
  #isConstant(value: Value): boolean {
    if (value.kind !== 'function') return CONSTANT.has(value.kind);
    return value.self === null && this.#solver.moduleActivations.has(value.scope.id);
  }

  /** A short name for a long text. */
  #numbered(text: string): string {
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, (number = this.#numbers.size));
    return `v${number}`;
  }

  /** Identifies a value for a function that is given it; null where that cannot be told. Objects in it go to `seeds`. */
  #canonical(state: State, value: Value, seeds: ObjectId[]): string | null {
    switch (value.kind) {
      case 'unknown':
      case 'test':
        return '?';
      case 'symbol':
        return state.facts.get(value.key) ?? '?';
      case 'ref':
        seeds.push(value.id);
        return keyOf(value);
      case 'method':
        seeds.push(value.object);
        return keyOf(value);
      case 'derived':
        seeds.push(value.from);
        return keyOf(value);
      case 'function':
        return this.#canonicalFunction(state, value, seeds);
      case 'class':
        if (!this.#solver.moduleActivations.has(value.scope.id)) return null;
        seeds.push(value.statics);
        return keyOf(value);
      case 'work':
        return value.work.kind === 'call' || value.work.kind === 'unknown'
          ? value.work.handles.length > 0
            ? null
            : workKey(value.work)
          : workKey(value.work);
      case 'choice':
        return value.options.some((option) => this.#canonical(state, option, seeds) === null) ? null : keyOf(value);
      case 'settle':
        return null;
      default:
        return keyOf(value);
    }
  }

  /** A closure stands for what is in the variables that it uses. */
  #canonicalFunction(state: State, value: FunctionValue, seeds: ObjectId[]): string | null {
    const { fn, scope, self } = value;
    const parts = [`f${fn.id}`];
    if (self) {
      const key = this.#canonical(state, self, seeds);
      if (key === null) return null;
      parts.push(key);
    }
    const solver = this.#solver;
    if (solver.moduleActivations.has(scope.id)) return parts.join();
    const name = `${fn.id}@${scope.id}`;
    if (this.#closures.has(name)) return name;
    this.#closures.add(name);
    for (const variable of fn.free) {
      const activation = activationOf(variable.owner, scope);
      if (!activation || solver.moduleActivations.has(activation.id)) continue;
      const slot = slotKey(activation, variable.slot);
      const held = state.variables.get(slot);
      const key = held ? this.#canonical(state, held, seeds) : (state.facts.get(slot) ?? '?');
      if (key === null) return null;
      parts.push(key);
    }
    return `(${parts.join()})`;
  }
}

// -----------------------------------------------------------------------------------------------------------------
// Making summaries

function summarize(
  solver: Solver,
  before: State,
  returns: readonly Outcome[],
  throws: readonly State[],
): Omit<Summary, 'reads' | 'depth'> | null {
  const endings: Ending[] = [];
  const thrown: Ending[] = [];
  for (const outcome of returns) {
    const ending = endingOf(solver, before, outcome.state, outcome.value);
    if (!ending) return null;
    endings.push(ending);
  }
  for (const state of throws) {
    const ending = endingOf(solver, before, state, UNKNOWN);
    if (!ending) return null;
    thrown.push(ending);
  }
  return { returns: endings, throws: thrown };
}

function endingOf(solver: Solver, before: State, end: State, value: Value): Ending | null {
  if (end.pending !== before.pending || end.lost.length > 0 || before.lost.length > 0 || !sameEssentials(before, end))
    return null;
  const lasts = (key: SlotKey): boolean => solver.moduleActivations.has(activationIdOf(key));
  const made = new Map<ObjectId, HeapObject>();
  const plain = plainValue(solver, before, end, value, made);
  if (!plain) return null;
  const variables: [SlotKey, Value | undefined][] = [];
  for (const [activation, values] of end.variables.changedSince(before.variables)) {
    for (const [key, now] of values) {
      const then = before.variables.get(key);
      if (then === now || (then && keyOf(then) === keyOf(now))) continue;
      if (!solver.moduleActivations.has(activation) || !plainValue(solver, before, end, now, made)) return null;
      variables.push([key, now]);
    }
  }
  for (const [activation, values] of before.variables.changedSince(end.variables)) {
    if (!solver.moduleActivations.has(activation)) continue;
    for (const key of values.keys()) if (!end.variables.get(key)) variables.push([key, undefined]);
  }
  const facts: [SlotKey, Fact | undefined][] = [];
  if (!before.facts.same(end.facts)) {
    for (const [key, fact] of end.facts.map) {
      if (before.facts.get(key) === fact) continue;
      if (!lasts(key)) return null;
      facts.push([key, fact]);
    }
    for (const key of before.facts.map.keys()) if (lasts(key) && !end.facts.get(key)) facts.push([key, undefined]);
  }
  const objects: [ObjectId, HeapObject][] = [];
  const unexplained: ObjectId[] = [];
  if (!before.heap.same(end.heap)) {
    for (const [id, now] of end.heap.map) {
      const then = before.heap.get(id) ?? solver.heap.get(id);
      if (!then) {
        unexplained.push(id);
        continue;
      }
      if (then === now || objectKey(then) === objectKey(now)) continue;
      if (anyHeld(now, (held) => !plainValue(solver, before, end, held, made))) return null;
      objects.push([id, now]);
    }
  }
  if (unexplained.some((id) => !made.has(id))) return null;
  return { value: plain, made: [...made], variables, facts, objects };
}

/** What was open is open as it was, and nothing else is. */
function sameEssentials(before: State, end: State): boolean {
  if (before.heap.same(end.heap)) return true;
  const then = before.heap.essential;
  const now = end.heap.essential;
  if (then.size !== now.size) return false;
  for (const id of now) if (!then.has(id) || before.heap.get(id) !== end.heap.get(id)) return false;
  return true;
}

/**
 * A value that means the same to every caller; null where it is something of this one call. Objects that the call made
 * are added to `made`, where it may be one.
 */
function plainValue(
  solver: Solver,
  before: State,
  end: State,
  value: Value,
  made: Map<ObjectId, HeapObject> | null,
): Value | null {
  const there = (id: ObjectId): boolean => before.heap.get(id) !== undefined || solver.heap.has(id);
  switch (value.kind) {
    case 'symbol':
    case 'test':
      return UNKNOWN;
    case 'settle':
      return null;
    case 'method':
      return there(value.object) ? value : null;
    case 'derived':
      return there(value.from) ? value : null;
    case 'function':
      if (!solver.moduleActivations.has(value.scope.id)) return null;
      return !value.self || plainValue(solver, before, end, value.self, null) ? value : null;
    case 'class':
      return solver.moduleActivations.has(value.scope.id) ? value : null;
    case 'work':
      return (value.work.kind === 'call' || value.work.kind === 'unknown') && value.work.handles.length > 0
        ? null
        : value;
    case 'choice':
      return value.options.every((option) => plainValue(solver, before, end, option, made)) ? value : null;
    case 'ref': {
      if (there(value.id) || made?.has(value.id)) return value;
      const object = end.heap.get(value.id);
      if (!made || !object || !isPlain(object)) return null;
      made.set(value.id, object);
      return anyHeld(object, (held) => !plainValue(solver, before, end, held, made)) ? null : value;
    }
    default:
      return value;
  }
}

/** Objects that are no more than what is in them. */
function isPlain(object: HeapObject): boolean {
  if (object.type === 'promise') return object.state !== 'pending' && object.undo.length === 0;
  return object.type === 'list' || (object.type === 'record' && !object.cls);
}

// -----------------------------------------------------------------------------------------------------------------
// Using summaries

function renamed(object: HeapObject, ids: ReadonlyMap<ObjectId, ObjectId>): HeapObject {
  switch (object.type) {
    case 'record':
      return {
        ...object,
        fields: new Map([...object.fields].map(([name, value]) => [name, renamedValue(value, ids)])),
      };
    case 'list':
      return { ...object, items: object.items.map((item) => renamedValue(item, ids)) };
    case 'promise':
      return { ...object, value: renamedValue(object.value, ids) } satisfies PromiseObject;
    default:
      return object;
  }
}

function renamedValue(value: Value, ids: ReadonlyMap<ObjectId, ObjectId>): Value {
  if (value.kind === 'choice')
    return { kind: 'choice', options: value.options.map((option) => renamedValue(option, ids)) };
  if (value.kind !== 'ref') return value;
  return ref(ids.get(value.id) ?? value.id, value.nullable);
}
