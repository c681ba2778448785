import { verdict, type ReferenceWording } from '@trueup/core';

/** What the condition `WebhookConfigValidated` of a workload says beside the defaults, for the `wording` of its `configRef`. */
export const webhookReferenceWording = {
  invalid: (name, { message }) =>
    verdict.false('WebhookConfigInvalid', `MCPWebhookConfig '${name}' is not valid${message && `: ${message}`}`),
} satisfies Partial<ReferenceWording>;
