import type { FileReport, Place, Run, Site } from '../model.ts';

/** A site with the file that it is in. */
export interface Found {
  readonly path: string;
  readonly site: Site;
  /** In the text that is in the file now, as far as it is reported there. */
  readonly place: Place;
}

/** All that a run tells of, by file and line. */
export function foundIn(run: Run): readonly Found[] {
  return run.files.flatMap((file) => file.sites.map((site) => ({ path: file.path, site, place: placeOf(site, run) })));
}

/** What is in the files now: all that was found, but for what was rewritten in them. */
export function remaining(run: Run): readonly Found[] {
  return foundIn(run).filter(({ site }) => isThere(site, run));
}

/** Whether the file, as it is now, has the hazard: not what is rewritten, nor what a rewrite that is not made would show. */
export function isThere({ outcome, isNew }: Site, { written }: Run): boolean {
  return written ? outcome.kind === 'left' : !isNew;
}

/** The text that a site's place is in. */
export function textOf({ before, after }: FileReport, site: Site, { written }: Run): string {
  return isOfAfter(site, written) ? after : before;
}

/** `src/queue.ts:31`. */
export function spot({ path, place }: Found): string {
  return `${path}:${place.line}`;
}

function placeOf(site: Site, { written }: Run): Place {
  return (isOfAfter(site, written) ? site.placeAfter : undefined) ?? site.place;
}

function isOfAfter({ isNew, outcome, placeAfter }: Site, written: boolean): boolean {
  return isNew || (written && outcome.kind === 'left' && placeAfter !== undefined);
}
