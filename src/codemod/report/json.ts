import { CodemodError, EXIT } from '../exit-codes.ts';
import type { Run } from '../model.ts';

/** A run as other programs read it, and `merge` puts it together with others. */
export function jsonReport(run: Run): string {
  return `${JSON.stringify(run, null, 2)}\n`;
}

/** Reads a run that was written by `jsonReport`. Throws `CodemodError` that says what is wrong with it; `name` is the file's. */
export function parseRun(text: string, name: string): Run {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(name, error instanceof Error ? error.message : String(error));
  }
  if (!isObject(value) || !isObject(value.tool) || value.tool.name !== 'unbusy-codemod')
    throw wrong(name, 'it is not a report of unbusy-codemod');
  if (value.version !== 1)
    throw wrong(name, `it has version ${String(value.version)} of the format, and this version reads 1`);
  for (const list of ['files', 'connections', 'skipped', 'notes'])
    if (!Array.isArray(value[list])) throw wrong(name, `its \`${list}\` is not a list`);
  for (const file of value.files as unknown[])
    if (!isObject(file) || typeof file.path !== 'string' || !Array.isArray(file.sites))
      throw wrong(name, 'one of its files has no path or no sites');
  return value as unknown as Run;
}

function wrong(name: string, why: string): CodemodError {
  return new CodemodError(EXIT.usage, `${name} cannot be read: ${why}. Write it with --report FILE.json.`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
