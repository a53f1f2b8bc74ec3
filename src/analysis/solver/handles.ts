import { callValue, unknownCall } from './calls.ts';
import { escape } from './escape.ts';
import { begin, end, transition } from './transactions.ts';
import { openingSettings, settingsChanged, withConfigured, withPragma } from './settings.ts';
import {
  FALSE,
  isNullish,
  knownText,
  ref,
  text,
  textOf,
  TRUE,
  UNDEFINED,
  UNKNOWN,
  type ObjectId,
  type Value,
} from './values.ts';
import { lacksMethod } from '../../drivers/index.ts';
import { pragmaOf, statementsOf, type Statement } from '../sql/statements.ts';
import type { Answer, Driver, ExportFact, MethodFact, OpeningFact, TransactionMode } from '../../drivers/driver.ts';
import type {
  Connection,
  HeapObject,
  Statement as StatementObject,
  Transaction,
  RecordObject,
  TransactionHandle,
  Undo,
} from './heap.ts';
import type { Site } from '../ir.ts';
import type { SqlText } from '../sql/tokens.ts';
import type { Solver } from './solver.ts';
import type { Frame, Outcome } from './frame.ts';
import type { State } from './state.ts';

/** A call on its way: what all the steps below need. */
export interface Call {
  readonly solver: Solver;
  readonly state: State;
  readonly frame: Frame;
  readonly site: Site;
  readonly args: readonly Value[];
}

export function openConnection(call: Call, driver: Driver, fact: OpeningFact): Outcome[] {
  const { solver, state, frame, site } = call;
  const args = call.args.map((arg) => solver.world.textOf(solver, arg));
  const settings = openingSettings(driver, fact, args, (value) => {
    const object = solver.read(state, value);
    return object?.type === 'record' ? withTexts(solver, object) : object;
  });
  const connection: Connection = {
    type: 'connection',
    driver,
    opened: site,
    handed: site,
    received: site,
    holder: frame.activation,
    status: fact.answers === 'promise' ? 'opening' : 'open',
    ownership: fact.shared ? 'borrowed' : 'owned',
    settings,
    transaction: null,
    used: false,
    inField: false,
  };
  const id = solver.fresh(state, frame, site, 'connection');
  const before: Connection = { ...connection, status: 'failed' };
  if (fact.answers !== 'callback') raise(call);
  state.heap.set(id, connection);
  const options = fact.options === undefined ? undefined : args[fact.options];
  solver.recorder.opened(connection, options && solver.read(state, options));
  if (fact.answers === 'promise') return promiseOf(call, ref(id), id, [{ id, before, after: connection }]);
  if (fact.answers === 'callback') pend(call, lastCallback(args), [{ id, before, after: connection }], false);
  return [{ state, value: ref(id) }];
}

/** A callback that runs on a connection which is opened for it, safely, and closed after it. */
export function withConnection(
  call: Call,
  driver: Driver,
  fact: ExportFact & { kind: 'with connection' },
): Outcome[] | null {
  const { solver, frame, args } = call;
  const callback = args[fact.callback];
  if (callback?.kind !== 'function') return null;
  const opening: OpeningFact = { kind: 'connection', by: 'call', file: fact.file, configured: true };
  return openConnection(call, driver, opening).flatMap(({ state, value }) => {
    if (value.kind !== 'ref') return [];
    const close = (ended: State): void => {
      const connection = solver.object(ended, value.id);
      if (connection?.type === 'connection') ended.heap.set(value.id, { ...connection, status: 'closed' });
    };
    const { outcomes, throws } = runCallback({ ...call, state }, callback, [value]);
    for (const thrown of throws) {
      close(thrown);
      frame.channels.throws.push(thrown);
    }
    for (const outcome of outcomes) close(outcome.state);
    return outcomes;
  });
}

