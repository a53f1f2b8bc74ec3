import { defaultSettings, fileSettings, milliseconds } from './settings.ts';
import { UNDEFINED, isNullish, knownText, truthOf, type Value } from './values.ts';
import { DRIVERS } from '../../drivers/index.ts';
import type { Call } from './frame.ts';
import type { Connection, Settings } from './heap.ts';
import type { Driver } from '../../drivers/driver.ts';
import type { Place, PoolFact } from '../../drivers/pool.ts';

/**
 * A query builder or object mapper that opens connections by itself, for as long as the program runs. Its own functions
 * are not followed: what the call sets is all that is known, and other code that speaks of a setting may have made it.
 */
export function openPool(call: Call, fact: PoolFact): void {
  const { solver, frame, site } = call;
  const driver = driverOf(call, fact);
  if (!driver) return;
  const connection: Connection = {
    type: 'connection',
    driver,
    opened: site,
    handed: site,
    received: site,
    holder: frame.activation,
    status: 'open',
    ownership: 'owned',
    settings: settingsOf(call, fact),
    transaction: null,
    used: true,
    inField: true,
  };
  solver.recorder.opened(connection, undefined);
  solver.recorder.handed(connection, frame.activation, 'stored');
}

/** The driver behind a dialect; where the program chooses among several databases, the one of SQLite. */
function driverOf(call: Call, { dialect, drivers }: PoolFact): Driver | null {
  const value = valueAt(call, dialect);
  if (!value) return null;
  for (const option of value.kind === 'choice' ? value.options : [value]) {
    const id = drivers[knownText(option) ?? ''];
    const driver = DRIVERS.find((candidate) => candidate.id === id);
    if (driver) return driver;
  }
  return null;
}

function settingsOf(call: Call, { file, wal, busyTimeout, setup }: PoolFact): Settings {
  const named = file.map((place) => valueAt(call, place)).find((value) => value === null || !isNullish(value));
  const settings = { ...defaultSettings(), ...(named ? fileSettings(named) : { alone: 'unknown' as const }) };
  const isSetUp = setup.some((place) => {
    const value = valueAt(call, place);
    return value === null || !isNullish(value);
  });
  return isSetUp
    ? { ...settings, journal: 'unknown', timeout: 'unknown', synchronous: 'unknown' }
    : { ...settings, journal: journalOf(call, wal), timeout: timeoutOf(call, busyTimeout) };
}

function journalOf(call: Call, place: Place | undefined): Settings['journal'] {
  const value = place ? valueAt(call, place) : UNDEFINED;
  if (!value) return 'unknown';
  if (isNullish(value)) return 'unset';
  const isOn = truthOf(value);
  return isOn === undefined ? 'unknown' : isOn ? 'wal' : 'other';
}

function timeoutOf(call: Call, place: Place | undefined): Settings['timeout'] {
  const value = place ? valueAt(call, place) : UNDEFINED;
  return value ? milliseconds(value) : 'unknown';
}

/** The value at a place in the arguments; null where it is not known whether there is one. */
function valueAt({ solver, state, args }: Call, { argument, path }: Place): Value | null {
  let value = args[argument] ?? UNDEFINED;
  for (const name of path) {
    if (value.kind === 'imported') value = solver.world.resolveImported(solver, value);
    if (isNullish(value) || value.kind === 'text') return UNDEFINED;
    const record = solver.read(state, value);
    if (record?.type !== 'record') return null;
    const field = record.fields.get(name);
    if (!field && record.open) return null;
    value = field ?? UNDEFINED;
  }
  return solver.world.asides.textOf(solver, value);
}
