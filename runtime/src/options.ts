import { OptionError } from './errors.ts';

/**
 * Refuses options that do not exist, and names the nearest one that does.
 *
 * @throws {OptionError}
 */
export function checkOptions(given: object | undefined, known: readonly string[], where: string): void {
  if (given === undefined) return;
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) throw new OptionError(`${where} has no option '${name}'.`);
  }
}
