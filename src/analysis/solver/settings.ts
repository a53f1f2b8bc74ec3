import { isNullish, knownText, textOf, type Value } from './values.ts';
import type { Connection, HeapObject, Maybe, Settings } from './heap.ts';
import type { Driver, OpeningFact } from '../../drivers/driver.ts';
import type { Site } from '../ir.ts';
import type { Pragma } from '../sql/statements.ts';

/** A journal mode that SQLite knows; with any other it keeps the one it has, without an error. */
const JOURNAL_MODES = new Set(['delete', 'truncate', 'persist', 'memory', 'wal', 'off']);
const REMOTE = /^(?:libsql|https?|wss?):/i;
const IN_MEMORY = /^(?::memory:|file::memory:|file:[^?]*\?(?:.*&)?mode=memory)/i;

export function defaultSettings(): Settings {
  return {
    journal: 'unset',
    timeout: 'unset',
    synchronous: 'unset',
    readOnly: 'no',
    alone: 'no',
    file: null,
    walFirst: null,
  };
}

/** Settings that somebody else may have changed. */
export function unknownSettings(settings: Settings): Settings {
  return { ...settings, journal: 'unknown', timeout: 'unknown', synchronous: 'unknown' };
}

/** Reads a value from the heap. */
export type Reader = (value: Value) => HeapObject | undefined;

/** What the arguments of an opening call set. */
export function openingSettings(driver: Driver, fact: OpeningFact, args: readonly Value[], read: Reader): Settings {
  let settings = defaultSettings();
  const options = fact.options === undefined ? undefined : args[fact.options];
  if (options && !isNullish(options)) settings = withOptions(driver, settings, options, read);
  if (fact.flags !== undefined) settings = { ...settings, readOnly: readOnlyFlag(driver, args[fact.flags]) };
  if (fact.configured) settings = { ...settings, journal: 'wal', timeout: 'unknown', synchronous: 'set' };
  if (isReadOnlyUri(fileOf(fact, args, read))) settings = { ...settings, readOnly: 'yes' };
  const alone = settings.alone === 'yes' ? 'yes' : isAlone(fact, args, read);
  return { ...settings, alone, file: baseNameOf(fileOf(fact, args, read)) };
}

function isAlone(fact: OpeningFact, args: readonly Value[], read: Reader): Maybe {
  const file = fileOf(fact, args, read);
  if (file || 'argument' in fact.file) return isAloneIn(fact.client === true, file);
  const options = args[0] && read(args[0]);
  return options?.type === 'record' && !options.open ? 'no' : 'unknown';
}

function fileOf(fact: OpeningFact, args: readonly Value[], read: Reader): Value | undefined {
  if ('argument' in fact.file) return args[fact.file.argument];
  const options = args[0] && read(args[0]);
  return options?.type === 'record' ? options.fields.get(fact.file.option) : undefined;
}

/** `file:app.db?mode=ro`: parameters of a URI file name (https://sqlite.org/uri.html). */
function isReadOnlyUri(file: Value | undefined): boolean {
  return file !== undefined && /^file:.*[?&](?:mode=ro|immutable=1)\b/i.test(textOf(file).join(''));
}

/** The last part of a file's path. Where there are several, one that is written down is the default of the others. */
function baseNameOf(file: Value | undefined): string | null {
  if (!file) return null;
  if (file.kind === 'choice') {
    const names = new Set(file.options.map(baseNameOf).filter((name) => name !== null));
    const [name = null] = names;
    return names.size === 1 ? name : null;
  }
  const parts = textOf(file);
  const known = parts.slice(parts.lastIndexOf(null) + 1);
  const [path = ''] = known
    .join('')
    .replace(/^file:/i, '')
    .split('?');
  const start = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  if (start < 0 && known.length < parts.length) return null;
  return path.slice(start + 1).toLowerCase() || null;
}

/** What the name of a database file tells. */
export function fileSettings(file: Value): Pick<Settings, 'alone' | 'readOnly' | 'file'> {
  return { alone: isAloneIn(false, file), readOnly: isReadOnlyUri(file) ? 'yes' : 'no', file: baseNameOf(file) };
}

/** Whether a file is one that nobody else can open. */
function isAloneIn(isClient: boolean, file: Value | undefined): Maybe {
  if (file?.kind === 'choice') {
    const answers = file.options.map((option) => isAloneIn(isClient, option));
    if (answers.includes('no')) return 'no';
    return answers.every((answer) => answer === 'yes') ? 'yes' : 'unknown';
  }
  if (!file || isNullish(file)) return 'yes'; // a temporary database
  if (knownText(file) === '') return 'yes';
  const [start] = textOf(file);
  if (typeof start === 'string' && (IN_MEMORY.test(start) || REMOTE.test(start))) return 'yes';
  if (file.kind === 'text') return file.temporary ? 'yes' : 'no';
  return isClient ? 'unknown' : 'no';
}

