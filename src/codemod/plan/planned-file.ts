import { lint, type Finding, type Linted, type Look } from '../project/lint.ts';
import { applyEdits } from './edits.ts';
import { withoutOverlaps, type Chosen } from './choice.ts';
import { withTodos, type Left } from './todo.ts';
import { rewritesOf, TrackedSites, type Tracked } from './tracked-sites.ts';
import type { SourceCode } from 'eslint';
import type { Configuration } from '../project/configuration.ts';
import type { CodemodReason } from '../model.ts';
import type { Edit, Rewrite } from '../../rewrites/rewrite.ts';

/** Says which rewrite a site gets now; null for none. */
export type Chooser = (finding: Finding, site: Tracked, file: PlannedFile) => Promise<Rewrite | null> | Rewrite | null;

/** Rewrites of one file, one after the other; more of them than sites in any file mean that they have no end. */
const MOST_ROUNDS = 500;

/** Rewrites that were made together, and what was there before. */
interface Step {
  readonly text: string;
  readonly chosen: readonly Chosen<Tracked>[];
  readonly starts: ReadonlyMap<Tracked, number>;
}

/** What a file was at some moment. */
export interface FileState {
  readonly text: string;
  readonly sites: readonly Tracked[];
}

/** Looks at the texts of a file that are made elsewhere, or kept there. */
export interface Looks {
  /** What is known already, for as long as no other file has changed. */
  readonly known?: ReadonlyMap<string, Look> | null;
  readonly looked?: (text: string, look: Look) => void;
}

