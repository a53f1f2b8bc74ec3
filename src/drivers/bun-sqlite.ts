import type { Driver } from './driver.ts';

/** bun:sqlite of Bun 1.x: synchronous; waits 0 ms by default and has no option for it. */
export const bunSqlite: Driver = {
  id: 'bun:sqlite',
  modules: ['bun:sqlite'],
  synchronous: true,
  exports: {
    '': { kind: 'connection', by: 'construct', file: { argument: 0 }, options: 1 },
    Database: { kind: 'connection', by: 'construct', file: { argument: 0 }, options: 1 },
    'Database.open': { kind: 'connection', by: 'call', file: { argument: 0 }, options: 1 },
    Statement: { kind: 'type', of: 'statement' },
  },
  defaultBusyTimeout: 0,
  options: {
    readonly: { sets: 'read-only' },
    create: { sets: 'must exist' },
    readwrite: { sets: 'other' },
    strict: { sets: 'other' },
    safeIntegers: { sets: 'other' },
  },
  ignoredOptions: { timeout: null, busyTimeout: null, busy_timeout: null, fileMustExist: { opposite: 'create' } },
  refusedOptions: ['readOnly'],
  connection: {
    exec: { does: 'execute', sql: 0, several: true },
    run: { does: 'execute', sql: 0, several: true },
    query: { does: 'prepare', sql: 0 },
    prepare: { does: 'prepare', sql: 0 },
    transaction: {
      does: 'transaction function',
      callback: 0,
      modes: { deferred: 'deferred', immediate: 'immediate', exclusive: 'exclusive' },
    },
    close: { does: 'close' },
    serialize: { does: 'other' },
    loadExtension: { does: 'other' },
    fileControl: { does: 'other', safe: true },
    '@@dispose': { does: 'close' },
  },
  statement: {
    run: { does: 'run' },
    get: { does: 'run' },
    all: { does: 'run' },
    values: { does: 'run' },
    raw: { does: 'run' },
    iterate: { does: 'iterate' },
    as: { does: 'self' },
    safeIntegers: { does: 'self' },
    finalize: { does: 'other', safe: true },
    '@@dispose': { does: 'other', safe: true },
    '@@iterator': { does: 'iterate' },
  },
  properties: { inTransaction: 'in transaction' },
};
