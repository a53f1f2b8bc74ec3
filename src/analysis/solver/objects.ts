import { callFunction } from './calls.ts';
import { escape, keepWith } from './escape.ts';
import { connectionProperty } from './handles.ts';
import { INHERITED, inheritedOf } from './subclasses.ts';
import { fieldOfType } from './typed.ts';
import { either } from './meet.ts';
import { alternatives, FALSE, isNullish, keyOf, MISSING, ref, TRUE, UNDEFINED, UNKNOWN } from './values.ts';
import type { ObjectId, Value } from './values.ts';
import { isPlainRecord, type RecordObject } from './heap.ts';
import type { ClassIR, FunctionIR, MemberIR, Site } from '../ir.ts';
import type { Solver } from './solver.ts';
import type { Frame, Outcome } from './frame.ts';
import type { State } from './state.ts';

/** Longer paths into packages say nothing more. */
const LONGEST_PATH = 6;

export type ClassValue = Value & { readonly kind: 'class' };
export type FunctionValue = Value & { readonly kind: 'function' };

/** Extends the path of something that is only known by where it comes from. */
export function extend(value: Value, step: string): Value {
  switch (value.kind) {
    case 'external':
      // Compilers and loaders put a package under `default` or take it from there.
      if (step === 'default') return value;
      return value.path.length >= LONGEST_PATH ? value : { ...value, path: [...value.path, step] };
    case 'imported':
      return value.path.length >= LONGEST_PATH ? value : { ...value, path: [...value.path, step] };
    case 'global':
      return value.path.length >= LONGEST_PATH ? UNKNOWN : { ...value, path: [...value.path, step] };
    default:
      return UNKNOWN;
  }
}

export function getField(solver: Solver, state: State, frame: Frame, object: Value, name: string | null): Outcome[] {
  const one = (value: Value): Outcome[] => [{ state, value }];
  switch (object.kind) {
    case 'choice':
      return fieldOfAny(solver, state, frame, object.options, name);
    case 'external':
    case 'imported':
      return one(name === null ? object : extend(object, name));
    case 'global':
      return one(name === null ? UNKNOWN : extend(object, name));
    case 'namespace':
      return one(name === null ? UNKNOWN : solver.world.exportValue(solver, object.module, name));
    case 'derived':
      return one(object);
    case 'class':
      return name === null ? one(UNKNOWN) : one(staticMember(solver, state, object, name));
    case 'ref':
      return name === null ? one(anyElement(solver, state, object)) : fieldOfObject(solver, state, frame, object, name);
    case 'primitive':
      return isNullish(object) ? [] : one(UNKNOWN);
    case 'function':
      return one(name === 'prototype' ? { kind: 'global', path: ['Function', 'prototype'] } : UNKNOWN);
    default:
      return one(UNKNOWN);
  }
}

/** What a field of one of several objects holds, in one state where reading it changes nothing. */
function fieldOfAny(
  solver: Solver,
  state: State,
  frame: Frame,
  objects: readonly Value[],
  name: string | null,
): Outcome[] {
  const outcomes = objects.flatMap((object) => getField(solver, state.fork(), frame, object, name));
  if (outcomes.length === 0 || objects.some((object) => object.kind !== 'ref' && !isNullish(object))) return outcomes;
  if (!outcomes.every((outcome) => outcome.state.sameAs(state))) return outcomes;
  return [
    {
      state,
      value: anyOfValues(
        solver,
        state,
        outcomes.map(({ value }) => value),
      ),
    },
  ];
}

function anyElement(solver: Solver, state: State, object: Value): Value {
  const target = solver.read(state, object);
  if (isPlainRecord(target) && !target.open) return anyOption(solver, state, target);
  if (target?.type !== 'list') return UNKNOWN;
  const [first, ...others] = target.items;
  if (!first) return UNKNOWN;
  if (target.items.every((item) => item.kind === 'text'))
    return others.reduce((value, other) => either(value, other), first);
  return others.every((item) => keyOf(item) === keyOf(first)) ? first : UNKNOWN;
}

/** `config[environment]`: one of a few objects of options. */
function anyOption(solver: Solver, state: State, { fields }: RecordObject): Value {
  const options = [...fields.values()];
  if (options.length === 0 || options.length > MOST_OPTIONS) return UNKNOWN;
  if (!options.every((option) => isPlainRecord(solver.read(state, option)))) return UNKNOWN;
  return anyOfValues(solver, state, options);
}

const MOST_OPTIONS = 8;