/** A file on its way from the text that it has to the one that it gets. Nothing is written. */
export class PlannedFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly absolute: string;
  readonly before: string;
  readonly sites = new TrackedSites();
  readonly #root: string;
  readonly #configuration: Configuration;
  #text: string;
  #linted: { readonly text: string; readonly result: Linted } | null = null;
  #isFirst = true;
  #last: Step | null = null;
  #known: ReadonlyMap<string, Look> | null;
  readonly #looked: Looks['looked'];
  /** The texts that it has had: one that comes again would come again and again. */
  readonly #had = new Set<string>();

  constructor(
    root: string,
    file: { path: string; absolute: string; text: string },
    configuration: Configuration,
    { known = null, looked }: Looks = {},
  ) {
    this.#known = known;
    this.#looked = looked;
    this.#root = root;
    this.path = file.path;
    this.absolute = file.absolute;
    this.before = file.text;
    this.#text = file.text;
    this.#configuration = configuration;
  }

  get text(): string {
    return this.#text;
  }

  get isChanged(): boolean {
    return this.#text !== this.before;
  }

  /** Why it cannot be read; null where it can. */
  get problem(): string | null {
    return this.#look(this.#text).problem;
  }

  get warnings(): readonly string[] {
    return this.#look(this.#text).warnings;
  }

  /** The syntax of the text as it stands; null where it cannot be read. */
  get code(): SourceCode | null {
    return this.#lint(this.#text).code;
  }

  /** Finds again what is reported, where other files have changed what their functions do. */
  refresh(): void {
    this.#linted = null;
    if (!this.#isFirst) this.#known = null;
    this.update();
  }

  /** Takes what is reported in the text as it stands. */
  update(): void {
    this.sites.update(this.#look(this.#text).findings, this.#isFirst);
    this.#isFirst = false;
  }

  /** Forgets the syntax tree, which is large; it is made again where it is asked for. */
  release(): void {
    this.#linted = null;
  }

  /** Gives the text that a change of the whole project makes of it. */
  replace(text: string): void {
    this.#text = text;
    this.#linted = null;
  }

  /** Makes edits that belong to no site. */
  edit(edits: readonly Edit[]): void {
    const text = applyEdits(this.#text, edits);
    this.sites.rewritten([], edits);
    this.replace(text);
  }

  /** Its text and its sites as they are, to come back to. */
  get state(): FileState {
    return { text: this.#text, sites: this.sites.state };
  }

  set state({ text, sites }: FileState) {
    this.replace(text);
    this.#had.clear();
    this.sites.state = sites;
  }

  /** Leaves it as it was, with a reason for each of its sites. */
  giveUp(reason: CodemodReason): void {
    this.replace(this.before);
    for (const { finding, current, refused } of this.sites.all)
      for (const { title } of [...rewritesOf(finding), ...(current ? rewritesOf(current) : [])])
        refused.set(title, reason);
  }

  /** Begins anew with the text that it has on the disk, to be looked at again; what was refused stays so. */
  restart(): void {
    this.replace(this.before);
    this.#had.clear();
    this.sites.restart();
  }

  /** Takes the last step back, and does not take it again. */
  undo(reason: CodemodReason): void {
    if (!this.#last) return;
    const { text, chosen, starts } = this.#last;
    this.replace(text);
    this.sites.takeBack(chosen, starts, reason);
    this.#last = null;
  }

  /** Makes the rewrites that are chosen now, at most so many, as far as they do not overlap; returns whether there was one. */
  async advance(choose: Chooser, most = Infinity): Promise<boolean> {
    const wanted: Chosen<Tracked>[] = [];
    for (const of of this.sites.all) {
      const rewrite = of.current && (await choose(of.current, of, this));
      if (rewrite) wanted.push({ of, rewrite });
    }
    const chosen = withoutOverlaps(wanted).slice(0, most);
    return chosen.length > 0 && (this.#make(chosen) || chosen.some((each) => this.#make([each])));
  }

  /** Leaves a comment at each place that no rewrite was made for; the last thing that is done to a file. */
  leaveTodos(): void {
    const { code } = this;
    if (!code) return;
    const left = this.sites.all.flatMap((tracked): Left[] => {
      const outcome = this.sites.outcomeOf(tracked);
      return outcome.kind === 'left' && tracked.current
        ? [{ rule: tracked.finding.rule, start: tracked.current.place.start, outcome }]
        : [];
    });
    this.replace(withTodos(code, left));
    // They have moved what they stand above.
    this.refresh();
  }

  /** Makes rewrites together, unless what comes out is not right; then each of them is looked at by itself. */
  #make(chosen: readonly Chosen<Tracked>[]): boolean {
    const edits = chosen.flatMap(({ rewrite }) => rewrite.edits);
    const text = applyEdits(this.#text, edits);
    const wrong = this.#whatIsWrong(text);
    if (wrong === null) {
      this.#had.add(this.#text);
      this.#last = { text: this.#text, chosen, starts: this.sites.starts };
      this.#text = text;
      this.sites.rewritten(chosen, edits);
      return true;
    }
    const [only, ...others] = chosen;
    if (only && others.length === 0) only.of.refused.set(only.rewrite.title, wrong);
    return false;
  }

  #whatIsWrong(text: string): CodemodReason | null {
    const before = this.#look(this.#text);
    const after = this.#look(text);
    if (before.problem !== null || after.problem !== null) return 'does-not-parse';
    if (this.#had.has(text) || this.#had.size > MOST_ROUNDS) return 'not-settled';
    return hasAll(after.comments, before.comments) ? null : 'comment-lost';
  }

  #look(text: string): Look {
    const known = this.#known?.get(text);
    if (known) return known;
    const linted = this.#lint(text);
    if (this.#looked) {
      const { findings, problem, warnings, comments } = linted;
      this.#looked(text, { findings, problem, warnings, comments });
    }
    return linted;
  }

  #lint(text: string): Linted {
    if (this.#linted?.text !== text)
      this.#linted = { text, result: lint(this.#root, this.absolute, text, this.#configuration) };
    return this.#linted.result;
  }
}

function hasAll(there: readonly string[], wanted: readonly string[]): boolean {
  const left = new Map<string, number>();
  for (const text of there) left.set(text, (left.get(text) ?? 0) + 1);
  return wanted.every((text) => {
    const times = left.get(text) ?? 0;
    left.set(text, times - 1);
    return times > 0;
  });
}
