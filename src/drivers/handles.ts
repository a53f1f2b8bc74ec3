import type { Driver, MethodFact } from './driver.ts';

/** What an object mapper hands out to begin and end transactions by hand: no driver of its own, but it works like one. */
export function handles(id: string, facts: Partial<Driver>): Driver {
  return {
    id,
    modules: [],
    synchronous: false,
    exports: {},
    defaultBusyTimeout: 0,
    options: {},
    ignoredOptions: {},
    connection: {},
    statement: {},
    ...facts,
  };
}

/** A method that begins, commits or rolls back on the connection that it is called on. */
export function running(sql: 'BEGIN' | 'COMMIT' | 'ROLLBACK'): MethodFact {
  return { does: 'statement', sql, answers: 'promise' };
}

export const COMMIT: MethodFact = { does: 'commit', answers: 'promise' };
export const ROLLBACK: MethodFact = { does: 'rollback', answers: 'promise' };
