import { parentPort, workerData } from 'node:worker_threads';
import { concerns } from '../../analysis/index.ts';
import { analysisSettings } from '../../settings.ts';
import { connectionsIn } from '../plan/connections.ts';
import { PlannedFile } from '../plan/planned-file.ts';
import { settleFile, type SourceText } from '../plan/plan.ts';
import { stepsOf } from '../plan/policy.ts';
import { Configurations } from '../project/configuration.ts';
import type { Look } from '../project/lint.ts';
import type { Seen, Task } from './task.ts';

const { root, files, config, choice, suggestions, wrapperFirst } = workerData as Task;
const configurations = new Configurations(root, config, choice);
const steps = stepsOf({ suggestions, ask: null, wrapperFirst });

for (const file of files) parentPort?.postMessage(await see(file));

/** Goes the way that the plan goes with a file as long as no other one has changed. */
async function see(file: SourceText): Promise<Seen> {
  const { absolute } = file;
  const configuration = await configurations.of(absolute);
  const settings = analysisSettings({ settings: configuration.settings ?? {}, cwd: root });
  if (!concerns(absolute, file.text, settings))
    return { absolute, isConcerned: false, connections: [], looks: new Map() };
  const looks = new Map<string, Look>();
  const planned = new PlannedFile(root, file, configuration, { looked: (text, look) => looks.set(text, look) });
  planned.refresh();
  const connections = planned.code ? connectionsIn(planned.code, file, settings, root) : [];
  for (const index of steps.keys()) await settleFile(planned, steps.slice(0, index + 1));
  return { absolute, isConcerned: true, connections, looks };
}
