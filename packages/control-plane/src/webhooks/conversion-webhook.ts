import { randomUUID } from 'node:crypto';
import { objectAt, objectsAt, optionalObjectAt, stringAt } from '../access.js';
import { isJsonObject, type JsonObject, type KubeObject, type ObjectMeta } from '../object.js';
import { plainError } from '../resources/errors.js';
import { checkReviewType } from './review-type.js';
import { targetOf, WebhookError, type WebhookClient } from './webhook-client.js';

const KIND = 'ConversionReview';
const API_VERSION = 'apiextensions.k8s.io/v1';
/** The API server's own: nothing in a definition says how long a conversion may take. */
const TIMEOUT_SECONDS = 30;

/**
 * Asks the conversion webhook of a CustomResourceDefinition for objects in another version.
 *
 * A webhook may change labels, annotations and everything outside metadata; of the rest of metadata the original stays.
 *
 * @param conversion - The definition's `spec.conversion`.
 * @param objects - Of one kind.
 * @returns the objects in that version, in the order given.
 * @throws StatusError 500, without a reason, when the webhook fails or what it returns cannot be those objects.
 */
export async function callConversionWebhook(
  conversion: JsonObject,
  objects: readonly Readonly<KubeObject>[],
  apiVersion: string,
  client: WebhookClient,
): Promise<KubeObject[]> {
  const [first] = objects;
  if (!first) return [];
  const subject = `conversion webhook for ${first.apiVersion}, Kind=${first.kind}`;
  try {
    const target = targetOf(objectAt(objectAt(conversion, 'webhook'), 'clientConfig'));
    const uid = randomUUID();
    const review = { kind: KIND, apiVersion: API_VERSION, request: { uid, desiredAPIVersion: apiVersion, objects } };
    const answer = await client.post(target, review, TIMEOUT_SECONDS);
    checkReviewType(review, answer);
    const converted = convertedObjects(answer, uid);
    if (converted.length !== objects.length) {
      throw plainError(`${subject} returned ${String(converted.length)} objects, expected ${String(objects.length)}`);
    }
    return objects.map((object, index) => checked(subject, object, converted[index] ?? {}, apiVersion, index));
  } catch (error) {
    throw error instanceof WebhookError ? plainError(`${subject} failed: ${error.message}`) : error;
  }
}

function convertedObjects(answer: JsonObject, uid: string): readonly JsonObject[] {
  if (answer['kind'] !== KIND || answer['apiVersion'] !== API_VERSION) {
    throw new WebhookError(`expected webhook response of ${API_VERSION}, Kind=${KIND}, got /, Kind=`);
  }
  const response = optionalObjectAt(answer, 'response');
  if (!response) throw new WebhookError('no response provided');
  const found = stringAt(response, 'uid');
  if (found !== uid) {
    throw new WebhookError(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(found)}`);
  }
  const result = objectAt(response, 'result');
  const status = stringAt(result, 'status');
  if (status !== 'Success') {
    const message = stringAt(result, 'message');
    throw new WebhookError(message === '' ? `response.result.status was '${status}', not 'Success'` : message);
  }
  return objectsAt(response, 'convertedObjects');
}

const KEPT_FIELDS = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;

/** The converted object with the original's metadata, if it is the same object still. */
function checked(
  subject: string,
  original: Readonly<KubeObject>,
  converted: JsonObject,
  apiVersion: string,
  index: number,
): KubeObject {
  const invalid = (problem: string): Error => plainError(`${subject} returned invalid object${problem}`);
  const kind = stringAt(converted, 'kind');
  const version = stringAt(converted, 'apiVersion');
  if (version !== apiVersion) {
    throw invalid(` at index ${String(index)}: invalid groupVersion (expected ${apiVersion}, received ${version})`);
  }
  if (kind !== original.kind) {
    throw invalid(` at index ${String(index)}: invalid kind (expected ${original.kind}, received ${kind})`);
  }
  const metadata = objectAt(converted, 'metadata');
  for (const [field, name] of KEPT_FIELDS) {
    const before = original.metadata[field] ?? '';
    const after = stringAt(metadata, field);
    if (before !== after) throw invalid(`: must have the same ${name}: ${before} != ${after}`);
  }
  return { ...converted, apiVersion, kind, metadata: metadataOf(subject, original.metadata, metadata) };
}

function metadataOf(subject: string, original: ObjectMeta, converted: JsonObject): ObjectMeta {
  const { labels: _labels, annotations: _annotations, ...kept } = original;
  const labels = textsOf(subject, converted, 'labels');
  const annotations = textsOf(subject, converted, 'annotations');
  return { ...kept, ...(labels && { labels }), ...(annotations && { annotations }) };
}

function textsOf(
  subject: string,
  metadata: JsonObject,
  field: 'labels' | 'annotations',
): Record<string, string> | undefined {
  const value = metadata[field];
  if (value === undefined || value === null) return undefined;
  const texts: Record<string, string> = {};
  for (const [key, text] of Object.entries(isJsonObject(value) ? value : {})) {
    if (typeof text !== 'string') {
      const problem = `metadata.${field}[${key}] must be a string, but is ${typeName(text)} in converted object`;
      throw plainError(`${subject} returned invalid metadata: ${problem}`);
    }
    texts[key] = text;
  }
  return texts;
}

/** The type of a JSON value in Go. */
function typeName(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : value === null ? '<nil>' : 'map[string]interface {}';
}
