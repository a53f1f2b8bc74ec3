import { fingerprintOf } from '../cache/fingerprint.ts';
import { Store, type Kept } from '../cache/store.ts';
import { examine, readTargets, runOf, runWith, toolVersion } from './examine.ts';
import type { ExamineOptions } from '../options.ts';
import type { Progress } from '../terminal/progress.ts';

/**
 * What a run comes to that writes nothing. With `--cache` it is that of the run before, where nothing has changed that its
 * findings and rewrites rest on.
 */
export async function examineOrRecall(
  root: string,
  paths: readonly string[],
  options: ExamineOptions,
  progress: Progress,
): Promise<Kept> {
  const read = await readTargets(root, paths, options);
  const store = options.cache ? new Store(root, options.cacheLocation) : null;
  const { rule, driver, style, open, suggestions, types, shard } = options;
  const fingerprint = store
    ? await fingerprintOf(read.texts, {
        root,
        version: toolVersion(),
        options: { rule, driver, style, open, suggestions, types, shard },
        configure: (absolute) => read.configurations.of(absolute),
      })
    : '';
  const known = store?.read(fingerprint);
  if (known) {
    // Files that nothing rests on may have come and gone.
    const unparsed = known.run.skipped.filter(({ why }) => why === 'does-not-parse');
    const now = { targets: read.targets, skipped: [...read.skipped, ...unparsed] };
    return { run: runWith(now, known.run, options, false), warnings: known.warnings };
  }
  const examined = await examine(root, read, options, { progress });
  try {
    const kept = { run: runOf(examined, options, false), warnings: [...examined.plan.warnings] };
    store?.write(fingerprint, kept);
    return kept;
  } finally {
    examined.plan.dispose();
  }
}
