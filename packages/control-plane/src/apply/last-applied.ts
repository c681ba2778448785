import { copyJson } from '../json.js';
import { isJsonObject, type KubeObject } from '../object.js';
import { isNestedTooDeeply } from '../resources/nesting.js';
import { compare } from './compare.js';
import type { FieldSet } from './field-set.js';
import type { FieldType } from './field-type.js';
import { fieldsOf } from './owned-fields.js';
import { canonicalJson } from './path-element.js';
import { checkType, ListItemError, TypeMismatchError } from './typed-value.js';

/**
 * The way from `kubectl apply` to `kubectl apply --server-side`: client-side apply keeps what it applied in an
 * annotation. Only the manager `kubectl` is treated so.
 */
export const KUBECTL = 'kubectl';

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

function lastApplied(object: KubeObject): string | undefined {
  const { annotations } = isJsonObject(object.metadata) ? object.metadata : {};
  const value: unknown = isJsonObject(annotations) ? annotations[ANNOTATION] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * The fields that client-side apply set and nobody has changed since: taking them is no conflict. Undefined when the
 * annotation is missing, unreadable or of another version.
 */
export function fieldsLastApplied(type: FieldType, live: KubeObject, apiVersion: string): FieldSet | undefined {
  const text = lastApplied(live);
  if (text === undefined) return undefined;
  try {
    const applied: unknown = JSON.parse(text);
    if (!isJsonObject(applied) || applied['apiVersion'] !== apiVersion || isNestedTooDeeply(applied)) return undefined;
    checkType(type, live, false);
    checkType(type, applied, false);
    const { added, modified, removed } = compare(type, applied, live);
    return fieldsOf(type, applied).difference(modified).difference(added).difference(removed);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeMismatchError || error instanceof ListItemError) {
      return undefined;
    }
    throw error;
  }
}

/** Keeps the annotation, where the object has one, in step with what was applied. */
export function updateLastApplied(object: KubeObject, applied: KubeObject): void {
  if (lastApplied(object) === undefined) return;
  const { annotations } = object.metadata;
  if (annotations === undefined) return;
  const configuration = copyJson(applied);
  if (isJsonObject(configuration.metadata.annotations)) delete configuration.metadata.annotations[ANNOTATION];
  annotations[ANNOTATION] = `${canonicalJson(configuration)}\n`;
  if (sizeOf(annotations) > MAX_ANNOTATIONS_BYTES) delete annotations[ANNOTATION];
}

function sizeOf(annotations: Readonly<Record<string, string>>): number {
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) size += Buffer.byteLength(key) + Buffer.byteLength(value);
  return size;
}
