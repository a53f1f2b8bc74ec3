import { promiseOf } from './answers.ts';
import { callFunction } from './calls.ts';
import { anyOfValues } from './objects.ts';
import { awaitSettled, drain } from './promises.ts';
import { defaultSettings, fileSettings, milliseconds, unknownSettings } from './settings.ts';
import { alternatives, isNullish, possibleTexts, ref, truthOf, UNDEFINED, UNKNOWN, type Value } from './values.ts';
import { handles } from '../../drivers/handles.ts';
import { DRIVERS } from '../../drivers/index.ts';
import type { Call, Outcome } from './frame.ts';
import type { Connection, Settings } from './heap.ts';
import type { Driver, MethodFact } from '../../drivers/driver.ts';
import type { Layer } from '../../drivers/layer.ts';
import type { Place, PoolFact } from '../../drivers/pool.ts';

/**
 * A query builder or object mapper that opens connections by itself, for as long as the program runs. Its own functions
 * are not followed: what the call sets is all that is known, and other code that speaks of a setting may have made it.
 */
export function openPool(given: Call, fact: PoolFact): Outcome[] | null {
  const call = withOptionsFirst(given, fact);
  if (!fact.factory) return openChosen(call, fact);
  openMade(call, fact, fact.factory);
  return null;
}

/** The call as if the options were its only argument, wherever they stand. */
function withOptionsFirst(call: Call, { options = [] }: PoolFact): Call {
  const [at] = options.filter((index) => {
    const arg = call.args[index];
    return (
      arg && alternatives(arg).some((option) => call.solver.read(call.state, resolved(call, option))?.type === 'record')
    );
  });
  return at === undefined ? call : { ...call, args: call.args.slice(at) };
}

/** The options are what a function returns; another one may be there that opens the pool with them. */
function openMade(call: Call, fact: PoolFact, factory: Place): void {
  const opener = fact.opener ? valueAt(call, fact.opener) : UNDEFINED;
  for (const { state, value } of returnsOf(call, valueAt(call, factory), ANYTHING)) {
    if (opener && isNullish(opener)) openChosen({ ...call, state, args: [value] }, fact);
    else returnsOf({ ...call, state }, opener, [value]);
  }
}

/** What nobody knows of the arguments that a function gets. */
const ANYTHING: readonly Value[] = Array.from({ length: 10 }, () => UNKNOWN);

/** The ways that a function returns and what it asked for is done, beside the way of the program. */
function returnsOf(call: Call, callee: Value | null, args: readonly Value[]): Outcome[] {
  if (callee?.kind !== 'function') return [];
  const { solver, frame, site } = call;
  const outcomes: Outcome[] = [];
  solver.within(frame, () =>
    solver.pinning(args, () => {
      for (const called of callFunction(solver, call.state.fork(), frame, callee, UNDEFINED, args, site))
        for (const { state, value } of awaitSettled(solver, called.state, frame, called.value, site))
          for (const done of solver.pinning([value], () => drain(solver, [state], frame)))
            outcomes.push({ state: done, value });
      return [];
    }),
  );
  return outcomes;
}

function openChosen(call: Call, fact: PoolFact): Outcome[] | null {
  let opened: Connection | null = null;
  // Where the program chooses among several databases, it is the one of SQLite that matters.
  const options = alternatives(call.args[fact.dialect.argument] ?? UNDEFINED);
  for (const option of options) {
    const chosen = { ...call, args: call.args.with(fact.dialect.argument, option) };
    const driver = driverOf(chosen, fact);
    if (driver) opened = open(chosen, fact, driver, options.length > 1);
  }
  return opened && fact.layer ? handOut(call, fact, fact.layer, opened) : null;
}

/** What the call returns: an object over a connection that its owner has to close, and whose settings are told already. */
function handOut(call: Call, { answers }: PoolFact, layer: Layer, opened: Connection): Outcome[] {
  const { solver, state, frame, site } = call;
  const id = solver.fresh(state, frame, site, 'connection');
  solver.raise(state, frame, site);
  const settings = unknownSettings(opened.settings);
  state.heap.set(id, {
    ...opened,
    driver: closedBy(opened.driver, layer),
    settings,
    inField: false,
    setUpByLibrary: true,
  });
  const value = solver.allocate(state, frame, site, 'layer', {
    type: 'layer',
    layer,
    connection: id,
    transaction: null,
  });
  return answers === 'promise' ? promiseOf(call, value, id, []) : [{ state, value }];
}

const closing = new WeakMap<Layer, Map<Driver, Driver>>();

/** The driver as a layer over it shows it: it is closed by a method of the layer. */
function closedBy(driver: Driver, layer: Layer): Driver {
  let known = closing.get(layer);
  if (!known) closing.set(layer, (known = new Map<Driver, Driver>()));
  let shown = known.get(driver);
  if (!shown) known.set(driver, (shown = shownBy(driver, layer)));
  return shown;
}

