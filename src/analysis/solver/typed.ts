import { fieldSlot, type ClassValue } from './objects.ts';
import { defaultSettings, unknownSettings } from './settings.ts';
import { UNKNOWN, type Value } from './values.ts';
import { driverOf, layersOf } from '../../drivers/index.ts';
import { memberType } from '../types.ts';
import type { Driver } from '../../drivers/driver.ts';
import type { Layer } from '../../drivers/layer.ts';
import type { Connection, RecordObject, TransactionHandle } from './heap.ts';
import type { ClassIR, Site } from '../ir.ts';
import type { Solver } from './solver.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { TypeInfo } from '../types.ts';

/** A value of a type, made by somebody else: a handle that is only borrowed, or an object whose fields are typed in turn. */
export function materialize(solver: Solver, state: State, frame: Frame, site: Site, info: TypeInfo): Value {
  switch (info.kind) {
    case 'external':
      return externalInstance(solver, state, frame, site, info);
    case 'class':
      return classInstance(solver, state, frame, site, info.cls);
    case 'object':
      return solver.allocate(state, frame, site, 'typed', { type: 'record', fields: new Map(), cls: null, info, open: true, shared: true });
    case 'value': {
      let value = solver.world.variableValue(solver, info.variable);
      for (const step of info.path) value = solver.world.stepInto(solver, state, value, step);
      return value;
    }
    case 'promise': {
      const value = materialize(solver, state, frame, site, info.of);
      if (value.kind === 'unknown') return UNKNOWN;
      return solver.allocate(state, frame, site, 'promise', {
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
      const item = materialize(solver, state, frame, site, info.of);
      return item.kind === 'unknown' ? UNKNOWN : solver.allocate(state, frame, site, 'list', { type: 'list', items: [item], exact: false });
    }
    case 'nullable': {
      const value = materialize(solver, state, frame, site, info.of);
      return value.kind === 'ref' ? { ...value, nullable: true } : value.kind === 'external' ? value : UNKNOWN;
    }
    case 'function':
      return UNKNOWN;
  }
}

function externalInstance(solver: Solver, state: State, frame: Frame, site: Site, info: TypeInfo & { kind: 'external' }): Value {
  const driver = driverOf(info.module);
  const name = info.path.join('.');
  const fact = driver?.exports[name];
  if (driver && fact) {
    const kind = fact.kind === 'connection' ? 'connection' : fact.kind === 'type' ? fact.of : null;
    if (kind === 'connection') return solver.allocate(state, frame, site, 'connection', borrowedConnection(driver, site, frame));
    if (kind === 'transaction') return solver.allocate(state, frame, site, 'transaction', borrowedTransaction(driver, site, frame));
    if (kind === 'statement') {
      const connection = solver.allocate(state, frame, site, 'connection', borrowedConnection(driver, site, frame));
      return solver.allocate(state, frame, site, 'statement', { type: 'statement', driver, connection: connection.id, sql: [null], site: null });
    }
    return UNKNOWN;
  }
  const layer = layerOfType(layersOf(info.module), name, info);
  if (layer) return solver.allocate(state, frame, site, 'layer', { type: 'layer', layer, connection: null, transaction: null });
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
    transaction: {
      mode: 'immediate',
      began: site,
      beganIn: frame.activation,
      read: null,
      savepoints: [],
      outermost: null,
      uncertain: false,
      during: null,
      managed: true,
    },
  };
}

/** An instance of a class of the project that somebody else made. */
export function classInstance(solver: Solver, state: State, frame: Frame, site: Site, cls: ClassIR): Value {
  const value = solver.world.classValue(solver, cls);
  return solver.allocate(state, frame, site, 'instance', { type: 'record', fields: new Map(), cls: value, info: null, open: true, shared: true });
}

/** The first value of a field that nothing in this state was put into: from its class, or from its type. */
export function fieldOfType(solver: Solver, state: State, frame: Frame, record: RecordObject, name: string): Value | null {
  if (record.info) {
    const info = memberType(record.info, name);
    const value = info && materialize(solver, state, frame, fieldSite(frame, record, name), info);
    return value && value.kind !== 'unknown' ? value : null;
  }
  if (!record.cls || !record.shared) return null;
  for (let current: Value | null = record.cls; current?.kind === 'class'; current = current.parent) {
    const value = fieldOfClass(solver, state, frame, current, record, name);
    if (value) return value;
  }
  return null;
}

function fieldOfClass(solver: Solver, state: State, frame: Frame, cls: ClassValue, record: RecordObject, name: string): Value | null {
  const kept = solver.world.keptField(solver, cls.cls, fieldSlot(cls.cls, name, false));
  if (kept) return solver.adopt(state, kept);
  const field = cls.cls.members.find((member) => member.name === name && member.kind === 'field' && !member.isStatic);
  if (!field?.type) return null;
  const info = solver.world.typeOf(field.type);
  const value = info && materialize(solver, state, frame, fieldSite(frame, record, name), info);
  if (!value || value.kind === 'unknown') return null;
  return value;
}

const fieldSites = new WeakMap<object, Map<string, Site>>();

/** A place of its own for each field of each type, so that each has its own object. */
function fieldSite(frame: Frame, record: RecordObject, name: string): Site {
  const owner: object = record.info ?? record.cls?.cls ?? record;
  let sites = fieldSites.get(owner);
  if (!sites) fieldSites.set(owner, (sites = new Map()));
  let site = sites.get(name);
  if (!site) {
    const cls = record.cls?.cls;
    const place = cls?.members.find((member) => member.name === name);
    site = { module: cls?.module ?? frame.fn.module, node: place?.fn?.node ?? cls?.node ?? frame.fn.node };
    sites.set(name, site);
  }
  return site;
}
