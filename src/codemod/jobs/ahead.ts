import { Worker } from 'node:worker_threads';
import type { SourceText } from '../plan/plan.ts';
import type { Seen, Task } from './task.ts';

const WORKER = new URL('./worker.js', import.meta.url);

/**
 * Looks at files in several threads at once, before the plan does: what the plan finds there it need not look at itself.
 * A thread that fails leaves its files to the plan, which says why.
 */
export async function lookAhead(
  { files, ...task }: Task,
  jobs: number,
  onProgress: (done: number, all: number) => void,
): Promise<ReadonlyMap<string, Seen>> {
  const seen = new Map<string, Seen>();
  const parts = dealt(files, Math.min(jobs, files.length));
  await Promise.all(
    parts.map(async (part) => {
      const worker = new Worker(WORKER, { workerData: { ...task, files: part } satisfies Task });
      worker.on('message', (message: Seen) => {
        seen.set(message.absolute, message);
        onProgress(seen.size, files.length);
      });
      worker.on('error', () => undefined);
      await new Promise((resolve) => worker.once('exit', resolve));
    }),
  );
  return seen;
}

/** The largest first, so that no thread has one left while the others are done. */
function dealt(files: readonly SourceText[], count: number): readonly (readonly SourceText[])[] {
  const parts: SourceText[][] = Array.from({ length: count }, () => []);
  const bySize = files.toSorted((first, second) => second.text.length - first.text.length);
  for (const [index, file] of bySize.entries()) parts[index % count]?.push(file);
  return parts;
}
