import { decodeError } from '../builtins/go-codec.js';
import { isJsonObject, type JsonObject, type KubeObject } from '../object.js';
import { malformedMetadata } from '../schema/metadata.js';
import { prune } from '../schema/prune.js';
import { type StatusError } from '../status-error.js';
import { DecodeError, typeName } from './decode-error.js';
import { badRequest, internalError, invalid } from './errors.js';
import { BodySyntaxError, duplicatesIn, parseBody, type TextBody } from './parse-body.js';
import { apiVersionOf, parseApiVersion, type ResourceRegistry } from './registry.js';
import type { Resource } from './resource.js';
import type { FieldValidation } from './write-context.js';

export interface DecodeContext {
  readonly resource: Resource;
  readonly registry: ResourceRegistry;
  readonly fieldValidation: FieldValidation;
  warn(text: string): void;
}

/**
 * Reads the body of a POST or PUT as an object of the resource: checks its type, drops and reports what the kind does
 * not know, fills defaults.
 *
 * @throws {@link StatusError} 400 in the words of a real server's decoder.
 */
export function decodeObject(body: TextBody, context: DecodeContext): KubeObject {
  const { resource, fieldValidation } = context;
  const document = parseDocument(body, resource);
  const duplicates = fieldValidation === 'Ignore' ? [] : duplicatesIn(body);
  const object = typed(document, body, context);
  const cannotBeHandled = (problem: string): StatusError =>
    badRequest(
      `${object.kind} in version "${parseApiVersion(object.apiVersion).version}" cannot be handled as a ${resource.kind}: ${problem}`,
    );
  try {
    const problems = decodeFields(object, resource, duplicates);
    reportProblems(problems, context, (text) => cannotBeHandled(text));
  } catch (error) {
    if (error instanceof DecodeError) throw cannotBeHandled(error.message);
    throw error;
  }
  return object;
}

/**
 * Reads the result of a patch as an object of the resource.
 *
 * @throws {@link StatusError} 422 about `patch`: what cannot be decoded is the patch's fault.
 */
export function decodePatched(document: unknown, duplicates: readonly string[], context: DecodeContext): KubeObject {
  const { resource } = context;
  const fail = (problem: string): StatusError =>
    invalid({ group: '', kind: '' }, '', [
      {
        type: 'FieldValueInvalid',
        field: 'patch',
        detail: `Invalid value: ${JSON.stringify(JSON.stringify(document))}: ${problem}`,
      },
    ]);
  if (!isJsonObject(document)) throw fail(`json: cannot unmarshal ${typeName(document)} into Go value`);
  if (resource.custom && typeof document['kind'] !== 'string') {
    throw fail(`Object 'Kind' is missing in '${JSON.stringify(document)}'`);
  }
  const object = withType(document, resource);
  try {
    reportProblems(decodeFields(object, resource, duplicates), context, fail);
  } catch (error) {
    if (error instanceof DecodeError) throw fail(error.message);
    throw error;
  }
  return object;
}

/**
 * Reads what a mutating webhook made of an object.
 *
 * @throws {@link StatusError} 500 for something that is no object of the resource.
 */
export function decodeMutated(document: JsonObject, resource: Resource): KubeObject {
  try {
    const object = withType(document, resource);
    const isOfResource = object.kind === resource.kind && object.apiVersion === apiVersionOf(resource);
    if (!resource.custom && !isOfResource) {
      throw internalError(`${object.apiVersion}, Kind=${object.kind} cannot be handled as a ${resource.kind}`);
    }
    decodeFields(object, resource, []);
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw internalError(error.message);
    throw error;
  }
}

