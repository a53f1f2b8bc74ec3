import { activationIdOf, type Activation } from './activation.ts';
import type { State } from './state.ts';
import type { Connection, Statement, TransactionHandle } from './heap.ts';
import type { Solver } from './solver.ts';
import { UNDEFINED, type ObjectId, type Value } from './values.ts';
import type { ClassIR, FunctionIR, Site } from '../ir.ts';

/** Where control leaves a block other than at its end. */
export interface Channels {
  /** Something tells whether an exception comes this way: a handler, a finalizer, whoever waits for the promise. */
  readonly observed: boolean;
  readonly returns: State[];
  readonly throws: State[];
  readonly jumps: { readonly kind: 'break' | 'continue'; readonly label: string | null; readonly state: State }[];
}

export function channelsOf(observed: boolean): Channels {
  return { observed, returns: [], throws: [], jumps: [] };
}

/** One function being run, on the stack of those that called it. */
export interface Frame {
  readonly activation: Activation;
  readonly fn: FunctionIR;
  readonly caller: Frame | null;
  readonly depth: number;
  readonly self: Value;
  /** Null where the caller is not known. */
  readonly args: readonly Value[] | null;
  channels: Channels;
  /** Objects that collect what `using` declared, innermost last. */
  readonly scopes: ObjectId[];
  /** Blocks within each other that are being run. */
  nesting: number;
  /** The call that is being made. */
  at: Site | null;
  /** The class whose instance the frame makes, where it has no constructor of its own. */
  readonly building?: ClassIR;
}

/** A frame for code that runs beside the way, outside of any function. */
export function asideFrame(solver: Solver): Frame {
  const { program } = solver.module;
  return {
    activation: solver.activations.enter(program, null, null, null),
    fn: program,
    caller: null,
    depth: 0,
    self: UNDEFINED,
    args: [],
    channels: channelsOf(false),
    scopes: [],
    nesting: 0,
    at: null,
  };
}

export interface Outcome {
  readonly state: State;
  readonly value: Value;
}

/** A call on its way: what all the steps below need. */
export interface Call {
  readonly solver: Solver;
  readonly state: State;
  readonly frame: Frame;
  readonly site: Site;
  readonly args: readonly Value[];
}

/** The handle whose method a call is, and the connection behind it. */
export interface Target {
  readonly id: ObjectId;
  readonly object: Connection | Statement | TransactionHandle;
  readonly connection: ObjectId | null;
}

/** Forgets the temporaries of what the exception has left. */
export function unwind(state: State, frame: Frame): State {
  if (state.temporaries.empty) return state;
  const outer = new Set<number>();
  for (let caller = frame.caller; caller; caller = caller.caller) outer.add(caller.activation.id);
  state.temporaries.retain((key) => outer.has(activationIdOf(key)));
  return state;
}