/** A callback that runs in a transaction on a connection that is given with it. */
export function withTransaction(call: Call, fact: ExportFact & { kind: 'with transaction' }): Outcome[] | null {
  const { solver, state, frame, site, args } = call;
  const handle = args[fact.connection];
  const callback = args[fact.callback];
  if (handle?.kind !== 'ref' || callback?.kind !== 'function') return null;
  const connection = solver.object(state, handle.id);
  if (connection?.type !== 'connection') return null;
  if (connection.driver.synchronous && isAsync(callback)) {
    solver.recorder.asyncCallback(site, callback, connection.driver.id, 'transaction');
    escape(solver, state, frame, callback, { kind: 'unknown', handles: [] });
    raise(call);
    return [{ state, value: { kind: 'work', work: { kind: 'database', handle: handle.id } } }];
  }
  return transact(call, handle.id, callback, fact.mode, [handle], !connection.driver.synchronous);
}

/** Options, with what functions of other modules return as text. */
function withTexts(solver: Solver, record: RecordObject): RecordObject {
  const fields = new Map([...record.fields].map(([name, value]) => [name, solver.world.textOf(solver, value)]));
  return { ...record, fields };
}

/** What a property of a handle gives without a call. */
export function connectionProperty(object: HeapObject, id: ObjectId, name: string): Value {
  if (object.type === 'layer') {
    if (name === object.layer.connectionProperty && object.connection !== null) return ref(object.connection);
    return object.layer.methods[name] ? { kind: 'method', object: id, name } : { kind: 'derived', from: id };
  }
  if (object.type === 'connection') {
    switch (object.driver.properties?.[name]) {
      case 'open':
        return object.status === 'open' || object.status === 'opening' ? TRUE : FALSE;
      case 'in transaction':
        if (object.transaction) return object.transaction.uncertain ? UNKNOWN : TRUE;
        return object.ownership === 'owned' ? FALSE : UNKNOWN;
      default:
        if (object.driver.connection[name]) return { kind: 'method', object: id, name };
        return lacksMethod(object.driver, name) ? UNDEFINED : UNKNOWN;
    }
  }
  if (object.type === 'statement')
    return object.driver.statement[name] ? { kind: 'method', object: id, name } : UNKNOWN;
  if (object.type === 'transaction') {
    if (name === 'closed') return object.status === 'closed' ? TRUE : object.status === 'open' ? FALSE : UNKNOWN;
    return object.driver.transaction?.[name] ? { kind: 'method', object: id, name } : UNKNOWN;
  }
  return UNKNOWN;
}

/** Calls a method of a connection, a statement or a transaction's handle. */
export function invokeHandle(
  call: Call,
  id: ObjectId,
  object: Connection | StatementObject | TransactionHandle,
  name: string,
): Outcome[] {
  const { driver } = object;
  const facts =
    object.type === 'connection'
      ? driver.connection
      : object.type === 'statement'
        ? driver.statement
        : (driver.transaction ?? {});
  const fact = facts[name];
  if (!fact && object.type === 'connection' && lacksMethod(driver, name))
    return [{ state: call.state, value: UNDEFINED }];
  // An own method of a subclass, or one that is not in the catalogue: it may do anything, except keep the handle.
  if (!fact) return unknownCall(call, id);
  const connection = object.type === 'connection' ? id : object.connection;
  return perform(call, fact, { id, object, connection });
}

interface Target {
  readonly id: ObjectId;
  readonly object: Connection | StatementObject | TransactionHandle;
  readonly connection: ObjectId | null;
}

