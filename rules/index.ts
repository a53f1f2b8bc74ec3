import noAsyncTransaction from './no-async-transaction.ts';
import noAwaitInTransaction from './no-await-in-transaction.ts';
import noAwaitWithOpenConnection from './no-await-with-open-connection.ts';
import preferImmediateTransaction from './prefer-immediate-transaction.ts';
import requireClose from './require-close.ts';
import requirePragmas from './require-pragmas.ts';
import requireRollback from './require-rollback.ts';
import validOpenOptions from './valid-open-options.ts';
import type { UnbusyRule } from '../src/rule.ts';

export const rules: Readonly<Record<string, UnbusyRule>> = {
  'no-async-transaction': noAsyncTransaction,
  'no-await-in-transaction': noAwaitInTransaction,
  'no-await-with-open-connection': noAwaitWithOpenConnection,
  'prefer-immediate-transaction': preferImmediateTransaction,
  'require-close': requireClose,
  'require-pragmas': requirePragmas,
  'require-rollback': requireRollback,
  'valid-open-options': validOpenOptions,
};
