import { objectKey, type HeapObject } from './heap.ts';
import { keyOf, type ObjectId, type Value } from './values.ts';

/** A value kept beyond the function that made it, with the objects that it leads to. */
export interface Kept {
  readonly value: Value;
  readonly objects: ReadonlyMap<ObjectId, HeapObject>;
  /** It may not be there yet. */
  readonly nullable: boolean;
}

/** Handles put into captured variables and fields by code that runs at another time. */
export class KeptValues {
  readonly #places = new Map<string, Kept>();
  /** Counts the changes. */
  version = 0;

  get(place: string): Kept | undefined {
    return this.#places.get(place);
  }

  set(place: string, kept: Kept): void {
    const there = this.#places.get(place);
    if (!there || !isSame(there, kept)) this.version += 1;
    this.#places.set(place, kept);
  }
}

function isSame(kept: Kept, other: Kept): boolean {
  if (kept.nullable !== other.nullable || keyOf(kept.value) !== keyOf(other.value) || kept.objects.size !== other.objects.size) return false;
  for (const [id, object] of kept.objects) {
    const there = other.objects.get(id);
    if (!there || objectKey(there) !== objectKey(object)) return false;
  }
  return true;
}
