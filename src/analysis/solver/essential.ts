import { anyHeld, objectKey, type HeapObject } from './heap.ts';
import { Table } from './tables.ts';
import { keyOf, type ObjectId, type Value } from './values.ts';

/** The objects of a state. What is asked at nearly every step is worked out once for as long as nothing changes. */
export class Heap extends Table<ObjectId, HeapObject> {
  #essential: ReadonlySet<ObjectId> | null = null;
  #key: string | null = null;
  #coarseKey: string | null = null;

  override fork(): Heap {
    const copy = new Heap(this.share(), true);
    copy.#essential = this.#essential;
    copy.#key = this.#key;
    copy.#coarseKey = this.#coarseKey;
    return copy;
  }

  /** What neither was essential nor becomes so, as most objects, changes nothing of what is derived. */
  protected override changing(id: ObjectId, after: HeapObject | undefined): void {
    const essential = this.#essential;
    if (essential && !essential.has(id) && !(after && joins(after, essential))) return;
    this.#essential = null;
    this.#key = null;
    this.#coarseKey = null;
  }

  /** Objects that the outcome depends on: handles that are open or in a transaction, and what holds them. */
  get essential(): ReadonlySet<ObjectId> {
    this.#essential ??= essentialObjects(this.map);
    return this.#essential;
  }

  /** Identifies what it says of them. */
  get key(): string {
    if (this.#key !== null) return this.#key;
    const parts: string[] = [];
    for (const id of this.essential) {
      const object = this.get(id);
      if (object) parts.push(`#${id}${essentialKey(object, this.essential)}`);
    }
    this.#key = parts.sort().join('\n');
    return this.#key;
  }

  /** Identifies what it says of handles, whatever leads to them. */
  get coarseKey(): string {
    if (this.#coarseKey !== null) return this.#coarseKey;
    const parts: string[] = [];
    for (const [id, object] of this.map) if (isEssential(object)) parts.push(`#${id}${objectKey(object)}`);
    this.#coarseKey = parts.sort().join('\n');
    return this.#coarseKey;
  }
}

/** What an object says of others that matter; what else is in it is not worth telling states apart. */
function essentialKey(object: HeapObject, essential: ReadonlySet<ObjectId>): string {
  switch (object.type) {
    case 'record': {
      const parts: string[] = [];
      for (const [name, value] of object.fields)
        if (!object.untouched?.has(name) && leadsTo(value, essential)) parts.push(`${name}:${keyOf(value)}`);
      return `R${object.shared ? 's' : ''}${parts.sort().join(',')}`;
    }
    case 'list':
      return `A${object.exact ? '=' : '*'}${object.items.map((item) => (leadsTo(item, essential) ? keyOf(item) : '')).join(',')}`;
    default:
      return objectKey(object);
  }
}

function essentialObjects(heap: ReadonlyMap<ObjectId, HeapObject>): Set<ObjectId> {
  const essential = new Set<ObjectId>();
  for (const [id, object] of heap) if (isEssential(object)) essential.add(id);
  if (essential.size === 0) return essential;
  for (let grown = true; grown;) {
    grown = false;
    for (const [id, object] of heap) {
      if (essential.has(id) || !holdsOne(object, essential)) continue;
      essential.add(id);
      grown = true;
    }
  }
  return essential;
}

/** Whether an object is essential where others are. */
function joins(object: HeapObject, essential: ReadonlySet<ObjectId>): boolean {
  return isEssential(object) || (essential.size > 0 && holdsOne(object, essential));
}

/** A statement is made anew where it is used, and most of those in the heap nobody can get at any more. */
function holdsOne(object: HeapObject, essential: ReadonlySet<ObjectId>): boolean {
  return object.type !== 'statement' && anyHeld(object, (value) => leadsTo(value, essential));
}

function isEssential(object: HeapObject): boolean {
  switch (object.type) {
    case 'connection':
      return (
        object.transaction !== null ||
        (object.ownership === 'owned' && (object.status === 'open' || object.status === 'opening'))
      );
    case 'transaction':
      return object.ownership === 'owned' && object.status !== 'closed' && object.status !== 'failed';
    case 'iterator':
      return object.active;
    case 'layer':
      return object.transaction !== null;
    case 'promise':
      return object.state === 'pending' || object.undo.length > 0;
    case 'stack':
      return object.actions.length > 0;
    default:
      return false;
  }
}

/** Whether a value gets at one of the objects. */
export function leadsTo(value: Value, essential: ReadonlySet<ObjectId>): boolean {
  switch (value.kind) {
    case 'ref':
      return essential.has(value.id);
    case 'method':
      return essential.has(value.object);
    case 'settle':
      return essential.has(value.promise);
    case 'choice':
      return value.options.some((option) => leadsTo(option, essential));
    default:
      return false;
  }
}
