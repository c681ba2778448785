import type { JsonObject } from '../object.js';
import type { AdmissionRequest } from '../resources/admission.js';
import { badRequest, forbidden } from '../resources/errors.js';
import type { Resource } from '../resources/resource.js';
import { admissionReview, readReply, type AdmissionReply } from './admission-review.js';
import type { WebhookEnvironment } from './environment.js';
import { match } from './match-criteria.js';
import { MatchConditionError } from './match-conditions.js';
import { valuesOf, viewIn, type RequestView } from './request-view.js';
import { checkReviewType } from './review-type.js';
import { targetOf, WebhookError } from './webhook-client.js';
import type { Webhook } from './webhook.js';

/**
 * Whether a webhook has to be asked about a request.
 *
 * @returns the version of the kind in which it wants the objects; undefined when it need not be asked.
 * @throws 403 when its conditions cannot be evaluated, unless it is optional.
 */
export async function wantedVersion(
  webhook: Webhook,
  request: AdmissionRequest,
  environment: WebhookEnvironment,
): Promise<Resource | undefined> {
  const version = match(webhook.criteria, request, environment);
  if (!version || webhook.conditions.isEmpty) return version;
  try {
    return webhook.conditions.hold(valuesOf(request, await viewIn(request, version), environment))
      ? version
      : undefined;
  } catch (error) {
    if (!(error instanceof MatchConditionError)) throw error;
    if (webhook.isOptional) return undefined;
    throw forbidden(request.resource, request.name, error.message);
  }
}

export interface CallOptions {
  readonly environment: WebhookEnvironment;
  /** The webhook may answer with a patch. */
  readonly mutating: boolean;
}

/**
 * Asks a webhook about a request, and passes on its warnings.
 *
 * @throws {@link WebhookError} when it cannot be asked or its answer cannot be read; a StatusError when it denies the
 * request, or when this is a dry run and the webhook has side effects.
 */
export async function callWebhook(
  webhook: Webhook,
  request: AdmissionRequest,
  view: RequestView,
  { environment, mutating }: CallOptions,
): Promise<AdmissionReply> {
  if (request.dryRun && !webhook.allowsDryRun) {
    throw badRequest(`admission webhook ${JSON.stringify(webhook.name)} does not support dry run`);
  }
  const target = targetOf(webhook.clientConfig);
  const review = admissionReview(request, view, webhook.reviewVersion);
  let answer: JsonObject;
  try {
    answer = await environment.client.post(target, review, webhook.timeoutSeconds);
    checkReviewType(review, answer);
  } catch (error) {
    throw error instanceof WebhookError ? new WebhookError(`failed to call webhook: ${error.message}`) : error;
  }
  const reply = readReply(review, answer, { webhook: webhook.name, mutating });
  for (const text of reply.warnings) request.warn(text);
  if (reply.denial) throw reply.denial;
  return reply;
}

/** How a failure of the webhook itself is told to whoever made the request. */
export function failedCall(webhook: Webhook, error: WebhookError): string {
  return `failed calling webhook ${JSON.stringify(webhook.name)}: ${error.message}`;
}
