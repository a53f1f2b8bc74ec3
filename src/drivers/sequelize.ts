import { COMMIT, handles, ROLLBACK } from './handles.ts';
import type { Layer } from './layer.ts';

/** Sequelize 5 to 7 (sequelize.org, "Transactions"): managed by a callback, or by a handle. */
export const sequelizeLayer: Layer = {
  id: 'sequelize',
  modules: [],
  synchronous: false,
  wraps: {},
  types: {},
  methods: {
    transaction: { does: 'transact', callback: 'last', mode: 'deferred', named: { argument: 0, option: 'type' } },
    startUnmanagedTransaction: { does: 'transact', callback: 'last', mode: 'deferred' },
    close: { does: 'close' },
  },
  handles: handles('sequelize', {
    // `Model.create(row, { transaction })`
    transactionInOptions: true,
    transaction: { commit: COMMIT, rollback: ROLLBACK },
    properties: { finished: 'ended' },
  }),
};
