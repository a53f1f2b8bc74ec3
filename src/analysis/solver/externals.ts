import { awaitedEvent } from './builtins.ts';
import { callFunction, unknownCall } from './calls.ts';
import { beginBuilder } from './context-builders.ts';
import { escape, handlesIn } from './escape.ts';
import { withConnection, withTransaction } from './managed.ts';
import { extend } from './objects.ts';
import { openConnection } from './opening.ts';
import { openPool } from './pools.ts';
import { chain, isChainMethod } from './promises.ts';
import { connectionOf } from './subclasses.ts';
import { UNDEFINED, UNKNOWN, text, textOf, type ObjectId, type Value, type Work } from './values.ts';
import { borrows } from '../../drivers/borrowers.ts';
import type { Call, Outcome } from './frame.ts';
import type { Driver, ExportFact } from '../../drivers/driver.ts';
import type { ConnectionPlace } from '../../drivers/layer.ts';

type External = Value & { readonly kind: 'external' };

/** Calls or constructs something that a package exports. */
export function callExternal(call: Call, callee: Value, construct: boolean): Outcome[] {
  if (callee.kind !== 'external') return unknownCall(call, null);
  const path = callee.path.join('.');
  const driver = call.solver.world.catalogue.driverOf(callee.module);
  if (driver) return callDriver(call, driver, callee, path, construct);
  const pool = call.solver.world.catalogue.poolOf(callee.module, path);
  const opened = pool && (construct ? pool.by !== 'call' : pool.by !== 'construct') ? openPool(call, pool) : null;
  if (opened) return opened;
  const builder = construct ? null : beginBuilder(call, callee.module, path);
  if (builder) return builder;
  const wrapped = wrap(call, callee, path);
  if (wrapped) return wrapped;
  const platform = callPlatform(call, callee, path);
  if (platform) return platform;
  const method = callee.path.at(-1) ?? '';
  if (isChainMethod(method) && callee.path.length > 1)
    return chain(call, { ...callee, path: callee.path.slice(0, -1) }, method);
  return callPackage(call, callee);
}

/** A function of a package of which only its name is known. */
function callPackage(call: Call, callee: External): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const handles = handlesIn(solver, state, args);
  const what =
    solver.world.asides.foreignWorkOfPackage(callee.module, callee.path) ??
    (callee.path.length > 1 ? awaitedEvent(call, callee, callee.path.at(-1) ?? '') : null);
  const work: Work = what ? { kind: 'foreign', what, trace: [] } : { kind: 'unknown', handles };
  if (borrows(callee.module)) {
    for (const arg of args) if (arg.kind === 'function') escape(solver, state, frame, arg, work);
    solver.raise(state, frame, site);
    const [first] = args;
    if (callee.module === 'drizzle-orm' && callee.path[0] === 'sql' && first) return [{ state, value: first }];
    return [
      {
        state,
        value: handles[0] === undefined ? UNKNOWN : { kind: 'work', work: { kind: 'database', handle: handles[0] } },
      },
    ];
  }
  for (const arg of args) escape(solver, state, frame, arg, work);
  solver.raise(state, frame, site);
  if (handles.length > 0 && !what) return [{ state, value: { kind: 'work', work } }];
  return [{ state, value: extend(callee, '()') }];
}

// -----------------------------------------------------------------------------------------------------------------
// Drivers and layers

function callDriver(call: Call, driver: Driver, callee: External, path: string, construct: boolean): Outcome[] {
  const fact = driver.exports[path];
  if (fact) return callExport(call, driver, callee, fact, construct);
  return callPackage(call, callee);
}

function callExport(call: Call, driver: Driver, callee: External, fact: ExportFact, construct: boolean): Outcome[] {
  const { state } = call;
  switch (fact.kind) {
    case 'connection':
      if (construct ? fact.by === 'call' : fact.by === 'construct') return callPackage(call, callee);
      return openConnection(call, driver, fact);
    case 'with connection':
      return withConnection(call, driver, fact) ?? callPackage(call, callee);
    case 'with transaction':
      return withTransaction(call, fact) ?? callPackage(call, callee);
    case 'module':
      return [{ state, value: { ...callee, path: callee.path.slice(0, -1) } }];
    default:
      return callPackage(call, callee);
  }
}

