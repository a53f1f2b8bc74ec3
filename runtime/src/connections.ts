import { channels, traceOf } from './channels.ts';
import { UsageError } from './errors.ts';
import { SyncConnection } from './transactions/sync.ts';
import { AsyncConnection } from './transactions/async.ts';
import { realHandle } from './transactions/revocable.ts';
import type { AsyncDriver, Row, SyncDriver } from './driver.ts';
import type { Opening } from './opening/options.ts';
import type { Scheduler } from './scheduler.ts';

/** What is known of each handle, of ours and of those that the application opened itself. */
const connections = new WeakMap<object, object>();

/** Handles that are open, to be closed when the process exits: `process.exit` leaves -wal and -shm files otherwise. */
const open = new Set<WeakRef<object>>();

interface Lost {
  readonly database: string;
  readonly trace: Error | undefined;
  readonly reference: WeakRef<object>;
}

const leaks = new FinalizationRegistry<Lost>(({ database, trace, reference }) => {
  open.delete(reference);
  const channel = channels['unbusy:leak'];
  if (channel.hasSubscribers) channel.publish({ database, label: undefined, trace });
  const where =
    trace === undefined
      ? 'Set UNBUSY_TRACE=1 to see where it was opened.'
      : `It was opened here:\n${trace.stack ?? ''}`;
  process.emitWarning(`A connection to ${database} was lost without being closed. ${where}`, { type: 'UnbusyWarning' });
});

const alwaysTrace = process.env.UNBUSY_TRACE === '1';

/** The connection of a synchronous driver behind a handle: of `openDatabase`, of a transaction, or of the driver alone. */
export function syncConnection<Handle extends object>(
  driver: SyncDriver<Handle>,
  given: Handle,
  scheduler: Scheduler,
): SyncConnection<Handle> {
  const handle = realHandle(given);
  const known = connections.get(handle);
  if (known instanceof SyncConnection) return known as SyncConnection<Handle>;
  const { database, busyTimeout } = describe(driver.name, () => ({
    timeout: driver.query(handle, 'PRAGMA busy_timeout'),
    list: driver.query(handle, 'PRAGMA database_list'),
  }));
  const connection = new SyncConnection(driver, handle, database, busyTimeout, scheduler);
  connections.set(handle, connection);
  return connection;
}

function describe(
  driver: string,
  ask: () => { timeout: readonly Row[]; list: readonly Row[] },
): { database: string; busyTimeout: number } {
  try {
    const { timeout, list } = ask();
    return {
      busyTimeout: Number(Object.values(timeout[0] ?? {})[0] ?? 0),
      database: fileOf(list.find((row) => row.name === 'main')),
    };
  } catch (error) {
    throw new UsageError(`This is not an open connection of ${driver}.`, { cause: error });
  }
}

/** A database in memory has no file. */
function fileOf(row: Row | undefined): string {
  const file = row?.file;
  return typeof file === 'string' ? file : '';
}

/** Takes a handle that was just opened and configured: it closes once, disposes, and is missed when it is lost. */
export function adoptSync<Handle extends object>(
  driver: SyncDriver<Handle>,
  handle: Handle,
  { filename: database, busyTimeout, readOnly }: Opening,
  scheduler: Scheduler,
): Handle & Disposable {
  const connection = new SyncConnection(driver, handle, database, busyTimeout, scheduler, readOnly);
  connections.set(handle, connection);
  driver.watch?.(handle, (error) =>
    connection.discard('SQLITE_BUSY left a statement of this driver in a transaction', error),
  );
  const forget = remember(handle, database);
  const close = (): void => {
    connection.close();
    forget();
  };
  return Object.defineProperties(handle, {
    close: { value: close, configurable: true, writable: true },
    [Symbol.dispose]: { value: close, configurable: true, writable: true },
  }) as Handle & Disposable;
}

/** As `adoptSync`, for a driver whose calls answer later. */
export function adoptAsync<Handle extends object, Inner extends object>(
  driver: AsyncDriver<Handle, Inner>,
  handle: Handle,
  database: string,
  busyTimeout: number,
  scheduler: Scheduler,
): AsyncConnection<Handle, Inner> {
  const connection = new AsyncConnection(driver, handle, database, busyTimeout, scheduler);
  connections.set(handle, connection);
  return connection;
}

/** The connection of an asynchronous driver behind a handle that `openDatabase` returned. */
export function asyncConnection<Handle extends object, Inner extends object>(
  handle: Handle,
): AsyncConnection<Handle, Inner> | undefined {
  const known = connections.get(handle);
  return known instanceof AsyncConnection ? (known as AsyncConnection<Handle, Inner>) : undefined;
}

/** Whether a handle of `openDatabase` can be used still: it is not closed, and was not discarded. */
export function isOpen(handle: object): boolean {
  const known = connections.get(handle);
  return (known instanceof SyncConnection || known instanceof AsyncConnection) && known.isOpen;
}

let atExit = false;

/** Registers an open handle; the returned function forgets it. */
export function remember(handle: object, database: string): () => void {
  if (!atExit) {
    atExit = true;
    process.once('exit', closeAll);
  }
  const reference = new WeakRef(handle);
  open.add(reference);
  const trace = alwaysTrace ? new Error('The connection was opened here.') : traceOf();
  leaks.register(handle, { database, trace, reference }, reference);
  return () => {
    open.delete(reference);
    leaks.unregister(reference);
  };
}

function closeAll(): void {
  for (const reference of open) {
    const handle = reference.deref();
    const connection = handle === undefined ? undefined : connections.get(handle);
    if (!(connection instanceof SyncConnection)) continue;
    try {
      connection.close();
    } catch {
      // The process ends: the files are recovered by whoever opens the database next.
    }
  }
}
