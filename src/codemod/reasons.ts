import { REASONS, type Reason } from '../rewrites/reasons.ts';
import { CODEMOD_REASONS, type CodemodReason } from './model.ts';

/** What a reason says; docs/reasons.md says what to do by hand. */
export function meaningOf(reason: Reason | CodemodReason): string {
  return { ...REASONS, ...CODEMOD_REASONS }[reason];
}