/** A layer over a connection: `drizzle(db)`, `new Kysely({ dialect })`. */
function wrap(call: Call, callee: External, path: string): Outcome[] | null {
  const { solver, state, frame, site, args } = call;
  for (const layer of solver.world.catalogue.layersOf(callee.module)) {
    const places = layer.wraps[path];
    if (!places) continue;
    const wrapped = wrappedHandle(call, places);
    if (!wrapped && layer.generic?.includes(path)) return null;
    const connection = wrapped?.connection ?? null;
    const object = connection === null ? undefined : solver.object(state, connection);
    if (connection !== null && object?.type === 'connection' && !object.used)
      state.heap.set(connection, { ...object, used: true });
    for (const arg of args)
      if (arg.kind === 'function') escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
    return [
      {
        state,
        value: solver.allocate(state, frame, site, 'layer', { type: 'layer', layer, connection, transaction: null }),
      },
    ];
  }
  return null;
}

/** The connection, or the layer over one, that a layer is made of. */
function wrappedHandle(
  call: Call,
  places: readonly ConnectionPlace[],
): { readonly connection: ObjectId | null } | null {
  const { solver, state, frame, site, args } = call;
  for (const { argument, option } of places) {
    let value = args[argument] ?? UNDEFINED;
    if (option !== undefined) {
      const record = solver.read(state, value);
      value = record?.type === 'record' ? (record.fields.get(option) ?? UNDEFINED) : UNDEFINED;
    }
    if (value.kind === 'function' && !value.fn.asynchronous) {
      // A function that hands out the connection when it is needed.
      const [outcome] = callFunction(solver, state, frame, value, UNDEFINED, [], site);
      value = outcome?.value ?? UNKNOWN;
    }
    const connection = connectionOf(solver, state, frame, value);
    if (connection) return { connection: connection.id };
    const object = solver.read(state, value);
    if (object?.type === 'layer') return { connection: object.connection };
  }
  return null;
}

// -----------------------------------------------------------------------------------------------------------------
// Modules of the platform

/** Functions of the platform's modules that cannot fail in a way that matters, or whose result says something. */
function callPlatform(call: Call, callee: External, path: string): Outcome[] | null {
  const { solver, state, frame, site, args } = call;
  const module = callee.module.replace(/^node:/, '');
  const one = (value: Value): Outcome[] => [{ state, value }];
  switch (module) {
    case 'path':
    case 'path/posix':
    case 'path/win32':
      return one(joined(path.replace(/^(?:posix|win32)\./, ''), args));
    case 'os':
      return one(path === 'tmpdir' ? text([null], null, true) : UNKNOWN);
    case 'process':
      return path === 'exit' || path === 'abort' ? [] : null;
    case 'module':
      if (path === 'createRequire') return one({ kind: 'global', path: ['require'] });
      return null;
    case 'util':
      return path === 'promisify' && args[0]?.kind === 'method'
        ? one({ ...args[0], name: `promisified ${args[0].name}` })
        : null;
    case 'url':
      if (path === 'fileURLToPath' || path === 'pathToFileURL')
        return one(args[0]?.kind === 'text' ? args[0] : UNKNOWN);
      return null;
    case 'fs':
    case 'fs/promises':
    case 'fs-extra':
      if (/mkdtemp(?:Sync)?$/.test(path)) {
        solver.raise(state, frame, site);
        return one(text([null], null, true));
      }
      if (path === 'existsSync') return one(UNKNOWN);
      return null;
    case 'perf_hooks':
      return one(UNKNOWN);
    case 'crypto':
      // Nobody else knows a file by such a name.
      return path === 'randomUUID' ? one(text([null], null, true)) : null;
    case 'uuid':
    case 'nanoid':
      return one(text([null], null, true));
    case 'sqlite':
      return null;
    default:
      return null;
  }
}

function joined(name: string, args: readonly Value[]): Value {
  if (name !== 'join' && name !== 'resolve') {
    const [first] = args;
    return name === 'normalize' && first?.kind === 'text' ? first : UNKNOWN;
  }
  const parts: (string | null)[] = [];
  let temporary = false;
  for (const [index, arg] of args.entries()) {
    if (index > 0) parts.push('/');
    parts.push(...textOf(arg));
    temporary ||= arg.kind === 'text' && arg.temporary;
  }
  return text(parts, null, temporary);
}
