import { meaningOf } from '../reasons.ts';
import { CAUSES, type Cause } from './causes.ts';
import type { ConnectionPlace, Outcome, Run, Site } from '../model.ts';

/** A site with the file that it is in. */
export interface Found {
  readonly path: string;
  readonly site: Site;
}

/** A root cause with the places that show it. */
interface RootCause extends Cause {
  readonly rule: string;
  readonly places: readonly Found[];
}

/** A database file with all the places that open it. */
interface DatabaseUse {
  /** Null for those whose file the code does not tell. */
  readonly database: string | null;
  readonly places: readonly ConnectionPlace[];
  /** What is not right about them together, in sentences. */
  readonly problems: readonly string[];
}

/** A step of the work, with its risk. */
export interface Phase {
  readonly title: string;
  readonly risk: string;
  readonly how: string;
  readonly changes: readonly { readonly what: string; readonly places: readonly Found[] }[];
}

/** What a run means: the same for all documents. */
export interface Analysis {
  readonly hazards: number;
  readonly databases: readonly DatabaseUse[];
  readonly causes: readonly RootCause[];
  /** Files by the number of their hazards. */
  readonly areas: readonly { readonly path: string; readonly places: readonly Found[] }[];
  readonly phases: readonly Phase[];
  readonly changed: readonly string[];
  readonly tests: readonly string[];
}

type Left = Extract<Outcome, { readonly kind: 'left' }>;

export function analysisOf(run: Run): Analysis {
  const found = run.files.flatMap(({ path, sites }) => sites.map((site) => ({ path, site })));
  return {
    hazards: found.length,
    databases: databasesOf(run.connections),
    causes: Object.entries(CAUSES)
      .map(([rule, cause]) => ({ rule, ...cause, places: found.filter(({ site }) => site.rule === rule) }))
      .filter(({ places }) => places.length > 0),
    areas: [...groupedBy(found, ({ path }) => path)]
      .map(([path, places]) => ({ path, places }))
      .toSorted((first, second) => second.places.length - first.places.length),
    phases: phasesOf(found, run.written),
    changed: run.files.filter(({ before, after }) => before !== after).map(({ path }) => path),
    tests: testsOf(found),
  };
}

function databasesOf(connections: readonly ConnectionPlace[]): readonly DatabaseUse[] {
  return [...groupedBy(connections, ({ database }) => database)].map(([database, places]) => ({
    database,
    places,
    problems: database === null ? [] : problemsOf(places),
  }));
}

/** WAL belongs to the file, the busy timeout to each connection. */
function problemsOf(places: readonly ConnectionPlace[]): string[] {
  const writing = places.filter(({ readOnly }) => !readOnly);
  const modes = new Set(writing.map(({ journal }) => journal));
  const problems: string[] = [];
  if (writing.length > 0 && !modes.has('wal') && !modes.has('unknown')) problems.push('No place switches WAL on.');
  if (modes.has('wal') && modes.has('other')) problems.push('One place asks for WAL and another for a different mode.');
  const hasty = places.filter(({ busyTimeout }) => busyTimeout === 0);
  if (hasty.length > 0)
    problems.push(
      `${hasty.length} of ${places.length} connections wait 0 ms for a lock: ${hasty.map(placeOf).join(', ')}.`,
    );
  const waits = new Set(places.map(({ busyTimeout }) => busyTimeout));
  if (hasty.length === 0 && waits.size > 1 && !waits.has('unknown'))
    problems.push(`Connections wait for different times: ${[...waits].join(', ')} ms.`);
  return problems;
}

function placeOf({ path, line }: ConnectionPlace): string {
  return `${path}:${line}`;
}

function phasesOf(found: readonly Found[], written: boolean): readonly Phase[] {
  const rewritten = found.flatMap(({ path, site }) =>
    site.outcome.kind === 'rewritten' ? [{ path, site, outcome: site.outcome }] : [],
  );
  const left = found.flatMap(({ path, site }) =>
    site.outcome.kind === 'left' ? [{ path, site, outcome: site.outcome }] : [],
  );
  const byText = (items: readonly (Found & { readonly text: string })[]): Phase['changes'] =>
    [...groupedBy(items, ({ text }) => text)].map(([what, places]) => ({ what, places }));
  const done = written ? ' They are made.' : ' `unbusy-codemod --write` makes them.';
  const phases: Phase[] = [
    {
      title: 'Changes that take nothing but the hazard away',
      risk: 'Low',
      how: `Each is proved from the code and checked by parsing and by types.${done}`,
      changes: byText(
        rewritten.filter(({ outcome }) => outcome.safe).map((each) => ({ ...each, text: each.outcome.text })),
      ),
    },
    {
      title: 'Changes that move work or commits',
      risk: 'Medium: other writers can come in between; read again what must still be true',
      how: `They were asked for by \`--suggestions\` or one by one.${done}`,
      changes: byText(
        rewritten.filter(({ outcome }) => !outcome.safe).map((each) => ({ ...each, text: each.outcome.text })),
      ),
    },
    {
      title: 'Decisions',
      risk: 'Medium: what is right depends on what the program is for',
      how: 'Choose in the editor, by `--interactive`, or for all by `--suggestions`.',
      changes: byText(
        left
          .filter(({ outcome }) => outcome.suggestions.length > 0)
          .map((each) => ({ ...each, text: each.outcome.suggestions[0] ?? '' })),
      ),
    },
    {
      title: 'Work by hand',
      risk: 'High: the code has to be arranged anew',
      how: 'The reason says why no rewrite can be proved right, docs/reasons.md what to do.',
      changes: byText(
        left
          .filter(({ outcome }) => outcome.suggestions.length === 0)
          .map((each) => ({ ...each, text: reasonText(each.outcome) })),
      ),
    },
  ];
  return phases.filter(({ changes }) => changes.length > 0);
}

export function reasonText({ reason }: Left): string {
  return `${meaningOf(reason)} (${reason})`;
}

/** How to see that it got better, as far as what was found asks for it. */
function testsOf(found: readonly Found[]): readonly string[] {
  const rules = new Set(found.map(({ site }) => site.rule));
  const any = (...names: readonly string[]): boolean => names.some((name) => rules.has(name));
  return [
    ...(found.length > 0
      ? ['The project\'s own tests, before and after: `unbusy-codemod --write --verify "npm test"`.']
      : []),
    ...(any('require-pragmas', 'prefer-immediate-transaction', 'no-await-in-transaction')
      ? ['Several processes that write to a copy of the database at once, for a minute: no error may say SQLITE_BUSY.']
      : []),
    ...(any('require-pragmas')
      ? [
          '`PRAGMA journal_mode` and `PRAGMA busy_timeout` on a connection of the running program, or `unbusy doctor FILE`.',
        ]
      : []),
    ...(any('require-close', 'no-await-with-open-connection')
      ? ['The number of open handles of the database file while tasks fail: it has to come down again.']
      : []),
    ...(any('require-rollback', 'no-await-in-transaction')
      ? ['A task that throws in the middle of its transaction: another one has to be able to write right after it.']
      : []),
  ];
}

function groupedBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
