import { deepFreeze, type Client, type KubernetesObject, type Logger } from '@trueup/kube';
import jsonPatch from 'fast-json-patch';
import { withSpec } from '../engine/with-spec.js';
import { isSpecError } from '../errors.js';
import { isObject } from '../formats/json-object.js';
import { isDefinedKind, type KindOf } from '../kind/kind.js';
import { isDenial } from './admission-answer.js';
import type { AdmissionOperation, AdmissionRequest } from './admission-request.js';
import {
  admissionReviewWith,
  readAdmissionReview,
  type AdmissionResponse,
  type AdmissionStatus,
  type ReviewedRequest,
} from './admission-review.js';
import type { DeclaredWebhook } from './declared-webhook.js';
import { asFieldError, type FieldError } from './field-error.js';
import { ReviewError } from './review.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';

/**
 * Two objects of 3 MiB, which is what the API server lets in, and what is said about them.
 *
 * @see {@link https://github.com/kubernetes-sigs/controller-runtime/blob/v0.22.4/pkg/webhook/admission/http.go#L56 | the same limit in controller-runtime}
 */
const MAX_BYTES = 7 * 1024 * 1024;
/** What Kubernetes has for an object that does not follow its kind's rules. */
const INVALID = { code: 422, reason: 'Invalid' } as const;

/** A declared webhook and the method that answers. */
export interface BoundWebhook extends DeclaredWebhook {
  call(object: KubernetesObject, request: AdmissionRequest): unknown;
}

export interface AdmissionServices {
  readonly client: Client;
  readonly log: Logger & { child(fields: Readonly<Record<string, unknown>>): Logger };
}

/** Asks the method of a webhook about each review. */
export function admissionEndpoint(webhook: BoundWebhook, services: AdmissionServices): WebhookEndpoint {
  return {
    path: webhook.path,
    maxBytes: MAX_BYTES,
    async answer(body, signal) {
      const reviewed = readAdmissionReview(body);
      const warnings: string[] = [];
      const request = admissionRequest(webhook, reviewed, { ...services, signal, warnings });
      const response = await responseOf(webhook, reviewed, request);
      if (!response.allowed) request.log.debug({ code: response.status?.code }, 'request refused');
      return admissionReviewWith(reviewed.uid, { ...response, ...(warnings.length > 0 && { warnings }) });
    },
  };
}

function admissionRequest(
  { name: webhook, kind }: BoundWebhook,
  reviewed: ReviewedRequest,
  { client, log, signal, warnings }: AdmissionServices & { readonly signal: AbortSignal; readonly warnings: string[] },
): AdmissionRequest {
  const { uid, name, namespace, oldObject, userInfo } = reviewed;
  const operation = operationOf(reviewed);
  return {
    operation,
    old: operation === 'UPDATE' && oldObject ? shown(kind, oldObject) : undefined,
    name: name === '' ? undefined : name,
    namespace: namespace === '' ? undefined : namespace,
    user: {
      username: userInfo.username,
      ...(userInfo.uid !== undefined && { uid: userInfo.uid }),
      groups: userInfo.groups ?? [],
      extra: userInfo.extra ?? {},
    },
    isDryRun: reviewed.dryRun ?? false,
    signal,
    log: log.child({ webhook, kind: kind.resource.kind, operation, namespace, name, uid }),
    client: client.scoped({ signal }),
    warn: (text) => void warnings.push(text),
  };
}

/** The object as code reads it; of a kind of ours that is with a spec. */
function shown(kind: KindOf, object: KubernetesObject): KubernetesObject {
  return deepFreeze(isDefinedKind(kind) ? withSpec(object) : object);
}

function operationOf({ operation }: ReviewedRequest): AdmissionOperation {
  if (operation === 'CREATE' || operation === 'UPDATE' || operation === 'DELETE') return operation;
  throw new ReviewError('request.operation: expected CREATE, UPDATE or DELETE');
}

async function responseOf(
  webhook: BoundWebhook,
  reviewed: ReviewedRequest,
  request: AdmissionRequest,
): Promise<AdmissionResponse> {
  const object = reviewed.object ?? reviewed.oldObject;
  if (!object) throw new ReviewError('request: neither object nor oldObject');
  const seen = shown(webhook.kind, object);
  let answer: unknown;
  try {
    answer = await webhook.call(seen, request);
  } catch (error) {
    if (!isSpecError(error)) throw error;
    return refused({ ...INVALID, message: `${subjectOf(webhook, request)} is invalid: ${error.message}` });
  }
  if (answer === undefined || (answer === seen && webhook.type === 'mutating')) return { allowed: true };
  if (Array.isArray(answer)) return judged(webhook, request, answer.map(asFieldError));
  if (!isObject(answer)) throw new TypeError(`${webhook.method} returned ${typeof answer}, which is no answer`);
  if (isDenial(answer)) return refused(answer);
  if (webhook.type === 'mutating') return patched(object, answer);
  throw new TypeError(`${webhook.method} returned an object; only a method with @Mutates changes objects`);
}

function judged(webhook: BoundWebhook, request: AdmissionRequest, errors: readonly FieldError[]): AdmissionResponse {
  if (errors.length === 0) return { allowed: true };
  const { group, kind } = webhook.kind.resource;
  const lines = [...new Set(errors.map(({ path, message }) => `${path}: ${message}`))];
  const found = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  return refused({
    ...INVALID,
    message: `${subjectOf(webhook, request)} is invalid: ${found}`,
    details: {
      ...(request.name !== undefined && { name: request.name }),
      group,
      kind,
      causes: errors.map(({ type, message, path }) => ({ reason: type, message, field: path })),
    },
  });
}

/** `Website.example.com "home"`, as the API server says it. */
function subjectOf({ kind: { resource } }: BoundWebhook, { name = '' }: AdmissionRequest): string {
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  return `${kind} ${JSON.stringify(name)}`;
}

function refused({ message, reason, code, details }: Omit<AdmissionStatus, 'status'>): AdmissionResponse {
  return { allowed: false, status: { status: 'Failure', message, reason, code, ...(details && { details }) } };
}

function patched(before: KubernetesObject, after: object): AdmissionResponse {
  // What JSON has no word for, like undefined, is not there.
  const wanted: object = JSON.parse(JSON.stringify(after));
  const operations = jsonPatch.compare(before, wanted);
  if (operations.length === 0) return { allowed: true };
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}
