import sqlite3 from 'sqlite3';
import { UsageError } from '../errors.ts';
import type { Admit } from '../driver.ts';

type Handle = sqlite3.Database;
type Callback = (this: unknown, ...args: unknown[]) => void;
type Method = (...args: unknown[]) => unknown;

/** What runs SQL; `each` calls back for every row before it calls back for the end. */
const RUNS = ['run', 'get', 'all', 'map', 'each', 'exec'] as const;
const STATEMENT_RUNS = ['run', 'get', 'all', 'map', 'each'] as const;

/** Statements of each connection that may not have been finalized. */
const statements = new WeakMap<Handle, Set<WeakRef<sqlite3.Statement>>>();

/** Views of a sqlite3 connection whose statements go through a gate. */
export const viewOf = {
  /** The view for everyone is the driver's own object: its methods are replaced. */
  guard(handle: Handle, admit: Admit): void {
    statements.set(handle, new Set());
    for (const [name, value] of methods(handle, admit, () => handle)) {
      Object.defineProperty(handle, name, { value, configurable: true, writable: true });
    }
  },

  /** The view for a transaction. Native methods insist on the driver's own object, so this hands them on. */
  transaction(handle: Handle, admit: Admit): Handle {
    const own = methods(handle, admit, () => view);
    const view: Handle = new Proxy(handle, {
      get(target, key) {
        if (key === 'close' || key === Symbol.asyncDispose) return refuseClose;
        const method = typeof key === 'string' ? own.get(key) : undefined;
        if (method !== undefined) return method;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    return view;
  },

  /** Finalizes what is alive still; false when there was nothing. */
  async finalizeAll(handle: Handle): Promise<boolean> {
    const alive = [...(statements.get(handle) ?? [])].flatMap((reference) => reference.deref() ?? []);
    statements.get(handle)?.clear();
    await Promise.all(alive.map((statement) => new Promise<void>((resolve) => statement.finalize(() => resolve()))));
    return alive.length > 0;
  },
};

function methods(handle: Handle, admit: Admit, self: () => Handle): Map<string, Method> {
  const prototype = sqlite3.Database.prototype as unknown as Readonly<Record<string, Method>>;
  const found = new Map<string, Method>();
  for (const name of RUNS) {
    const original = prototype[name];
    if (original === undefined) continue;
    found.set(name, (...args) => {
      through(
        admit,
        name,
        args,
        (passed) => original.apply(handle, passed),
        (error) => handle.emit('error', error),
      );
      return self();
    });
  }
  found.set('prepare', (...args) => {
    const statement = prototype.prepare?.apply(handle, args) as sqlite3.Statement;
    statements.get(handle)?.add(new WeakRef(statement));
    guardStatement(statement, admit);
    return statement;
  });
  return found;
}

function guardStatement(statement: sqlite3.Statement, admit: Admit): void {
  const prototype = sqlite3.Statement.prototype as unknown as Readonly<Record<string, Method>>;
  for (const name of STATEMENT_RUNS) {
    const original = prototype[name];
    if (original === undefined) continue;
    const value = (...args: unknown[]): unknown => {
      through(
        admit,
        name,
        args,
        (passed) => original.apply(statement, passed),
        (error) => statement.emit('error', error),
      );
      return statement;
    };
    Object.defineProperty(statement, name, { value, configurable: true, writable: true });
  }
}

/**
 * Calls the driver when the gate lets it through, and tells the gate when the driver calls back. An error without a
 * callback becomes the event 'error', as the driver has it.
 */
function through(
  admit: Admit,
  name: string,
  args: unknown[],
  call: (args: unknown[]) => void,
  emit: (error: unknown) => void,
): void {
  const callbacks = trailingFunctions(args);
  const values = args.slice(0, args.length - callbacks.length);
  // `each` has a callback for rows, and then one for the end; the others have one.
  const [row, end] = name === 'each' ? callbacks : [undefined, callbacks[0]];
  let called = false;
  admit(
    name,
    () =>
      new Promise<void>((resolve) => {
        const done: Callback = function (...results) {
          called = true;
          resolve();
          if (end !== undefined) end.apply(this, results);
          else if (results[0] instanceof Error) emit(results[0]);
        };
        call(
          name === 'each'
            ? [...values, row ?? ((error: unknown) => error instanceof Error && emit(error)), done]
            : [...values, done],
        );
      }),
  ).catch((error: unknown) => {
    // Refused by the gate, or thrown by the driver for its arguments: nobody has called back.
    if (called) throw error;
    if (end !== undefined) end.call(undefined, error);
    else emit(error);
  });
}

function trailingFunctions(args: readonly unknown[]): Callback[] {
  const found: Callback[] = [];
  for (let index = args.length - 1; index >= 0 && typeof args[index] === 'function'; index -= 1) {
    found.unshift(args[index] as Callback);
  }
  return found;
}

function refuseClose(): never {
  throw new UsageError('A transaction cannot close its connection: let the callback end first.');
}