function fieldOfObject(
  solver: Solver,
  state: State,
  frame: Frame,
  object: Value & { kind: 'ref' },
  name: string,
): Outcome[] {
  const target = solver.object(state, object.id);
  const one = (value: Value): Outcome[] => [{ state, value }];
  switch (target?.type) {
    case 'record':
      return recordField(solver, state, frame, object, target, name);
    case 'list': {
      const index = Number(name);
      if (target.exact && Number.isInteger(index)) return one(target.items[index] ?? UNDEFINED);
      return one(Number.isInteger(index) ? anyElement(solver, state, object) : UNKNOWN);
    }
    case 'connection':
    case 'transaction':
    case 'layer':
    case 'statement':
      return one(connectionProperty(solver, state, target, object.id, name));
    case 'promise':
    case 'transaction function':
    case 'iterator':
    case 'stack':
      return one({ kind: 'method', object: object.id, name });
    case 'builder':
      return one(object);
    case undefined:
      return one(UNKNOWN);
  }
}

function recordField(
  solver: Solver,
  state: State,
  frame: Frame,
  object: Value & { kind: 'ref' },
  record: RecordObject,
  name: string,
): Outcome[] {
  const own = record.fields.get(name);
  if (own) {
    if (own.kind !== 'ref' || !own.nullable) return [{ state, value: own }];
    // It may be missing: go on with and without it.
    const without = state.fork();
    assignField(without, object, record, name, MISSING);
    assignField(state, object, record, name, ref(own.id), record.untouched?.has(name));
    return [
      { state: without, value: MISSING },
      { state, value: ref(own.id) },
    ];
  }
  const getter = record.fields.get(`get ${name}`);
  if (getter?.kind === 'function') return callFunction(solver, state, frame, getter, object, [], getterSite(getter.fn));
  const member = record.cls && memberOf(record.cls, name, false);
  if (member?.member.kind === 'get' && member.member.fn) {
    return callFunction(
      solver,
      state,
      frame,
      methodValue(member.cls, member.member.fn, object),
      object,
      [],
      getterSite(member.member.fn),
    );
  }
  if (member?.member.kind === 'method' && member.member.fn)
    return [{ state, value: methodValue(member.cls, member.member.fn, object) }];
  const typed = fieldOfType(solver, state, frame, object.id, record, name);
  if (typed) {
    const current = solver.object(state, object.id);
    if (current?.type === 'record') assignField(state, object, current, name, typed, true);
    if (typed.kind === 'ref' && typed.nullable) return getField(solver, state, frame, object, name);
    return [{ state, value: typed }];
  }
  if (name !== INHERITED) {
    const inherited = inheritedOf(solver, state, frame, object);
    if (inherited.kind === 'ref') return getField(solver, state, frame, inherited, name);
  }
  return [{ state, value: record.open || record.cls ? UNKNOWN : UNDEFINED }];
}

const getterSites = new WeakMap<FunctionIR, Site>();

function getterSite(fn: FunctionIR): Site {
  let site = getterSites.get(fn);
  if (!site) getterSites.set(fn, (site = { module: fn.module, node: fn.node }));
  return site;
}

/** A member of a class or of those it extends, as far as they are known. */
export function memberOf(
  cls: ClassValue,
  name: string,
  isStatic: boolean,
): { member: MemberIR; cls: ClassValue } | null {
  for (let current: Value | null = cls; current?.kind === 'class'; current = current.parent) {
    const member = current.cls.members.find(
      (item) => item.name === name && item.isStatic === isStatic && item.kind !== 'set',
    );
    if (member) return { member, cls: current };
  }
  return null;
}

/** A class that extends something that is not followed may have any member. */
export function fullyKnown(cls: ClassValue): boolean {
  for (let current: ClassValue = cls; ;) {
    if (!current.cls.hasParent) return true;
    if (current.parent?.kind !== 'class') return false;
    current = current.parent;
  }
}

export function methodValue(cls: ClassValue, fn: FunctionIR, self: Value): FunctionValue {
  return { kind: 'function', fn, scope: cls.scope, self };
}

function staticMember(solver: Solver, state: State, cls: ClassValue, name: string): Value {
  for (let current: Value | null = cls; current?.kind === 'class'; current = current.parent) {
    const statics = solver.object(state, current.statics);
    const value = statics?.type === 'record' ? statics.fields.get(name) : undefined;
    const kept = !value || isNullish(value) ? solver.kept.get(fieldSlot(current.cls, name, true)) : undefined;
    if (kept) {
      const adopted = solver.adopt(state, kept);
      if (statics?.type === 'record')
        assignField(state, { kind: 'ref', id: current.statics, nullable: false }, statics, name, adopted);
      return adopted;
    }
    if (value) return value;
    const found = current.cls.members.find((item) => item.name === name && item.isStatic);
    if (found?.kind === 'method' && found.fn) return methodValue(current, found.fn, current);
  }
  return UNKNOWN;
}

