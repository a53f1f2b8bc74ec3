import type { Activation } from './activation.ts';
import type { Connection, Transaction } from './heap.ts';
import type { Thrown } from './state.ts';
import type { Site } from '../ir.ts';
import type { Statement } from '../sql/statements.ts';

/** What became of a connection by a statement, and what it is like where the statement failed. */
export interface Transition {
  readonly done: Connection;
  readonly failed: Connection;
  /** A deferred transaction that had read now writes: it fails at once when somebody else wrote in between. */
  readonly upgraded: Transaction | null;
}

/** How a transaction begins. */
type Beginning = Pick<Transaction, 'mode' | 'began' | 'beganIn'> & Partial<Transaction>;

/** A transaction begun by a statement, unless told otherwise. */
export function newTransaction(beginning: Beginning): Transaction {
  return {
    ran: null,
    read: null,
    savepoints: [],
    outermost: null,
    uncertain: false,
    undone: false,
    during: null,
    managed: false,
    immediate: { by: 'statement' },
    ...beginning,
  };
}

export function begin(connection: Connection, beginning: Beginning): Connection {
  // Within a transaction, BEGIN fails and a managed one becomes a savepoint.
  if (connection.transaction) return connection;
  return { ...connection, used: true, transaction: newTransaction(beginning) };
}

export function end(connection: Connection): Connection {
  return connection.transaction ? { ...connection, transaction: null } : connection;
}

/** Runs one statement of SQL text, settings apart. */
export function transition(
  connection: Connection,
  statement: Statement,
  site: Site,
  activation: Activation,
  during: Thrown | null,
): Transition {
  const done = after(connection, statement, site, activation, during);
  return { done, failed: failing(connection, statement), upgraded: upgraded(connection.transaction, statement) };
}

function after(
  connection: Connection,
  statement: Statement,
  site: Site,
  activation: Activation,
  during: Thrown | null,
): Connection {
  const { transaction } = connection;
  const beginning = { began: site, beganIn: activation, during };
  switch (statement.does) {
    case 'begin':
      return begin(connection, { mode: statement.mode, ...beginning });
    case 'commit':
    case 'rollback':
      return end(connection);
    case 'savepoint':
      // A name that is made up when it runs is that of a savepoint inside a transaction as a rule.
      if (!transaction && statement.name === '') return connection;
      if (!transaction) return begin(connection, { mode: 'deferred', ...beginning, outermost: statement.name });
      return {
        ...connection,
        transaction: { ...transaction, savepoints: [...transaction.savepoints, statement.name] },
      };
    case 'release':
      return release(connection, statement.name);
    case 'read':
    case 'pragma':
    case 'write':
    case 'unknown':
      return touch(connection, statement, site);
    case 'rollback to':
      return transaction?.outermost === statement.name
        ? { ...connection, transaction: { ...transaction, undone: true } }
        : connection;
  }
}

function release(connection: Connection, name: string): Connection {
  const { transaction } = connection;
  if (!transaction) return connection;
  if (transaction.outermost !== null && transaction.outermost === name) return end(connection);
  const at = transaction.savepoints.lastIndexOf(name);
  return at < 0
    ? connection
    : { ...connection, transaction: { ...transaction, savepoints: transaction.savepoints.slice(0, at) } };
}

function touch(connection: Connection, statement: Statement, site: Site): Connection {
  const used = connection.used || statement.does !== 'pragma';
  const { transaction } = connection;
  const next = transaction && touched(transaction, statement, site);
  return used === connection.used && next === transaction ? connection : { ...connection, used, transaction: next };
}

/** What a transaction is like once a statement ran in it. */
export function touched(transaction: Transaction, statement: Statement, site: Site): Transaction {
  if (transaction.mode !== 'deferred') return transaction;
  if (statement.does === 'write') return { ...transaction, mode: 'immediate', undone: false }; // it has the lock now
  return reads(statement) ? { ...transaction, read: transaction.read ?? site } : transaction;
}

/** What a transaction is like once code ran in it that nobody followed: it may have written first of all. */
export function touchedUnseen(transaction: Transaction): Transaction {
  return transaction.mode === 'deferred' && !transaction.read ? { ...transaction, mode: 'immediate' } : transaction;
}

/** A PRAGMA that only asks reads the schema, and with that takes the snapshot. */
function reads(statement: Statement): boolean {
  if (statement.does === 'read') return true;
  return statement.does === 'pragma' && READING_PRAGMAS.has(statement.pragma.name ?? '');
}

const READING_PRAGMAS = new Set([
  ...['table_info', 'table_xinfo', 'table_list', 'index_list', 'index_info', 'index_xinfo', 'foreign_key_list'],
  ...['foreign_key_check', 'integrity_check', 'quick_check', 'user_version', 'schema_version', 'application_id'],
]);

/** The transaction in which a statement asks for the write lock after it has read. */
export function upgraded(transaction: Transaction | null, statement: Statement): Transaction | null {
  if (!transaction || statement.does !== 'write') return null;
  return transaction.mode === 'deferred' && transaction.read ? transaction : null;
}

/**
 * What a failed statement leaves behind: BEGIN begins nothing; COMMIT may leave the transaction open (another reader in
 * a database that is not in WAL mode); an attempt to roll back counts as done.
 */
function failing(connection: Connection, statement: Statement): Connection {
  const { transaction } = connection;
  if (!transaction) return connection;
  if (statement.does === 'commit') return { ...connection, transaction: { ...transaction, uncertain: true } };
  const undoes =
    statement.does === 'rollback' ||
    (statement.does === 'rollback to' && statement.name === transaction.outermost) ||
    (statement.does === 'release' && transaction.undone);
  return undoes ? end(connection) : connection;
}
