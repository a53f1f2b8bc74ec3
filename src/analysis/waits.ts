import { placeIn, standsIn, type Activation } from './solver/activation.ts';
import type { WaitFact } from './facts.ts';
import type { ModuleIR, Site, SourceNode } from './ir.ts';
import type { Held } from './solver/recorder.ts';
import type { Work } from './solver/values.ts';

/** Something is held while the function `by` waits. */
export interface Wait {
  readonly held: Held;
  readonly work: Work;
  readonly site: Site;
  readonly by: Activation;
}

type Collected = { -readonly [Key in keyof WaitFact]: WaitFact[Key] } & { more: Site[] };

/** What a module waits for while it holds something: one fact for each time that it begins to hold it. */
export class Waits {
  readonly #module: ModuleIR;
  readonly #facts = new Map<SourceNode, Collected>();

  constructor(module: ModuleIR) {
    this.#module = module;
  }

  add({ held, work, site, by }: Wait): void {
    const since = placeIn(this.#module, held.since, held.beganIn) ?? held.since;
    const { calledAt, isFollowed } = this.#wayTo(by, held);
    // A callback that came there by code which is not followed has a fact of its own.
    const isAlone = !isFollowed && by.fn.outer?.outer;
    const beginning = calledAt?.node ?? (isAlone ? by.fn.node : since.node);
    const known = this.#facts.get(beginning);
    const what = describe(work);
    const trace = work.kind === 'foreign' ? work.trace : [];
    if (!known) {
      const { kind: holds, driver, synchronous, locks } = held;
      this.#facts.set(beginning, { site, holds, since, calledAt, driver, synchronous, locks, what, trace, more: [] });
    } else if (known.what === OTHER_CODE && what !== OTHER_CODE) {
      // What is known of the work says more than that there is some.
      Object.assign(known, { site, what, trace });
    } else if (known.site.node !== site.node && !known.more.some((place) => place.node === site.node)) {
      known.more.push(site);
    }
  }

  facts(): readonly WaitFact[] {
    return [...this.#facts.values()];
  }

  /**
   * How a function that waits came to what is held, and the call of a helper by which it did: a helper that runs callbacks in
   * a transaction begins a new one in each of its calls. There is none where the function began it itself.
   */
  #wayTo({ fn }: Activation, { beganIn }: Held): { readonly calledAt: Site | null; readonly isFollowed: boolean } {
    let calledAt: Site | null = null;
    for (let activation: Activation | null = beganIn; activation; activation = activation.caller) {
      if (standsIn(fn, activation.fn)) return { calledAt, isFollowed: true };
      if (activation.site?.module === this.#module) calledAt = activation.site;
    }
    return { calledAt: null, isFollowed: false };
  }
}

const OTHER_CODE = 'other code';

function describe(work: Work): string {
  if (work.kind === 'foreign') return work.what;
  return work.kind === 'consumer' ? 'whoever takes the values' : OTHER_CODE;
}
