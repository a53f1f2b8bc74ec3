import { meaningOf } from '../reasons.ts';
import { levelOf } from './causes.ts';
import { groupedBy } from './words.ts';
import type { Outcome } from '../model.ts';
import type { Found } from './found.ts';

/** One change, wherever it is to be made. */
interface Change {
  readonly what: string;
  readonly places: readonly Found[];
}

/** A step of the work, with its risk. */
export interface Phase {
  readonly title: string;
  readonly risk: 'Low' | 'Medium' | 'High';
  /** Where the risk comes from. */
  readonly why: string;
  readonly how: string;
  /** What matters most comes first. */
  readonly changes: readonly Change[];
  readonly files: readonly string[];
}

/** How a phase is told, and which outcomes are of it; `what` is the change, null for those that are not. */
interface Kind extends Pick<Phase, 'title' | 'risk' | 'why'> {
  readonly how: (written: boolean) => string;
  readonly what: (outcome: Outcome) => string | null;
}

const made = (written: boolean, command: string): string => (written ? 'They are made.' : `\`${command}\` makes them.`);

const KINDS: readonly Kind[] = [
  {
    title: 'Safe edits',
    risk: 'Low',
    why: 'nothing changes but the hazard',
    how: (written) => made(written, 'unbusy-codemod --write'),
    what: (outcome) => (outcome.kind === 'rewritten' && outcome.safe ? outcome.text : null),
  },
  {
    title: 'Decisions that are made',
    risk: 'Medium',
    why: 'work moves, or is committed at another time, so that others can write in between',
    how: (written) =>
      `Review each: what was read before may not hold any more. ${made(written, 'unbusy-codemod --write --suggestions')}`,
    what: (outcome) => (outcome.kind === 'rewritten' && !outcome.safe ? outcome.text : null),
  },
  {
    title: 'Decisions to make',
    risk: 'Medium',
    why: 'which change is right depends on what the program is for',
    how: () => 'Choose one by one in the editor or by `--interactive`, or take the first of each by `--suggestions`.',
    what: (outcome) => (outcome.kind === 'left' ? (outcome.suggestions[0] ?? null) : null),
  },
  {
    title: 'Work by hand',
    risk: 'High',
    why: 'the code has to be arranged anew, and no rewrite of it can be proved right',
    how: () => '`docs/reasons.md` says for each reason what to do; `--todo` leaves a comment at each place.',
    what: (outcome) =>
      outcome.kind === 'left' && outcome.suggestions.length === 0 && outcome.reason !== 'declined'
        ? `${meaningOf(outcome.reason)} (\`${outcome.reason}\`)`
        : null,
  },
];

/** The work in the order in which to do it; `written` if rewrites are in the files already. */
export function phasesOf(found: readonly Found[], written: boolean): readonly Phase[] {
  return KINDS.flatMap(({ title, risk, why, how, what }) => {
    const places = found.flatMap((each) => {
      const text = what(each.site.outcome);
      return text === null ? [] : [{ each, text }];
    });
    if (places.length === 0) return [];
    const changes = [...groupedBy(places, ({ text }) => text)].map(([text, group]) => ({
      what: text,
      places: group.map(({ each }) => each),
    }));
    const files = [...new Set(places.map(({ each }) => each.path))];
    return [{ title, risk, why, how: how(written), changes: changes.toSorted(byWeight), files }];
  });
}

function byWeight(one: Change, other: Change): number {
  return errorsOf(other) - errorsOf(one) || other.places.length - one.places.length;
}

function errorsOf({ places }: Change): number {
  return places.filter(({ site }) => levelOf(site) === 'error').length;
}
