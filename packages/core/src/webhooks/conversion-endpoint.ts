import { EventLoopSlice, type KubernetesObject, type Logger } from '@trueup/kube';
import { z } from 'zod';
import { isSpecError, messageOf } from '../errors.js';
import { convertObject } from '../kind/convert-object.js';
import type { Kind } from '../kind/kind.js';
import { conversionPath } from './converting-kinds.js';
import { readReview, reviewedObject } from './review.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';

const API_VERSION = 'apiextensions.k8s.io/v1';
const KIND = 'ConversionReview';
/** A list is converted in one piece, so this limits how many objects can be listed in a version that is not stored. */
const MAX_BYTES = 100 * 1024 * 1024;

const conversionReview = z.object({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal(KIND),
  request: z.object({
    uid: z.string().min(1),
    desiredAPIVersion: z.string(),
    objects: z.array(reviewedObject),
  }),
});

/** Converts the objects of a kind between its versions. One that cannot be converted fails the whole review. */
export function conversionEndpoint(kind: Kind, log: Logger): WebhookEndpoint {
  return {
    path: conversionPath(kind),
    maxBytes: MAX_BYTES,
    async answer(body, signal) {
      const review = readReview(conversionReview, body, `a ConversionReview of ${API_VERSION}`);
      const { uid, desiredAPIVersion, objects } = review.request;
      const convert = (object: KubernetesObject) => converted(kind, object, desiredAPIVersion, log);
      const response = await inTurns(objects, convert, signal);
      return { apiVersion: API_VERSION, kind: KIND, response: { uid, ...response } };
    },
  };
}

type ConversionResponse =
  | { readonly result: { readonly status: 'Success' }; readonly convertedObjects: readonly KubernetesObject[] }
  | { readonly result: { readonly status: 'Failure'; readonly message: string } };

/** A long list leaves the event loop its turns. */
async function inTurns(
  objects: readonly KubernetesObject[],
  convert: (object: KubernetesObject) => KubernetesObject | string,
  signal: AbortSignal,
): Promise<ConversionResponse> {
  const slice = new EventLoopSlice(() => performance.now());
  const convertedObjects: KubernetesObject[] = [];
  for (const object of objects) {
    if (slice.isOver) await slice.turn();
    signal.throwIfAborted();
    const result = convert(object);
    if (typeof result === 'string') return { result: { status: 'Failure', message: result } };
    convertedObjects.push(result);
  }
  return { result: { status: 'Success' }, convertedObjects };
}

/** The object, or why it cannot be converted: only what is meant for users. */
function converted(kind: Kind, object: KubernetesObject, apiVersion: string, log: Logger): KubernetesObject | string {
  try {
    return convertObject(kind, object, apiVersion);
  } catch (error) {
    const { namespace, name } = object.metadata;
    if (isSpecError(error)) return `${name}: ${error.message}`;
    const fields = { kind: kind.resource.kind, namespace, name, from: object.apiVersion, to: apiVersion };
    log.error({ ...fields, error: messageOf(error) }, 'conversion failed');
    return `${name} cannot be converted; the log of the operator says why`;
  }
}
