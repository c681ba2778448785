import type { AdmissionRequest } from '../resources/admission.js';
import { internalError } from '../resources/errors.js';
import type { StoredObject } from '../storage/table.js';
import { callWebhook, failedCall, wantedVersion } from './call-webhook.js';
import type { WebhookEnvironment } from './environment.js';
import { viewIn, type RequestView } from './request-view.js';
import { WebhookError } from './webhook-client.js';
import { webhooksOf, type Webhook } from './webhook.js';

/** Asks all validating webhooks that a request is for, at once. The first to object decides. */
export async function callValidatingWebhooks(
  configurations: readonly StoredObject[],
  request: AdmissionRequest,
  environment: WebhookEnvironment,
): Promise<void> {
  const calls: { webhook: Webhook; view: RequestView }[] = [];
  for (const webhook of webhooksOf(configurations)) {
    const version = await wantedVersion(webhook, request, environment);
    if (version) calls.push({ webhook, view: await viewIn(request, version) });
  }
  const errors: unknown[] = [];
  await Promise.all(
    calls.map(({ webhook, view }) =>
      ask(webhook, request, view, environment).catch((error: unknown) => {
        errors.push(error);
      }),
    ),
  );
  if (errors.length > 0) throw errors[0];
}

async function ask(
  webhook: Webhook,
  request: AdmissionRequest,
  view: RequestView,
  environment: WebhookEnvironment,
): Promise<void> {
  try {
    await callWebhook(webhook, request, view, { environment, mutating: false });
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    if (!webhook.isOptional) throw internalError(failedCall(webhook, error));
  }
}
