import type { Driver } from './driver.ts';

/** sqlite-async 1.x, another promise interface over sqlite3: waits 1000 ms by default. */
export const sqliteAsync: Driver = {
  id: 'sqlite-async',
  modules: ['sqlite-async'],
  synchronous: false,
  exports: {
    open: { kind: 'connection', by: 'call', file: { argument: 0 }, flags: 1, answers: 'promise' },
    'Database.open': { kind: 'connection', by: 'call', file: { argument: 0 }, flags: 1, answers: 'promise' },
    Database: { kind: 'type', of: 'connection' },
    Statement: { kind: 'type', of: 'statement' },
    OPEN_READONLY: { kind: 'flag', means: 'read-only' },
    'Database.OPEN_READONLY': { kind: 'flag', means: 'read-only' },
  },
  defaultBusyTimeout: 1000,
  options: {},
  ignoredOptions: {},
  closesAfterStatements: true,
  connection: {
    run: { does: 'execute', sql: 0, answers: 'promise' },
    get: { does: 'execute', sql: 0, answers: 'promise' },
    all: { does: 'execute', sql: 0, answers: 'promise' },
    each: { does: 'execute', sql: 0, answers: 'promise' },
    exec: { does: 'execute', sql: 0, several: true, answers: 'promise' },
    prepare: { does: 'prepare', sql: 0, answers: 'promise' },
    transaction: { does: 'transact', callback: 0, mode: 'deferred', answers: 'promise' },
    close: { does: 'close', answers: 'promise' },
  },
  statement: {
    run: { does: 'run', answers: 'promise' },
    get: { does: 'run', answers: 'promise' },
    all: { does: 'run', answers: 'promise' },
    each: { does: 'run', answers: 'promise' },
    bind: { does: 'self' },
    reset: { does: 'other', safe: true, answers: 'promise' },
    finalize: { does: 'other', safe: true, answers: 'promise' },
  },
};
