import { COMMIT, handles, ROLLBACK } from './handles.ts';
import type { Layer } from './layer.ts';

/** knex 0.95 to 3 (knexjs.org, "Transactions"): managed by a callback, or by a handle without one. */
export const knexLayer: Layer = {
  id: 'knex',
  modules: [],
  synchronous: false,
  wraps: {},
  types: {},
  methods: {
    transaction: { does: 'transact', callback: 0, mode: 'deferred' },
    withUserParams: { does: 'continue' },
    destroy: { does: 'close' },
  },
  handles: handles('knex', {
    transaction: {
      commit: COMMIT,
      rollback: ROLLBACK,
      isCompleted: { does: 'ask' },
    },
  }),
};