function perform(call: Call, fact: MethodFact, target: Target): Outcome[] {
  const { state, args } = call;
  switch (fact.does) {
    case 'execute':
      return execute(
        call,
        target,
        sqlOf(call, args[fact.sql]),
        fact.several === true,
        fact.answers,
        target.object.type === 'connection',
      );
    case 'run': {
      const { object } = target;
      const sql: SqlText = object.type === 'statement' ? object.sql : [null];
      return execute(
        call,
        target,
        { sql, site: object.type === 'statement' ? object.site : null },
        false,
        fact.answers,
        false,
      );
    }
    case 'batch':
      return execute(call, target, { sql: ['INSERT'], site: null }, false, fact.answers, false);
    case 'pragma':
      return pragma(call, target, args[fact.sql] ?? UNKNOWN);
    case 'configure':
      return configure(call, target, (connection) =>
        withConfigured(connection, args[fact.name] ?? UNKNOWN, args[fact.value] ?? UNKNOWN),
      );
    case 'prepare':
      return prepare(call, target, args[fact.sql] ?? UNKNOWN, fact.answers);
    case 'iterate':
      return startIterator(call, target, fact.sql === undefined ? null : (args[fact.sql] ?? UNKNOWN));
    case 'transaction function':
      return transactionFunction(call, target, args[fact.callback] ?? UNKNOWN, fact.modes);
    case 'transact':
      return target.connection === null
        ? unknownCall(call, target.id)
        : transact(call, target.connection, args[fact.callback] ?? UNKNOWN, fact.mode, [ref(target.id)], true);
    case 'begin':
      return beginHandle(call, target, fact);
    case 'commit':
    case 'rollback':
      return endHandle(call, target, fact);
    case 'close':
      return close(call, target, fact.answers);
    case 'scope':
      return scope(call, target, args[fact.callback] ?? UNDEFINED);
    case 'self':
      for (const arg of args)
        if (arg.kind === 'function') escape(call.solver, state, call.frame, arg, { kind: 'unknown', handles: [] });
      return [{ state, value: ref(target.id) }];
    case 'other':
      return other(call, target, fact.answers, fact.safe === true);
  }
}

// -----------------------------------------------------------------------------------------------------------------
// SQL

interface Sql {
  readonly sql: SqlText;
  /** Text that somebody else passes in: what it sets is that one's decision. */
  readonly passed?: boolean;
  /** Where the text stands. */
  readonly site: Site | null;
}

/** The SQL of an argument: text, or an object that holds it under `sql`. */
function sqlOf(call: Call, value: Value | undefined): Sql {
  if (!value) return { sql: [null], site: null };
  const object = call.solver.read(call.state, value);
  const given = object?.type === 'record' ? (object.fields.get('sql') ?? UNKNOWN) : value;
  const source = given.kind === 'imported' ? call.solver.world.resolveImported(call.solver, given) : given;
  return {
    sql: textOf(source),
    site: source.kind === 'text' ? source.site : null,
    passed: source.kind === 'symbol' && source.parameter,
  };
}

function execute(
  call: Call,
  target: Target,
  text: Sql,
  several: boolean,
  answers: Answer | undefined,
  mayConfigure: boolean,
): Outcome[] {
  const { solver, state, frame, site } = call;
  const id = target.connection ?? target.id;
  const before = solver.object(state, id);
  // An object in the place of text is a query of a builder; its statement is not known and it is one.
  let statements: Statement[] = statementsOf(text.sql);
  if (statements.length === 0) statements = [{ does: 'unknown' }];
  if (before?.type === 'transaction') return answered(call, target, answers, [], false);
  if (before?.type !== 'connection') return answered(call, target, answers, [], false);
  const beginsAndEnds =
    statements.some((statement) => statement.does === 'begin') &&
    statements.some((statement) => statement.does === 'commit');
  const beganAt = beginsAndEnds && statements.length > 1 && text.site?.module === solver.module ? text.site : site;
  let current = before;
  let failed: Connection | null = null;
  for (const statement of statements) {
    const step = apply(
      call,
      current,
      statement,
      statement.does === 'begin' ? beganAt : site,
      mayConfigure && several && text.passed !== true,
    );
    if (answers === undefined) {
      state.heap.set(id, step.failed);
      if (!step.safe) solver.raise(state, frame, site);
    }
    // What a failure of the text leaves behind is worst inside the transaction that it begins itself.
    if (!failed || (step.failed.transaction && !failed.transaction && beginsAndEnds)) failed = step.failed;
    current = step.done;
    state.heap.set(id, current);
    // The release of the outermost savepoint is a COMMIT.
    const released = statement.does === 'release' ? step.ended : null;
    const commits = statement.does === 'commit' || (released !== null && !released.undone);
    if (commits) solver.recorder.committed(step.ended, isUnwinding(state, step.ended));
    if (commits || released || statement.does === 'rollback')
      solver.recorder.ended(step.ended, commits ? 'commit' : 'rollback');
    if (step.upgraded) solver.recorder.upgraded(step.upgraded, before, site);
  }
  const safe = statements.every((statement) => isSetup(statement));
  const undo: Undo[] = failed && failed !== current ? [{ id, before: failed, after: current }] : [];
  return answered(call, target, answers, undo, safe);
}

