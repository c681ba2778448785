import { randomUUID } from 'node:crypto';
import { numberAt, objectAt, objectsAt, optionalObjectAt, stringAt, stringsAt } from '../access.js';
import type { JsonObject } from '../object.js';
import type { AdmissionRequest } from '../resources/admission.js';
import { cannotUnmarshal } from '../patch/patch-errors.js';
import { StatusError, type StatusCause, type StatusDetails } from '../status-error.js';
import { describeRequest, type RequestView } from './request-view.js';
import { WebhookError } from './webhook-client.js';

const KIND = 'AdmissionReview';

/** What a webhook is asked. */
export function admissionReview(request: AdmissionRequest, view: RequestView, version: string): JsonObject {
  const { dryRun, options } = request;
  return {
    kind: KIND,
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid: randomUUID(),
      ...describeRequest(request, view),
      object: view.object ?? null,
      oldObject: view.oldObject ?? null,
      dryRun,
      options,
    },
  };
}

/** What a webhook answered, apart from a refusal. */
export interface AdmissionReply {
  /** The operations of a JSON patch; empty for none. */
  readonly patch: readonly unknown[];
  readonly patchType: string;
  readonly warnings: readonly string[];
  /** Why the webhook does not allow the request; absent when it does. */
  readonly denial?: StatusError;
}

/**
 * Reads the answer to a review.
 *
 * @throws {@link WebhookError} for an answer that breaks the rules.
 */
export function readReply(
  review: JsonObject,
  answer: JsonObject,
  { webhook, mutating }: { webhook: string; mutating: boolean },
): AdmissionReply {
  const apiVersion = stringAt(review, 'apiVersion');
  const response = optionalObjectAt(answer, 'response');
  if (!response) throw invalidReply('webhook response was absent');
  const { allowed } = response;
  if (allowed !== undefined && typeof allowed !== 'boolean') {
    const into = 'struct field AdmissionResponse.response.allowed of type bool';
    throw new WebhookError(`failed to call webhook: ${cannotUnmarshal(allowed, into)}`);
  }
  const uid = stringAt(objectAt(review, 'request'), 'uid');
  if (response['uid'] !== uid) {
    throw invalidReply(
      `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(stringAt(response, 'uid'))}`,
    );
  }
  if (answer['apiVersion'] !== apiVersion || answer['kind'] !== KIND) {
    throw invalidReply(`expected webhook response of ${apiVersion}, Kind=${KIND}, got /, Kind=`);
  }
  return {
    ...patchOf(response, mutating),
    warnings: stringsAt(response, 'warnings'),
    ...(allowed === true ? {} : { denial: denial(webhook, objectAt(response, 'status')) }),
  };
}

function invalidReply(problem: string): WebhookError {
  return new WebhookError(`received invalid webhook response: ${problem}`);
}

function patchOf(response: JsonObject, mutating: boolean): Pick<AdmissionReply, 'patch' | 'patchType'> {
  const encoded = stringAt(response, 'patch');
  const patchType = stringAt(response, 'patchType');
  if (!mutating) {
    if (encoded !== '') throw invalidReply('validating webhook may not return response.patch');
    if (patchType !== '') throw invalidReply('validating webhook may not return response.patchType');
    return { patch: [], patchType };
  }
  if (encoded !== '' && patchType === '')
    throw invalidReply('webhook returned response.patch but not response.patchType');
  if (encoded === '' && patchType !== '')
    throw invalidReply('webhook returned response.patchType but not response.patch');
  return { patch: encoded === '' ? [] : decodePatch(encoded), patchType };
}

function decodePatch(encoded: string): readonly unknown[] {
  const stray = encoded.search(/[^A-Za-z0-9+/=\r\n]/);
  if (stray >= 0) {
    throw new WebhookError(`failed to call webhook: illegal base64 data at input byte ${String(stray)}`);
  }
  let patch: unknown;
  try {
    patch = JSON.parse(Buffer.from(encoded, 'base64').toString());
  } catch {
    throw undecodablePatch('unexpected end of JSON input');
  }
  if (patch === null) return [];
  if (!Array.isArray(patch)) throw undecodablePatch(cannotUnmarshal(patch, 'value of type jsonpatch.Patch'));
  return patch;
}

function undecodablePatch(problem: string): WebhookError {
  return new WebhookError(`received undecodable patch in webhook response: ${problem}`);
}

const BAD_REQUEST = 400;

function denial(webhook: string, status: JsonObject): StatusError {
  const message = stringAt(status, 'message');
  const reason = stringAt(status, 'reason');
  const details = optionalObjectAt(status, 'details');
  const deniedBy = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const why = message === '' ? reason : message;
  return new StatusError(
    Math.max(numberAt(status, 'code'), BAD_REQUEST),
    reason === '' ? undefined : reason,
    why === '' ? `${deniedBy} without explanation` : `${deniedBy}: ${why}`,
    details && detailsOf(details),
  );
}

function detailsOf(details: JsonObject): StatusDetails {
  const causes = objectsAt(details, 'causes').map((cause): StatusCause =>
    textsOf(cause, ['reason', 'message', 'field']),
  );
  const retryAfterSeconds = numberAt(details, 'retryAfterSeconds');
  return {
    ...textsOf(details, ['name', 'group', 'kind', 'uid']),
    ...(causes.length === 0 ? {} : { causes }),
    ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
  };
}

function textsOf(source: JsonObject, fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field, stringAt(source, field)]).filter(([, text]) => text !== ''));
}
