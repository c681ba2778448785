import jsonPatch from 'fast-json-patch';

import { copyJson } from '../json.js';
import { isJsonObject, type JsonObject } from '../object.js';
import { isNestedTooDeeply } from '../resources/nesting.js';
import { StatusError } from '../status-error.js';
import { badPatch, cannotUnmarshal, rejectedPatch } from './patch-errors.js';

const MAX_OPERATIONS = 10_000;
/** What all copies of a patch may add: a few that copy the whole into itself would double it each time. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

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
  try {
    return applyOperations(document, operations);
  } catch (error) {
    throw error instanceof JsonPatchError ? rejectedPatch() : error;
  }
}

/** An operation of a JSON patch that does not apply. The message is that of the API server's library. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError';
}

/**
 * Applies the operations of a JSON patch as {@link applyJsonPatch} does, and tells which one fails, and why.
 *
 * @throws {@link JsonPatchError}
 */
export function applyOperations(document: unknown, operations: readonly unknown[]): unknown {
  let current = copyJson(document);
  let copied = 0;
  for (const operation of operations) {
    copied += copiedBytes(current, operation);
    if (copied > MAX_COPIED_BYTES) {
      throw new JsonPatchError(
        `Unable to complete the copy, the accumulated size increase of copy is ${copied}, exceeding the limit ${MAX_COPIED_BYTES}`,
      );
    }
    current = applyOperation(current, operation);
  }
  return current;
}

function copiedBytes(document: unknown, operation: unknown): number {
  if (!isJsonObject(operation) || operation['op'] !== 'copy' || typeof operation['from'] !== 'string') return 0;
  const source = find(document, operation['from']);
  if (source === undefined) return 0;
  if (isNestedTooDeeply(source)) throw new JsonPatchError('exceeded max depth');
  return Buffer.byteLength(JSON.stringify(source));
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
  if (!isJsonObject(operation)) throw new JsonPatchError('Unexpected kind: unknown');
  const { op, path, from, value = null } = operation;
  if (typeof path !== 'string') throw new JsonPatchError(`Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`);
  switch (op) {
    case 'add':
      return run(document, { op, path, value: copyJson(value) }, () => missingPath(document, op, path));
    case 'replace':
      if (isMissingField(document, path)) return run(document, { op: 'add', path, value: copyJson(value) });
      if (!exists(document, path)) throw new JsonPatchError(missingPath(document, op, path));
      return run(document, { op, path, value: copyJson(value) });
    case 'remove':
      if (!exists(document, path)) throw new JsonPatchError(missingPath(document, op, path));
      return run(document, { op, path });
    case 'test':
      if (value === null && isMissingField(document, path)) return document;
      return run(document, { op, path, value }, () => failedTest(document, path));
    case 'move':
    case 'copy':
      if (typeof from !== 'string') throw new JsonPatchError(`${op} operation failed to decode from: missing value`);
      // What moves into itself is gone before it could be put there.
      if (op === 'move' && path.startsWith(`${from}/`)) throw new JsonPatchError(missingPath(document, 'add', path));
      if (exists(document, from)) return run(document, { op, path, from }, () => missingPath(document, 'add', path));
      if (op === 'copy' && isMissingField(document, from)) return run(document, { op: 'add', path, value: null });
      throw new JsonPatchError(missingSource(document, op, from));
    default:
      throw new JsonPatchError(`Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`);
  }
}

function missingPath(document: unknown, op: 'add' | 'remove' | 'replace', path: string): string {
  const container = find(document, parentOf(path));
  if (!Array.isArray(container) && !isJsonObject(container)) {
    return `${op} operation does not apply: doc is missing path: ${op === 'replace' ? path : JSON.stringify(path)}: missing value`;
  }
  if (op === 'replace') return `replace operation does not apply: doc is missing key: ${path}: missing value`;
  const problem = Array.isArray(container)
    ? `Unable to access invalid index: ${keyOf(path)}: invalid index referenced`
    : `Unable to remove nonexistent key: ${keyOf(path)}: missing value`;
  return `error in ${op} for path: '${path}': ${problem}`;
}

function missingSource(document: unknown, op: 'move' | 'copy', from: string): string {
  return op === 'move' && isMissingField(document, from)
    ? `error in move for path: '${keyOf(from)}': Unable to remove nonexistent key: ${keyOf(from)}: missing value`
    : `${op} operation does not apply: doc is missing from path: ${from}: missing value`;
}

function failedTest(document: unknown, path: string): string {
  return find(document, parentOf(path)) === undefined
    ? `test operation does not apply: is missing path: ${path}: missing value`
    : `testing value ${path} failed: test failed`;
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'));
}

function keyOf(pointer: string): string {
  return jsonPatch.unescapePathComponent(pointer.slice(pointer.lastIndexOf('/') + 1));
}

/** Whether the path ends in an object that does not have its last key. */
function isMissingField(document: unknown, path: string): boolean {
  return !exists(document, path) && isJsonObject(find(document, parentOf(path)));
}

function run(document: unknown, operation: jsonPatch.Operation, problem?: () => string): unknown {
  try {
    return jsonPatch.applyOperation(document, operation, true, true, true).newDocument;
  } catch (error) {
    throw new JsonPatchError(problem?.() ?? String(error));
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
