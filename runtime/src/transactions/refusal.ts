import { UsageError } from '../errors.ts';

const REFUSED: Readonly<Record<string, string>> = {
  AsyncFunction: 'an async function',
  GeneratorFunction: 'a generator function',
  AsyncGeneratorFunction: 'an async generator function',
};

/**
 * Refuses a callback that cannot be run in one go, before anything has begun: a synchronous transaction ends when its
 * callback returns, and what an async function does after its first `await` would be outside of it.
 *
 * @throws {UsageError}
 */
export function refuseSuspending(fn: (...args: never[]) => unknown): void {
  if (typeof fn !== 'function') throw new UsageError(`withTransaction wants a function; this is ${typeof fn}.`);
  const kind = REFUSED[tagOf(fn)];
  if (kind !== undefined) throw new UsageError(message(kind));
}

/**
 * Refuses what a callback returned, for callbacks that do not show what they are (compiled async functions, functions
 * that return promises).
 */
export function suspendingResult(result: unknown): UsageError | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  if (typeof (result as { then?: unknown }).then === 'function') {
    // The callback goes on, and its handle refuses from now on: nobody waits for the error that this gives.
    if (result instanceof Promise) result.catch(() => undefined);
    return new UsageError(message('a function that returns a promise'));
  }
  const tag = tagOf(result);
  return tag === 'Generator' || tag === 'AsyncGenerator'
    ? new UsageError(message('a function that returns a generator'))
    : undefined;
}

/** Whether a value can be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function tagOf(value: object): string {
  return String((value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]);
}

function message(kind: string): string {
  return (
    `This transaction is synchronous and got ${kind}: it would end before the callback does. Await what is needed ` +
    'before, and write inside of a synchronous callback (withTransactionAsync waits for the lock without blocking).'
  );
}
