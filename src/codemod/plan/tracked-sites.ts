import { describe, type Finding } from '../project/lint.ts';
import { mapOffset } from './edits.ts';
import type { Edit, Rewrite } from '../../rewrites/rewrite.ts';
import type { Title } from '../../rewrites/titles.ts';
import type { CodemodReason, Outcome } from '../model.ts';

/** A site while rewrites move the text around it. */
export interface Tracked {
  /** As it was found first. */
  readonly finding: Finding;
  readonly isNew: boolean;
  /** Where it is in the text as it stands. */
  start: number;
  /** Rewrites that are not to be made for it, and why. */
  readonly refused: Map<Title, CodemodReason>;
  /** Rewrites that a person has said yes to. */
  readonly accepted: Set<Title>;
  /** As it was reported in the round before; null where it was not any more. */
  current: Finding | null;
  /** The last rewrite that was made for it. */
  made: Rewrite | null;
}

/** The sites of one text, from the first look at it to the last. */
export class TrackedSites {
  all: readonly Tracked[] = [];
  /** The rewrite after which sites were gone that had none of their own. */
  readonly #goneWith = new Map<Tracked, Rewrite>();
  #last: readonly Rewrite[] = [];

  /** Takes what is reported now: sites that were known are recognised, others are new. */
  update(findings: readonly Finding[], isFirst: boolean): void {
    const missing = new Set(this.all);
    const unknown = findings.filter((finding) => {
      const known = [...missing].find(
        ({ start, finding: { rule } }) => start === finding.place.start && rule === finding.rule,
      );
      if (known) this.#recognise(known, finding, missing);
      return !known;
    });
    for (const finding of unknown) {
      // A rewrite may have put the place into another expression.
      const known = [...missing].find(
        ({ current, finding: { rule, messageId } }) =>
          current !== null && rule === finding.rule && messageId === finding.messageId,
      );
      if (known) this.#recognise(known, finding, missing);
      else this.all = [...this.all, newlyFound(finding, !isFirst)];
    }
    for (const tracked of missing) {
      const rewrite = this.#last.at(-1);
      if (tracked.current && !tracked.made && rewrite) this.#goneWith.set(tracked, rewrite);
      tracked.current = null;
    }
  }

  #recognise(tracked: Tracked, finding: Finding, missing: Set<Tracked>): void {
    missing.delete(tracked);
    tracked.current = finding;
    tracked.start = finding.place.start;
  }

  /** Moves the places with the text. */
  rewritten(made: readonly { readonly of: Tracked; readonly rewrite: Rewrite }[], edits: readonly Edit[]): void {
    this.#last = made.map(({ rewrite }) => rewrite);
    for (const { of, rewrite } of made) of.made = rewrite;
    for (const tracked of this.all) tracked.start = mapOffset(tracked.start, edits);
  }

  /** Where each site is now. */
  get starts(): ReadonlyMap<Tracked, number> {
    return new Map(this.all.map((tracked) => [tracked, tracked.start]));
  }

  /** The sites are where they were before some rewrites, which are not to be made again. */
  takeBack(
    made: readonly { readonly of: Tracked; readonly rewrite: Rewrite }[],
    starts: ReadonlyMap<Tracked, number>,
    reason: CodemodReason,
  ): void {
    for (const tracked of this.all) tracked.start = starts.get(tracked) ?? tracked.start;
    for (const { of, rewrite } of made) {
      of.made = null;
      of.refused.set(rewrite.title, reason);
    }
  }

  /** The sites as they are, to come back to. */
  get state(): readonly Tracked[] {
    return this.all.map((tracked) => ({
      ...tracked,
      refused: new Map(tracked.refused),
      accepted: new Set(tracked.accepted),
    }));
  }

  /** The same objects have what they had. */
  set state(states: readonly Tracked[]) {
    this.all = states.map((state, index) => Object.assign(this.all[index] ?? {}, state));
    this.#goneWith.clear();
    this.#last = [];
  }

  /** The text is the first one again. */
  restart(): void {
    this.all = this.all.filter(({ isNew }) => !isNew);
    for (const tracked of this.all) {
      tracked.start = tracked.finding.place.start;
      tracked.current = tracked.finding;
      tracked.made = null;
    }
    this.#goneWith.clear();
    this.#last = [];
  }

  outcomeOf(tracked: Tracked): Outcome {
    const { current, refused } = tracked;
    const rewrite = tracked.made ?? this.#goneWith.get(tracked);
    if (!current && rewrite)
      return { kind: 'rewritten', title: rewrite.title, text: describe(rewrite), safe: rewrite.safe };
    const finding = current ?? tracked.finding;
    const rewrites = rewritesOf(finding);
    const why = rewrites.map(({ title }) => refused.get(title)).find((reason) => reason !== undefined);
    return {
      kind: 'left',
      reason: finding.reason ?? why ?? 'needs-decision',
      suggestions: rewrites.filter(({ title }) => !refused.has(title)).map(describe),
    };
  }
}

/** All that can be done about a finding, what is safe first. */
export function rewritesOf({ fix, suggestions }: Finding): readonly Rewrite[] {
  return fix ? [fix, ...suggestions] : suggestions;
}

function newlyFound(finding: Finding, isNew: boolean): Tracked {
  return {
    finding,
    isNew,
    start: finding.place.start,
    refused: new Map(),
    accepted: new Set(),
    current: finding,
    made: null,
  };
}
