import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSchema } from '../src/utilities/schema.js';

/** Points the application to new, empty databases, and takes the time out of the model; returns how to remove them. */
export async function freshData(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'legacy-tasks-test-'));
  process.env.DATA_DIRECTORY = directory;
  process.env.TIME_SCALE = '0';
  await createSchema();
  // Windows does not remove files that are still open; the system clears its temporary folder.
  return () => rm(directory, { recursive: true, force: true }).catch(() => undefined);
}