/** Whether an exception is on its way that came up after the transaction began. */
function isUnwinding(state: State, transaction: Transaction | null): boolean {
  return state.thrown !== null && transaction !== null && transaction.during !== state.thrown;
}

interface Applied {
  readonly done: Connection;
  readonly failed: Connection;
  readonly safe: boolean;
  readonly upgraded: ReturnType<typeof transition>['upgraded'];
  readonly ended: Connection['transaction'];
}

function apply(
  call: Call,
  connection: Connection,
  statement: Statement,
  site: Site,
  unknownMayConfigure: boolean,
): Applied {
  const { solver, state, frame } = call;
  const outcome = transition(connection, statement, site, frame.activation, state.thrown);
  let { done, upgraded } = outcome;
  if (statement.does === 'pragma') {
    solver.recorder.pragma(site, statement.pragma, connection.driver);
    done = withPragma(done, statement.pragma, site);
  } else if (statement.does === 'unknown' && unknownMayConfigure && !connection.transaction) {
    done = withPragma(done, { name: null, value: undefined }, site);
  }
  note(solver, connection, done);
  const ended = connection.transaction && !done.transaction ? connection.transaction : null;
  if (statement.does === 'commit' && state.thrown && connection.transaction) upgraded = null;
  return { done, failed: outcome.failed, safe: isSetup(statement), upgraded, ended };
}

/** PRAGMAs that only set the connection up fail for no reason that matters. */
function isSetup(statement: Statement): boolean {
  return (
    statement.does === 'pragma' && statement.pragma.value !== null && !WORKING_PRAGMAS.has(statement.pragma.name ?? '')
  );
}

/** PRAGMAs that work on the file, whatever their value. */
const WORKING_PRAGMAS = new Set([
  ...['wal_checkpoint', 'optimize', 'incremental_vacuum', 'integrity_check', 'quick_check', 'foreign_key_check'],
  ...['user_version', 'schema_version', 'application_id', 'table_info', 'table_xinfo', 'index_list', 'index_info'],
]);

function note(solver: Solver, before: Connection, after: Connection): void {
  const changed = settingsChanged(before.settings, after.settings);
  if (changed.length > 0) solver.recorder.configured(after, changed);
}

function pragma(call: Call, target: Target, value: Value): Outcome[] {
  const { solver, state, frame, site } = call;
  const sql = textOf(value);
  const asked = pragmaOf(sql);
  solver.recorder.pragma(site, asked, target.object.driver);
  const statement: Statement = { does: 'pragma', pragma: asked };
  const connection = target.connection === null ? undefined : solver.object(state, target.connection);
  if (connection?.type !== 'connection' || target.connection === null) return [{ state, value: UNKNOWN }];
  const { done } = transition(connection, statement, site, frame.activation, state.thrown);
  const next = withPragma(done, asked, site);
  if (!isSetup(statement)) raise(call);
  note(solver, connection, next);
  state.heap.set(target.connection, next);
  return [{ state, value: result(target) }];
}

function configure(call: Call, target: Target, change: (connection: Connection) => Connection): Outcome[] {
  const { solver, state } = call;
  if (target.object.type !== 'connection') return [{ state, value: UNKNOWN }];
  const next = change(target.object);
  note(solver, target.object, next);
  state.heap.set(target.id, next);
  return [{ state, value: ref(target.id) }];
}

/** What a synchronous query returns; waiting for it is waiting for the database. */
function result(target: Target): Value {
  return { kind: 'work', work: { kind: 'database', handle: target.connection ?? target.id } };
}

