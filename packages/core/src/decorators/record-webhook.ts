import { DecoratorError } from '../errors.js';
import { addWebhook } from '../metadata.js';
import type { Constructor } from '../operator/module.js';
import { webhookLabel } from '../webhooks/declared-webhook.js';
import type { WebhookRecord } from '../webhooks/webhook-record.js';

const MAX_TIMEOUT_SECONDS = 30;
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** @throws {@link DecoratorError} for what no webhook configuration can say. */
export function recordWebhook(decorator: string, prototype: object, record: WebhookRecord): void {
  const target = prototype.constructor as Constructor;
  const { method, options } = record;
  const refuse = (problem: string): never => {
    throw new DecoratorError(decorator, target, `${method}: ${problem}`);
  };
  const label = webhookLabel(record);
  if (!LABEL.test(label)) refuse(`"${label}" cannot be part of a webhook's name; set name to lower-case words`);
  const { timeoutSeconds = 1, operations } = options;
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > MAX_TIMEOUT_SECONDS)
    refuse(`timeoutSeconds is ${timeoutSeconds}; it must be an integer from 1 to ${MAX_TIMEOUT_SECONDS}`);
  if (operations?.length === 0) refuse('operations is empty; leave it out for CREATE and UPDATE');
  addWebhook(target, record);
}
