import { assignField, fieldSlot, type ClassValue } from './objects.ts';
import { driverClassOf, INHERITED } from './subclasses.ts';
import { defaultSettings, unknownSettings } from './settings.ts';
import { newTransaction } from './transactions.ts';
import { ref, UNKNOWN, type ObjectId, type Value } from './values.ts';
import { memberType } from '../types.ts';
import type { Driver } from '../../drivers/driver.ts';
import type { Layer } from '../../drivers/layer.ts';
import type { Connection, HeapObject, RecordObject, TransactionHandle } from './heap.ts';
import type { ClassIR, MemberIR, Site } from '../ir.ts';
import type { Solver } from './solver.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { TypeInfo } from '../types.ts';

/** Where a value comes from that somebody else made. */
interface Origin {
  readonly solver: Solver;
  readonly state: State;
  readonly frame: Frame;
  readonly site: Site;
  /** The object that holds it from the beginning, and the field there; null for what a function is given. */
  readonly member: { readonly owner: ObjectId; readonly name: string } | null;
}

function make(origin: Origin, what: string, object: HeapObject): Value & { kind: 'ref' } {
  const { solver, state, frame, site, member } = origin;
  if (!member) return solver.allocate(state, frame, site, what, object);
  const id = solver.activations.member(member.owner, `${member.name} ${what}`);
  // It is the same object each time, as it is by now.
  if (!state.heap.get(id)) state.heap.set(id, object);
  return ref(id);
}

/** A value of a type that a function is given: a handle that is only borrowed, or an object whose fields are typed in turn. */
export function materialize(solver: Solver, state: State, frame: Frame, site: Site, info: TypeInfo): Value {
  return valueOf({ solver, state, frame, site, member: null }, info);
}

function valueOf(origin: Origin, info: TypeInfo): Value {
  const { solver, state } = origin;
  switch (info.kind) {
    case 'external':
      return externalInstance(origin, info);
    case 'handle':
      return make(origin, 'connection', borrowedConnection(info.driver, origin.site, origin.frame));
    case 'layer':
      return make(origin, 'layer', { type: 'layer', layer: info.layer, connection: null, transaction: null });
    case 'class':
      return make(origin, 'instance', exemplar(solver, info.cls));
    case 'object':
      return make(origin, 'typed', { type: 'record', fields: new Map(), cls: null, info, open: true, shared: true });
    case 'value': {
      let value = solver.world.variableValue(solver, info.variable);
      for (const step of info.path) value = solver.world.stepInto(solver, state, value, step);
      return value;
    }
    case 'promise': {
      const value = valueOf(origin, info.of);
      if (value.kind === 'unknown') return UNKNOWN;
      return make(origin, 'promise', {
        type: 'promise',
        state: 'unsettled',
        value,
        work: { kind: 'unknown', handles: [] },
        explicit: false,
        undo: [],
        safe: false,
      });
    }
    case 'list': {
      const item = valueOf(origin, info.of);
      return item.kind === 'unknown' ? UNKNOWN : make(origin, 'list', { type: 'list', items: [item], exact: false });
    }
    case 'union': {
      // Of several databases it may be the other one; of several types of one, the first stands for all.
      const [first] = info.of;
      return first && info.of.every((option) => isOfDatabase(solver, option)) ? valueOf(origin, first) : UNKNOWN;
    }
    case 'nullable': {
      const value = valueOf(origin, info.of);
      return value.kind === 'ref' ? { ...value, nullable: true } : value.kind === 'external' ? value : UNKNOWN;
    }
    case 'function':
      return UNKNOWN;
  }
}

/** Whether a type may be of a database that the catalogue knows: only those of other packages are known not to be. */
function isOfDatabase(solver: Solver, info: TypeInfo): boolean {
  return info.kind !== 'external' || solver.world.catalogue.isDatabaseModule(info.module);
}

function externalInstance(origin: Origin, info: TypeInfo & { kind: 'external' }): Value {
  const { site, frame } = origin;
  const driver = origin.solver.world.catalogue.driverOf(info.module);
  const name = info.path.join('.');
  const fact = driver?.exports[name];
  if (driver && fact) {
    const kind = fact.kind === 'connection' ? 'connection' : fact.kind === 'type' ? fact.of : null;
    if (kind === 'connection') return make(origin, 'connection', borrowedConnection(driver, site, frame));
    if (kind === 'transaction') return make(origin, 'transaction', borrowedTransaction(driver, site, frame));
    if (kind === 'statement') {
      const connection = make(origin, 'connection', borrowedConnection(driver, site, frame));
      return make(origin, 'statement', {
        type: 'statement',
        driver,
        connection: connection.id,
        sql: [null],
        site: null,
      });
    }
    return UNKNOWN;
  }
  const layer = layerOfType(origin.solver.world.catalogue.layersOf(info.module), name, info);
  if (layer) return make(origin, 'layer', { type: 'layer', layer, connection: null, transaction: null });
  return { kind: 'external', module: info.module, path: [...info.path, '()'] };
}

