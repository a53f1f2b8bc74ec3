import { createHash } from 'node:crypto';
import type { FileReport, Site } from '../model.ts';
import type { PlannedFile } from './planned-file.ts';
import type { Tracked } from './tracked-sites.ts';

/** What a file's plan comes to. */
export function fileReport(file: PlannedFile): FileReport {
  const { path, before, text: after, sites } = file;
  const seen = new Map<string, number>();
  const reported = sites.all.map((tracked): Site => {
    const { finding, isNew } = tracked;
    const { rule, messageId, message, driver } = finding;
    const key = keyOf(path, tracked, isNew ? after : before);
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    const fingerprint = createHash('sha256').update(`${key}\0${times}`).digest('hex').slice(0, 16);
    const place = isNew ? (tracked.current ?? finding).place : finding.place;
    return { fingerprint, rule, messageId, message, driver, place, isNew, outcome: sites.outcomeOf(tracked) };
  });
  return { path, before, after, sites: reported.filter(isToTell) };
}

/** What a rewrite brings and another one takes away again is nobody's business. */
function isToTell({ isNew, outcome }: Site): boolean {
  return !isNew || outcome.kind === 'left';
}

/** What stays the same while lines move: the code of the place instead of its line. */
function keyOf(path: string, { finding: { rule, messageId, place } }: Tracked, text: string): string {
  const lines = text.split(/\r?\n/).slice(place.line - 1, place.line);
  const code = lines.map((line) => line.trim().replace(/\s+/g, ' ')).join('\n');
  return [path, rule, messageId, code].join('\0');
}
