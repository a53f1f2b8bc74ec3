import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { queueConfig } from '../src/config/queue.js';
import { createSchema } from '../src/utilities/schema.js';
import { startChatServer } from './chat-server.js';
import { seed, TASKS } from './seed.js';
import { printSummary, summarize } from './summary.js';
import type { WorkerReport } from '../src/worker.js';

const directory = await mkdtemp(join(tmpdir(), 'legacy-tasks-'));
const chat = await startChatServer();
process.env.DATA_DIRECTORY = directory;
process.env.CHAT_URL = chat.url;
process.env.TIME_SCALE ??= '0.01';

try {
  await createSchema();
  await seed();
  console.log(`${TASKS} tasks, ${queueConfig.workers} workers with ${queueConfig.concurrency} tasks at a time`);

  const started = performance.now();
  const reports = await Promise.all(Array.from({ length: queueConfig.workers }, keepWorking));
  const summary = summarize(TASKS, reports.flat(), (performance.now() - started) / 1000);

  printSummary(summary);
  const file = process.argv[2];
  if (file) await writeFile(file, JSON.stringify(summary));
  process.exitCode = summary.done === TASKS && summary.failures.length === 0 ? 0 : 1;
} finally {
  await chat.close();
  await rm(directory, { recursive: true, force: true });
}

/** Starts a worker after the other, until one finds nothing to do. */
async function keepWorking(): Promise<WorkerReport[]> {
  const reports: WorkerReport[] = [];
  for (;;) {
    const news = await runWorker();
    reports.push(...news);
    if (!news.some(({ step }) => step === 'run')) return reports;
  }
}

/** Resolves with all that a worker reported, once it has ended. */
async function runWorker(): Promise<WorkerReport[]> {
  const reports: WorkerReport[] = [];
  const worker = fork(fileURLToPath(new URL('../src/worker.js', import.meta.url)));
  worker.on('message', (report) => reports.push(report as WorkerReport));
  const [code] = (await once(worker, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`A worker ended with exit code ${code}`);
  return reports;
}
