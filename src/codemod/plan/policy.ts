import type { Finding } from '../project/lint.ts';
import type { Tracked } from './tracked-sites.ts';
import type { PlannedFile, Chooser } from './planned-file.ts';
import type { Rewrite } from '../../rewrites/rewrite.ts';

/** Asks a person about one rewrite. */
export type Ask = (rewrite: Rewrite, finding: Finding, file: PlannedFile) => Promise<'yes' | 'no'>;

/** What is made without being asked for: the fixes, or what an editor suggests as well; and who is asked, if anybody. */
export interface Policy {
  readonly suggestions: boolean;
  readonly ask: Ask | null;
}

/** How sites get their rewrites, one step after the other: what is safe first, so that decisions are about what remains. */
export function stepsOf({ suggestions, ask }: Policy): readonly Chooser[] {
  const fixes = chooser((finding) => (finding.fix ? [finding.fix] : []), ask);
  const others = chooser((finding) => finding.suggestions, ask);
  return suggestions ? [fixes, others] : [fixes];
}

function chooser(candidates: (finding: Finding) => readonly Rewrite[], ask: Ask | null): Chooser {
  return async (finding, site, file) => {
    for (const rewrite of candidates(finding)) {
      if (site.refused.has(rewrite.title)) continue;
      if (!ask || (await isAccepted(rewrite, site, () => ask(rewrite, finding, file)))) return rewrite;
    }
    return null;
  };
}

/** A person is asked once about the same rewrite of a site. */
async function isAccepted(rewrite: Rewrite, site: Tracked, ask: () => Promise<'yes' | 'no'>): Promise<boolean> {
  if (site.accepted.has(rewrite.title)) return true;
  if ((await ask()) === 'yes') {
    site.accepted.add(rewrite.title);
    return true;
  }
  site.refused.set(rewrite.title, 'declined');
  return false;
}
