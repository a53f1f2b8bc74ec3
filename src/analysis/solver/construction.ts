import { constructGlobal } from './builtins.ts';
import { callFunction, follow, unknownCall } from './calls.ts';
import { escape, handlesIn } from './escape.ts';
import { callExternal } from './externals.ts';
import { invoke } from './methods.ts';
import { extend, fullyKnown, memberOf, methodValue, setField, type ClassValue, type FunctionValue } from './objects.ts';
import { driverClassOf, inheritedOf, openInherited } from './subclasses.ts';
import { tellFields } from './telling.ts';
import { UNDEFINED, type Value } from './values.ts';
import type { Call, Frame, Outcome } from './frame.ts';
import type { RecordObject } from './heap.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { Site } from '../ir.ts';

export function construct(
  solver: Solver,
  state: State,
  frame: Frame,
  callee: Value,
  args: readonly Value[],
  site: Site,
): Outcome[] {
  const step: Call = { solver, state, frame, site, args };
  switch (callee.kind) {
    case 'choice':
      return callee.options.flatMap((option) => construct(solver, state.fork(), frame, option, args, site));
    case 'class':
      return constructClass(step, callee);
    case 'external':
      return callExternal(step, callee, true);
    case 'global':
      return constructGlobal(step, callee);
    case 'imported': {
      const resolved =
        solver.holdsSomething(state) || handlesIn(solver, state, args).length > 0
          ? solver.world.resolveImported(solver, callee)
          : callee;
      if (resolved.kind === 'class') return constructClass(step, resolved);
      for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
      solver.raise(state, frame, site);
      return [{ state, value: extend(callee, 'new') }];
    }
    case 'function': {
      // A constructor function of old.
      const self = solver.allocate(state, frame, site, 'instance', emptyRecord(null));
      return solver
        .pinning([self], () => callFunction(solver, state, frame, callee, self, args, site))
        .map((outcome) => ({
          state: outcome.state,
          value: outcome.value.kind === 'ref' ? outcome.value : self,
        }));
    }
    default:
      return unknownCall(step, null);
  }
}

function emptyRecord(cls: ClassValue | null): RecordObject {
  return { type: 'record', fields: new Map(), cls, info: null, open: cls !== null && !fullyKnown(cls), shared: false };
}

function constructClass(step: Call, cls: ClassValue): Outcome[] {
  const { solver, state, frame, site, args } = step;
  if (!classMatters(solver, state, cls, args)) {
    // What it is made of does not matter; its methods may.
    if (cls.cls.constructorFunction || cls.cls.hasParent) solver.raise(state, frame, site);
    const value = solver.allocate(state, frame, site, 'instance', { ...emptyRecord(cls), open: true, shared: true });
    return [{ state, value }];
  }
  return instantiate(step, withParents(solver, cls));
}

/** A class with those that it extends, also where these have nothing to do with SQLite by themselves. */
function withParents(solver: Solver, cls: ClassValue): ClassValue {
  const found = cls.parent?.kind === 'imported' ? solver.world.resolveImported(solver, cls.parent) : cls.parent;
  const parent = found?.kind === 'class' ? withParents(solver, found) : cls.parent;
  return parent === cls.parent ? cls : { ...cls, parent };
}

function instantiate(step: Call, cls: ClassValue): Outcome[] {
  const { solver, frame } = step;
  const self = solver.allocate(step.state, frame, step.site, 'instance', emptyRecord(cls));
  return solver
    .pinning([self], () => initialize(step, cls, self))
    .map((state) => {
      tellFields(step, state, cls, self);
      // Methods inherited from a class that is not followed may do anything with what the object keeps.
      if (!fullyKnown(cls) && !driverClassOf(solver.world, cls))
        escape(solver, state, frame, self, { kind: 'unknown', handles: [] });
      return { state, value: self };
    });
}

function classMatters(solver: Solver, state: State, cls: ClassValue, args: readonly Value[]): boolean {
  for (let current: Value | null = cls; current; current = current.kind === 'class' ? current.parent : null) {
    if (current.kind === 'class' ? current.cls.relevant : current.kind === 'external') return true;
  }
  return handlesIn(solver, state, args).length > 0 || args.some((arg) => arg.kind === 'function');
}

