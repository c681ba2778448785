import jsonPatch from 'fast-json-patch';

import { copyJson } from '../json.js';
import { isJsonObject, type JsonObject } from '../object.js';
import { StatusError } from '../status-error.js';
import { badPatch, cannotUnmarshal, rejectedPatch } from './patch-errors.js';

const MAX_OPERATIONS = 10_000;

/**
 * Applies a JSON patch (RFC 6902) with the liberties of the API server: of an object, `replace` may set a field that is
 * not there, `test` finds a missing field equal to null, and `copy` copies it as null.
 *
 * The result shares nothing with the arguments.
 * @throws `StatusError` 400 when the patch is no list of operations, 413 when it has more than 10000, 422 when one fails;
 * the server does not say which, or why.
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const operations = readOperations(patch);
  let current = copyJson(document);
  for (const operation of operations) current = applyOperation(current, operation);
  return current;
}

function readOperations(patch: unknown): readonly unknown[] {
  if (patch === null) return [];
  if (!Array.isArray(patch)) {
    throw badPatch(`error decoding patch: ${cannotUnmarshal(patch, 'value of type []handlers.jsonPatchOp')}`);
  }
  if (patch.length > MAX_OPERATIONS) {
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    );
  }
  for (const operation of patch) checkOperation(operation);
  return patch;
}

function checkOperation(operation: unknown): void {
  if (operation === null) return;
  if (!isJsonObject(operation)) {
    throw badPatch(`error decoding patch: ${cannotUnmarshal(operation, 'value of type handlers.jsonPatchOp')}`);
  }
  for (const field of ['op', 'path', 'from']) {
    const value = operation[field];
    if (typeof value === 'string' || value === undefined || value === null) continue;
    const into = `struct field jsonPatchOp.${field} of type string`;
    throw badPatch(`error decoding patch: ${cannotUnmarshal(value, into)}`);
  }
}

function applyOperation(document: unknown, operation: unknown): unknown {
  if (!isJsonObject(operation)) throw rejectedPatch();
  const { op, path, from, value = null } = operation;
  if (typeof path !== 'string') throw rejectedPatch();
  switch (op) {
    case 'add':
      return run(document, { op, path, value: copyJson(value) });
    case 'replace':
      return run(document, {
        op: exists(document, path) ? op : 'add',
        path: settable(document, path),
        value: copyJson(value),
      });
    case 'remove':
      if (!exists(document, path)) throw rejectedPatch();
      return run(document, { op, path });
    case 'test':
      if (value === null && isMissingField(document, path)) return document;
      return run(document, { op, path, value });
    case 'move':
    case 'copy':
      if (typeof from !== 'string') throw rejectedPatch();
      if (exists(document, from)) return run(document, { op, path, from });
      if (op === 'copy' && isMissingField(document, from)) return run(document, { op: 'add', path, value: null });
      throw rejectedPatch();
    default:
      throw rejectedPatch();
  }
}

/** A field may be replaced whether it is there or not; an item of a list must be there. */
function settable(document: unknown, path: string): string {
  if (exists(document, path) || isMissingField(document, path)) return path;
  throw rejectedPatch();
}

/** Whether the path ends in an object that does not have its last key. */
function isMissingField(document: unknown, path: string): boolean {
  return !exists(document, path) && isJsonObject(find(document, path.slice(0, path.lastIndexOf('/'))));
}

function run(document: unknown, operation: jsonPatch.Operation): unknown {
  try {
    return jsonPatch.applyOperation(document, operation, true, true, true).newDocument;
  } catch {
    throw rejectedPatch();
  }
}

function exists(document: unknown, pointer: string): boolean {
  return find(document, pointer) !== undefined;
}

/** The value at a JSON pointer. Inherited properties (`/spec/constructor`) are no values. */
function find(document: unknown, pointer: string): unknown {
  if (pointer === '') return document;
  let here = document;
  for (const key of pointer.split('/').slice(1).map(jsonPatch.unescapePathComponent)) {
    const container: JsonObject | readonly unknown[] | undefined =
      Array.isArray(here) || isJsonObject(here) ? here : undefined;
    if (container === undefined || !Object.hasOwn(container, key) || (Array.isArray(here) && key === 'length')) {
      return undefined;
    }
    here = Reflect.get(container, key);
  }
  return here;
}
