import { objectKey, type HeapObject } from './heap.ts';
import { keyOf, type ObjectId, type Value } from './values.ts';

/** A value kept beyond the function that made it, with the objects that it leads to. */
export interface Kept {
  readonly value: Value;
  readonly objects: ReadonlyMap<ObjectId, HeapObject>;
  /** It may not be there yet. */
  readonly nullable: boolean;
}

/** Places that something read, and what it found there. */
export type KeptReads = Map<string, Kept | undefined>;

/** Handles put into captured variables and fields by code that runs at another time. */
export class KeptValues {
  readonly #places = new Map<string, Kept>();
  /** Places that some code empties. */
  readonly #emptied = new Set<string>();
  #reads: KeptReads = new Map();

  /** Some code empties the place, whatever else is put there. */
  mayBeMissing(place: string): void {
    if (this.#emptied.has(place)) return;
    this.#emptied.add(place);
    const there = this.#places.get(place);
    if (there && !there.nullable) this.#places.set(place, { ...there, nullable: true });
  }

  get(place: string): Kept | undefined {
    const kept = this.#places.get(place);
    this.#reads.set(place, kept);
    return kept;
  }

  /** Runs something and tells what it read. */
  reading<T>(run: () => T): { result: T; reads: KeptReads } {
    const outer = this.#reads;
    const reads: KeptReads = new Map();
    this.#reads = reads;
    try {
      return { result: run(), reads };
    } finally {
      for (const [place, kept] of reads) outer.set(place, kept);
      this.#reads = outer;
    }
  }

  /** Whether all of it would be read again; what is read then counts as read now. */
  stillHolds(reads: KeptReads): boolean {
    for (const [place, kept] of reads) if (this.get(place) !== kept) return false;
    return true;
  }

  /** Keeps a value, unless the same was kept there by another run of the code that makes it. */
  set(place: string, found: Kept): void {
    const kept = this.#emptied.has(place) ? { ...found, nullable: true } : found;
    const there = this.#places.get(place);
    if (there && shapeOf(there) === shapeOf(kept)) return;
    this.#places.set(place, kept);
  }
}

const shapes = new WeakMap<Kept, string>();

/** What was kept, whatever the identities that its objects were given. */
function shapeOf(kept: Kept): string {
  let shape = shapes.get(kept);
  if (shape === undefined) {
    const objects = [...kept.objects.values()].map((object) =>
      object.type === 'connection'
        ? `${object.opened.module.path}:${object.opened.node.range[0]}${objectKey(object)}`
        : objectKey(object).replace(/\d+/g, ''),
    );
    shape = [kept.nullable ? '?' : '', keyOf(kept.value).replace(/\d+/g, ''), ...objects.sort()].join('\n');
    shapes.set(kept, shape);
  }
  return shape;
}
