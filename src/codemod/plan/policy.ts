import { isInstalled } from '../../rewrites/wrapper.ts';
import type { Finding } from '../project/lint.ts';
import type { PlannedFile, Chooser } from './planned-file.ts';
import type { Rewrite } from '../../rewrites/rewrite.ts';

/** What a person says to a rewrite: `text` is that of the whole file as it is to be instead. */
export type Answer = 'yes' | 'no' | { readonly text: string };

/** Asks a person about one rewrite. */
export type Ask = (rewrite: Rewrite, finding: Finding, file: PlannedFile) => Promise<Answer>;

/** What is made without being asked for: the fixes, or what an editor suggests as well; and who is asked, if anybody. */
export interface Policy {
  readonly suggestions: boolean;
  readonly ask: Ask | null;
  /** Sites wait for the wrapper that could have it if the functions around them were asynchronous. */
  readonly wrapperFirst: boolean;
}

/** How sites get their rewrites, one step after the other: what is safe first, so that decisions are about what remains. */
export function stepsOf({ suggestions, ask, wrapperFirst }: Policy): readonly Chooser[] {
  const waits = (finding: Finding): boolean => wrapperFirst && waitsForCallers(finding);
  const fixes = chooser((finding) => (finding.fix && !waits(finding) ? [finding.fix] : []), ask);
  const others = chooser((finding) => (waits(finding) ? [] : finding.suggestions), ask);
  return suggestions ? [fixes, others] : [fixes];
}

/** Rules about how a connection is opened. The wrapper's other functions need an open connection. */
const OPENING = new Set(['require-pragmas', 'valid-open-options']);

/** Whether the wrapper could open a connection if the functions around it were asynchronous. */
export function waitsForCallers({ rule, reason, withheld }: Finding): boolean {
  return OPENING.has(rule) && (reason ?? withheld) === 'asynchronous-form';
}

function chooser(candidates: (finding: Finding) => readonly Rewrite[], ask: Ask | null): Chooser {
  return async (finding, site, file) => {
    for (const rewrite of candidates(finding)) {
      if (site.refused.has(rewrite.title)) continue;
      if (needsMissing(rewrite, file.absolute)) {
        site.refused.set(rewrite.title, 'wrapper-missing');
        continue;
      }
      if (!ask || site.accepted.has(rewrite.title)) return rewrite;
      const answer = await ask(rewrite, finding, file);
      if (answer === 'yes') {
        site.accepted.add(rewrite.title);
        return rewrite;
      }
      site.refused.set(rewrite.title, 'declined');
      // The whole text in place of the rewrite's own edits, so that it is looked at as a rewrite is.
      if (answer !== 'no') return { ...rewrite, edits: [{ range: [0, file.text.length], text: answer.text }] };
    }
    return null;
  };
}

/** Code that imports what is not there does not run. */
function needsMissing({ data }: Rewrite, file: string): boolean {
  return data?.module !== undefined && !data.module.startsWith('.') && !isInstalled(data.module, file);
}
