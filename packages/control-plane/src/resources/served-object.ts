import { freezeJson } from '../json.js';
import type { StoredObject } from '../storage/table.js';
import type { Resource } from './resource.js';

const converted = new WeakMap<Resource, WeakMap<StoredObject, StoredObject>>();

/**
 * A stored object in the version that a resource serves, with the defaults of that version's schema.
 *
 * Converted once: the same stored object gives the same served object, whose JSON text is then kept, too.
 */
export function serve(resource: Resource, stored: StoredObject): StoredObject {
  if (!resource.storedForm) return stored;
  let known = converted.get(resource);
  if (!known) converted.set(resource, (known = new WeakMap()));
  const before = known.get(stored);
  if (before) return before;
  const served = freezeJson(resource.storedForm.fromStored(stored));
  known.set(stored, served);
  return served;
}