/** Runs field initializers and the constructor, those of the parent class first. */
export function initialize(step: Call, cls: ClassValue, self: Value & { kind: 'ref' }): State[] {
  const { solver, state, frame, site, args } = step;
  const own = cls.cls.constructorFunction;
  if (!own) {
    return initializeParent(step, cls, self).flatMap((current) =>
      initializeFields({ ...step, state: current }, cls, self),
    );
  }
  const ready = cls.cls.hasParent ? [state] : initializeFields(step, cls, self);
  return ready.flatMap((current) => {
    const fn: FunctionValue = { kind: 'function', fn: own, scope: cls.scope, self };
    return follow({ solver, state: current, frame, site, args }, fn, self).map((outcome) => outcome.state);
  });
}

/** What a class inherits: from a class that is followed, or the connection of a driver's. */
function initializeParent(step: Call, { parent }: ClassValue, self: Value & { kind: 'ref' }): State[] {
  if (parent?.kind === 'class') return initialize(step, parent, self);
  if (parent?.kind === 'external' && step.solver.world.opensConnection(parent))
    return openInherited(step, self, parent);
  return [step.state];
}

function initializeFields(step: Call, cls: ClassValue, self: Value & { kind: 'ref' }): State[] {
  const { solver, frame } = step;
  let states = [step.state];
  for (const member of cls.cls.members) {
    if (member.isStatic || member.kind !== 'field' || !member.fn || member.name === null) continue;
    const { fn, name } = member;
    states = states.flatMap((state) =>
      follow(
        { ...step, state, args: [], site: fieldInitializerSite(fn) },
        { kind: 'function', fn, scope: cls.scope, self },
        self,
      ).map((outcome) => {
        setField(solver, outcome.state, frame, self, name, outcome.value);
        return outcome.state;
      }),
    );
  }
  return states;
}

const initializerSites = new WeakMap<object, Site>();

function fieldInitializerSite(fn: { readonly module: Site['module']; readonly node: Site['node'] }): Site {
  let site = initializerSites.get(fn);
  if (!site) initializerSites.set(fn, (site = { module: fn.module, node: fn.node }));
  return site;
}

/** `super(...)` and `super.name(...)`. */
export function invokeSuper(
  solver: Solver,
  state: State,
  frame: Frame,
  name: string | null,
  args: readonly Value[],
  site: Site,
): Outcome[] {
  const step: Call = { solver, state, frame, site, args };
  const self = frame.self;
  const record = solver.read(state, self);
  const cls = self.kind === 'ref' && record?.type === 'record' ? classOfFrame(record.cls, frame) : null;
  if (name !== null) {
    const found = cls?.parent?.kind === 'class' ? memberOf(cls.parent, name, false) : null;
    if (found?.member.fn)
      return callFunction(solver, state, frame, methodValue(found.cls, found.member.fn, self), self, args, site);
    const inherited = inheritedOf(solver, state, frame, self);
    if (inherited.kind === 'ref') return invoke(solver, state, frame, inherited, name, args, site);
    return unknownCall(step, null);
  }
  let states = [state];
  if (cls && self.kind === 'ref' && isFollowed(solver, cls.parent)) {
    states = initializeParent(step, cls, self);
  } else {
    // What it is given, the parent keeps.
    for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
    solver.raise(state, frame, site);
  }
  if (cls && self.kind === 'ref')
    states = states.flatMap((current) => initializeFields({ ...step, state: current }, cls, self));
  return states.map((current) => ({ state: current, value: UNDEFINED }));
}

function isFollowed(solver: Solver, parent: Value | null): boolean {
  return parent !== null && (parent.kind === 'class' || solver.world.opensConnection(parent));
}

/** The class whose constructor or method is running, which may be a parent of the object's own. */
function classOfFrame(cls: ClassValue | null, frame: Frame): ClassValue | null {
  for (let current: Value | null = cls; current?.kind === 'class'; current = current.parent) {
    if (current.cls === frame.fn.cls) return current;
  }
  return null;
}