function shownBy({ id, defaultBusyTimeout }: Driver, { methods }: Layer): Driver {
  const closes = Object.entries(methods).flatMap(([name, { does }]) => (does === 'close' ? [name] : []));
  const connection = closes.map((name): [string, MethodFact] => [name, { does: 'close', answers: 'promise' }]);
  return handles(id, { defaultBusyTimeout, closesAgain: true, connection: Object.fromEntries(connection) });
}

/** `isChoice` where there are other options that the program could have chosen. */
function open(call: Call, fact: PoolFact, driver: Driver, isChoice: boolean): Connection {
  const { solver, state, frame, site } = call;
  const options = call.args[fact.dialect.argument];
  const connection: Connection = {
    type: 'connection',
    driver,
    opened: site,
    handed: site,
    direct: true,
    means: null,
    received: site,
    holder: frame.activation,
    status: 'open',
    ownership: 'owned',
    settings: settingsOf(call, fact),
    transaction: null,
    used: true,
    inField: true,
  };
  const settings = fact.setup.reduce(
    (known, place) => setUpBy(call, valueAt(call, place), { ...connection, settings: known }),
    connection.settings,
  );
  const setUp: Connection = { ...connection, settings };
  const by = { driver: null, pool: fact, isChoice };
  solver.recorder.opened(setUp, options && solver.read(state, resolved(call, options)), by);
  solver.recorder.observed(setUp, 'stored');
  return setUp;
}

/** The driver behind a dialect; where the program chooses among several databases, the one of SQLite. */
function driverOf(call: Call, { dialect, drivers }: PoolFact): Driver | null {
  const value = valueAt(call, dialect);
  const names = value ? alternatives(value).flatMap((option) => possibleTexts(option) ?? []) : [];
  const ids = names.map((name) => drivers[name]).filter((id) => id !== undefined);
  return DRIVERS.find((driver) => ids.includes(driver.id)) ?? null;
}

function settingsOf(call: Call, { file, wal, busyTimeout }: PoolFact): Settings {
  const named = file.map((place) => valueAt(call, place)).find((value) => value === null || !isNullish(value));
  return {
    ...defaultSettings(),
    ...(named ? fileSettings(named) : { alone: 'unknown' as const }),
    journal: journalOf(call, wal),
    timeout: timeoutOf(call, busyTimeout),
  };
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

/** The settings of a connection once a function of the program was called with it. */
function setUpBy(call: Call, setup: Value | null, connection: Connection): Settings {
  if (setup && isNullish(setup)) return connection.settings;
  if (setup?.kind !== 'function') return unknownSettings(connection.settings);
  const { solver, frame, site } = call;
  const state = call.state.fork();
  const id = solver.fresh(state, frame, site, 'connection');
  state.heap.set(id, { ...connection, ownership: 'borrowed' });
  // A second argument tells the pool to go on; it is the pool's own, like all that comes of the connection.
  const args: Value[] = [ref(id), { kind: 'derived', from: id, query: null }];
  const ends = returnsOf({ ...call, state }, setup, args).map((outcome) => outcome.state);
  const settled = ends.map((end) => solver.object(end, id)).filter((object) => object?.type === 'connection');
  return settled.map(({ settings }) => settings).reduce(moreSet, connection.settings);
}

/** A function that asks which database it has sets up the one of SQLite on some of its ways only. */
function moreSet(first: Settings, second: Settings): Settings {
  return {
    ...first,
    journal: first.journal === 'unset' || second.journal === 'wal' ? second.journal : first.journal,
    timeout: first.timeout === 'unset' ? second.timeout : first.timeout,
    synchronous: first.synchronous === 'unset' ? second.synchronous : first.synchronous,
  };
}

/** The value at a place in the arguments; null where it is not known whether there is one. */
function valueAt(call: Call, { argument, path }: Place): Value | null {
  const { solver } = call;
  let value = resolved(call, call.args[argument] ?? UNDEFINED);
  for (const [depth, name] of path.entries()) {
    const fields = alternatives(value).map((option) => fieldOf(call, option, name));
    const known = fields.filter((field) => field !== null);
    // Of what is given as a whole, such as `connection: config.db`, nothing is known but that it is there.
    if (known.length < fields.length) return depth === 0 ? null : UNKNOWN;
    value = resolved(call, anyOfValues(solver, call.state, known));
  }
  return solver.world.asides.textOf(solver, value);
}

function fieldOf({ solver, state }: Call, value: Value, name: string): Value | null {
  if (isNullish(value) || value.kind === 'text') return UNDEFINED;
  const record = solver.read(state, value);
  if (record?.type !== 'record') return null;
  return record.fields.get(name) ?? (record.open ? null : UNDEFINED);
}

function resolved({ solver }: Call, value: Value): Value {
  return value.kind === 'imported' ? solver.world.resolveImported(solver, value) : value;
}
