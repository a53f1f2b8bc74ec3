import { UsageError } from '../errors.ts';

/** A driver's handle that works until it is revoked. */
export interface Revocable<Handle> {
  readonly handle: Handle;
  readonly revoke: () => void;
}

/** The handles of running transactions, with the real ones behind them. */
const behind = new WeakMap<object, object>();

/** The driver's own handle behind a transaction's handle, or the handle itself. */
export function realHandle<Handle extends object>(handle: Handle): Handle {
  return (behind.get(handle) as Handle | undefined) ?? handle;
}

/**
 * A view of a handle for one transaction. After its end every use throws, so that a handle that escaped (into a timer,
 * a promise, a variable) cannot write outside of any transaction. Methods run on the driver's own handle: native ones
 * insist on it.
 */
export function revocable<Handle extends object>(target: Handle): Revocable<Handle> {
  const guard = new Guard<Handle>();
  const handle = new Proxy(target, guard);
  guard.proxy = handle;
  behind.set(handle, target);
  return {
    handle,
    revoke: () => {
      guard.revoke();
    },
  };
}

class Guard<Handle extends object> implements ProxyHandler<Handle> {
  proxy: Handle | undefined;
  #open = true;

  revoke(): void {
    this.#open = false;
  }

  get(target: Handle, key: string | symbol): unknown {
    this.#check();
    if (key === 'close' || key === Symbol.dispose) return refuseClose;
    const value: unknown = Reflect.get(target, key, target);
    if (typeof value !== 'function') return value;
    return (...args: unknown[]): unknown => {
      this.#check();
      const result: unknown = Reflect.apply(value, target, args);
      return result === target ? this.proxy : result;
    };
  }

  set(target: Handle, key: string | symbol, value: unknown): boolean {
    this.#check();
    return Reflect.set(target, key, value, target);
  }

  #check(): void {
    if (this.#open) return;
    throw new UsageError(
      'This handle belongs to a transaction that is over. Use it inside of the callback only; what runs later needs a transaction of its own.',
    );
  }
}

function refuseClose(): never {
  throw new UsageError('A transaction cannot close its connection: let the callback return first.');
}
