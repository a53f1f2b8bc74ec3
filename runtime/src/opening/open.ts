import { busyCodeOf } from '../busy.ts';
import { channels } from '../channels.ts';
import { BusyError } from '../errors.ts';
import { writeLockHolder } from '../lock-holders.ts';
import { Patience } from '../waiting/patience.ts';
import { checkPlace, checkVersion, versionQuery } from './environment.ts';
import { settings } from './settings.ts';
import type { AsyncDriver, DriverOpening, Row, SyncDriver } from '../driver.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Opening } from './options.ts';

/** Opens a file with a synchronous driver; a step that finds the database locked blocks and tries again. */
export function openSync<Handle extends object>(
  driver: SyncDriver<Handle>,
  opening: Opening,
  scheduler: Scheduler,
): Handle {
  const start = scheduler.now();
  const handle = begin(driver, opening, (driverOpening) => driver.open(opening.filename, driverOpening));
  try {
    const steps = settings(opening);
    for (let step = steps.next(); step.done !== true;) {
      const rows = queryPatiently(driver, handle, step.value, opening, scheduler);
      step = steps.next(rows);
    }
    const version = versionQuery(driver.name, opening);
    checkVersion(driver.name, opening, version === undefined ? undefined : driver.query(handle, version));
  } catch (error) {
    driver.close(handle);
    throw error;
  }
  opened(driver.name, opening, start, scheduler);
  return handle;
}

/** As `openSync`, for either kind of driver; waiting leaves the event loop free. */
export async function openAsync<Handle extends object>(
  driver: SyncDriver<Handle> | AsyncDriver<Handle, object>,
  opening: Opening,
  scheduler: Scheduler,
  signal?: AbortSignal,
): Promise<Handle> {
  const start = scheduler.now();
  // Settings are made without the driver's own waiting, which would stop the loop; the busy timeout comes last.
  const impatient = { ...opening, busyTimeout: 0 };
  const handle = await begin(driver, impatient, (driverOpening) => driver.open(opening.filename, driverOpening));
  // A server has settings of its own.
  if (!isLocal(driver, opening)) {
    opened(driver.name, opening, start, scheduler);
    return handle;
  }
  try {
    const steps = settings(impatient);
    for (let step = steps.next(); step.done !== true;) {
      const rows = await queryAwaiting(driver, handle, step.value, opening, scheduler, signal);
      step = steps.next(rows);
    }
    if (driver.synchronous) driver.query(handle, `PRAGMA busy_timeout = ${String(opening.busyTimeout)}`);
    else await driver.query(handle, `PRAGMA busy_timeout = ${String(opening.busyTimeout)}`);
    const version = versionQuery(driver.name, opening);
    checkVersion(driver.name, opening, version === undefined ? undefined : await driver.query(handle, version));
  } catch (error) {
    await driver.close(handle);
    throw error;
  }
  opened(driver.name, opening, start, scheduler);
  return handle;
}

interface Placed {
  readonly name: string;
  isLocal?(filename: string): boolean;
}

/** Whether the database is a file of this machine, or in memory. */
function isLocal(driver: Placed, { filename }: Opening): boolean {
  return driver.isLocal?.(filename) !== false;
}

function begin<T>(driver: Placed, opening: Opening, open: (opening: DriverOpening) => T): T {
  if (isLocal(driver, opening)) checkPlace(opening);
  const { readOnly, mustExist, busyTimeout } = opening;
  return open({ readOnly, mustExist, busyTimeout, driver: opening.driver });
}

function queryPatiently<Handle extends object>(
  driver: SyncDriver<Handle>,
  handle: Handle,
  sql: string,
  opening: Opening,
  scheduler: Scheduler,
): readonly Row[] {
  let patience: Patience | undefined;
  for (;;) {
    try {
      return driver.query(handle, sql);
    } catch (error) {
      patience ??= new Patience(scheduler, opening.busyTimeout);
      if (!saysBusy(error, opening)) throw error;
      if (!patience.block()) throw gaveUp(error, sql, opening, patience);
    }
  }
}

async function queryAwaiting<Handle extends object>(
  driver: SyncDriver<Handle> | AsyncDriver<Handle, object>,
  handle: Handle,
  sql: string,
  opening: Opening,
  scheduler: Scheduler,
  signal: AbortSignal | undefined,
): Promise<readonly Row[]> {
  let patience: Patience | undefined;
  for (;;) {
    try {
      return driver.synchronous ? driver.query(handle, sql) : await driver.query(handle, sql);
    } catch (error) {
      patience ??= new Patience(scheduler, opening.busyTimeout);
      if (!saysBusy(error, opening)) throw error;
      if (!(await patience.sleep(signal))) throw gaveUp(error, sql, opening, patience);
    }
  }
}

function saysBusy(error: unknown, { filename }: Opening): boolean {
  const code = busyCodeOf(error);
  if (code === null) return false;
  const channel = channels['unbusy:busy'];
  if (channel.hasSubscribers) channel.publish({ database: filename, code, phase: 'open' });
  return true;
}

function gaveUp(error: unknown, sql: string, { filename }: Opening, patience: Patience): BusyError {
  const holder = writeLockHolder(filename);
  const by = holder === undefined ? 'another connection' : `process ${String(holder.pid)}`;
  const waited = Math.round(patience.waited);
  return new BusyError(`The database was locked by ${by} for ${String(waited)} ms while it was opened (${sql}).`, {
    database: filename,
    cause: error,
    waited,
    attempts: patience.attempts,
    holder,
  });
}

function opened(driver: string, { filename, readOnly }: Opening, start: number, scheduler: Scheduler): void {
  const channel = channels['unbusy:open'];
  if (channel.hasSubscribers)
    channel.publish({ database: filename, driver, readOnly, duration: scheduler.now() - start });
}