export function assignField(
  state: State,
  object: Value & { kind: 'ref' },
  record: RecordObject,
  name: string,
  value: Value,
  untouched = false,
): void {
  const fields = new Map(record.fields);
  fields.set(name, value);
  const touched = record.untouched?.has(name) ?? false;
  if (untouched === touched) {
    state.heap.set(object.id, { ...record, fields });
    return;
  }
  const names = new Set(record.untouched);
  if (untouched) names.add(name);
  else names.delete(name);
  state.heap.set(object.id, { ...record, fields, untouched: names });
}

/** Names the place where handles of a class's field are kept for methods that run at another time. */
export function fieldSlot(cls: ClassIR, name: string, isStatic: boolean): string {
  return `${cls.module.path}#${cls.id}${isStatic ? '::' : '.'}${name}`;
}

export function setField(
  solver: Solver,
  state: State,
  frame: Frame,
  object: Value,
  name: string | null,
  value: Value,
): void {
  if (object.kind === 'class' && name !== null) {
    const statics = solver.object(state, object.statics);
    if (statics?.type === 'record') {
      assignField(state, { kind: 'ref', id: object.statics, nullable: false }, statics, name, value);
      solver.keep(fieldSlot(object.cls, name, true), state, value);
      if (statics.shared) keepWith(solver, state, frame, value, false);
      return;
    }
  }
  if (object.kind === 'choice') {
    for (const option of object.options) setFieldPerhaps(solver, state, option, name, value);
    escape(solver, state, frame, value, { kind: 'unknown', handles: [] }, true);
    return;
  }
  const target = solver.read(state, object);
  if (object.kind === 'ref' && target?.type === 'record' && name !== null) {
    const setter = target.cls && setterOf(target.cls, name);
    if (setter?.member.fn) {
      // What a setter does with a handle is its class's business.
      escape(solver, state, frame, value, { kind: 'unknown', handles: [] });
      return;
    }
    assignField(state, object, target, name, value.kind === 'symbol' || value.kind === 'test' ? UNKNOWN : value);
    if (target.cls) {
      const handle = solver.read(state, value);
      if (value.kind === 'ref' && handle?.type === 'connection') state.heap.set(value.id, { ...handle, inField: true });
      const slot = fieldSlot(target.cls.cls, name, false);
      const isFirst = isConstructing(frame, target.cls.cls);
      if (isNullish(value) && !isFirst) solver.kept.mayBeMissing(slot);
      solver.keep(slot, state, value, !isFirst);
    }
    if (target.shared) keepWith(solver, state, frame, value, target.cls === null && target.info === null);
    return;
  }
  // Any of its fields may be another one now, or there is one more.
  if (object.kind === 'ref' && target?.type === 'record' && !target.cls && !target.open)
    state.heap.set(object.id, { ...target, open: true });
  escape(solver, state, frame, value, { kind: 'unknown', handles: [] }, true);
}

/** The object is one of several: its field holds what it held, or the value. */
function setFieldPerhaps(solver: Solver, state: State, object: Value, name: string | null, value: Value): void {
  const record = solver.read(state, object);
  if (object.kind !== 'ref' || record?.type !== 'record') return;
  if (name === null) state.heap.set(object.id, { ...record, open: true });
  else
    assignField(state, object, record, name, anyOfValues(solver, state, [record.fields.get(name) ?? UNDEFINED, value]));
}

/** Whether a field is set while its object is made, so that every method finds it. */
function isConstructing(frame: Frame, cls: ClassIR): boolean {
  for (let current: Frame | null = frame; current; current = current.caller) {
    const { fn } = current;
    if (
      fn.cls === cls &&
      (fn === cls.constructorFunction || cls.members.some((member) => member.kind === 'field' && member.fn === fn))
    )
      return true;
    if (current.building === cls) return true;
    // What the constructor does not wait for may come later than any other method.
    if (fn.asynchronous) return false;
  }
  return false;
}

function setterOf(cls: ClassValue, name: string): { member: MemberIR } | null {
  const member = cls.cls.members.find((item) => item.name === name && item.kind === 'set');
  return member ? { member } : null;
}

export function hasField(solver: Solver, state: State, object: Value, name: string | null): Value {
  const target = solver.read(state, object);
  if (!target || name === null) return UNKNOWN;
  switch (target.type) {
    case 'connection':
      return name in target.driver.connection || name in (target.driver.properties ?? {}) ? TRUE : UNKNOWN;
    case 'statement':
      return name in target.driver.statement ? TRUE : UNKNOWN;
    case 'transaction':
      return name in (target.driver.transaction ?? {}) ? TRUE : UNKNOWN;
    case 'record': {
      if (target.fields.has(name)) return TRUE;
      if (target.cls && memberOf(target.cls, name, false)) return TRUE;
      return target.open || target.shared || (target.cls && !fullyKnown(target.cls)) ? UNKNOWN : FALSE;
    }
    default:
      return UNKNOWN;
  }
}

export interface EntryValue {
  readonly name: string | null;
  readonly kind: 'value' | 'spread' | 'get' | 'set';
  readonly value: Value;
  readonly site: Site;
}

