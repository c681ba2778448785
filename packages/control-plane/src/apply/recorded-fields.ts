import { freezeJson } from '../json.js';
import { isJsonObject, type JsonObject } from '../object.js';
import { FieldSet } from './field-set.js';
import { RecentCache } from '../recent-cache.js';

/**
 * How many `fieldsV1` are kept, beside those that objects hold. A manager writes most objects of a kind with the same
 * fields: they share one `fieldsV1`, which is read, written and frozen once.
 */
const KEPT = 4096;

const setsOf = new RecentCache<JsonObject, FieldSet>(KEPT);
const kept = new RecentCache<string, JsonObject>(KEPT);
const recordsOf = new WeakMap<FieldSet, JsonObject>();

/**
 * The set that a `fieldsV1` stands for.
 * @throws `FieldSetError` or `PathElementError` when it is malformed.
 */
export function readFields(fieldsV1: unknown): FieldSet {
  if (!isJsonObject(fieldsV1) || !Object.isFrozen(fieldsV1)) return FieldSet.fromFieldsV1(fieldsV1);
  const known = setsOf.get(fieldsV1);
  if (known !== undefined) return known;
  const fields = FieldSet.fromFieldsV1(fieldsV1);
  setsOf.set(fieldsV1, fields);
  recordsOf.set(fields, fieldsV1);
  return fields;
}

/** The sets that were recorded last, the latest in front: whoever makes many objects makes them alike. */
const latest: FieldSet[] = [];
const MOST_LATEST = 8;

/** The set as `fieldsV1` has it, frozen. */
export function recordFields(fields: FieldSet): JsonObject {
  const alike = latest.find((other) => fields === other || fields.equals(other));
  const known = recordsOf.get(alike ?? fields);
  if (known !== undefined) return known;
  const record = keep(fields.toFieldsV1());
  recordsOf.set(fields, record);
  setsOf.set(record, fields);
  latest.unshift(fields);
  latest.splice(MOST_LATEST);
  return record;
}

function keep(record: JsonObject): JsonObject {
  const text = JSON.stringify(record);
  const same = kept.get(text);
  if (same !== undefined) return same;
  kept.set(text, freezeJson(record));
  return record;
}
