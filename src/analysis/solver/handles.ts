import { answered, raise, use } from './answers.ts';
import { unknownCall } from './calls.ts';
import { escape } from './escape.ts';
import { configure, execute, pragma, prepare, sqlOf, startIterator } from './execution.ts';
import { beginHandle, endHandle, scope, transact, transactionFunction } from './managed.ts';
import { withConfigured } from './settings.ts';
import { FALSE, TRUE, UNDEFINED, UNKNOWN, ref, type ObjectId, type Value } from './values.ts';
import { lacksMethod } from '../../drivers/index.ts';
import type { Call, Outcome, Target } from './frame.ts';
import type { Connection, HeapObject, Statement as StatementObject, TransactionHandle } from './heap.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';
import type { Answer, MethodFact } from '../../drivers/driver.ts';
import type { SqlText } from '../sql/tokens.ts';

/** What a property of a handle gives without a call. */
export function connectionProperty(
  solver: Solver,
  state: State,
  object: HeapObject,
  id: ObjectId,
  name: string,
): Value {
  if (object.type === 'layer') {
    const { layer, connection } = object;
    if (name === layer.connectionProperty && connection !== null) return ref(connection);
    if (layer.properties?.[name] === 'self') return ref(id);
    if (layer.properties?.[name] === 'open')
      return isOpen(connection === null ? null : solver.object(state, connection));
    if (layer.methods[name]) return { kind: 'method', object: id, name };
    return { kind: 'derived', from: id, query: layer.builders?.[name] ?? null };
  }
  if (object.type === 'connection') {
    switch (object.driver.properties?.[name]) {
      case 'open':
        return isOpen(object);
      case 'in transaction':
        if (object.transaction) return object.transaction.uncertain ? UNKNOWN : TRUE;
        return object.ownership === 'owned' ? FALSE : UNKNOWN;
      case 'self':
        return ref(id);
      default:
        if (object.driver.connection[name]) return { kind: 'method', object: id, name };
        return lacksMethod(object.driver, name) ? UNDEFINED : UNKNOWN;
    }
  }
  if (object.type === 'statement')
    return object.driver.statement[name] ? { kind: 'method', object: id, name } : UNKNOWN;
  if (object.type === 'transaction') {
    if (name === 'closed' || object.driver.properties?.[name] === 'ended') return endedOf(object);
    return object.driver.transaction?.[name] ? { kind: 'method', object: id, name } : UNKNOWN;
  }
  return UNKNOWN;
}

function isOpen(object: HeapObject | null | undefined): Value {
  if (object?.type !== 'connection') return UNKNOWN;
  return object.status === 'open' || object.status === 'opening' ? TRUE : FALSE;
}

/** Whether a transaction has ended. */
function endedOf({ status }: TransactionHandle): Value {
  return status === 'closed' ? TRUE : status === 'open' ? FALSE : UNKNOWN;
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
  return perform(call, name, fact, { id, object, connection });
}

function perform(call: Call, name: string, fact: MethodFact, target: Target): Outcome[] {
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
        : transact(call, target.connection, args[fact.callback] ?? UNKNOWN, fact, [ref(target.id)], true);
    case 'begin':
      return beginHandle(call, target, name, fact);
    case 'statement':
      return execute(call, target, { sql: [fact.sql], site: null }, false, fact.answers, false);
    case 'ask':
      return [{ state, value: target.object.type === 'transaction' ? endedOf(target.object) : UNKNOWN }];
    case 'commit':
    case 'rollback':
      return endHandle(call, target, fact);
    case 'close':
      return close(call, target, fact.answers);
    case 'scope':
      return scope(call, target, name, args[fact.callback] ?? UNDEFINED);
    case 'self':
      for (const arg of args)
        if (arg.kind === 'function') escape(call.solver, state, call.frame, arg, { kind: 'unknown', handles: [] });
      return [{ state, value: ref(target.id) }];
    case 'other':
      return other(call, target, fact.answers, fact.safe === true);
  }
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

function other(call: Call, target: Target, answers: Answer | undefined, safe: boolean): Outcome[] {
  if (target.connection !== null && !safe) use(call, target.connection);
  if (answers === undefined && !safe) raise(call);
  return answered(call, target, answers, [], safe);
}
