import { isAlone } from './hold.ts';
import { answered, lastCallback, pend, promiseOf, raise, result, use } from './answers.ts';
import { unknownCall } from './calls.ts';
import { settingsChanged, withPragma } from './settings.ts';
import { touched, touchedUnseen, transition, upgraded } from './transactions.ts';
import { UNKNOWN, ref, text, textOf, type ObjectId, type Value } from './values.ts';
import { pragmaOf, statementsOf, type Statement } from '../sql/statements.ts';
import type { Call, Frame, Outcome, Target } from './frame.ts';
import type { Connection, Transaction, Undo } from './heap.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { Answer } from '../../drivers/driver.ts';
import type { Site } from '../ir.ts';
import type { SqlText } from '../sql/tokens.ts';

interface Sql {
  readonly sql: SqlText;
  /** Text that somebody else passes in: what it sets is that one's decision. */
  readonly passed?: boolean;
  /** Where the text stands. */
  readonly site: Site | null;
}

/** The SQL of an argument: text, or an object that holds it under `sql`. */
export function sqlOf(call: Call, value: Value | undefined): Sql {
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

export function execute(
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
  let statements: readonly Statement[] = statementsOf(text.sql);
  if (statements.length === 0) statements = [{ does: 'unknown' }];
  if (target.object.type === 'transaction') return executeIn(call, target, statements, answers);
  if (before?.type !== 'connection') return answered(call, target, answers, [], false);
  const beginsAndEnds =
    statements.some((statement) => statement.does === 'begin') &&
    statements.some((statement) => statement.does === 'commit');
  if (text.sql.includes(null)) solver.recorder.untold();
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
    if (statement.does === 'begin' && beganAt !== site && current.transaction)
      current = { ...current, transaction: { ...current.transaction, ran: site } };
    state.heap.set(id, current);
    // The release of the outermost savepoint is a COMMIT.
    const released = statement.does === 'release' ? step.ended : null;
    const commits = statement.does === 'commit' || (released !== null && !released.undone);
    if (commits) solver.recorder.committed(step.ended, isUnwinding(state, step.ended));
    if (commits || released || statement.does === 'rollback')
      solver.recorder.ended(step.ended, commits ? 'commit' : 'rollback');
    if (step.upgraded && before.settings.alone !== 'yes') solver.recorder.upgraded(step.upgraded, placeOf(call, site));
  }
  const safe = statements.every((statement) => isSetup(statement));
  const undo: Undo[] = failed && failed !== current ? [{ id, before: failed, after: current }] : [];
  return answered(call, target, answers, undo, safe);
}

/** Runs statements in a transaction by its handle. */
function executeIn(
  call: Call,
  target: Target,
  statements: readonly Statement[],
  answers: Answer | undefined,
): Outcome[] {
  for (const statement of statements) runByHandle(call, target.id, statement);
  return answered(call, target, answers, [], false);
}

/** Runs a statement in the transaction that a handle stands for, by whatever method. */
export function runByHandle(call: Call, id: ObjectId, statement: Statement): void {
  const { solver, state } = call;
  const handle = solver.object(state, id);
  if (handle?.type !== 'transaction') return;
  const { transaction } = handle;
  const site = placeOf(call, call.site);
  const before = upgraded(transaction, statement);
  if (before && !isAlone(solver, state, handle.connection)) solver.recorder.upgraded(before, site);
  const next = statement.does === 'unknown' ? touchedUnseen(transaction) : touched(transaction, statement, site);
  if (next !== transaction) state.heap.set(id, { ...handle, transaction: next });
}

/** Where the module that is looked at reads or writes: itself, or by a call of another module's function. */
export function placeOf({ solver, frame }: Call, site: Site): Site {
  if (site.module === solver.module) return site;
  for (let current: Frame | null = frame; current; current = current.caller)
    if (current.activation.site?.module === solver.module) return current.activation.site;
  return site;
}

/** Whether an exception is on its way that came up after the transaction began. */
export function isUnwinding(state: State, transaction: Transaction | null): boolean {
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
  const place = statement.does === 'begin' || statement.does === 'savepoint' ? site : placeOf(call, site);
  const outcome = transition(connection, statement, place, frame.activation, state.thrown);
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

export function pragma(call: Call, target: Target, value: Value): Outcome[] {
  const { solver, state, frame, site } = call;
  const sql = textOf(value);
  const asked = pragmaOf(sql);
  solver.recorder.pragma(site, asked, target.object.driver);
  const statement: Statement = { does: 'pragma', pragma: asked };
  const connection = target.connection === null ? undefined : solver.object(state, target.connection);
  if (connection?.type !== 'connection' || target.connection === null) return [{ state, value: UNKNOWN }];
  const { done } = transition(connection, statement, placeOf(call, site), frame.activation, state.thrown);
  const next = withPragma(done, asked, site);
  if (!isSetup(statement)) raise(call);
  note(solver, connection, next);
  state.heap.set(target.connection, next);
  return [{ state, value: result(target) }];
}

export function configure(call: Call, target: Target, change: (connection: Connection) => Connection): Outcome[] {
  const { solver, state } = call;
  if (target.object.type !== 'connection') return [{ state, value: UNKNOWN }];
  const next = change(target.object);
  note(solver, target.object, next);
  state.heap.set(target.id, next);
  return [{ state, value: ref(target.id) }];
}

export function prepare(call: Call, target: Target, value: Value, answers: Answer | undefined): Outcome[] {
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

export function startIterator(call: Call, target: Target, sql: Value | null): Outcome[] {
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
