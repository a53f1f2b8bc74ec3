import { COMMIT, handles, ROLLBACK } from './handles.ts';
import type { Layer } from './layer.ts';

const READS = ['findAll', 'findOne', 'findByPk', 'findAndCountAll', 'count', 'min', 'max', 'sum', 'reload'];
const WRITES = ['create', 'bulkCreate', 'upsert', 'update', 'save', 'increment', 'decrement', 'destroy', 'restore'];

/** Methods of models and of their instances (sequelize.org, API reference, "Model"). */
const MODEL_METHODS: Readonly<Record<string, 'read' | 'write'>> = {
  ...Object.fromEntries(READS.map((name) => [name, 'read'] as const)),
  ...Object.fromEntries(WRITES.map((name) => [name, 'write'] as const)),
};

/** `Transaction.TYPES.IMMEDIATE` is the text itself (sequelize 6.37, src/transaction.js). */
const IMMEDIATE = {
  by: 'option',
  option: 'type',
  value: "'IMMEDIATE'",
  typed: { module: 'sequelize', name: 'Transaction', member: '.TYPES.IMMEDIATE' },
} as const;

/** Sequelize 5 to 7 (sequelize.org, "Transactions"): managed by a callback, or by a handle. */
export const sequelizeLayer: Layer = {
  id: 'sequelize',
  modules: [],
  synchronous: false,
  wraps: {},
  types: {},
  methods: {
    transaction: {
      does: 'transact',
      callback: 'last',
      mode: 'deferred',
      named: { argument: 0, option: 'type' },
      immediate: IMMEDIATE,
    },
    startUnmanagedTransaction: { does: 'transact', callback: 'last', mode: 'deferred', immediate: IMMEDIATE },
    close: { does: 'close' },
  },
  handles: handles('sequelize', {
    // `Model.create(row, { transaction })`
    transactionInOptions: MODEL_METHODS,
    transaction: { commit: COMMIT, rollback: ROLLBACK },
    properties: { finished: 'ended' },
  }),
};