function withOptions(driver: Driver, settings: Settings, options: Value, read: Reader): Settings {
  const record = read(options);
  if (record?.type !== 'record') {
    // A number of flags, or an object that is not known.
    if (options.kind === 'external' || options.kind === 'primitive')
      return { ...settings, readOnly: readOnlyFlag(driver, options) };
    return { ...settings, timeout: 'unknown' };
  }
  // An option that is named may say anything; that an object nobody knows makes the open read-only is not to be assumed.
  let next = record.open ? { ...settings, timeout: 'unknown' as const } : settings;
  for (const [name, value] of record.fields) {
    const instead = driver.ignoredOptions[name];
    const meant = driver.options[name] ? name : typeof instead === 'string' ? instead : null;
    // A setting under a wrong name is reported as such, and not as missing as well.
    const sets = meant === null ? undefined : driver.options[meant]?.sets;
    if (sets === 'busy timeout') next = { ...next, timeout: milliseconds(value) };
    else if (sets === 'read-only') next = { ...next, readOnly: readOnlyOption(driver, value) };
    else if (sets === 'memory' && holds(value) !== 'no') next = { ...next, alone: holds(value) };
  }
  return next;
}

function readOnlyOption(driver: Driver, value: Value): Maybe {
  return value.kind === 'external' ? readOnlyFlag(driver, value) : holds(value);
}

function readOnlyFlag(driver: Driver, value: Value | undefined): Maybe {
  if (!value || isNullish(value) || value.kind === 'function' || value.kind === 'settle') return 'no';
  if (value.kind === 'external') {
    const fact = driver.exports[value.path.join('.')];
    return fact?.kind === 'flag' && fact.means === 'read-only' ? 'yes' : 'no';
  }
  if (value.kind === 'primitive' && typeof value.value === 'number') return (value.value & 1) === 1 ? 'yes' : 'no';
  // Flags put together with `|`, or given by the caller: a read-only open is spelt out.
  return 'no';
}

function holds(value: Value): Maybe {
  if (value.kind === 'primitive') return value.value ? 'yes' : 'no';
  return value.kind === 'truthy' ? 'yes' : value.kind === 'falsy' ? 'no' : 'unknown';
}

export function milliseconds(value: Value): number | 'unset' | 'unknown' {
  if (isNullish(value)) return 'unset';
  return value.kind === 'primitive' && typeof value.value === 'number' ? value.value : 'unknown';
}

/** The setting that a PRAGMA changes, if it is one of those that matter to locks. */
export type SettingName = 'journal' | 'timeout' | 'synchronous';

const SETTING_OF: Readonly<Record<string, SettingName>> = {
  journal_mode: 'journal',
  busy_timeout: 'timeout',
  synchronous: 'synchronous',
};

export function withPragma(connection: Connection, pragma: Pragma, site: Site): Connection {
  const { settings } = connection;
  if (pragma.name === null) return { ...connection, settings: unknownSettings(settings) };
  const name = SETTING_OF[pragma.name];
  if (!name || pragma.value === null) return connection;
  if (name === 'timeout') {
    const timeout = pragma.value === undefined ? ('unknown' as const) : Number(pragma.value);
    return { ...connection, settings: { ...settings, timeout: Number.isNaN(timeout) ? 'unknown' : timeout } };
  }
  if (name === 'synchronous') return { ...connection, settings: { ...settings, synchronous: 'set' } };
  const journal = journalOf(pragma.value);
  const walFirst =
    settings.walFirst ??
    (journal === 'wal' && settings.timeout === 'unset' && connection.driver.defaultBusyTimeout === 0 ? site : null);
  return { ...connection, settings: { ...settings, journal, walFirst } };
}

function journalOf(mode: string | undefined): Settings['journal'] {
  if (mode === undefined) return 'unknown';
  if (mode === 'wal') return 'wal';
  // A mode that SQLite does not know is meant as a decision; that it is ignored is reported at the PRAGMA.
  return JOURNAL_MODES.has(mode) ? 'other' : 'unknown';
}

/** `configure('busyTimeout', 5000)` of the callback drivers. */
export function withConfigured(connection: Connection, name: Value, value: Value): Connection {
  const option = knownText(name);
  if (option === null) return { ...connection, settings: { ...connection.settings, timeout: 'unknown' } };
  if (option !== 'busyTimeout') return connection;
  return { ...connection, settings: { ...connection.settings, timeout: milliseconds(value) } };
}

/** The settings that differ, so that they count as set for every connection of the same opening call. */
export function settingsChanged(before: Settings, after: Settings): SettingName[] {
  const changed: SettingName[] = [];
  if (before.journal !== after.journal) changed.push('journal');
  if (before.timeout !== after.timeout) changed.push('timeout');
  if (before.synchronous !== after.synchronous) changed.push('synchronous');
  return changed;
}

/** Only those settings that were just made. */
export function only(settings: Settings, names: readonly SettingName[]): Settings {
  return {
    ...settings,
    journal: names.includes('journal') ? settings.journal : 'unset',
    timeout: names.includes('timeout') ? settings.timeout : 'unset',
    synchronous: names.includes('synchronous') ? settings.synchronous : 'unset',
  };
}

/** What is set by either. */
export function joined(first: Settings, second: Settings): Settings {
  const timeouts = [first.timeout, second.timeout];
  const numbers = timeouts.filter((timeout) => typeof timeout === 'number');
  return {
    ...first,
    journal: first.journal === 'unset' ? second.journal : first.journal,
    timeout: timeouts.includes('unknown') ? 'unknown' : numbers.length > 0 ? Math.max(...numbers) : 'unset',
    synchronous: first.synchronous === 'unset' ? second.synchronous : first.synchronous,
    file: first.file === second.file ? first.file : null,
    walFirst: first.walFirst ?? second.walFirst,
  };
}
