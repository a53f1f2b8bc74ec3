import { OptionError } from '../errors.ts';

/** Refuses an option that is no number, or is outside of its bounds: such a wait would never end, or never begin. */
export function checkAmounts(
  options: Readonly<Record<string, number | undefined>>,
  { min = 0, max = Infinity }: { readonly min?: number; readonly max?: number } = {},
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) continue;
    const bounds = max === Infinity ? `${min} or more` : `from ${min} to ${max}`;
    throw new OptionError(`${name} has to be a number, ${bounds}: it is ${String(value)}.`);
  }
}
