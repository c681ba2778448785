import { copyJson, setField } from '../json.js';
import { isJsonObject } from '../object.js';
import { badPatch, cannotUnmarshal } from './patch-errors.js';

/**
 * Applies a JSON merge patch (RFC 7386): null removes, objects merge, anything else replaces. As in the API server, and
 * unlike the RFC, the objects in a new list lose their nulls too.
 *
 * The result shares nothing with the arguments.
 * @throws `StatusError` 400 when the patch is no object.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) {
    throw badPatch(`error decoding patch: ${cannotUnmarshal(patch, 'value of type map[string]interface {}')}`);
  }
  return merge(document, patch);
}

function merge(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return patch.map((item) => merge(undefined, item));
  if (!isJsonObject(patch)) return patch;
  const before = isJsonObject(target) ? target : {};
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(before)) if (!Object.hasOwn(patch, key)) setField(result, key, copyJson(before[key]));
  for (const key of Object.keys(patch)) {
    if (patch[key] === null) continue;
    setField(result, key, merge(Object.hasOwn(before, key) ? before[key] : undefined, patch[key]));
  }
  return result;
}
