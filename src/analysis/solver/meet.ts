import { alternatives, combine, isNullish, keyOf, NULL, possibleTexts, ref, text, UNKNOWN } from './values.ts';
import type { ObjectId, SlotKey, Value, Work } from './values.ts';
import type { HeapObject } from './heap.ts';
import type { Temporaries } from './tables.ts';
import type { VariableTable } from './variable-table.ts';

/** What two ways have in common of a value that differs. */
export type Join = (value: Value, other: Value) => Value;

/** Keeps of variables what two ways have in common; tells whether that was less. */
export function meetValues(values: VariableTable, others: VariableTable, join: Join): boolean {
  if (values.same(others)) return false;
  let changed = false;
  const set = (key: SlotKey, value: Value, before: Value | undefined): void => {
    if (before && keyOf(before) === keyOf(value)) return;
    values.set(key, value);
    changed = true;
  };
  // Listed before the first change; what the other table has besides is then still to be found.
  const more = [...others.changedSince(values)];
  for (const [, own] of [...values.changedSince(others)]) {
    for (const [key, value] of own) {
      const there = others.get(key);
      if (there !== value && (!there || keyOf(there) !== keyOf(value))) set(key, join(value, there ?? UNKNOWN), value);
    }
  }
  for (const [, theirs] of more)
    for (const [key, value] of theirs) if (!values.get(key)) set(key, join(value, UNKNOWN), undefined);
  return changed;
}

export function meetTemporaries(values: Temporaries, others: Temporaries, join: Join): boolean {
  if (values.same(others)) return false;
  let changed = false;
  const meet = (key: SlotKey): void => {
    const value = values.peek(key);
    const there = others.peek(key);
    if (value === there || keyOf(value) === keyOf(there)) return;
    const common = join(value, there);
    changed ||= keyOf(common) !== keyOf(value);
    values.give(key, common);
  };
  for (const [key] of [...values]) meet(key);
  for (const [key] of others) meet(key);
  return changed;
}

/**
 * What can be called is worth remembering apart, and so are objects that are no more than their fields; text has a
 * beginning and an end in common.
 */
export function either(value: Value, other: Value, isPlain: (id: ObjectId) => boolean = () => false): Value {
  if (value.kind === 'text' && other.kind === 'text') return commonText(value, other);
  if (value.kind === 'derived' && other.kind === 'derived' && value.from === other.from)
    return { ...value, query: null };
  const work = pendingWork(value);
  const otherWork = work && pendingWork(other);
  if (otherWork) return { kind: 'work', work: combine(work, otherWork) };
  if (value.kind === 'ref' && (isNullish(other) || (other.kind === 'ref' && other.id === value.id)))
    return ref(value.id, true);
  if (other.kind === 'ref' && isNullish(value)) return ref(other.id, true);
  const all = [...alternatives(value), ...alternatives(other)];
  const areObjects = all.every((option) => isNullish(option) || (option.kind === 'ref' && isPlain(option.id)));
  const options: Value[] = [];
  for (const option of areObjects ? all.flatMap(withoutNull) : all) {
    const known = areObjects || isCallable(option) || option.kind === 'text' ? option : UNKNOWN;
    if (!options.some((there) => keyOf(there) === keyOf(known))) options.push(known);
  }
  return options.length <= MOST_ALTERNATIVES && options.some((option) => option.kind !== 'unknown')
    ? { kind: 'choice', options }
    : UNKNOWN;
}

/** What is waited for by whoever awaits a value that is nothing else to anybody. */
function pendingWork(value: Value): Work | null {
  if (value.kind === 'derived') return { kind: 'database', handle: value.from };
  return value.kind === 'work' ? value.work : null;
}

function withoutNull(value: Value): Value[] {
  if (isNullish(value)) return [NULL];
  return value.kind === 'ref' && value.nullable ? [ref(value.id), NULL] : [value];
}

