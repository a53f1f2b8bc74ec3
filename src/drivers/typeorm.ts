import { handles, running } from './handles.ts';
import type { Layer } from './layer.ts';

/** TypeORM 0.2 and 0.3 (typeorm.io, "Transactions"): managed by a callback, or by a query runner. */
export const typeormLayer: Layer = {
  id: 'typeorm',
  modules: [],
  synchronous: false,
  wraps: {},
  types: {},
  methods: {
    initialize: { does: 'continue' },
    connect: { does: 'continue' },
    transaction: { does: 'transact', callback: 'last', mode: 'deferred' },
    createQueryRunner: { does: 'session' },
    createEntityManager: { does: 'continue' },
    destroy: { does: 'close' },
    close: { does: 'close' },
  },
  properties: { manager: 'self', connection: 'self', dataSource: 'self', isInitialized: 'open', isConnected: 'open' },
  handles: handles('typeorm', {
    connection: {
      connect: { does: 'other', answers: 'promise' },
      startTransaction: running('BEGIN'),
      commitTransaction: running('COMMIT'),
      rollbackTransaction: running('ROLLBACK'),
      query: { does: 'execute', sql: 0, answers: 'promise' },
      // SQLite has one connection for all of them: what is begun on it stays.
      release: { does: 'other', safe: true, answers: 'promise' },
    },
    properties: { isTransactionActive: 'in transaction', manager: 'self' },
  }),
};
