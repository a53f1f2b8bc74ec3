import { reachableFrom } from './reach.ts';
import { functionName } from '../told.ts';
import type { Activation } from './activation.ts';
import type { Held } from './recorder.ts';
import type { ObjectId, Value, Work } from './values.ts';
import type { Site } from '../ir.ts';
import type { Solver } from './solver.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';

interface Candidate extends Held {
  readonly id: ObjectId;
  readonly managed: boolean;
}

/** The program waits for some work: tells of each lock or connection that it holds meanwhile. */
export function awaited(solver: Solver, state: State, frame: Frame, work: Work, site: Site): void {
  if (work.kind === 'none') return;
  const held = heldIn(solver, state);
  if (held.length === 0) return;
  const transactions = held.filter((candidate) => candidate.kind !== 'connection');
  for (const candidate of transactions.length > 0 ? transactions : held) {
    const judged = judge(solver, state, work, candidate);
    if (!judged) continue;
    const place = placeOf(solver, state, frame, candidate, site);
    if (place) solver.recorder.awaited(candidate, byWayOf(place.inner, judged), place.site, place.by);
  }
}

function heldIn(solver: Solver, state: State): Candidate[] {
  const held: Candidate[] = [];
  for (const [id, object] of state.heap.map) {
    switch (object.type) {
      case 'connection': {
        if (object.status !== 'open' || object.settings.alone === 'yes') break;
        const { transaction, driver } = object;
        if (transaction) {
          held.push({
            id,
            kind: 'transaction',
            driver,
            since: transaction.began,
            beganIn: transaction.beganIn,
            synchronous: driver.synchronous,
            locks: transaction.mode !== 'deferred',
            managed: transaction.managed,
          });
        } else if (object.ownership === 'owned' && !object.inField && object.holder.fn.outer) {
          held.push({
            id,
            kind: 'connection',
            driver,
            since: object.handed,
            beganIn: object.holder,
            synchronous: driver.synchronous,
            locks: false,
            managed: false,
          });
        }
        break;
      }
      case 'transaction':
        if (object.status === 'open' && object.ownership !== 'escaped') {
          held.push({
            id,
            kind: 'transaction',
            driver: object.driver,
            since: object.handed,
            beganIn: object.holder,
            synchronous: false,
            locks: object.transaction.mode !== 'deferred',
            managed: false,
          });
        }
        break;
      case 'layer':
        if (object.transaction && !isAlone(solver, state, object.connection)) {
          held.push({
            id,
            kind: 'transaction',
            driver: null,
            since: object.transaction.began,
            beganIn: object.transaction.beganIn,
            synchronous: false,
            locks: object.transaction.mode !== 'deferred',
            managed: true,
          });
        }
        break;
      case 'iterator':
        if (object.active && !isAlone(solver, state, object.connection)) {
          held.push({
            id,
            kind: 'rows',
            driver: null,
            since: object.opened,
            beganIn: object.openedIn,
            synchronous: false,
            locks: false,
            managed: false,
          });
        }
        break;
      default:
    }
  }
  return held;
}

/** Whether waiting for the work while something is held is worth a report; the work as far as it could be told. */
function judge(solver: Solver, state: State, work: Work, candidate: Candidate): Work | null {
  switch (work.kind) {
    case 'foreign':
      return work;
    case 'consumer':
      return candidate.kind === 'connection' ? null : work;
    case 'call': {
      if (receives(solver, state, work.handles, candidate)) return null;
      if (isElsewhere(solver, state, work.handles, candidate)) return ELSEWHERE;
      const foreign = solver.world.asides.foreignWorkOf(solver, work.callee, state);
      if (foreign) return foreign;
      return work.callee.kind === 'external' && letsOthersIn(candidate) ? work : null;
    }
    case 'unknown':
      if (receives(solver, state, work.handles, candidate)) return null;
      if (isElsewhere(solver, state, work.handles, candidate)) return ELSEWHERE;
      return letsOthersIn(candidate) ? work : null;
    case 'database':
      return work.handle !== null && isElsewhere(solver, state, [work.handle], candidate) ? ELSEWHERE : null;
    case 'none':
      return null;
  }
}