function layerOfType(layers: readonly Layer[], name: string, info: TypeInfo & { kind: 'external' }): Layer | null {
  for (const layer of layers) {
    const entry = layer.types[name];
    if (entry === undefined) continue;
    if (entry === null || info.argument(entry.argument) === entry.is) return layer;
  }
  return null;
}

export function borrowedConnection(driver: Driver, site: Site, frame: Frame): Connection {
  return {
    type: 'connection',
    driver,
    opened: site,
    handed: site,
    direct: true,
    means: null,
    received: site,
    holder: frame.activation,
    status: 'open',
    ownership: 'borrowed',
    settings: unknownSettings(defaultSettings()),
    transaction: null,
    used: true,
    inField: true,
  };
}

function borrowedTransaction(driver: Driver, site: Site, frame: Frame): TransactionHandle {
  return {
    type: 'transaction',
    driver,
    opened: site,
    handed: site,
    holder: frame.activation,
    status: 'open',
    ownership: 'borrowed',
    connection: null,
    transaction: newTransaction({ mode: 'immediate', began: site, beganIn: frame.activation, managed: true }),
  };
}

/** An instance of a class of the project that somebody else made. */
function exemplar(solver: Solver, cls: ClassIR): RecordObject {
  return {
    type: 'record',
    fields: new Map(),
    cls: solver.world.classValue(solver, cls),
    info: null,
    open: true,
    shared: true,
  };
}

/** The first value of a field that nothing in this state was put into: from its class, or from its type. */
export function fieldOfType(
  solver: Solver,
  state: State,
  frame: Frame,
  owner: ObjectId,
  record: RecordObject,
  name: string,
): Value | null {
  const origin: Origin = { solver, state, frame, site: fieldSite(frame, record, name), member: { owner, name } };
  if (record.info) return typedField(origin, memberType(record.info, name));
  if (!record.cls || !record.shared) return null;
  for (let current: Value | null = record.cls; current?.kind === 'class'; current = current.parent) {
    const value = fieldOfClass(origin, current, name);
    if (value) return value;
  }
  return name === INHERITED ? inheritedHandle(origin, record.cls) : null;
}

/** The connection in an instance of a class that extends a driver's, made by somebody else. */
function inheritedHandle(origin: Origin, cls: ClassValue): Value | null {
  const { solver, site, frame } = origin;
  const parent = driverClassOf(solver.world, cls);
  const driver = parent && solver.world.catalogue.driverOf(parent.module);
  return driver && make(origin, 'connection', borrowedConnection(driver, site, frame));
}

/** What a field of an object holds, by a type that the code claims for it. */
export function fieldAs(
  solver: Solver,
  state: State,
  frame: Frame,
  owner: Value & { kind: 'ref' },
  name: string,
  site: Site,
  info: TypeInfo,
): Value {
  const value = valueOf({ solver, state, frame, site, member: { owner: owner.id, name } }, info);
  const record = solver.object(state, owner.id);
  if (value.kind === 'ref' && record?.type === 'record') assignField(state, owner, record, name, value, true);
  return value;
}

function fieldOfClass(origin: Origin, cls: ClassValue, name: string): Value | null {
  const { solver, state } = origin;
  const kept = solver.world.keptField(solver, cls.cls, fieldSlot(cls.cls, name, false));
  if (kept) return solver.adopt(state, kept);
  const field = cls.cls.members.find((member) => member.name === name && member.kind === 'field' && !member.isStatic);
  const typed = field?.type ? typedField(origin, solver.world.typeOf(field.type)) : null;
  if (typed?.kind === 'ref' && field && mayBeMissing(cls.cls, field)) return { ...typed, nullable: true };
  return typed ?? typedField(origin, solver.world.toldField(cls.cls, name));
}

/** Whether a field is set some time after the object was made, if at all, whatever its type says. */
function mayBeMissing(cls: ClassIR, { name, fn, optional }: MemberIR): boolean {
  if (optional === true) return true;
  const writers = fn || name === null ? undefined : cls.assigned.get(name);
  return (
    writers !== undefined && writers.size > 0 && !(cls.constructorFunction && writers.has(cls.constructorFunction))
  );
}

function typedField(origin: Origin, info: TypeInfo | null): Value | null {
  const value = info && valueOf(origin, info);
  return value && value.kind !== 'unknown' ? value : null;
}

const fieldSites = new WeakMap<object, Map<string, Site>>();

/** A place of its own for each field of each type, so that each has its own object. */
function fieldSite(frame: Frame, record: RecordObject, name: string): Site {
  const owner: object = record.info ?? record.cls?.cls ?? record;
  let sites = fieldSites.get(owner);
  if (!sites) fieldSites.set(owner, (sites = new Map<string, Site>()));
  let site = sites.get(name);
  if (!site) {
    const cls = record.cls?.cls;
    const place = cls?.members.find((member) => member.name === name);
    site = { module: cls?.module ?? frame.fn.module, node: place?.fn?.node ?? cls?.node ?? frame.fn.node };
    sites.set(name, site);
  }
  return site;
}
