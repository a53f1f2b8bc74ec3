import type { Layer } from './layer.ts';

/** Kysely: always promises, also over a synchronous driver; keeps one connection and a queue of its own. */
export const kysely: Layer = {
  id: 'kysely',
  modules: ['kysely', 'kysely-bun-sqlite', 'kysely-bun-worker'],
  synchronous: false,
  wraps: {
    SqliteDialect: [{ argument: 0, option: 'database' }],
    BunSqliteDialect: [{ argument: 0, option: 'database' }],
    Kysely: [{ argument: 0, option: 'dialect' }],
  },
  generic: ['Kysely'],
  // `Kysely<Schema>` does not tell which database it is.
  types: {},
  methods: {
    transaction: { does: 'continue' },
    setIsolationLevel: { does: 'continue' },
    setAccessMode: { does: 'continue' },
    withPlugin: { does: 'continue' },
    withSchema: { does: 'continue' },
    execute: { does: 'transact', callback: 0, mode: 'deferred' },
    selectFrom: { does: 'build', query: 'read' },
    selectNoFrom: { does: 'build', query: 'read' },
    insertInto: { does: 'build', query: 'write' },
    replaceInto: { does: 'build', query: 'write' },
    updateTable: { does: 'build', query: 'write' },
    deleteFrom: { does: 'build', query: 'write' },
    destroy: { does: 'close' },
  },
  runs: new Set(['execute', 'executeTakeFirst', 'executeTakeFirstOrThrow', 'stream']),
};