/** On a synchronous driver other code runs inside the transaction during any wait, as no wait is the database's own. */
function letsOthersIn({ kind, synchronous, managed }: Candidate): boolean {
  return kind === 'transaction' && synchronous && !managed;
}

/** Whether nobody else can be at the file of a connection. */
export function isAlone(solver: Solver, state: State, id: ObjectId | null): boolean {
  const connection = id === null ? undefined : solver.object(state, id);
  return connection?.type === 'connection' && connection.settings.alone === 'yes';
}

const ELSEWHERE: Work = { kind: 'foreign', what: 'work on another connection', trace: [] };

/**
 * Whether handles that work is done with are all of other connections than the one whose transaction is open: that work
 * may have to wait for locks itself, for as long as their busy timeout, or for the lock that is held here.
 */
function isElsewhere(solver: Solver, state: State, handles: readonly ObjectId[], candidate: Candidate): boolean {
  const held = candidate.kind === 'transaction' ? connectionOf(solver, state, candidate.id) : null;
  if (!held || handles.length === 0) return false;
  return handles.every((id) => {
    const other = connectionOf(solver, state, id);
    return other !== null && other !== held;
  });
}

/** The connection that an object works with; null where it came from code that is not known, and may be any. */
function connectionOf(solver: Solver, state: State, id: ObjectId): ObjectId | null {
  const object = solver.object(state, id);
  const connection = object && 'connection' in object ? object.connection : id;
  const found = connection === null ? undefined : solver.object(state, connection);
  return found?.type === 'connection' && found.ownership !== 'borrowed' && found.settings.alone !== 'yes'
    ? connection
    : null;
}

/** What receives the handle works for the database. */
function receives(solver: Solver, state: State, handles: readonly ObjectId[], candidate: Candidate): boolean {
  if (handles.includes(candidate.id)) return true;
  return handles.some((id) => {
    const object = solver.object(state, id);
    return object && 'connection' in object && object.connection === candidate.id;
  });
}

/** An await to report, and those within the call that it waits for, outermost first. */
interface Place {
  readonly site: Site;
  readonly inner: readonly Site[];
  /** The call of the function that it is in. */
  readonly by: Activation;
}

/**
 * The await to report: in the innermost function of this file that began what is held or was given it, and otherwise in
 * the one that called it. A method was not given what its object holds: it does not know that something is begun. A
 * function of another file whose parameter tells what it is given is reported there.
 */
function placeOf(solver: Solver, state: State, frame: Frame, candidate: Candidate, site: Site): Place | null {
  let place = site;
  const inner: Site[] = [];
  for (let current: Frame | null = frame; current; current = current.caller) {
    if (concerns(state, current, candidate)) {
      if (current.fn.module === solver.module) {
        return { site: place.awaits ?? place, inner, by: current.activation };
      }
      if (current.args && (receivesTyped(solver, current) || isTold(solver, current, candidate))) return null;
    }
    const called = current.activation.site;
    if (!called) continue;
    inner.unshift(place.awaits ?? place);
    place = called;
  }
  return null;
}

function byWayOf(inner: readonly Site[], work: Work): Work {
  return work.kind === 'foreign' ? { ...work, trace: [...inner, ...work.trace] } : work;
}

function concerns(state: State, frame: Frame, candidate: Candidate): boolean {
  for (let activation: Activation | null = candidate.beganIn; activation; activation = activation.caller) {
    if (activation === frame.activation) return true;
  }
  if (frame.args && reachableFrom(state, frame.args).objects.has(candidate.id)) return true;
  if (!frame.fn.outer?.outer && !frame.activation.scope?.scope) return false;
  // A closure over the handle, in a function rather than a module.
  const self: Value = { kind: 'function', fn: frame.fn, scope: frame.activation.scope ?? frame.activation, self: null };
  return reachableFrom(state, [self]).objects.has(candidate.id);
}

/** Whether a function begins what is held itself, on a connection that its module is told of by callers like this one. */
function isTold(solver: Solver, { fn }: Frame, { since }: Candidate): boolean {
  return since.module === fn.module && functionName(fn) !== null && solver.world.hasUntypedParameter(fn);
}

/** Whether a parameter's type says that it is a handle, so that the function is reported where it stands. */
function receivesTyped(solver: Solver, frame: Frame): boolean {
  return solver.world.hasTypedHandleParameter(frame.fn);
}
