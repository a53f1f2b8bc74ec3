import { retryOnBusy, withTaskLimits } from 'unbusy/sqlite';
import { queueConfig } from './config/queue.js';
import { beat } from './queue/heartbeat.js';
import { claimTask, settleTask } from './queue/queue.js';
import { runTask, type Task, type TaskKind } from './tasks/index.js';

/** What a worker tells the process that started it. */
export type WorkerReport =
  | { readonly step: 'claim' | 'settle' | 'heartbeat'; readonly error: string }
  | { readonly step: 'run'; readonly kind: TaskKind; readonly error: string | null };

const name = `worker-${process.pid}`;
let taken = 0;

/** Takes tasks until this worker has had its share or none waits. */
async function work(): Promise<void> {
  while (taken < queueConfig.tasksPerWorker) {
    taken += 1;
    const task = await patiently('claim', () => claimTask(name));
    if (!task) return;
    await perform(task);
  }
}

/** Without an answer of the queue a worker has nothing else to do: it asks until the queue is free. */
function patiently<Result>(step: 'claim' | 'settle', ask: () => Promise<Result>): Promise<Result> {
  return retryOnBusy(ask, {
    label: step,
    deadline: Infinity,
    base: queueConfig.retryInterval,
    onRetry: ({ error }) => report({ step, error: messageOf(error) }),
  });
}

async function perform(task: Task): Promise<void> {
  let failure: string | null = null;
  try {
    await withTaskLimits(task.kind, () => runTask(task), {
      deadline: queueConfig.taskDeadline,
      maxHold: queueConfig.maxHold,
    });
  } catch (error) {
    failure = messageOf(error);
  }
  report({ step: 'run', kind: task.kind, error: failure });

  try {
    await patiently('settle', () => settleTask(task.id, failure));
  } catch (error) {
    report({ step: 'settle', error: messageOf(error) });
  }
}

function report(message: WorkerReport): void {
  process.send?.(message);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const heartbeat = setInterval(() => {
  beat(name).catch((error: unknown) => report({ step: 'heartbeat', error: messageOf(error) }));
}, queueConfig.heartbeatInterval);
await Promise.all(Array.from({ length: queueConfig.concurrency }, work));
clearInterval(heartbeat);
if (process.connected) process.disconnect();
