import { rules } from '../../../rules/index.ts';
import { REASONS } from '../../rewrites/reasons.ts';
import { TITLES } from '../../rewrites/titles.ts';
import { CodemodError, EXIT } from '../exit-codes.ts';
import { CODEMOD_REASONS, SKIPS, type Run } from '../model.ts';
import {
  byKind,
  either,
  isObject,
  keyOf,
  list,
  number,
  object,
  oneOf,
  orNull,
  text,
  truth,
  type Shape,
} from '../shape.ts';

/** A run as other programs read it, and `merge` puts it together with others. */
export function jsonReport(run: Run): string {
  return `${JSON.stringify(run, null, 2)}\n`;
}

const place = object({
  line: number(1),
  column: number(1),
  endLine: number(1),
  endColumn: number(1),
  start: number(),
  end: number(),
});

const edit: Shape = object({ range: list(number()), text });

const outcome = byKind('kind', {
  rewritten: object({ title: keyOf(TITLES, 'a rewrite'), text, safe: truth }, { edits: list(edit) }),
  left: object({ reason: keyOf({ ...REASONS, ...CODEMOD_REASONS }, 'a reason'), suggestions: list(text) }),
});

const site = object(
  {
    fingerprint: text,
    rule: keyOf(rules, 'a rule'),
    messageId: text,
    message: text,
    driver: orNull(text),
    place,
    isNew: truth,
    outcome,
  },
  { placeAfter: place, within: text, lacks: list(oneOf('busy_timeout', 'journal_mode', 'synchronous')) },
);

const connection = object({
  path: text,
  line: number(1),
  driver: text,
  database: orNull(text),
  journal: oneOf('wal', 'other', 'unset', 'unknown'),
  busyTimeout: either(number(), oneOf('unknown')),
  readOnly: truth,
});

const RUN = object({
  tool: object({ name: oneOf('unbusy-codemod'), version: text }),
  written: truth,
  examined: number(),
  paths: list(text),
  files: list(object({ path: text, before: text, after: text, sites: list(site) })),
  connections: list(connection),
  skipped: list(object({ path: text, why: keyOf(SKIPS, 'a reason'), detail: orNull(text) })),
  notes: list(object({ path: text, line: orNull(number(1)), text })),
  shard: orNull(object({ index: number(1), count: number(1) })),
});

/** Reads a run that was written by `jsonReport`. Throws `CodemodError` that says what is wrong with it; `name` is the file's. */
export function parseRun(source: string, name: string): Run {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw wrong(name, `it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isObject(value) || !isObject(value.tool) || value.tool.name !== 'unbusy-codemod')
    throw wrong(name, 'it is not a report of unbusy-codemod');
  if (value.version !== 1)
    throw wrong(name, `it has version ${String(value.version)} of the format, and this version reads 1`);
  const problem = RUN(value, '');
  if (problem !== null) throw wrong(name, problem);
  return value as unknown as Run;
}

function wrong(name: string, why: string): CodemodError {
  return new CodemodError(EXIT.usage, `${name} cannot be read: ${why}. Write it with --report FILE.json.`);
}
