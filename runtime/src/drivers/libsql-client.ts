import { createClient, type Client, type InStatement, type Transaction } from '@libsql/client';
import { busyCodeOf } from '../busy.ts';
import { refuseMissing } from '../opening/existing.ts';
import { systemScheduler } from '../scheduler.ts';
import { batchLaterWith, type InBatchesLater } from '../verbs/batches.ts';
import { checkpointWith, type StartCheckpoints } from '../verbs/checkpoints.ts';
import { poolLaterWith, type CreatePoolLater } from '../verbs/pool.ts';
import { connectWith, openWith, transactWith, type CloseStyle } from '../verbs/async.ts';
import { Patience } from '../waiting/patience.ts';
import type { Admit, AsyncDriver, DriverTransaction, Row } from '../driver.ts';
import type { OpenDatabaseAsync, TakeTurns, WithConnectionAsync } from '../verbs/types.ts';

interface Facts {
  readonly local: boolean;
  /** Connection settings, made again after the connection was replaced. */
  readonly settings: Map<string, string>;
  busyTimeout: number;
  /** The last BEGIN found the lock taken. */
  contended: boolean;
}

const factsOf = new WeakMap<Client, Facts>();

/**
 * @libsql/client 0.18. Over a file it is libsql inside: its waiting would stop the event loop, so it is off and we wait;
 * and a statement that failed with SQLITE_BUSY spoils its connection, which is replaced then (`reconnect`).
 */
export const driver: AsyncDriver<Client, Transaction> = {
  name: '@libsql/client',
  synchronous: false,
  isLocal,
  open: async (filename, { readOnly, mustExist, driver: own }) => {
    const local = isLocal(filename);
    if (local && mustExist) refuseMissing(filename);
    // One connection: settings belong to a connection, and transactions take turns.
    const client = createClient({ ...own, url: urlOf(filename), ...(local ? { timeout: 0, concurrency: 1 } : {}) });
    const settings = new Map<string, string>(readOnly && local ? [['query_only', 'PRAGMA query_only=1']] : []);
    factsOf.set(client, { local, settings, busyTimeout: 0, contended: false });
    for (const sql of settings.values()) await client.executeMultiple(sql);
    return client;
  },
  close: (client) => {
    prototypeOf(client).close.call(client);
    return Promise.resolve();
  },
  query,
  guard: (client, admit) => {
    if (factsOf.get(client)?.local === true) guard(client, admit);
  },
  begin,
};

/** A path, `:memory:` and `file:` are on this machine; everything else with a scheme is a server. */
function isLocal(filename: string): boolean {
  return filename.startsWith('file:') || !/^[a-z][a-z0-9+.-]+:\/\//i.test(filename);
}

function urlOf(filename: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(filename) && !/^[a-z]:[\\/]/i.test(filename)
    ? filename
    : filename === ':memory:'
      ? filename
      : `file:${filename}`;
}

function prototypeOf(client: Client): Client {
  return Object.getPrototypeOf(client) as Client;
}

async function query(client: Client, sql: string): Promise<readonly Row[]> {
  const facts = factsOf.get(client);
  const setting = /^PRAGMA (\w+) = (.*)$/.exec(sql);
  if (setting === null || facts?.local !== true) return rowsOf(await prototypeOf(client).execute.call(client, sql));
  const [, name = '', value] = setting;
  if (name === 'busy_timeout') {
    // The wait is ours: the driver's own would stop the event loop.
    facts.busyTimeout = Number(value);
    return [{ timeout: facts.busyTimeout }];
  }
  await prototypeOf(client).executeMultiple.call(client, sql);
  if (name !== 'journal_mode') facts.settings.set(name, sql);
  return [];
}

function rowsOf({ columns, rows }: Awaited<ReturnType<Client['execute']>>): readonly Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
}