export function makeRecord(
  solver: Solver,
  state: State,
  frame: Frame,
  site: Site,
  entries: readonly EntryValue[],
): Value {
  const fields = new Map<string, Value>();
  const sites = new Map<string, Site>();
  let open = false;
  for (const { name, kind, value, site: place } of entries) {
    if (kind === 'spread') {
      const sources = alternatives(value).map((option) => fieldsToSpread(solver, state, option));
      if (sources.every((source) => source !== null)) {
        for (const [key, item] of spread(solver, state, fields, sources)) fields.set(key, item);
        for (const source of sources) for (const [key, item] of source.sites ?? []) sites.set(key, item);
        open ||= sources.some((source) => source.open);
      } else {
        open = true;
        escape(solver, state, frame, value, { kind: 'unknown', handles: [] });
      }
    } else if (name === null) {
      open = true;
      escape(solver, state, frame, value, { kind: 'unknown', handles: [] });
    } else if (kind === 'value') {
      fields.set(name, value);
      sites.set(name, place);
    } else {
      open = true; // an accessor: what it gives is not followed
      if (kind === 'get') fields.set(`get ${name}`, value);
    }
  }
  return solver.allocate(state, frame, site, 'record', {
    type: 'record',
    fields,
    cls: null,
    info: null,
    open,
    shared: false,
    sites,
  });
}

type Spread = Pick<RecordObject, 'fields' | 'sites' | 'open'>;

/** What `...value` adds; null where that is not known. */
function fieldsToSpread(solver: Solver, state: State, value: Value): Spread | null {
  if (isNullish(value)) return { fields: new Map(), open: false };
  const source = solver.read(state, value);
  return source?.type === 'record' && !source.cls ? source : null;
}

/** The fields that one of several objects puts over those that are there. */
function spread(
  solver: Solver,
  state: State,
  there: ReadonlyMap<string, Value>,
  sources: readonly Spread[],
): Map<string, Value> {
  const names = new Set(sources.flatMap((source) => [...source.fields.keys()]));
  const valueIn = ({ fields, open }: Spread, name: string): Value =>
    fields.get(name) ?? (open ? UNKNOWN : (there.get(name) ?? UNDEFINED));
  return new Map(
    [...names].map((name) => [
      name,
      anyOfValues(
        solver,
        state,
        sources.map((source) => valueIn(source, name)),
      ),
    ]),
  );
}

/** One of several values. */
export function anyOfValues(solver: Solver, state: State, values: readonly Value[]): Value {
  const isPlain = (id: ObjectId): boolean => isPlainRecord(solver.object(state, id));
  return values.reduce((value, other) => (keyOf(value) === keyOf(other) ? value : either(value, other, isPlain)));
}

export function makeList(
  solver: Solver,
  state: State,
  frame: Frame,
  site: Site,
  elements: readonly ({ readonly value: Value; readonly spread: boolean } | null)[],
): Value {
  const items: Value[] = [];
  let exact = true;
  for (const element of elements) {
    if (!element) {
      items.push(UNDEFINED);
    } else if (element.spread) {
      const source = solver.read(state, element.value);
      if (source?.type === 'list') items.push(...source.items);
      exact &&= source?.type === 'list' && source.exact;
    } else {
      items.push(element.value);
    }
  }
  return solver.allocate(state, frame, site, 'list', { type: 'list', items, exact });
}

export function makeClass(solver: Solver, state: State, frame: Frame, cls: ClassIR, parent: Value | null): Outcome[] {
  const site = classSite(cls);
  const statics = solver.allocate(state, frame, site, 'statics', {
    type: 'record',
    fields: new Map(),
    cls: null,
    info: null,
    open: false,
    shared: false,
  });
  const value: ClassValue = { kind: 'class', cls, scope: frame.activation, statics: statics.id, parent };
  let states = [state];
  for (const member of cls.members) {
    if (!member.isStatic || !member.fn || (member.kind !== 'field' && member.kind !== 'static block')) continue;
    const { fn, name, kind } = member;
    const initializer: FunctionValue = { kind: 'function', fn, scope: frame.activation, self: value };
    states = states.flatMap((current) =>
      // No variable names the class yet.
      solver
        .pinning([value], () => callFunction(solver, current, frame, initializer, value, [], classSite(cls)))
        .map((outcome) => {
          if (kind === 'field' && name !== null) setField(solver, outcome.state, frame, value, name, outcome.value);
          return outcome.state;
        }),
    );
  }
  return states.map((current) => ({ state: current, value }));
}

const classSites = new WeakMap<ClassIR, Site>();

export function classSite(cls: ClassIR): Site {
  let site = classSites.get(cls);
  if (!site) classSites.set(cls, (site = { module: cls.module, node: cls.node }));
  return site;
}