function prepare(call: Call, target: Target, value: Value, answers: Answer | undefined): Outcome[] {
  const { solver, state, frame, site, args } = call;
  if (target.connection === null) return unknownCall(call, target.id);
  if (answers === undefined) {
    // Compiling a PRAGMA or the bounds of a transaction touches no table.
    const kinds = statementsOf(textOf(value));
    if (
      !kinds.every(
        (statement) =>
          isSetup(statement) ||
          statement.does === 'begin' ||
          statement.does === 'commit' ||
          statement.does === 'rollback',
      ) ||
      kinds.length === 0
    )
      raise(call);
  }
  const statement = solver.allocate(state, frame, site, 'statement', {
    type: 'statement',
    driver: target.object.driver,
    connection: target.connection,
    sql: textOf(value),
    site: value.kind === 'text' ? value.site : null,
  });
  use(call, target.connection);
  if (answers === 'promise') return promiseOf(call, statement, target.id, []);
  if (answers === 'callback') pend(call, lastCallback(args), [], false);
  return [{ state, value: statement }];
}

function startIterator(call: Call, target: Target, sql: Value | null): Outcome[] {
  const { solver, frame, site } = call;
  if (target.connection === null) return unknownCall(call, target.id);
  const statement = sql ?? (target.object.type === 'statement' ? text(target.object.sql) : UNKNOWN);
  const outcomes = execute(call, target, { sql: textOf(statement), site: null }, false, undefined, false);
  const connection = target.connection;
  return outcomes.map((outcome) => ({
    state: outcome.state,
    value: solver.allocate(outcome.state, frame, site, 'iterator', {
      type: 'iterator',
      connection,
      opened: site,
      openedIn: frame.activation,
      active: false,
    }),
  }));
}

function use(call: Call, id: ObjectId): void {
  const connection = call.solver.object(call.state, id);
  if (connection?.type === 'connection' && !connection.used) call.state.heap.set(id, { ...connection, used: true });
}

// -----------------------------------------------------------------------------------------------------------------
// Transactions

function transactionFunction(
  call: Call,
  target: Target,
  callback: Value,
  modes: Readonly<Record<string, TransactionMode>>,
): Outcome[] {
  const { solver, state, frame, site } = call;
  if (target.connection === null) return unknownCall(call, target.id);
  if (isAsync(callback)) {
    solver.recorder.asyncCallback(site, callback, target.object.driver.id, 'transaction');
    escape(solver, state, frame, callback, { kind: 'unknown', handles: [] });
  }
  use(call, target.connection);
  const value = solver.allocate(state, frame, site, 'transaction function', {
    type: 'transaction function',
    connection: target.connection,
    callback,
    modes,
    mode: 'deferred',
    made: site,
  });
  return [{ state, value }];
}

export function isAsync(callback: Value): boolean {
  if (callback.kind === 'choice') return callback.options.some(isAsync);
  return callback.kind === 'function' && callback.fn.asynchronous && !callback.fn.generator;
}

/** Calls what `db.transaction(fn)` returned. */
export function callTransactionFunction(call: Call, made: HeapObject & { type: 'transaction function' }): Outcome[] {
  if (isAsync(made.callback)) {
    raise(call);
    return [{ state: call.state, value: { kind: 'work', work: { kind: 'database', handle: made.connection } } }];
  }
  return transact(call, made.connection, made.callback, made.mode, call.args, false, made.made);
}

/** Runs a callback in a transaction that ends with it: committed where it returns, rolled back where it throws. */
function transact(
  call: Call,
  id: ObjectId,
  callback: Value,
  mode: TransactionMode,
  args: readonly Value[],
  asynchronous: boolean,
  began: Site = call.site,
): Outcome[] {
  const { solver, state, frame, site } = call;
  const connection = solver.object(state, id);
  if (connection?.type !== 'connection') return unknownCall(call, id);
  raise(call);
  const outermost = connection.transaction === null;
  if (outermost) state.heap.set(id, begin(connection, mode, began, frame.activation, true, state.thrown));
  const finish = (ended: State): void => {
    const current = solver.object(ended, id);
    if (outermost && current?.type === 'connection' && current.transaction?.managed) ended.heap.set(id, end(current));
  };
  const { outcomes, throws } = runCallback(call, callback, args, ref(id));
  for (const thrown of throws) {
    finish(thrown);
    frame.channels.throws.push(thrown);
  }
  return outcomes.map(({ state: ended, value }) => {
    if (!asynchronous && isPromise(solver, ended, value))
      solver.recorder.asyncCallback(began, callback, connection.driver.id, 'transaction');
    finish(ended); // a COMMIT that fails is rolled back by the driver
    solver.raise(ended, frame, site);
    return { state: ended, value };
  });
}

