/** The run of one function took too many steps; nothing is said about it. */
export class Exhausted extends Error {}

/** A function has blocks within blocks beyond what is followed. */
export class TooDeep extends Exhausted {}

/** Blocks of a function within each other; the stack would end not far beyond. */
export const MOST_NESTED = 400;
/** Instructions that the run of one function and all it calls may take. */
export const MOST_STEPS = 40_000;
/** The same for a method that is called beside the way, which does little but to hand on what it is given. */
export const MOST_STEPS_OF_METHOD = 2_000;
/** Calls within calls that are followed; the next one is tried where the run takes too many steps. */
export const DEPTHS = [9, 4, 2] as const;
/** States that may go on beside each other until ways come together. */
export const SEVERAL_STATES = 4;
/** From this number on, states are told apart by the handles themselves only. */
export const MANY_STATES = 12;
/** States beyond this number are not followed. */
export const MOST_STATES = 24;
/** Rounds of a loop after which it is taken as known. */
export const MOST_ROUNDS = 6;

const LEAST_STEPS = MOST_STEPS / 8;

/**
 * What the next function of a module may take at the greatest depth, where so many took too much: those of one module are
 * alike, and each that fails takes all its steps for nothing. At the other depths there is no such haste.
 */
export function stepsAfter(exhausted: number): number {
  return Math.max(LEAST_STEPS, MOST_STEPS / 2 ** exhausted);
}
