import { count, first, groupedBy } from './words.ts';
import type { ConnectionPlace } from '../model.ts';
import type { Found } from './found.ts';

/** A database file with all the places that open it. Files are told apart by their names alone. */
export interface DatabaseUse {
  /** Null for those whose file the code does not tell. */
  readonly database: string | null;
  readonly places: readonly ConnectionPlace[];
  /** A finding says that it is not in WAL mode. */
  readonly lacksWal: boolean;
  /** What is not right about them together, in sentences. */
  readonly problems: readonly string[];
}

/** Places that a sentence names before it counts the rest. */
const NAMED = 6;

/** Named files first, by their names; `found` are the findings of the same run. */
export function databasesOf(connections: readonly ConnectionPlace[], found: readonly Found[]): readonly DatabaseUse[] {
  // Whether somebody else switches WAL on, in files that this run may not know, is what the rule has looked into.
  const lacking = new Set(
    found.flatMap(({ path, site }) => (site.lacks?.includes('journal_mode') ? [`${path}:${site.place.line}`] : [])),
  );
  const lacksWal = (places: readonly ConnectionPlace[]): boolean => places.some((place) => lacking.has(spotOf(place)));
  return [...groupedBy(connections, ({ database }) => database)]
    .map(([database, places]) => ({
      database,
      places,
      lacksWal: lacksWal(places),
      problems: [
        ...(lacksWal(places) ? ['No place switches WAL on.'] : []),
        ...hasty(places),
        ...(database === null ? [] : [...disagreement(places), ...uneven(places)]),
      ],
    }))
    .toSorted((one, other) => (one.database ?? '\uFFFF').localeCompare(other.database ?? '\uFFFF'));
}

/** WAL belongs to the file: one place that switches it on is enough, if no other one switches it off. */
function disagreement(places: readonly ConnectionPlace[]): string[] {
  const writing = places.filter(({ readOnly }) => !readOnly);
  const modes = new Set(writing.map(({ journal }) => journal));
  if (modes.has('wal') && modes.has('other'))
    return [
      `One place switches WAL on (${spotsOf(writing, 'wal')}) and another one chooses a different mode (${spotsOf(writing, 'other')}).`,
    ];
  return [];
}

/** The busy timeout belongs to each connection. */
function hasty(places: readonly ConnectionPlace[]): string[] {
  const without = places.filter(({ busyTimeout }) => busyTimeout === 0);
  if (without.length === 0) return [];
  return [
    `${without.length} of ${count(places.length, 'opening')} ${without.length === 1 ? 'waits' : 'wait'} 0 ms for a lock: ${first(without.map(spotOf), NAMED)}.`,
  ];
}

function uneven(places: readonly ConnectionPlace[]): string[] {
  const waits = places.map(({ busyTimeout }) => busyTimeout).filter((wait) => wait !== 'unknown' && wait !== 0);
  const different = [...new Set(waits)].toSorted((one, other) => Number(one) - Number(other));
  return different.length > 1 ? [`Connections wait for different times: ${different.join(', ')} ms.`] : [];
}

function spotsOf(places: readonly ConnectionPlace[], journal: ConnectionPlace['journal']): string {
  return first(places.filter((place) => place.journal === journal).map(spotOf), NAMED);
}

export function spotOf({ path, line }: ConnectionPlace): string {
  return `${path}:${line}`;
}

export const JOURNALS: Readonly<Record<ConnectionPlace['journal'], string>> = {
  wal: 'WAL',
  other: 'not WAL',
  unset: 'not set',
  unknown: 'unknown',
};

export function waitOf({ busyTimeout }: ConnectionPlace): string {
  return busyTimeout === 'unknown' ? 'unknown' : `${busyTimeout} ms`;
}
