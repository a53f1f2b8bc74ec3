import type { Reason } from './reasons.ts';
import type { Title } from './titles.ts';

/** A piece of text that takes the place of another; an empty range inserts. */
export interface Edit {
  readonly range: readonly [start: number, end: number];
  readonly text: string;
}

/** A change of the program that removes a hazard. */
export interface Rewrite {
  readonly title: Title;
  /** What the title names. */
  readonly data?: Readonly<Record<string, string>>;
  /**
   * Nothing but the hazard goes away: it may be applied without a person looking at it. Others move statements, change
   * when something is committed or decide something, and are only suggested.
   */
  readonly safe: boolean;
  /** Do not overlap, in any order. */
  readonly edits: readonly Edit[];
}

/** Why a place is left alone. */
export interface Withdrawal {
  readonly withdrawn: Reason;
}

export type Proposal = Rewrite | Withdrawal;

export function isRewrite(proposal: Proposal): proposal is Rewrite {
  return 'edits' in proposal;
}

export function withdrawn(reason: Reason): Withdrawal {
  return { withdrawn: reason };
}

export const insertion = (at: number, text: string): Edit => ({ range: [at, at], text });
