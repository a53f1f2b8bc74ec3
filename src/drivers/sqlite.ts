import type { Driver } from './driver.ts';

/** sqlite 4 and 5, the promise interface over sqlite3: waits 1000 ms by default. */
export const sqlite: Driver = {
  id: 'sqlite',
  modules: ['sqlite'],
  synchronous: false,
  exports: {
    open: { kind: 'connection', by: 'call', file: { option: 'filename' }, options: 0, answers: 'promise' },
    Database: { kind: 'type', of: 'connection' },
    Statement: { kind: 'type', of: 'statement' },
  },
  defaultBusyTimeout: 1000,
  options: {
    filename: { sets: 'other' },
    driver: { sets: 'other' },
    mode: { sets: 'read-only' },
  },
  ignoredOptions: { timeout: null, busyTimeout: null, readonly: 'mode', readOnly: 'mode' },
  closesAfterStatements: true,
  connection: {
    run: { does: 'execute', sql: 0, answers: 'promise' },
    get: { does: 'execute', sql: 0, answers: 'promise' },
    all: { does: 'execute', sql: 0, answers: 'promise' },
    each: { does: 'execute', sql: 0, answers: 'promise' },
    exec: { does: 'execute', sql: 0, several: true, answers: 'promise' },
    prepare: { does: 'prepare', sql: 0, answers: 'promise' },
    migrate: { does: 'other', answers: 'promise' },
    loadExtension: { does: 'other', answers: 'promise' },
    configure: { does: 'configure', name: 0, value: 1 },
    close: { does: 'close', answers: 'promise' },
    serialize: { does: 'scope', callback: 0 },
    parallelize: { does: 'scope', callback: 0 },
    getDatabaseInstance: { does: 'self' },
    on: { does: 'self' },
  },
  statement: {
    run: { does: 'run', answers: 'promise' },
    get: { does: 'run', answers: 'promise' },
    all: { does: 'run', answers: 'promise' },
    each: { does: 'run', answers: 'promise' },
    bind: { does: 'other', answers: 'promise' },
    reset: { does: 'other', safe: true, answers: 'promise' },
    finalize: { does: 'other', safe: true, answers: 'promise' },
  },
};
