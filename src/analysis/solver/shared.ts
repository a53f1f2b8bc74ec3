import { reachableFrom } from './reach.ts';
import type { HeapObject } from './heap.ts';
import type { State } from './state.ts';
import type { ObjectId, Value } from './values.ts';

/** An object as code finds it that runs at another time: nobody's to close, without a transaction of this moment. */
export function sharedVersion(object: HeapObject): HeapObject {
  switch (object.type) {
    case 'connection':
      return {
        ...object,
        status: object.status === 'opening' ? 'open' : object.status,
        ownership: object.ownership === 'owned' ? 'escaped' : object.ownership,
        transaction: null,
        used: true,
      };
    case 'transaction':
      return { ...object, ownership: 'escaped' };
    case 'record':
      return object.shared ? object : { ...object, shared: true };
    case 'layer':
      return { ...object, transaction: null };
    case 'iterator':
      return { ...object, active: false };
    default:
      return object;
  }
}

/** The objects that a value leads to; null where there is no handle among them, so that it is not worth keeping. */
export function snapshot(state: State, value: Value): Map<ObjectId, HeapObject> | null {
  const objects = new Map<ObjectId, HeapObject>();
  // Drivers are kept in variables as well, and functions that hand them out.
  if (value.kind === 'external' || value.kind === 'function' || value.kind === 'class' || value.kind === 'global')
    return objects;
  if (value.kind !== 'ref') return null;
  let worth = false;
  for (const id of reachableFrom(state, [value]).objects) {
    const object = state.heap.get(id);
    if (!object) continue;
    objects.set(id, sharedVersion(object));
    worth ||= object.type !== 'record' && object.type !== 'list';
    worth ||= object.type === 'record' && object.cls !== null;
  }
  return worth ? objects : null;
}