/** Runs a callback at once: the ways on which it returns, and those on which it throws. */
function runCallback(
  call: Call,
  callback: Value,
  args: readonly Value[],
  ...held: readonly Value[]
): { readonly outcomes: Outcome[]; readonly throws: readonly State[] } {
  const { solver, frame } = call;
  const { ends, channels } = solver.pinning([...held, callback, ...args], () =>
    solver.within(frame, () => {
      const outcomes = callValue({ ...call, args }, callback, UNDEFINED);
      for (const outcome of outcomes) solver.give(outcome.state, RESULT, outcome.value, frame);
      return outcomes.map((outcome) => outcome.state);
    }),
  );
  const outcomes = ends.map((state) => ({ state, value: solver.take(state, RESULT, frame) }));
  return { outcomes, throws: channels.throws };
}

/** A slot that no function has: results wait in it while states are told apart. */
const RESULT = 2 ** 20 - 2;

function isPromise(solver: Solver, state: State, value: Value): boolean {
  if (solver.read(state, value)?.type === 'promise') return true;
  if (value.kind === 'work' && value.work.kind === 'foreign') return true;
  return (
    value.kind === 'work' &&
    value.work.kind === 'call' &&
    value.work.callee.kind === 'function' &&
    value.work.callee.fn.asynchronous
  );
}

function beginHandle(call: Call, target: Target, fact: MethodFact & { does: 'begin' }): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const named = args[fact.mode];
  const name = named ? knownText(named) : null;
  const mode =
    named && !isNullish(named) ? (name === null ? 'immediate' : (fact.modes[name] ?? fact.otherwise)) : fact.otherwise;
  const handle: TransactionHandle = {
    type: 'transaction',
    driver: target.object.driver,
    opened: site,
    handed: site,
    holder: frame.activation,
    status: fact.answers === 'promise' ? 'opening' : 'open',
    ownership: 'owned',
    connection: target.connection,
    transaction: {
      mode,
      began: site,
      beganIn: frame.activation,
      read: null,
      savepoints: [],
      outermost: null,
      uncertain: false,
      undone: false,
      during: null,
      managed: false,
    },
  };
  const id = solver.fresh(state, frame, site, 'transaction');
  state.heap.set(id, handle);
  if (target.connection !== null) use(call, target.connection);
  if (fact.answers === 'promise')
    return promiseOf(call, ref(id), target.id, [{ id, before: { ...handle, status: 'failed' }, after: handle }]);
  return [{ state, value: ref(id) }];
}

function endHandle(call: Call, target: Target, fact: MethodFact & { does: 'commit' | 'rollback' }): Outcome[] {
  const { solver, state } = call;
  const { object, id } = target;
  if (object.type !== 'transaction') return unknownCall(call, id);
  if (fact.does === 'commit') solver.recorder.committed(object.transaction, isUnwinding(state, object.transaction));
  solver.recorder.ended(object.transaction, fact.does);
  const after: TransactionHandle = { ...object, status: 'closed' };
  const before: TransactionHandle = fact.does === 'commit' ? { ...object, status: 'uncertain' } : after;
  state.heap.set(id, after);
  return answered(
    call,
    target,
    fact.answers,
    before === after ? [] : [{ id, before, after }],
    fact.does === 'rollback',
  );
}

