/** Why a place is left alone: docs/reasons.md says of each what it means and what to do by hand. */
export const REASONS = {
  'sql-elsewhere': 'The text of the statement is written in another place, or is put together.',
  'called-elsewhere': 'The function is not called where it is made, and its other uses are not all calls.',
  'argument-given': 'The argument that says how it begins is there already, in a form that is not read.',
  savepoint: 'An outermost SAVEPOINT has no immediate form: it needs a transaction around it.',
  'no-immediate-form': 'The library has no way to begin this transaction immediately.',
  'no-such-option': 'The driver has nothing that does what the option says.',
  'opposite-option': 'The option that there is says the opposite, so that its value changes as well.',
  'several-values': 'Several values are possible, and nothing tells which one is meant.',
  'not-in-source': 'The place is not in the text as it stands.',
} as const;

export type Reason = keyof typeof REASONS;
