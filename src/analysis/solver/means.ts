import { quietly } from './asides.ts';
import { callFunction } from './calls.ts';
import { asideFrame, type Outcome } from './frame.ts';
import { MOST_STEPS_OF_METHOD } from './limits.ts';
import { getField } from './objects.ts';
import { awaitSettled } from './promises.ts';
import { SILENT } from './recorder.ts';
import { text, type ObjectId, type Value } from './values.ts';
import type { Connection } from './heap.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { ClassIR, FunctionIR, Site } from '../ir.ts';

/** A method of an object that has a connection. */
export interface OwnMethod {
  readonly name: string;
  readonly answers: 'value' | 'promise';
}

/** How whoever has an object reaches the connection in it. */
export interface Means {
  /** The object comes by a promise. */
  readonly promised: boolean;
  /** Runs a PRAGMA: its first argument is SQL, or what follows the word in it. */
  readonly setUp: (OwnMethod & { readonly takes: 'statement' | 'pragma' }) | null;
  readonly close: OwnMethod | null;
}

/** Names that such methods have, the likeliest first. What they do is seen by calling them. */
const CLOSING = ['close', 'end', 'dispose', 'destroy', 'disconnect', 'shutdown'];
const RUNNING = [
  ['pragma', 'pragma'],
  ['exec', 'statement'],
  ['run', 'statement'],
  ['execute', 'statement'],
] as const;

/** No code sets this one by itself. */
const TIMEOUT = 86_417;
const PRAGMA = `busy_timeout = ${TIMEOUT}`;

/** What methods were seen to do, by name; null for those that do something else. */
type Known = Map<string, OwnMethod | null>;

/** By the class of the object, or else by the function that is its method. */
const known = new WeakMap<ClassIR | FunctionIR, Known>();

/** Finds the methods of an object by calling them beside the way: does its connection come out closed, or with a timeout? */
export function meansOf(solver: Solver, state: State, value: Value, connection: ObjectId, site: Site): Means {
  const promise = solver.read(state, value);
  const promised = promise?.type === 'promise';
  const object = promised && promise.state === 'fulfilled' ? promise.value : value;
  const trial = new Trial(solver, state, object, site);
  const closes = ({ status }: Connection): boolean => status === 'closed';
  const setsUp = ({ settings }: Connection): boolean => settings.timeout === TIMEOUT;
  const close = first(CLOSING, (name) => trial.method(name, [], connection, closes));
  const setUp = first(RUNNING, ([name, takes]) => {
    const sql = takes === 'pragma' ? PRAGMA : `PRAGMA ${PRAGMA}`;
    const method = trial.method(name, [text([sql])], connection, setsUp);
    return method && { ...method, takes };
  });
  return { promised, close, setUp };
}

function first<T, R>(items: readonly T[], of: (item: T) => R | null): R | null {
  for (const item of items) {
    const result = of(item);
    if (result !== null) return result;
  }
  return null;
}

/** Calls of an object's methods that nobody hears of. */
class Trial {
  readonly #solver: Solver;
  readonly #state: State;
  readonly #object: Value;
  readonly #site: Site;
  #silent: Solver | null = null;

  constructor(solver: Solver, state: State, object: Value, site: Site) {
    this.#solver = solver;
    this.#state = state;
    this.#object = object;
    this.#site = site;
  }

  /** A method that leaves the connection as it is wanted on all ways that return; null where it does not. */
  method(
    name: string,
    args: readonly Value[],
    connection: ObjectId,
    isWanted: (connection: Connection) => boolean,
  ): OwnMethod | null {
    const object = this.#solver.read(this.#state, this.#object);
    if (object?.type !== 'record') return null;
    const own = object.fields.get(name);
    const key = own?.kind === 'function' ? own.fn : object.cls?.cls;
    if (!key || (own && own.kind !== 'function')) return null;
    let methods = known.get(key);
    if (!methods) known.set(key, (methods = new Map<string, OwnMethod | null>()));
    const seen = methods.get(name);
    if (seen !== undefined) return seen;
    const found =
      own ?? getField(this.#aside, this.#state.fork(), asideFrame(this.#aside), this.#object, name)[0]?.value;
    const ends = found?.kind === 'function' ? this.#call(found, args) : [];
    const isFound = ends.length > 0 && ends.every(({ state }) => isIn(state, connection, isWanted));
    const answers = ends.some(({ value }) => value === PROMISED) ? 'promise' : 'value';
    const method: OwnMethod | null = isFound ? { name, answers } : null;
    // While its module is being loaded, it may not find yet what is there later.
    if (!this.#solver.world.isLoading(key.module)) methods.set(name, method);
    return method;
  }

  #call(callee: Value & { kind: 'function' }, args: readonly Value[]): Outcome[] {
    const solver = this.#aside;
    const frame = asideFrame(this.#aside);
    solver.steps = 0;
    const run = (): Outcome[] =>
      callFunction(solver, this.#state.fork(), frame, callee, this.#object, args, this.#site).flatMap((end) => {
        if (solver.read(end.state, end.value)?.type !== 'promise') return [end];
        return awaitSettled(solver, end.state, frame, end.value, this.#site).map(({ state }) => ({
          state,
          value: PROMISED,
        }));
      });
    return quietly(() => solver.pinning([this.#object], run)) ?? [];
  }

  get #aside(): Solver {
    if (!this.#silent) {
      this.#silent = this.#solver.withRecorder(SILENT);
      this.#silent.limit = MOST_STEPS_OF_METHOD;
    }
    return this.#silent;
  }
}

/** Stands for the value of a promise. */
const PROMISED: Value = text(['']);

function isIn(state: State, id: ObjectId, isWanted: (connection: Connection) => boolean): boolean {
  const object = state.heap.get(id);
  return object?.type === 'connection' && isWanted(object);
}
