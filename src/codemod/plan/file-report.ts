import { createHash } from 'node:crypto';
import type { FileReport, Site } from '../model.ts';
import type { PlannedFile } from './planned-file.ts';
import type { Tracked } from './tracked-sites.ts';

/** What a file's plan comes to; `written` if the new text is what the next run is going to read. */
export function fileReport(file: PlannedFile, written: boolean): FileReport {
  const { path, before, text: after, sites } = file;
  const reported = sites.all.map((tracked) => {
    const { finding, isNew, current } = tracked;
    const { rule, messageId, message, driver, within, lacks } = finding;
    const site: Omit<Site, 'fingerprint'> = {
      rule,
      messageId,
      message,
      driver,
      place: isNew && current ? current.place : finding.place,
      ...(current && { placeAfter: current.place }),
      ...(within !== '' && { within }),
      ...(lacks.length > 0 && { lacks }),
      isNew,
      outcome: sites.outcomeOf(tracked),
    };
    return { tracked, site };
  });
  // Equal ones are numbered as the next run numbers them, which does not see those that are gone.
  const isNext = ({ site }: (typeof reported)[number]): boolean =>
    written ? site.outcome.kind === 'left' : !site.isNew;
  const inOrder = [...reported.filter(isNext), ...reported.filter((each) => !isNext(each))];
  const seen = new Map<string, number>();
  const fingerprints = new Map(
    inOrder.map(({ tracked, site }) => {
      const isOfAfter = site.isNew || (written && site.outcome.kind === 'left');
      const key = keyOf(path, tracked, isOfAfter, isOfAfter ? after : before);
      const times = seen.get(key) ?? 0;
      seen.set(key, times + 1);
      return [tracked, createHash('sha256').update(`${key}\0${times}`).digest('hex').slice(0, 16)];
    }),
  );
  return {
    path,
    before,
    after,
    sites: reported
      .filter(({ site }) => isToTell(site))
      .map(({ tracked, site }) => ({ fingerprint: fingerprints.get(tracked) ?? '', ...site })),
  };
}

/** What a rewrite brings and another one takes away again is nobody's business. */
function isToTell({ isNew, outcome }: Pick<Site, 'isNew' | 'outcome'>): boolean {
  return !isNew || outcome.kind === 'left';
}

/** What stays the same while lines move: the code of the place and what it is in, instead of its line. */
function keyOf(path: string, { finding, current }: Tracked, isOfAfter: boolean, text: string): string {
  const { rule, messageId, within, place } = isOfAfter && current ? current : finding;
  const lines = text.split(/\r?\n/).slice(place.line - 1, place.line);
  const code = lines.map((line) => line.trim().replace(/\s+/g, ' ')).join('\n');
  return [path, rule, messageId, within, code].join('\0');
}