function commonText(value: Value & { kind: 'text' }, other: Value & { kind: 'text' }): Value {
  const first = value.parts.map((part) => part ?? HOLE).join('');
  const second = other.parts.map((part) => part ?? HOLE).join('');
  const most = Math.min(first.length, second.length);
  let start = 0;
  while (start < most && first[start] === second[start]) start += 1;
  let end = 0;
  while (end < most - start && first[first.length - 1 - end] === second[second.length - 1 - end]) end += 1;
  let ending = first.slice(first.length - end);
  // Whole statements of SQL, with or without some more: an empty statement more or less makes no difference.
  if (!ending.includes(';') && STATEMENTS.test(first) && STATEMENTS.test(second)) ending = `;${ending}`;
  const common = `${first.slice(0, start)}${HOLE}${ending}`;
  const parts = common
    .split(HOLES)
    .flatMap((part, index) => (index === 0 ? [part] : [null, part]))
    .filter((part) => part !== '');
  return { ...text(parts, value.site, value.temporary && other.temporary), oneOf: namesOf(value, other) };
}

/** The names that either of two texts may be, such as those of databases. */
function namesOf(value: Value, other: Value): readonly string[] | null {
  const texts = [possibleTexts(value), possibleTexts(other)];
  const names = [...new Set(texts.flatMap((possible) => possible ?? []))].sort();
  const areNames = names.length <= MOST_NAMES && names.every((name) => name.length <= LONGEST_NAME);
  return areNames && !texts.includes(null) ? names : null;
}

const MOST_NAMES = 8;
const LONGEST_NAME = 40;

const HOLE = '\u0000';
const HOLES = new RegExp(`${HOLE}+`);
const STATEMENTS = /;\s*$/;

function isCallable(value: Value): boolean {
  return value.kind === 'function' || value.kind === 'class' || value.kind === 'external';
}

const MOST_ALTERNATIVES = 4;

/** One of two values of which at least one leads to a handle. */
export function anyOf(value: Value, other: Value, leads: (value: Value) => boolean): Value {
  const options: Value[] = [];
  for (const option of [...alternatives(value), ...alternatives(other)]) {
    if (leads(option) && !options.some((there) => keyOf(there) === keyOf(option))) options.push(option);
  }
  const [first, ...others] = options;
  if (!first) return UNKNOWN;
  if (others.length > 0) return { kind: 'choice', options };
  return first.kind === 'ref' ? { ...first, nullable: true } : first;
}

/** What two versions of an object have in common. */
export function weaker(object: HeapObject, other: HeapObject, join: Join): HeapObject {
  if (object.type === 'record' && other.type === 'record') {
    const fields = new Map<string, Value>();
    for (const name of new Set([...object.fields.keys(), ...other.fields.keys()])) {
      const value = object.fields.get(name);
      const there = other.fields.get(name);
      if (value && there && keyOf(value) === keyOf(there)) {
        fields.set(name, value);
      } else {
        const common = join(value ?? UNKNOWN, there ?? UNKNOWN);
        if (common.kind !== 'unknown') fields.set(name, common);
      }
    }
    return { ...object, fields, open: true, shared: object.shared || other.shared };
  }
  if (object.type === 'list' && other.type === 'list') {
    const items = [...object.items];
    for (const item of other.items) if (!items.some((there) => keyOf(there) === keyOf(item))) items.push(item);
    return { type: 'list', items, exact: false };
  }
  if (object.type === 'promise' && other.type === 'promise') {
    const value =
      object.state === 'rejected'
        ? other.value
        : other.state === 'rejected'
          ? object.value
          : either(object.value, other.value);
    return {
      ...object,
      state: 'unsettled',
      work: combine(object.work, other.work),
      value: keyOf(object.value) === keyOf(other.value) ? object.value : value,
      safe: false,
    };
  }
  // One that could not be opened, or is closed, is none that anybody uses.
  if (object.type === 'connection' && other.type === 'connection') return object.status === 'open' ? object : other;
  if (object.type === 'statement' && other.type === 'statement') return { ...object, sql: [null] };
  return object;
}
