import { isJsonObject } from '../object.js';
import { FieldSet } from './field-set.js';
import { identityOf, type Manager, type Managers } from './managers.js';
import { fieldsOf, withStructs } from './owned-fields.js';
import type { TypedObject, Versions } from './ownership.js';
import { removeFields } from './remove-fields.js';

/**
 * Removes from a merged object the fields, keys and items that its applier applied last time, leaves out this time, and
 * that nobody else owns.
 *
 * @param last - The applier's entry before this apply.
 * @param managers - All managers, the applier with what it applies now.
 * @returns the object in its own version.
 */
export function prune(merged: TypedObject, last: Manager, managers: Managers, versions: Versions): TypedObject {
  if (last.fields.isEmpty || isAppliedAgain(last, managers)) return merged;
  const then = versions.convert(merged, last.apiVersion);
  if (then === undefined) return merged;

  const before = structsOf(then);
  const without = remove(then, withStructs(then.type, last.fields));
  const owned = addBackOwned({ ...then, fields: before }, without, last.apiVersion, managers, versions);
  const gone = before.difference(structsOf(owned));
  // What was removed without ever being applied stays: what nobody owns, and what others own by updates.
  const pruned = remove(then, gone.intersection(withStructs(then.type, last.fields)));
  return versions.convert(pruned, versions.apiVersion) ?? merged;
}

/** Whether the applier leaves out nothing, so that nothing is to be removed: the common case. */
function isAppliedAgain(last: Manager, managers: Managers): boolean {
  const now = managers.get(identityOf(last));
  return now !== undefined && now.apiVersion === last.apiVersion && last.fields.isSubsetOf(now.fields);
}

/** Restores what the removal took along but a manager owns: parts of removed items, what is applied again. */
function addBackOwned(
  merged: TypedObject & { readonly fields: FieldSet },
  pruned: TypedObject,
  prunedVersion: string,
  managers: Managers,
  versions: Versions,
): TypedObject {
  const owned = new Map<string, FieldSet>();
  for (const { apiVersion, fields } of managers.values()) {
    owned.set(apiVersion, fields.union(owned.get(apiVersion) ?? new FieldSet()));
  }
  // The pruned version first: a conversion may need fields that were removed.
  const order = [prunedVersion, ...[...owned.keys()].filter((version) => version !== prunedVersion)];
  let result = pruned;
  for (const version of order) {
    const fields = owned.get(version);
    const before = versions.convert(merged, version);
    const after = versions.convert(result, version);
    if (fields === undefined || before === undefined || after === undefined) continue;
    const all = before.object === merged.object ? merged.fields : structsOf(before);
    result = remove(before, all.difference(structsOf(after)).difference(withStructs(before.type, fields)));
  }
  return versions.convert(result, prunedVersion) ?? pruned;
}

function structsOf({ type, object }: TypedObject): FieldSet {
  return withStructs(type, fieldsOf(type, object));
}

function remove({ type, object }: TypedObject, fields: FieldSet): TypedObject {
  const result = removeFields(type, object, fields);
  const { apiVersion, kind } = object;
  const rest = isJsonObject(result) ? result : {};
  const metadata = isJsonObject(rest['metadata']) ? rest['metadata'] : {};
  return { type, object: { ...rest, apiVersion, kind, metadata } };
}