/** Reads fields and metadata in place; what is unknown or set twice comes back as the texts of strict decoding. */
function decodeFields(object: KubeObject, resource: Resource, duplicates: readonly string[]): string[] {
  const { managedFields } = object.metadata;
  const problem = resource.custom ? malformedMetadata(object.metadata) : decodeError(resource.schema, object);
  if (problem !== undefined) throw new DecodeError(problem);
  const unknown = prune(resource.schema, object, { isRoot: true });
  resource.strategy.default?.(object);
  // An empty list resets the managedFields of a built-in kind; of a custom one it counts as absent, like all that is empty.
  if (!resource.custom && managedFields?.length === 0) object.metadata.managedFields = [];
  return [
    ...duplicates.map((path) => `duplicate field "${path}"`),
    ...unknown.map((path) => `unknown field "${path}"`),
  ];
}

function reportProblems(
  problems: readonly string[],
  { fieldValidation, warn }: DecodeContext,
  refuse: (text: string) => StatusError,
): void {
  if (problems.length === 0 || fieldValidation === 'Ignore') return;
  if (fieldValidation === 'Strict') throw refuse(`strict decoding error: ${problems.join(', ')}`);
  for (const problem of problems) warn(problem);
}

function parseDocument(body: TextBody, resource: Resource): JsonObject {
  const unrecognized = (problem: string): StatusError =>
    badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind; json parse error: ${problem} (${summary(body.text)})`,
    );
  let document: unknown;
  try {
    document = parseBody(body);
  } catch (error) {
    if (error instanceof BodySyntaxError) throw unrecognized(error.message);
    throw error;
  }
  if (!isJsonObject(document)) throw unrecognized(`json: cannot unmarshal ${typeName(document)} into Go value`);
  return document;
}

/** The document with a kind and version that the endpoint takes. */
function typed(document: JsonObject, body: TextBody, { resource, registry }: DecodeContext): KubeObject {
  const expected = apiVersionOf(resource);
  const { apiVersion, kind } = document;
  const hasKind = typeof kind === 'string' && kind !== '';
  if (resource.custom && !hasKind) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing in '${body.text}' (${summary(body.text)})`,
    );
  }
  const object = withType(document, resource);
  const sameVersion = object.apiVersion === expected || (resource.custom && apiVersion === undefined);
  if (resource.custom || (sameVersion && object.kind === resource.kind)) {
    if (sameVersion) return object;
    throw wrongVersion(object.apiVersion, expected);
  }
  const { group, version } = parseApiVersion(object.apiVersion);
  if (registry.ofKind(group, version, object.kind)?.custom !== false) {
    throw badRequest(
      `${object.kind} in version "${version}" cannot be handled as a ${resource.kind}: no kind "${object.kind}" is registered for version "${object.apiVersion}" in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"`,
    );
  }
  if (object.kind !== resource.kind) {
    throw badRequest(
      `${object.kind} in version "${version}" cannot be handled as a ${resource.kind}: converting (${version}.${object.kind}) to (${resource.version}.${resource.kind}): unknown conversion`,
    );
  }
  throw wrongVersion(object.apiVersion, expected);
}

function wrongVersion(found: string, expected: string): StatusError {
  return badRequest(`the API version in the data (${found}) does not match the expected API version (${expected})`);
}

function withType(document: JsonObject, resource: Resource): KubeObject {
  const { apiVersion, kind, metadata } = document;
  return Object.assign(document, {
    apiVersion: typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion : apiVersionOf(resource),
    kind: typeof kind === 'string' && kind !== '' ? kind : resource.kind,
    metadata: isJsonObject(metadata) ? metadata : (rejectMetadata(metadata), {}),
  });
}

function rejectMetadata(metadata: unknown): void {
  if (metadata === undefined || metadata === null) return;
  throw badRequest(`json: cannot unmarshal ${typeName(metadata)} into Go value of type v1.ObjectMeta`);
}

/** The start of a body, as error messages quote it. */
function summary(text: string): string {
  if (text === '') return '<empty>';
  const bytes = Buffer.from(text);
  const start = bytes.subarray(0, 30);
  const shown = text.startsWith('{') ? start.toString() : start.toString('hex');
  return bytes.length > 30 ? `${shown} ...` : shown;
}
