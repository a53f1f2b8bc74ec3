import type { WorkerReport } from '../src/worker.js';

export interface Summary {
  readonly tasks: number;
  readonly done: number;
  /** The most frequent first. */
  readonly failures: readonly Failure[];
  readonly seconds: number;
}

interface Failure {
  /** The kind of the tasks that failed, or what failed around them. */
  readonly what: string;
  readonly database: 'system' | 'queue';
  readonly error: string;
  readonly times: number;
}

export function summarize(tasks: number, reports: readonly WorkerReport[], seconds: number): Summary {
  const failures = new Map<string, Failure>();
  for (const report of reports) {
    if (report.error === null) continue;
    const what = report.step === 'run' ? report.kind : report.step;
    const database = report.step === 'run' ? 'system' : 'queue';
    const key = `${what}: ${report.error}`;
    const times = (failures.get(key)?.times ?? 0) + 1;
    failures.set(key, { what, database, error: report.error, times });
  }
  return {
    tasks,
    done: reports.filter(({ error }) => error === null).length,
    failures: [...failures.values()].sort((a, b) => b.times - a.times),
    seconds,
  };
}

export function printSummary({ tasks, done, failures, seconds }: Summary): void {
  console.log(`${done} of ${tasks} tasks done in ${seconds.toFixed(1)} s`);
  for (const { what, database, error, times } of failures) {
    console.log(`${String(times).padStart(4)} x ${what.padEnd(22)} ${database} database  ${error}`);
  }
}
