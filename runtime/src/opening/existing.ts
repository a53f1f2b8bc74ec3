import { existsSync } from 'node:fs';
import { pathOfUri } from '../environment/uri.ts';
import { SettingError } from '../errors.ts';
import { isInMemory } from './in-memory.ts';

/**
 * For drivers that make a missing file and have no option against it.
 *
 * @throws {SettingError}
 */
export function refuseMissing(filename: string): void {
  if (isInMemory(filename)) return;
  const path = filename.startsWith('file:') ? pathOfUri(filename) : filename;
  if (!existsSync(path))
    throw new SettingError(`There is no file ${path}, and mustExist is true.`, { database: filename });
}