async function begin(client: Client, mode: 'read' | 'write'): Promise<DriverTransaction<Transaction>> {
  const facts = factsOf.get(client);
  const prototype = prototypeOf(client);
  // Of the two overloads, `call` sees the one that is deprecated.
  const begins = prototype as unknown as Record<'transaction', (mode: string) => Promise<Transaction>>;
  let transaction: Transaction;
  try {
    // `executeMultiple` does not spoil the connection when it fails: once the lock was taken, this asks first.
    if (facts?.contended === true && mode === 'write')
      await prototype.executeMultiple.call(client, 'BEGIN IMMEDIATE; ROLLBACK');
    transaction = await begins.transaction.call(client, mode);
    if (facts !== undefined) facts.contended = false;
  } catch (error) {
    if (busyCodeOf(error) !== null && facts !== undefined) {
      if (!facts.contended) await replace(client, facts);
      facts.contended = true;
    }
    throw error;
  }
  // Over a file, a transaction of mode 'read' may write (0.18): the setting forbids it, on the one connection there is.
  const guarded = mode === 'read' && facts?.local === true && !facts.settings.has('query_only');
  if (guarded) await transaction.executeMultiple('PRAGMA query_only=1');
  const after = async (): Promise<void> => {
    if (guarded) await prototype.executeMultiple.call(client, 'PRAGMA query_only=0');
  };
  return {
    execute: (sql) => transaction.executeMultiple(sql),
    commit: () => transaction.commit().then(after),
    rollback: () => transaction.rollback().then(after),
    isOpen: () => {
      // Where SQLite has ended it, the client gets its connection back only so.
      if (transaction.closed) transaction.close();
      return !transaction.closed;
    },
    handle: (admit) => guardTransaction(transaction, admit),
  };
}

/** Puts a new connection in the place of a spoilt one. */
async function replace(client: Client, { settings }: Facts): Promise<void> {
  const { reconnect } = client as unknown as Record<'reconnect', () => unknown>;
  await reconnect.call(client);
  for (const sql of settings.values()) await prototypeOf(client).executeMultiple.call(client, sql);
}

/** Calls that leave nothing behind when they fail, and so may be repeated. */
const REPEATABLE = ['execute', 'batch', 'migrate'] as const;

function guard(client: Client, admit: Admit): void {
  const prototype = prototypeOf(client) as unknown as Readonly<
    Record<string, (...args: unknown[]) => Promise<unknown>>
  >;
  const facts = factsOf.get(client);
  if (facts === undefined) return;
  for (const name of [...REPEATABLE, 'executeMultiple', 'transaction', 'sync'] as const) {
    const original = prototype[name];
    if (original === undefined) continue;
    const repeatable = (REPEATABLE as readonly string[]).includes(name);
    const value = (...args: unknown[]): Promise<unknown> =>
      admit(name, () => patiently(client, facts, repeatable, () => original.apply(client, args)));
    Object.defineProperty(client, name, { value, configurable: true, writable: true });
  }
}

async function patiently(
  client: Client,
  facts: Facts,
  repeatable: boolean,
  call: () => Promise<unknown>,
): Promise<unknown> {
  let patience: Patience | undefined;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (busyCodeOf(error) === null) throw error;
      await replace(client, facts);
      patience ??= new Patience(systemScheduler, facts.busyTimeout);
      if (!repeatable || !(await patience.sleep())) throw error;
    }
  }
}

function guardTransaction(transaction: Transaction, admit: Admit): Transaction {
  return {
    execute: (statement: InStatement) => admit('execute', () => transaction.execute(statement)),
    batch: (statements: InStatement[]) => admit('batch', () => transaction.batch(statements)),
    executeMultiple: (sql: string) => admit('executeMultiple', () => transaction.executeMultiple(sql)),
    commit: refuse('commit'),
    rollback: refuse('rollback'),
    close: refuse('close'),
    get closed() {
      return transaction.closed;
    },
  };
}

function refuse(name: string): () => never {
  return () => {
    throw new Error(
      `withTransaction ends its transaction itself: return from the callback, or throw, and leave out ${name}().`,
    );
  };
}

/** `client.close()` answers at once; what is left to do is done in order. */
const style: CloseStyle<Client> = (client, close) => {
  const value = (): void => void close();
  Object.defineProperty(client, 'close', { value, configurable: true, writable: true });
};

export const openDatabase: OpenDatabaseAsync<Client, AsyncDisposable> = /* @__PURE__ */ openWith(driver, style);
export const withConnection: WithConnectionAsync<Client, AsyncDisposable> = /* @__PURE__ */ connectWith(driver, style);
export const withTransaction: TakeTurns<Client, Transaction> = /* @__PURE__ */ transactWith(driver);
export const inBatches: InBatchesLater<Client, Transaction> = /* @__PURE__ */ batchLaterWith(withTransaction);
export const startCheckpoints: StartCheckpoints = /* @__PURE__ */ checkpointWith(driver);
export const createPool: CreatePoolLater<Transaction> = /* @__PURE__ */ poolLaterWith(openDatabase, withTransaction);

export { withTaskLimits } from '../tasks/limits.ts';
export { retryOnBusy } from '../tasks/retry.ts';
