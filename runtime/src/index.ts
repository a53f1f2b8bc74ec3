export { isBusy, busyCodeOf, type BusyCode } from './busy.ts';
export {
  channels,
  wantTraces,
  type Checkpoint,
  type Events,
  type Hold,
  type Starvation,
  type TaskLimit,
  type Wait,
} from './channels.ts';
export type {
  Admit,
  AsyncDriver,
  DriverOpening,
  DriverTransaction,
  Row,
  SyncDriver,
  TransactionMode,
} from './driver.ts';
export * from './errors.ts';
export type { Holder } from './holders.ts';
export type { JournalMode, OpenOptions, PragmaValue, Synchronous, Unsafe } from './opening/options.ts';
export type { AsyncTransactionOptions, TransactionOptions } from './transactions/options.ts';
export {
  connectAsyncWith,
  connectWith,
  openAsyncWith,
  openWith,
  transactAsyncWith,
  transactWith,
} from './verbs/sync.ts';
export type {
  AsyncOpenOptions,
  OpenDatabase,
  OpenDatabaseAsync,
  TakeTurns,
  WithConnection,
  WithConnectionAsync,
  WithTransaction,
  WithTransactionAsync,
} from './verbs/types.ts';
export { currentTask, type Task } from './tasks/context.ts';
export { withTaskLimits, type TaskAttempt, type TaskLimits } from './tasks/limits.ts';
export { retryOnBusy, type Attempt, type Retry, type RetryOptions, type RetryPolicy } from './tasks/retry.ts';
export type { AlertCallbacks, Busy, Leak, LongHold, LongWait, WalGrowth } from './monitor/alerts.ts';
export type { CurrentHolder, DatabaseSnapshot, LockSnapshot } from './monitor/figures.ts';
export type { HistogramSnapshot } from './monitor/histogram.ts';
export { createMonitor, type Monitor, type MonitorOptions, type MonitorSnapshot } from './monitor/monitor.ts';
export type { BatchOptions, BatchProgress } from './tasks/batches.ts';
export { batchLaterWith, batchWith, type InBatches, type InBatchesLater } from './verbs/batches.ts';
export type { CheckpointOptions, Checkpoints } from './checkpoints/checkpoints.ts';
export type { BlockOptions, PoolOptions } from './pool/options.ts';
export type { PoolCloseOptions, PoolStats } from './pool/pool.ts';
export { poolLaterWith, poolWith, type CreatePool, type CreatePoolLater } from './verbs/pool.ts';
export { checkpointWith, type StartCheckpoints } from './verbs/checkpoints.ts';
