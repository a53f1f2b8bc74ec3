import { isRewrite, type Proposal, type Rewrite } from './rewrite.ts';
import { Source } from './source.ts';
import type { Rule, SourceCode } from 'eslint';

type Fixer = (fixer: Rule.RuleFixer) => Rule.Fix[];

/** What a report offers to its reader, in the linter's terms. */
interface Offer {
  readonly fix: Fixer | null;
  readonly suggest: { readonly messageId: string; readonly data: Record<string, string>; readonly fix: Fixer }[];
}

/** The first rewrite that is safe is the fix, unless those are only wanted as suggestions; the others are suggestions. */
export function offer(proposals: readonly Proposal[], autofix: boolean): Offer {
  const rewrites = proposals.filter(isRewrite);
  const fix = autofix ? (rewrites.find(({ safe }) => safe) ?? null) : null;
  return {
    fix: fix && fixerOf(fix),
    suggest: rewrites.filter((rewrite) => rewrite !== fix).map(suggestionOf),
  };
}

/**
 * Why a place is left alone, where nothing is offered for it; why the rewrite of choice is withheld, where only another one
 * is.
 */
export function reasonOf(proposals: readonly Proposal[]): { readonly reason?: string; readonly withheld?: string } {
  const [first] = proposals;
  if (!first || isRewrite(first)) return {};
  return proposals.some(isRewrite) ? { withheld: first.withdrawn } : { reason: first.withdrawn };
}

function suggestionOf(rewrite: Rewrite): Offer['suggest'][number] {
  const { title, data = {} } = rewrite;
  return { messageId: title, data: { ...data }, fix: fixerOf(rewrite) };
}

function fixerOf(rewrite: Rewrite): Fixer {
  const fixer: Fixer = (rule) => rewrite.edits.map(({ range, text }) => rule.replaceTextRange([...range], text));
  rewrites.set(fixer, rewrite);
  return fixer;
}

const rewrites = new WeakMap<object, Rewrite>();

/** The rewrite that a report's fix or suggestion makes, for who applies it in another way than the linter does. */
export function rewriteOf(fix: object): Rewrite | null {
  return rewrites.get(fix) ?? null;
}

const sources = new WeakMap<SourceCode, Source>();

/** One for each file: what is asked of a text is found once. */
export function sourceOf(code: SourceCode): Source {
  let source = sources.get(code);
  if (!source) sources.set(code, (source = new Source(code)));
  return source;
}
