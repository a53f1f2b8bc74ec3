import type { Driver } from './driver.ts';

/** better-sqlite3 11 to 13: synchronous; waits 5000 ms by default. Facts of sections 1 to 5 of its API page, measured. */
export const betterSqlite3: Driver = {
  id: 'better-sqlite3',
  modules: ['better-sqlite3', 'better-sqlite3-multiple-ciphers'],
  synchronous: true,
  exports: {
    '': { kind: 'connection', by: 'construct or call', file: { argument: 0 }, options: 1 },
    Database: { kind: 'connection', by: 'construct or call', file: { argument: 0 }, options: 1 },
    Statement: { kind: 'type', of: 'statement' },
  },
  defaultBusyTimeout: 5000,
  options: {
    readonly: { sets: 'read-only' },
    fileMustExist: { sets: 'must exist' },
    timeout: { sets: 'busy timeout' },
    verbose: { sets: 'other' },
    nativeBinding: { sets: 'other' },
    memory: { sets: 'memory' },
  },
  // `readOnly` is no entry: the constructor rejects that spelling with a TypeError.
  ignoredOptions: { busyTimeout: 'timeout', busy_timeout: 'timeout', mustExist: 'fileMustExist', readWrite: null },
  connection: {
    exec: { does: 'execute', sql: 0, several: true },
    prepare: { does: 'prepare', sql: 0 },
    pragma: { does: 'pragma', sql: 0 },
    transaction: {
      does: 'transaction function',
      callback: 0,
      modes: { default: 'deferred', deferred: 'deferred', immediate: 'immediate', exclusive: 'exclusive' },
    },
    close: { does: 'close' },
    backup: { does: 'other', answers: 'promise' },
    serialize: { does: 'other' },
    function: { does: 'self' },
    aggregate: { does: 'self' },
    table: { does: 'self' },
    loadExtension: { does: 'other' },
    defaultSafeIntegers: { does: 'self' },
    unsafeMode: { does: 'self' },
  },
  statement: {
    run: { does: 'run' },
    get: { does: 'run' },
    all: { does: 'run' },
    iterate: { does: 'iterate' },
    pluck: { does: 'self' },
    expand: { does: 'self' },
    raw: { does: 'self' },
    bind: { does: 'self' },
    safeIntegers: { does: 'self' },
    columns: { does: 'other', safe: true },
  },
  properties: { open: 'open', inTransaction: 'in transaction', memory: 'memory' },
};
