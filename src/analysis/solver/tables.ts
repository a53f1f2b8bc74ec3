import { UNKNOWN, type SlotKey, type Value } from './values.ts';

/** A copy of a map; its own constructor makes an array of each entry. */
export function copied<K, V>(map: ReadonlyMap<K, V>): Map<K, V> {
  const copy = new Map<K, V>();
  map.forEach((value, key) => copy.set(key, value));
  return copy;
}

/** A map that is copied when it is first changed after a fork. */
export class Table<K, V> {
  #map: Map<K, V>;
  #shared: boolean;

  constructor(map = new Map<K, V>(), shared = false) {
    this.#map = map;
    this.#shared = shared;
  }

  fork(): Table<K, V> {
    return new Table(this.share(), true);
  }

  /** The map, which is not changed from now on. */
  protected share(): Map<K, V> {
    this.#shared = true;
    return this.#map;
  }

  get map(): ReadonlyMap<K, V> {
    return this.#map;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    if (this.#map.get(key) === value) return;
    this.changing?.(key, value);
    this.#own();
    this.#map.set(key, value);
  }

  delete(key: K): void {
    if (!this.#map.has(key)) return;
    this.changing?.(key, undefined);
    this.#own();
    this.#map.delete(key);
  }

  same(other: Table<K, V>): boolean {
    return this.#map === other.#map;
  }

  /** Called before every change, for a table that caches what it derives; without a value where a key goes. */
  protected changing?(key: K, value: V | undefined): void;

  #own(): void {
    if (!this.#shared) return;
    this.#map = copied(this.#map);
    this.#shared = false;
  }
}

interface Temporary {
  readonly key: SlotKey;
  readonly value: Value;
  readonly next: Temporary | null;
}

/** Values on their way from one instruction to another: a few, the last one put in mostly being the first one taken. */
export class Temporaries {
  #first: Temporary | null;

  constructor(first: Temporary | null = null) {
    this.#first = first;
  }

  fork(): Temporaries {
    return new Temporaries(this.#first);
  }

  same(other: Temporaries): boolean {
    return this.#first === other.#first;
  }

  get empty(): boolean {
    return this.#first === null;
  }

  peek(key: SlotKey): Value {
    for (let entry = this.#first; entry; entry = entry.next) if (entry.key === key) return entry.value;
    return UNKNOWN;
  }

  take(key: SlotKey): Value {
    const value = this.peek(key);
    if (value !== UNKNOWN) this.#first = without(this.#first, key);
    return value;
  }

  /** What is unknown needs no place. */
  give(key: SlotKey, value: Value): void {
    const rest = without(this.#first, key);
    this.#first = value.kind === 'unknown' ? rest : { key, value, next: rest };
  }

  retain(keeps: (key: SlotKey) => boolean): void {
    for (let entry = this.#first; entry; entry = entry.next)
      if (!keeps(entry.key)) this.#first = without(this.#first, entry.key);
  }

  clear(): void {
    this.#first = null;
  }

  *[Symbol.iterator](): Generator<readonly [SlotKey, Value]> {
    for (let entry = this.#first; entry; entry = entry.next) yield [entry.key, entry.value];
  }
}

function without(first: Temporary | null, key: SlotKey): Temporary | null {
  let found = first;
  while (found && found.key !== key) found = found.next;
  return found ? upTo(first, found) : first;
}

/** What is before an entry, and what is after it. */
function upTo(first: Temporary | null, end: Temporary): Temporary | null {
  return first === null || first === end ? end.next : { ...first, next: upTo(first.next, end) };
}