/** Closing counts as done, also where it fails. */
function close(call: Call, target: Target, answers: Answer | undefined): Outcome[] {
  const { solver, state } = call;
  const { object, id } = target;
  if (object.type === 'connection') {
    if (object.status === 'open' || object.status === 'opening') {
      if (object.transaction) solver.recorder.ended(object.transaction, 'rollback');
      solver.recorder.observed(object, object.ownership === 'owned' ? 'ended' : 'kept');
    }
    state.heap.set(id, { ...object, status: 'closed', transaction: null });
  }
  return answered(call, target, answers, [], true);
}

function scope(call: Call, target: Target, callback: Value): Outcome[] {
  const { solver, state, frame, site } = call;
  if (isNullish(callback)) return [{ state, value: ref(target.id) }];
  if (isAsync(callback)) {
    solver.recorder.asyncCallback(site, callback, target.object.driver.id, 'serialize');
    escape(solver, state, frame, callback, { kind: 'unknown', handles: [] });
    return [{ state, value: ref(target.id) }];
  }
  return callValue({ ...call, args: [] }, callback, UNDEFINED).map((outcome) => ({
    state: outcome.state,
    value: ref(target.id),
  }));
}

function other(call: Call, target: Target, answers: Answer | undefined, safe: boolean): Outcome[] {
  if (target.connection !== null && !safe) use(call, target.connection);
  if (answers === undefined && !safe) raise(call);
  return answered(call, target, answers, [], safe);
}

// -----------------------------------------------------------------------------------------------------------------
// Answers

function answered(
  call: Call,
  target: Target,
  answers: Answer | undefined,
  undo: readonly Undo[],
  safe: boolean,
): Outcome[] {
  const { state, args } = call;
  if (target.object.type !== 'transaction' && target.connection !== null && !safe) use(call, target.connection);
  switch (answers) {
    case 'promise':
      return promiseOf(call, UNKNOWN, target.connection ?? target.id, undo, safe);
    case 'callback':
      pend(call, lastCallback(args), undo, args.filter((arg) => arg.kind === 'function').length > 1);
      return [{ state, value: ref(target.id) }];
    default:
      return [{ state, value: result(target) }];
  }
}

function promiseOf(call: Call, value: Value, handle: ObjectId, undo: readonly Undo[], safe = false): Outcome[] {
  const { solver, state, frame, site } = call;
  const promise = solver.allocate(state, frame, site, 'promise', {
    type: 'promise',
    state: 'unsettled',
    value,
    work: { kind: 'database', handle },
    explicit: false,
    undo,
    safe,
  });
  return [{ state, value: promise }];
}

function lastCallback(args: readonly Value[]): Value | null {
  const last = args.at(-1);
  return last && (last.kind === 'function' || last.kind === 'settle' || last.kind === 'method') ? last : null;
}

/** The callback is called when the database is done. */
function pend(call: Call, callback: Value | null, undo: readonly Undo[], rows: boolean): void {
  if (!callback) return;
  call.state.pending = [...call.state.pending, { callback, site: call.site, undo, rows }];
}

function raise(call: Call): void {
  call.solver.raise(call.state, call.frame, call.site);
}

/** Puts back what a failed call of the database would have left behind. */
export function undo(state: State, changes: readonly Undo[]): void {
  for (const { id, before, after } of changes) {
    const current = state.heap.get(id);
    if (current?.type === 'connection' && before.type === 'connection' && after.type === 'connection') {
      state.heap.set(id, {
        ...current,
        transaction: current.transaction === after.transaction ? before.transaction : current.transaction,
        status: current.status === after.status ? before.status : current.status,
      });
    } else if (current?.type === 'transaction' && before.type === 'transaction' && after.type === 'transaction') {
      if (current.status === after.status || (after.status === 'opening' && current.status === 'open'))
        state.heap.set(id, { ...current, status: before.status });
    }
  }
}

/** The database call worked: what it opened is open. */
export function settle(state: State, changes: readonly Undo[]): void {
  for (const { id } of changes) {
    const current = state.heap.get(id);
    if ((current?.type === 'connection' || current?.type === 'transaction') && current.status === 'opening')
      state.heap.set(id, { ...current, status: 'open' });
  }
}
